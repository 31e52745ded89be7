"""``reports/index.html``: all reports, newest first, with status; searchable, in both languages, complete without script."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from dxlib import wording
from dxlib.hold import hold
from dxlib.report.config import FORMATS
from dxlib.report.folder import recover, workshop, write_file
from dxlib.report.run import FAILED, MANIFEST, Failure, Inputs, Manifest
from dxlib.report.templates import read_template, template

INDEX = "index.html"
_Record = TypeVar("_Record", Manifest, Failure)
Both = dict[str, str]


def clock(moment: str) -> str:
    """A time of a manifest in this machine's own time zone: ``2026-08-01 05:00 (UTC+09:00)``."""
    local = datetime.fromisoformat(moment).astimezone()
    return f"{local:%Y-%m-%d %H:%M} (UTC{local.isoformat()[-6:]})"


def _read(path: Path, kind: type[_Record]) -> tuple[_Record | None, bool]:
    """A record, None where there is none; and whether it is there but cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind), False
    except FileNotFoundError:
        return None, False
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None, True


class _Index:
    """What the page shows."""

    def __init__(self, out: Path) -> None:
        folders = [path for path in out.iterdir() if path.is_dir() and not path.name.startswith(".")]
        found = [self.entry(folder) for folder in folders]
        self.entries = sorted((e for e in found if e), key=lambda e: (e["moment"], e["id"]), reverse=True)

    def text(self, key: str, **values: object) -> Both:
        """A sentence in both languages."""
        return {lang: wording.text(key, lang, **values) for lang in wording.LANGUAGES}

    def entry(self, folder: Path) -> dict[str, Any] | None:
        """One report; None for a folder that holds none."""
        (run, is_run_damaged), (failed, is_note_damaged) = _read(folder / MANIFEST, Manifest), _read(folder / FAILED, Failure)
        is_damaged = is_run_damaged or is_note_damaged
        if run is None and failed is None and not is_damaged:
            return None
        return {
            "id": folder.name,
            "title": run.title if run else folder.name,
            "lang": "ja",
            "language": None,
            "notebook": "",
            "parameters": [],
            "files": _files(folder, run) if run else [],
            "made": clock(run.started_at) if run else "",
            "moment": run.started_at if run else failed.at if failed else "",
            "vintage": self.vintage(run.inputs) if run else None,
            "is_ok": not (failed or is_damaged),
            "status": self.status(run, failed, is_damaged),
            "error": f"[{failed.code}] {failed.message}" if failed else "",
            **self.asked(run or failed),
        }

    def asked(self, record: Manifest | Failure | None) -> dict[str, Any]:
        """What the report was asked for."""
        if record is None:
            return {}
        languages = {"ja": self.text("language_ja"), "en": self.text("language_en")}
        return {
            "lang": record.lang,
            "language": languages[record.lang],
            "notebook": record.notebook,
            "parameters": _parameters(record.parameters),
        }

    def vintage(self, inputs: Inputs) -> Both:
        """How many documents, the newest day among them, and which state of the warehouse."""
        return self.text(
            "index_vintage_line",
            count=len(inputs.documents),
            vintage=inputs.vintage or "–",
            fingerprint=inputs.warehouse[:12],
        )

    def status(self, run: Manifest | None, failed: Failure | None, is_damaged: bool) -> list[Both]:
        """The status in sentences."""
        said = []
        if failed:
            said.append(self.text("index_failed", since=clock(failed.since), at=clock(failed.at)))
            if run:
                said.append(self.text("index_last_good", made=clock(run.started_at)))
            elif not is_damaged:
                said.append(self.text("index_no_good"))
        if is_damaged:
            said.append(self.text("index_damaged"))
        return said or [self.text("index_ok")]

    def labels(self) -> dict[str, Both]:
        """The fixed words of the page."""
        return {
            "title": self.text("index_title"),
            "intro": self.text("index_intro", count=len(self.entries)),
            "none": self.text("index_none"),
            "failing": self.text("index_failing", count=sum(not entry["is_ok"] for entry in self.entries)),
            "search": self.text("index_search"),
            "shown": self.text("index_shown", count="#"),
            "changes": self.text("index_changes"),
            "notebook": self.text("index_notebook"),
            "parameters": self.text("index_parameters"),
            "language": self.text("index_language"),
            "files": self.text("index_files"),
            "made": self.text("index_made"),
            "vintage": self.text("index_vintage"),
            "status": self.text("index_status"),
        }


def _parameters(parameters: dict[str, Any]) -> list[tuple[str, str]]:
    shown = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in parameters.items()}
    return [(key, str(value)) for key, value in shown.items() if key != "lang" and value not in ("", None)]


def _files(folder: Path, run: Manifest) -> list[tuple[str, str]]:
    """Label and relative address of each format written."""
    labels = {"html": "HTML", "pdf": "PDF", "xlsx": "Excel (xlsx)", "zip": "ZIP (CSV)"}
    made = {output.name for output in run.outputs}
    names = {name: f"{run.report_id}.{name}" for name in FORMATS}
    return [(labels[name], quote(f"{folder.name}/{file}")) for name, file in names.items() if file in made]


def render(out: Path, has_changes: bool) -> str:
    """The page for a folder of reports."""
    index = _Index(out)
    script = read_template("index.js")
    return str(
        template("index.html.j2").render(
            t=index.labels(),
            entries=index.entries,
            has_changes=has_changes,
            script=script,
            script_sha256=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


def write_index(out: Path) -> Path:
    """Write ``index.html`` anew from the records in the folders, whole or not at all.

    Args:
        out: folder of all reports.

    Returns:
        The page's path.

    Raises:
        OSError: it cannot be written.
    """
    recover(out)
    with workshop(out) as scratch, hold(out):
        write_file(out / INDEX, render(out, (out / "changes.html").exists()).encode(), scratch)
    return out / INDEX
