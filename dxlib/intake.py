"""The commands by which plans and decisions about them come in: ``dxlib add``, ``dxlib review`` and ``dxlib import review``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dxlib import log
from dxlib.errors import DecisionError
from dxlib.terminal import examples, with_bench, write_rows
from dxlib.unseen import inert
from dxlib.whole import write_whole


def _period(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    from dxlib.add import parse_period

    try:
        return parse_period(value) if value else None
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error


@click.command(
    epilog=examples(
        "dxlib add dx-plan.pdf --municipality 131016",
        "dxlib add dx-plan.pdf --municipality 131016 --plan-period 2023-2026 --edition draft --name dx-plan-draft",
        "dxlib add report-2024.docx --municipality 131016 --scope review",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--municipality", required=True, metavar="CODE", help="Whose it is: six-digit code, or full name.")
@click.option("--title", help="Printed title. Default: from the cover.")
@click.option("--plan-period", "period", callback=_period, metavar="YEARS", help="First and last 年度, as 2023-2026.")
@click.option("--scope", type=click.Choice(("plan", "review")), help="Sets out a plan, or looks back on one.")
@click.option("--edition", type=click.Choice(("adopted", "draft")), help="Default: from the cover (案 is a draft).")
@click.option("--published", metavar="DAY", help="Day, month or year of publication: 2024-03.")
@click.option("--name", metavar="NAME", help="Name of the file in data/raw. Default: from the file's own.")
@click.pass_obj
def add(project: str | None, /, file: Path, municipality: str, **told: Any) -> None:
    """Take a plan or progress report into data/raw, with an origin that says what was inferred from its text.

    What was inferred, and what was read with doubt, is then listed by dxlib review. All or nothing; nothing is replaced.
    """
    from dxlib.add import Told
    from dxlib.add import add as add_document
    from dxlib.project import find_project

    place = find_project(project)
    added = add_document(place, file, municipality, Told(**told))
    log.event(
        "added" if added.is_new else "there",
        document=added.document_id,
        where=place.relative(added.path),
        municipality=added.municipality,
        inferred=list(added.origin.inferred),
        facts=dict(added.roles),
        doubtful=added.doubtful,
        unused=added.unused,
    )
    if log.is_json():
        return
    if not added.is_new:
        log.say(f"{place.relative(added.path)} is this very file already; nothing was changed")
        return
    log.say(f"added {place.relative(added.path)}")
    if added.municipality:
        log.say(f"added {added.municipality} to data/curated/municipality.csv")
    for line in _origin_in_words(added.origin):
        log.say(f"  {line}")
    counts = ", ".join(f"{count} {role}" for role, count in sorted(added.roles.items()))
    click.echo(f"facts: {counts or 'none were read (docs/reading.md says which layouts are)'}; doubtful: {added.doubtful}")
    click.echo(f"lines with numbers that gave no fact: {added.unused}")
    log.say(f"next: dxlib build; dxlib review --document {added.document_id}")


def _origin_in_words(origin: Any) -> list[str]:
    def mark(key: str) -> str:
        return " (inferred)" if key in origin.inferred else ""

    lines = [f"{key}: {getattr(origin, key) or 'not found'}{mark(key)}" for key in ("title", "edition", "published")]
    for plan in origin.plans:
        kind = "plan" if plan.scope == "plan" else "looks back on"
        lines.append(f"{kind}: {plan.title}, {plan.first_fiscal_year}-{plan.last_fiscal_year}{mark('plans')}")
    return lines


@click.command(
    epilog=examples(
        "dxlib review",
        "dxlib review --document 131016-chiyoda/dx-plan --lang ja",
        "dxlib review --municipality 131016 --write review.xlsx",
        "dxlib import review review.xlsx",
    )
)
@click.option("--municipality", "codes", multiple=True, metavar="CODE", help="Six-digit code; repeat for more. Default: all.")
@click.option("--document", "documents", multiple=True, metavar="ID", help="A document; repeat for more. Default: all.")
@click.option("--all", "everything", is_flag=True, help="Also what nobody doubts, and what is decided already.")
@click.option("--lang", type=click.Choice(("ja", "en")), default="en", show_default=True, help="Language of words and headers.")
@click.option(
    "--format", "style", type=click.Choice(("table", "csv", "xlsx")), help="Default: by the ending of --write, else table."
)
@click.option("--write", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the list into a new file.")
@with_bench
def review(
    bench: Any,
    codes: tuple[str, ...],
    documents: tuple[str, ...],
    everything: bool,
    lang: str,
    style: str | None,
    file: Path | None,
) -> None:
    """List doubtful readings and inferred origins beside their sources, to be accepted, changed or rejected.

    Write the list with --write, fill in the column decision (accept, change, reject; 採用, 修正, 却下), change cells where the
    decision is change, give a reason, and take it back with dxlib import review FILE.
    """
    from dxlib.review import items
    from dxlib.review_sheet import to_csv, to_xlsx

    ending = file.suffix.lower().removeprefix(".") if file else ""
    form = style or (ending if ending in ("csv", "xlsx") else "table" if file is None else "")
    if file and form not in ("csv", "xlsx"):
        raise click.UsageError("--write takes a file that ends in .csv or .xlsx, or --format csv or xlsx")
    if form == "xlsx" and file is None:
        raise click.UsageError("an xlsx is not printed: give --write FILE")
    found = items(bench, codes, documents, everything=everything)
    if file:
        _write_new(file, to_xlsx(found, lang) if form == "xlsx" else to_csv(found, lang))
        log.event("written", where=str(file), rows=len(found))
        log.say(f"{len(found)} to look at, written to {file}; then: dxlib import review {file}")
    elif form == "csv":
        click.echo(inert(to_csv(found, lang).decode("utf-8")), nl=False)
    else:
        _print(found, lang)


def _print(found: Any, lang: str) -> None:
    from dxlib import wording
    from dxlib.corrections import ORIGIN
    from dxlib.review_sheet import place, reasons, standing

    separator = wording.text("list_separator", lang)
    rows = []
    for item in found:
        content = item.content
        said = content["value_text"] if item.kind == ORIGIN else wording.value({**content, "quote": item.read["quote"]}, lang)
        line = dict(item.lines).get(item.read.get("line"), "").strip()
        rows.append(
            [
                place(item, lang),
                wording.text(f"role_{content['role']}", lang),
                _cut(content["indicator"], 24),
                said,
                "" if item.kind == ORIGIN else wording.year(content, lang),
                item.confidence,
                separator.join(reasons(item, lang)),
                standing(item, lang),
                _cut(line, 40),
            ]
        )
    write_rows(("place", "role", "indicator", "value", "year", "confidence", "why", "decided", "line"), rows, "table")
    log.say(f"{len(found)} to look at; dxlib review --write review.xlsx writes them for Excel", err=True)


def _cut(text: str | None, length: int) -> str:
    text = text or ""
    return text if len(text) <= length else text[: length - 1] + "…"


def _write_new(file: Path, content: bytes) -> None:
    """Write a file that is not there yet: one that is may hold decisions that nobody has imported."""
    try:
        write_whole(file, content, is_new=True)
    except FileExistsError as error:
        raise DecisionError(
            "this file is there already, and may hold decisions",
            code="review-exists",
            where=str(file),
            hint="import it first and remove it, or choose another name",
        ) from error
    except OSError as error:
        raise DecisionError(
            f"the list cannot be written: {error}",
            code="decision-write",
            where=str(file),
            hint="check the folder, disk space and write rights",
        ) from error


def import_decisions(bench: Any, file: Path) -> str:
    """Record the decisions of a sheet.

    Returns:
        What was done, in words.
    """
    from dxlib.review_sheet import import_review

    decided, left = import_review(bench, file)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(decided.added.items()))
    done = f"{sum(decided.added.values())} added{f' ({kinds})' if kinds else ''}, {decided.there} already there, {left} undecided"
    return f"{done}\nnext: dxlib build" if decided.added else done
