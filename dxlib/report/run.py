"""Make one report: run the notebook, write every format, put the folder in place as a whole."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal

import msgspec

from dxlib import blocks as parts
from dxlib.errors import DxlibError, ReportError
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report.basis import Basis, Now, asked, versions, with_sight
from dxlib.report.config import FORMATS, Format
from dxlib.report.execute import Bounds, execute
from dxlib.report.folder import publish, recover, workshop, write_file
from dxlib.report.parameters import Job, resolve

MANIFEST, FAILED = "run.json", "failed.json"
_ABOUT_DOCUMENT = ("document_id", "title", "edition", "published", "sha256")
_LOADING = {"src", "srcset", "data", "action", "formaction", "poster", "background", "manifest", "srcdoc"}
_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//|\s*(?:javascript|vbscript):", re.IGNORECASE)
_STYLE_LOADS = re.compile(r"@import|url\(\s*[\"']?\s*(?!data:|#)", re.IGNORECASE)


class _Loads(HTMLParser):
    """What a page would load or run, as tags and attributes say it; text is only text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_style = tag == "style"
        if tag in ("script", "iframe", "object", "embed", "base") or (tag == "link"):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if self._loads(tag, name, value or ""):
                self.found.append(f"<{tag} {name}={value!r}>")

    def _loads(self, tag: str, name: str, value: str) -> bool:
        if name.startswith("on") or (tag == "meta" and name == "http-equiv" and value.lower() == "refresh"):
            return True
        if name in _LOADING:
            return not value.strip().lower().startswith("data:")
        if name in ("href", "xlink:href"):
            return bool(_ADDRESS.match(value))
        return name == "style" and bool(_STYLE_LOADS.search(value))

    def handle_data(self, data: str) -> None:
        if self._is_style and _STYLE_LOADS.search(data):
            self.found.append("<style> with url() or @import")

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False


@dataclass(frozen=True, slots=True)
class Options:
    """What to write, and within which bounds.

    Attributes:
        formats: the files.
        headers: language of the columns in Excel; None for the report's.
        csv_encoding: of the CSV in the zip.
        max_seconds: time for the cells of a notebook.
        max_memory: memory of the process that runs them (10^6 bytes).
    """

    formats: Sequence[Format] = FORMATS
    headers: str | None = None
    csv_encoding: str = "utf-8"
    max_seconds: float = 600
    max_memory: float = 2000


class Output(msgspec.Struct):
    """A file of a report."""

    name: str
    bytes: int
    sha256: str


class Inputs(msgspec.Struct):
    """What a report was made from: state of the warehouse, newest day of its documents, and these."""

    warehouse: str
    vintage: str | None
    documents: list[dict[str, str | None]]


class Manifest(msgspec.Struct):
    """``run.json``: how a report was made. Times are UTC, durations in seconds by step.

    ``because`` says why it was made. ``basis`` is what it depends on; None when the warehouse was replaced meanwhile.
    """

    report_id: str
    title: str
    notebook: str
    notebook_sha256: str
    parameters: dict[str, Any]
    lang: Literal["ja", "en"]
    formats: list[str]
    outputs: list[Output]
    inputs: Inputs
    versions: dict[str, str]
    started_at: str
    seconds: dict[str, float]
    because: list[str] = []
    basis: Basis | None = None


class Failure(msgspec.Struct):
    """``failed.json``: the last run of this report failed. ``since`` is the first failure after the last success."""

    report_id: str
    notebook: str
    parameters: dict[str, Any]
    lang: str
    code: str
    message: str
    at: str
    since: str


@dataclass
class _Clock:
    """How long the steps took."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        before = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - before, 3)


def now() -> str:
    """The time as manifests keep it: UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def check_self_contained(page: str) -> str:
    """The page itself, when it loads nothing from outside and runs nothing.

    Raises:
        ReportError: it would.

    >>> check_self_contained('<img src="data:image/png;base64,AAAA">')
    '<img src="data:image/png;base64,AAAA">'
    """
    parser = _Loads()
    parser.feed(page)
    if parser.found:
        raise ReportError(
            f"the report would load something from outside, or run a script: {parser.found[0]}",
            code="report-not-self-contained",
            hint="a report must work without a network: embed it as a picture or a table, or leave it out",
        )
    return page


def _title(shown: Sequence[parts.Block], job: Job) -> str:
    opening = next((block for block in shown if isinstance(block, parts.Opening)), None)
    return opening.title if opening else job.template.name


def _write(folder: Path, name: str, content: bytes | str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def _write_formats(
    bench: Workbench, job: Job, shown: Sequence[parts.Block], about: Any, folder: Path, options: Options, clock: _Clock
) -> None:
    name, lang = job.report_id, job.lang
    data = [block for block in shown if isinstance(block, parts.Data)]
    if "html" in options.formats:
        from dxlib.report.html import page, source_pages

        with clock.step("html"):
            _write(folder, f"{name}.html", check_self_contained(page(shown, lang, stamp=name)))
            for file, content in source_pages(bench, shown, lang, home=f"../{name}.html").items():
                _write(folder, f"sources/{file}", check_self_contained(content))
    if "pdf" in options.formats:
        from dxlib.report.pdf import to_pdf

        with clock.step("pdf"):
            _write(folder, f"{name}.pdf", to_pdf(shown, lang, stamp=name))
    if "xlsx" in options.formats:
        from dxlib.report.workbook import to_workbook

        with clock.step("xlsx"):
            _write(folder, f"{name}.xlsx", to_workbook(data, about, lang, options.headers or lang))
    if "zip" in options.formats:
        from dxlib.report.bundle import to_bundle

        with clock.step("zip"):
            encoding = "cp932" if options.csv_encoding == "cp932" else "utf-8-sig"
            sheets = folder / f"{name}.xlsx"
            extra = {sheets.name: sheets.read_bytes()} if sheets.exists() else None
            _write(folder, f"{name}.zip", to_bundle(data, about, lang, encoding=encoding, extra=extra))


def _outputs(folder: Path) -> list[Output]:
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        found.append(Output(path.relative_to(folder).as_posix(), len(content), hashlib.sha256(content).hexdigest()))
    return found


def _encoded(record: Manifest | Failure) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def basis_before(job: Job, options: Options) -> Basis:
    """What a report depends on, as far as that is known before its notebook runs."""
    written = {"formats": sorted(options.formats), "headers": options.headers, "csv_encoding": options.csv_encoding}
    return asked(job.template.path, job.all_parameters, written)


def _which(project: Project) -> tuple[int, int]:
    """Which file the warehouse is: a build puts another in its place."""
    found = project.warehouse.stat()
    return found.st_ino, found.st_mtime_ns


def _fill(project: Project, job: Job, folder: Path, scratch: Path, options: Options, because: list[str], progress: bool) -> None:
    """Run the notebook and write everything into a folder that nobody reads yet."""
    from dxlib.report.about import about

    started, clock = now(), _Clock()
    with Workbench(project) as bench:
        basis, at_first, before = basis_before(job, options), Now(bench), _which(project)
        sight = scratch / "sight.jsonl"
        with clock.step("execute"):
            shown = execute(project, job, sight, Bounds(options.max_seconds, options.max_memory), progress)
        title = _title(shown, job)
        facts = about(
            bench,
            report_id=job.report_id,
            notebook=job.template.name,
            title=title,
            parameters=job.all_parameters,
            lang=job.lang,
            data=[block for block in shown if isinstance(block, parts.Data)],
            cited=parts.citations(shown),
        )
        _write_formats(bench, job, shown, facts, folder, options, clock)
    manifest = Manifest(
        report_id=job.report_id,
        title=title,
        notebook=job.template.name,
        notebook_sha256=hashlib.sha256(job.template.path.read_bytes()).hexdigest(),
        parameters=job.all_parameters,
        lang=job.lang,
        formats=[name for name in FORMATS if name in options.formats],
        outputs=_outputs(folder),
        inputs=Inputs(
            facts.warehouse,
            facts.vintage,
            [{key: getattr(document, key) for key in _ABOUT_DOCUMENT} for document in facts.documents],
        ),
        versions=versions(),
        started_at=started,
        seconds=clock.seconds,
        because=because,
        basis=with_sight(basis, sight, at_first) if _which(project) == before else None,
    )
    _write(folder, MANIFEST, _encoded(manifest))


def in_words(error: Exception, job: Job) -> DxlibError:
    """Any error as one with a code."""
    if isinstance(error, DxlibError):
        return error
    if isinstance(error, OSError):
        return ReportError(
            f"the report cannot be written: {error}",
            code="report-write",
            where=job.report_id,
            hint="check disk space and write rights; on Windows close the report's files; the last good report is untouched",
        )
    return ReportError(
        f"{type(error).__name__}: {error}",
        code="report-internal",
        where=job.report_id,
        hint="a defect of dxlib: please report it with the lines above; the last good report is untouched",
    )


def note_failure(error: DxlibError, job: Job, target: Path, scratch: Path) -> None:
    """Write ``failed.json`` into the report's folder; the reports in it stay."""
    at = since = now()
    with suppress(OSError, msgspec.MsgspecError):  # no failure before this one, or a note that nobody can read
        since = msgspec.json.decode((target / FAILED).read_bytes(), type=Failure).since
    record = Failure(
        report_id=job.report_id,
        notebook=job.template.name,
        parameters=job.all_parameters,
        lang=job.lang,
        code=error.code,
        message=error.message,
        at=at,
        since=since,
    )
    write_file(target / FAILED, _encoded(record), scratch)


def make(
    project: Project,
    job: Job,
    out: Path,
    options: Options | None = None,
    because: Sequence[str] = (),
    progress: bool = False,
) -> Path:
    """Make one report and put its folder in place.

    Args:
        project: the workbench.
        job: notebook and checked parameters.
        out: folder of all reports.
        options: formats, encodings and bounds.
        because: why it is made.
        progress: show papermill's progress bar.

    Returns:
        The folder ``out/<report_id>``.

    Raises:
        ReportError: a cell failed, or a file cannot be written. The last good report stays, with ``failed.json`` beside it.
    """
    target = out / job.report_id
    try:
        with workshop(out) as scratch:
            folder = scratch / "content"
            folder.mkdir()
            _fill(project, job, folder, scratch, options or Options(), list(because), progress)
            publish(folder, target)
    except Exception as error:
        found = in_words(error, job)
        with suppress(OSError), workshop(out) as scratch:  # a full disk takes no note either; the error itself says so
            note_failure(found, job, target, scratch)
        raise found from error
    return target


def make_report(
    project: Project,
    name: str,
    parameters: Mapping[str, object],
    out: Path | None = None,
    progress: bool = False,
    options: Options | None = None,
) -> Path:
    """Run a notebook and write its report.

    Args:
        project: the workbench.
        name: name of the notebook: ``comparison`` for ``notebooks/02_comparison.ipynb``.
        parameters: parameters as text (lists comma-separated) or as values.
        out: folder for the report's folder; default ``reports/``.
        progress: show papermill's progress bar.
        options: formats and encodings; default all formats.

    Returns:
        The path of the HTML file (of the first format, where HTML is not asked for).

    Raises:
        QueryError: a parameter or its value is unknown; nothing was run.
        ReportError: there is no such notebook, a cell failed, or a file cannot be written.
    """
    job = resolve(project, name, parameters)
    folder = out or project.reports
    recover(folder)
    written = make(project, job, folder, options, progress=progress)
    return written / f"{job.report_id}.{main_format(options or Options())}"


def main_format(options: Options) -> Format:
    """The format that a reader opens first."""
    return next(name for name in FORMATS if name in options.formats)
