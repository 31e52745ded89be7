"""One report, proved against its own files, and against the warehouse that its ``run.json`` names."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dxlib.errors import DxlibError
from dxlib.report.basis import Basis
from dxlib.report.parameters import Job, find_template, report_id
from dxlib.report.run import FAILED, MANIFEST, Manifest
from dxlib.verify.opened import Opened
from dxlib.verify.pages import check_pages
from dxlib.verify.proof import Check, Proof, shown
from dxlib.verify.sheets import check_sheets
from dxlib.verify.sources import Raw

AGAIN = "make it again: dxlib report (with --force when it says that it is kept)"
_EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Report:
    """A report in its folder."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """Its name."""
        return self.manifest.report_id

    def file(self, ending: str) -> Path:
        """One of its files; it need not be there."""
        return self.folder / f"{self.id}.{ending}"

    def at(self, path: Path) -> str:
        """A file as messages name it."""
        return f"{self.folder.name}/{path.relative_to(self.folder).as_posix()}"


def check_report(proof: Proof, opened: Opened, raw: Raw, folder: Path) -> None:
    """All checks of one report."""
    about = folder.name
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        said = f"cannot be read: {error}"
        proof.run("report-run", "run.json can be read", lambda c: c.wrong(f"{about}/{MANIFEST}", said, AGAIN), about)
        return
    report = Report(folder, manifest)
    proof.run("report-file", "files are those that run.json lists (size, SHA-256)", lambda c: _files(c, report), about)
    asked = proof.run("report-asked", "notebook, parameters and id fit together", lambda c: _asked(c, opened, report), about)
    inputs = proof.run("report-input", "its inputs are those of the warehouse", lambda c: _inputs(c, opened, report), about)
    is_current = not inputs.failed and not asked.failed
    check_sheets(proof, opened, raw, report, is_current)
    check_pages(proof, opened, raw, report, is_current)


def _files(check: Check, report: Report) -> None:
    listed = {output.name: output for output in report.manifest.outputs}
    for name, output in listed.items():
        path = report.folder / name
        if not path.is_file() or path.resolve().parent not in (report.folder.resolve(), (report.folder / "sources").resolve()):
            check.wrong(f"{report.folder.name}/{name}", "the file is gone, or lies elsewhere", AGAIN)
            continue
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        found = f"has {len(content)} bytes and SHA-256 {digest}; run.json says {output.bytes} and {output.sha256}"
        check.expect((len(content), digest) == (output.bytes, output.sha256), report.at(path), found, AGAIN)
    for path in sorted(path for path in report.folder.rglob("*") if path.is_file()):
        name = path.relative_to(report.folder).as_posix()
        if name not in listed and name not in (MANIFEST, FAILED):
            check.wrong(report.at(path), "run.json does not list this file", "remove it, or " + AGAIN)
    for ending in report.manifest.formats:
        check.expect(f"{report.id}.{ending}" in listed, report.at(report.file(ending)), "run.json lists no such file", AGAIN)
    check.expect(
        report.folder.name == report.id,
        f"{report.folder.name}/{MANIFEST}",
        f"it is the run.json of the report {report.id}",
        AGAIN,
    )


def _asked(check: Check, opened: Opened, report: Report) -> None:
    manifest, place = report.manifest, f"{report.folder.name}/{MANIFEST}"
    try:
        template = find_template(opened.project, manifest.notebook)
    except DxlibError as error:
        check.wrong(place, error.message, error.hint or AGAIN)
        return
    digest = hashlib.sha256(template.path.read_bytes()).hexdigest()
    found = f"the notebook {template.path.name} is another one now"
    is_same = check.expect(digest == manifest.notebook_sha256, place, found, AGAIN)
    if not is_same:
        return
    unknown = sorted(manifest.parameters.keys() ^ template.defaults.keys())
    if not check.expect(not unknown, place, f"the notebook's parameters are others: {', '.join(unknown)}", AGAIN):
        return
    given = {key: value for key, value in manifest.parameters.items() if value != template.defaults[key]}
    expected = report_id(Job(template, given))
    check.expect(expected == report.id, place, f"parameters {shown(given)} make the report {expected}, not {report.id}", AGAIN)
    lang = "en" if manifest.parameters.get("lang") == "en" else "ja"
    check.expect(manifest.lang == lang, place, f"lang is {manifest.lang}, the parameters say {lang}", AGAIN)


def warehouse_hash(opened: Opened) -> str:
    """What reports call the state of the warehouse."""
    rows = opened.rows("SELECT scope, sha256 FROM content ORDER BY scope")
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _inputs(check: Check, opened: Opened, report: Report) -> None:
    place, manifest = f"{report.folder.name}/{MANIFEST}", report.manifest
    state = warehouse_hash(opened)
    if state != manifest.inputs.warehouse:  # other rows may have changed than those that it saw
        reason = _other_rows(opened, manifest.basis)
        check.expect(
            not reason,
            place,
            f"it was made from another state of the warehouse ({manifest.inputs.warehouse[:12]}): {reason}",
            AGAIN,
        )
    else:
        check.proved()
    documents = {row["document_id"]: row for row in opened.table("document")}
    for cited in manifest.inputs.documents:
        stored = documents.get(cited["document_id"] or "", {})
        other = [key for key, value in cited.items() if stored.get(key) != value]
        check.expect(not other, place, f"document {cited['document_id']}: {', '.join(other)} differ from the warehouse", AGAIN)
    days = [str(cited["published"]) for cited in manifest.inputs.documents if cited.get("published")]
    vintage = manifest.inputs.vintage
    fits = vintage is None or vintage in days or vintage >= max(days, default="")
    check.expect(fits and (vintage is not None or not days), place, f"the vintage {vintage} is no day of its data", AGAIN)


def _other_rows(opened: Opened, basis: Basis | None) -> str:
    """Which rows that a report saw are others now; empty when none is."""
    if basis is None or not basis.rows:
        return "which rows it saw is not known"
    now = dict(opened.rows("SELECT scope, sha256 FROM content"))
    other = [scope for scope, sha256 in basis.rows.items() if scope == _EVERYTHING or now.get(scope, "") != sha256]
    return f"rows changed of {', '.join(other[:5])}" if other else ""
