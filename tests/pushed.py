"""Hostile texts (tests/hostile/strings.toml) in everything a workbench takes in, and what everything it gives out must then be.

`workbench` puts them into plans, origins and decisions; `poured` into every text of the blocks of a report. The functions that
end in ``wrong`` look at one output and list what is wrong with it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import re
import shutil
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
from conftest import ROOT

from dxlib import columns
from dxlib.blocks import Block, Data, citations
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report.about import About, about
from dxlib.report.cells import csv_text, excel_text
from dxlib.report.glyphs import printable
from dxlib.show.briefing import Briefing
from dxlib.show.comparison import Comparison
from dxlib.show.municipality import Municipality
from dxlib.show.quality import Quality
from dxlib.show.review import Review
from dxlib.show.topics import Topics
from dxlib.unseen import inert, visible
from dxlib.warehouse import build

CODES = ("131016", "132055")
ROMAJI = dict(zip(CODES, ("chiyoda", "ome"), strict=True))
FACETS = "availability,procedures,count,stock,none,all,any,fiscal-year"
A_DOCUMENT, A_THEME = 10, 8  # texts in each


@dataclass(frozen=True)
class Hostile:
    """A text, and what it would do."""

    kind: str
    text: str
    would: str


def read_strings() -> list[Hostile]:
    """All of them, in the order of the file."""
    kinds = tomllib.loads((ROOT / "tests/hostile/strings.toml").read_text(encoding="utf-8"))
    return [Hostile(kind, text, would) for kind, table in kinds.items() for text, would in table["rows"]]


# In.


def on_a_line(text: str) -> str:
    """The text as it can stand in a cell of a plan that is plain text."""
    return re.sub(r"[\n\r\t\0]+", " ", text).strip()


def toml(text: str) -> str:
    """The text as a string of TOML."""
    escaped = "".join(f"\\U{ord(c):08X}" if ord(c) < 32 or c in '"\\\x7f' else c for c in text)
    return f'"{escaped}"'


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """A CSV of decisions."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)  # with \n alone a \r would not be quoted
    path.write_bytes(text.getvalue().encode())


def plan_text(texts: Sequence[str], first: int) -> str:
    """A plan: each text as a heading, a line, a name of an indicator, a cell, and in a sentence with a number."""
    lines = ["# 計画", ""]
    for number, text in enumerate(map(on_a_line, texts), first):
        lines += [f"## 施策 {text}", "", text, ""]
        lines += [f"項目\t{text} 件数{number}\t{text}\t", "目標年度\t現状値\t令和8年度\t令和9年度"]
        lines += [f"目標値\t{number}件\t{number + 10}件\t{number + 20}件", ""]
        lines += [f"2024（令和6）年1月31日現在、{text}の人口は{number + 60000:,}人です。", ""]
    return "\n".join(lines) + "\n"


def write_document(project: Project, number: int, texts: Sequence[str], turn: int) -> None:
    """A document whose title, producer, rights, note and plan hold the texts; ``turn`` says which of them stands first."""
    code = CODES[number % 2]
    folder = project.raw / f"{code}-{ROMAJI[code]}"
    folder.mkdir(exist_ok=True)
    odd = re.sub(r"[/\0]", "", visible(" ".join(texts)))[:50].strip() if number % 3 == 2 else ""
    path = folder / f"plan-{number:02d}{odd}.txt"
    path.write_bytes(plan_text(texts, number * A_DOCUMENT + 1).encode())
    own = [texts[(turn + n) % len(texts)] for n in range(len(texts))]
    title, producer, rights, note, plan = (" ".join(own[n:] + own[:n]) for n in range(5))
    head = {"title": title, "producer": producer, "rights": rights, "note": note}
    path.with_name(f"{path.stem}.toml").write_text(
        "".join(f"{key} = {toml(text)}\n" for key, text in head.items())
        + f'municipality_code = "{code}"\nedition = "adopted"\npublished = "2026-04"\n'
        + f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"\n\n[[plans]]\nkey = "plan"\n'
        + f'title = {toml(plan)}\nscope = "plan"\nfirst_fiscal_year = 2026\nlast_fiscal_year = 2027\n',
        encoding="utf-8",
    )


def _header(name: str) -> list[str]:
    return (ROOT / "data/curated" / name).read_text(encoding="utf-8-sig").splitlines()[0].split(",")


def workbench(target: Path, texts: Sequence[str], turn: int = 0) -> Project:
    """A built workbench whose plans, origins and decisions hold the texts. NUL cannot stand in a CSV and is left out there."""
    project, bare = Project(target), [text.replace("\0", "") for text in texts]
    project.raw.mkdir(parents=True)
    project.curated.mkdir(parents=True)
    shutil.copytree(ROOT / "notebooks", project.notebooks)
    for name in ("facet_values.toml", "reference_items.toml", "clues.toml", "topics.csv"):
        shutil.copy(ROOT / "data/curated" / name, project.curated)
    for name in ("actuals.csv", "corrections.csv", "facets.csv"):
        write_csv(project.curated / name, [_header(name)])
    places = ["35.69", "139.75"]
    known = zip(CODES, ("千代田区", "青梅市"), ("ちよだく", "おうめし"), bare[turn:], bare[turn + 1 :], strict=False)
    rows = [[code, name, kana, romaji, "東京都", *places, source] for code, name, kana, romaji, source in known]
    write_csv(project.curated / "municipality.csv", [_header("municipality.csv"), *rows])
    figures = [[code, "population", "2020-10-01", "2021-11-30", "1000", "人", bare[turn], bare[turn + 1]] for code in CODES]
    write_csv(project.curated / "reference_value.csv", [_header("reference_value.csv"), *figures])
    topics = [["9.0", "2030-12-25", str(n), f"t{n}", text, text, "yes"] for n, text in enumerate(bare, 1)]
    with (project.curated / "topics.csv").open(encoding="utf-8", newline="") as file:
        write_csv(project.curated / "topics.csv", [*csv.reader(file), *topics])
    write_themes(project, bare)
    for number, start in enumerate(range(0, len(texts), A_DOCUMENT)):
        write_document(project, number, texts[start : start + A_DOCUMENT], turn)
    build(project)
    decide(project, bare)
    build(project)
    return project


def theme_id(bare: Sequence[str], number: int) -> str:
    """The key of a theme: every other one is itself hostile."""
    return f"t{number:02d}{bare[number * A_THEME]}" if number % 2 else f"t{number:02d}"


def write_themes(project: Project, bare: Sequence[str]) -> None:
    """Themes whose names, definitions and keys hold the texts."""
    entries = [(ROOT / "data/curated/themes.toml").read_text(encoding="utf-8")]  # official items name them
    for number, start in enumerate(range(0, len(bare), A_THEME)):
        name = toml(" ".join(bare[start : start + A_THEME]))
        words = "".join(f"{key}.ja = {name}\n{key}.en = {name}\n" for key in ("name", "definition", "not_to_confuse"))
        entries.append(f'[themes.{toml(theme_id(bare, number))}]\n{words}direction = "higher"\ntopics = ["t{start + 1}"]\n')
    (project.curated / "themes.toml").write_text("\n".join(entries), encoding="utf-8")


def decide(project: Project, bare: Sequence[str]) -> None:
    """Decisions whose cells hold the texts: names, units, reasons and who decided; recorded results; themes of indicators."""
    with Workbench(project) as bench:
        question = """
            SELECT indicator_id, i.name, o.document_id, o.line, o.quote, o.role
            FROM indicator i JOIN observation o USING (indicator_id) WHERE o.position = ? AND o.unit = '件' ORDER BY 1
        """
        first, second = (bench.sql(question, [position]).fetchall() for position in (1, 2))
    assert len(first) >= 0.9 * len(bare)
    corrections, actuals, facets = [_header("corrections.csv")], [_header("actuals.csv")], [_header("facets.csv")]
    new_name = {}
    for number, ((indicator, name, document, line, quote, role), text) in enumerate(zip(first, bare, strict=False)):
        place = [document, str(line), quote]
        after = ["decided", "change", role, "", text, "2026-08-01"]
        if number % 2:
            new_name[indicator] = text.strip() or name
            corrections.append([f"n{number}", *place, "indicator", name, new_name[indicator], text, *after])
        shown = new_name.get(indicator, name)
        actuals.append([indicator, shown, str(number), "件", "2026", "", text or "-", "2026-08-01", text])
        facets.append([indicator, shown, theme_id(bare, number // A_THEME), "higher", *FACETS.split(",")])
    for number, ((_, _, document, line, quote, role), text) in enumerate(zip(second, bare, strict=False)):
        after = ["decided", "change", role, "", text, "2026-08-01"]
        corrections.append([f"u{number}", document, str(line), quote, "unit", "件", text.strip() or "件", text, *after])
    for name, rows in (("corrections", corrections), ("actuals", actuals), ("facets", facets)):
        write_csv(project.curated / f"{name}.csv", rows)


def calls(notebook: str) -> list[str]:
    """The pieces that a notebook shows, by the methods it calls."""
    (path,) = (ROOT / "notebooks").glob(f"??_{notebook}.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return re.findall(r"^\w+\.(\w+)\(\)$", source, re.M)


def pages(bench: Workbench, themes: Sequence[str], langs: Sequence[str]) -> Iterator[tuple[str, str, list[Block]]]:
    """Every kind of report: name, language and blocks."""
    for lang in langs:
        makers: dict[str, Callable[[], Any]] = {
            "topics": partial(Topics, bench, "9.0", [], lang),
            "review": partial(Review, bench, lang=lang),
        }
        for code in CODES:
            makers[f"municipality-{code}"] = partial(Municipality, bench, code, lang)
            makers[f"quality-{code}"] = partial(Quality, bench, code, lang)
        for number, theme in enumerate(themes):
            makers[f"comparison-{number}"] = partial(Comparison, bench, theme, [], lang, "")
            makers[f"briefing-{number}"] = partial(Briefing, bench, theme, CODES[number % 2], [], lang)
        for name, make in makers.items():
            shown = make()
            pieces = [getattr(shown, method)() for method in calls(name.split("-")[0])]
            yield f"{name}-{lang}", lang, [block for piece in pieces for block in piece.blocks]


def facts(bench: Workbench, name: str, lang: str, blocks: Sequence[Block], title: str) -> About:
    """What Excel and zip say of a report."""
    return about(
        bench,
        report_id=name,
        notebook=name.split("-")[0],
        title=title,
        parameters={"title": title},
        lang=lang,
        data=[block for block in blocks if isinstance(block, Data)],
        cited=citations(blocks),
    )


_KEPT = ("svg", "html", "block", "kind", "document_id", "mark", "name", "columns", "level", "number")


_ASIDE = ("alt", "label")  # said of a figure or table, and printed nowhere


def poured(blocks: Sequence[Block], take: Callable[[], str], aside: Callable[[], str] | None = None) -> list[Block]:
    """The blocks with another text in place of each of theirs; charts, kinds and the keys of data stay.

    Args:
        blocks: of a report.
        take: gives the next text that is printed, so that as many slots as there are texts show all of them.
        aside: gives the next text of what a PDF does not print: cells of data, and what is said of figures and tables; None for
            the same as of what is printed.
    """
    aside = aside or take

    def within(value: Any, key: str = "") -> Any:
        if isinstance(value, dict) and value.get("block") == "data":
            return value | {
                "rows": [[_cell(cell, name) for cell, name in zip(row, value["columns"], strict=True)] for row in value["rows"]]
            }
        if isinstance(value, dict):
            kept = [name for name in _KEPT if name in value and not (name == "columns" and value.get("block") == "table")]
            return {name: part if name in kept else within(part, name) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [within(part, key) for part in value]
        if not isinstance(value, str) or not value or key in ("key", "quote"):
            return value
        return aside() if key in _ASIDE else take()

    def _cell(cell: Any, name: str) -> Any:
        entry = columns.column(name)
        is_free = entry.kind == "text" and not entry.codes and name not in ("document_id", "indicator_id")
        return aside() if is_free and isinstance(cell, str) else cell

    return msgspec.convert(within(msgspec.to_builtins(list(blocks))), list[Block])


# Out.

SKELETON = "[...document.querySelectorAll('*')].map(e => e.localName + ' ' + e.getAttributeNames().sort().join(' '))"
TEXTS = """document.body.textContent + [...document.querySelectorAll('*')].flatMap(e =>
    ['title', 'aria-label', 'alt'].map(name => e.getAttribute(name) || '')).join(' ')"""
# What runs, loads, or leads out of the folder of the report.
ACTIVE = """() => [...document.querySelectorAll('*')].filter(e =>
    ['iframe', 'object', 'embed', 'link', 'base', 'form', 'img', 'video', 'audio', 'button', 'marquee', 'template', 'animate', 'use',
        'math', 'textarea', 'noscript'].includes(e.localName)
    || e.getAttributeNames().some(name => name.startsWith('on') || name.startsWith('xlink') || ['src', 'srcdoc', 'action'].includes(name))
    || (e.hasAttribute('href') && !/^(#|sources\\/|\\.\\.\\/|index\\.html|changes\\.html|[a-z0-9_.%-]+\\/[a-z0-9_.%-]+\\.(html|pdf|xlsx|zip)$)/.test(e.getAttribute('href')))
    || /url|import|position|expression/i.test(e.closest('svg') ? '' : e.getAttribute('style') || '')
).map(e => e.outerHTML.slice(0, 200))"""


def seen(text: str) -> str:
    """A text as a browser holds it."""
    return inert(text).replace("\r\n", "\n").replace("\r", "\n")


def page_wrong(page: Any, scripts: int = 0) -> list[str]:
    """What is wrong with a page in a browser; what it asked for and said, `opened` tells."""
    wrong = list(page.evaluate(ACTIVE))
    wrong += ["a script"] if page.evaluate("document.scripts.length") != scripts else []
    wrong += ["the canary sang"] if page.evaluate("'__canary' in window") else []
    return wrong


def _letters(text: str) -> str:
    return "".join(char for char in text if not char.isspace() and char not in "\x1f\u00ad")


def pdf_wrong(content: bytes, texts: Sequence[str]) -> list[str]:
    """What a PDF would do, and which texts cannot be read in it."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    wrong = [f"the document has {key}" for key in ("/OpenAction", "/AA", "/AcroForm") if key in root]
    wrong += [f"the document has {key}" for key in ("/JavaScript", "/EmbeddedFiles") if key in root.get("/Names", {})]
    for page in reader.pages:
        for annotation in page.get("/Annots", []):
            action = annotation.get_object().get("/A")
            if action is not None and action.get_object().get("/S") != "/GoTo":
                wrong.append(f"a link does {action.get_object()}")
    if not texts:
        return wrong
    sheets = [_letters(page.extract_text()) for page in reader.pages]
    return wrong + [f"not shown: {text!r}" for text in texts if not _is_printed(_letters(printable(text)), sheets)]


def _is_printed(text: str, sheets: Sequence[str]) -> bool:
    """Whether a text stands on a sheet, or begins at the end of a cell on one sheet and goes on on the next."""
    if any(text in sheet for sheet in sheets):
        return True
    cuts = range(1, len(text))
    return any(text[:at] in one and text[at:] in other for one, other in itertools.pairwise(sheets) for at in cuts)


def _cells_of(table: Data) -> Iterator[tuple[int, int, str]]:
    for line, row in enumerate(table.rows, 2):
        for place, (key, cell) in enumerate(zip(table.columns, row, strict=True), 1):
            if isinstance(cell, str) and columns.column(key).kind == "text" and columns.column(key).codes is None:
                yield line, place, cell


def xlsx_wrong(content: bytes, data: Sequence[Data], lang: str) -> list[str]:
    """What is wrong with a workbook: formulas, links, or text that is not the text it was made of."""
    wrong = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            wrong += [f"the name {name}"] if name.startswith("/") or ".." in name else []
            part = archive.read(name)
            wrong += [
                f"{name} has {found}" for found in (b"<f>", b"<f ", b"<hyperlink", b"externalLink", b"oleObject") if found in part
            ]
    book = openpyxl.load_workbook(io.BytesIO(content))
    for page in book.worksheets:
        for row in page.iter_rows():
            wrong += [f"{page.title} {c.coordinate} is {c.data_type}" for c in row if c.data_type not in ("s", "n", "d")]
    for table in columns.merged(data):
        page = book[columns.sheet_name(table.name, lang)[:31]]
        for line, place, text in _cells_of(table):
            found = page.cell(line, place).value
            stored = excel_text(text, "")
            if len(text) < 30_000 and (found or "") != stored:
                wrong.append(f"{page.title} {line},{place}: {found!r} is not {text!r}")
    return wrong


FORMULA = re.compile(r"[\s\0-\x1f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*[=+\-@＝＋－＠]")
NUMBER = re.compile(r"[=+\-@＝＋－＠]|[+\-＋－]?[\d０-９][\d０-９,.，．]*\s?[%％]?(E[+-]?\d+)?", re.I)


def csv_wrong(name: str, text: str, table: Data | None = None) -> list[str]:
    """What is wrong with a CSV: cells that are computed, broken rows, or text that is not what it was made of."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    wrong = [f"{name}:{n} has {len(row)} cells" for n, row in enumerate(rows, 1) if len(row) != len(rows[0])]
    wrong += [
        f"{name}: {cell!r} is computed" for row in rows for cell in row if FORMULA.match(cell) and not NUMBER.fullmatch(cell)
    ]
    if table is not None:
        wrong += [f"{name} has {len(rows) - 1} rows, not {len(table.rows)}"] if len(rows) - 1 != len(table.rows) else []
        wrong += [
            f"{name}:{line}: {rows[line - 1][place - 1]!r} is not {cell!r}"
            for line, place, cell in _cells_of(table)
            if rows[line - 1][place - 1] != csv_text(cell)
        ]
    return wrong


def zip_wrong(content: bytes, data: Sequence[Data]) -> list[str]:
    """What is wrong with a zip: names that leave it, CSVs that are computed, lines of the README that are forged."""
    wrong = []
    tables = {f"{table.name}.csv": table for table in columns.merged(data)}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            wrong += [f"the name {name!r}"] if not re.fullmatch(r"[\w.-]+", name, re.ASCII) or name.startswith(".") else []
            if name.endswith(".csv"):
                wrong += csv_wrong(name, archive.read(name).decode("utf-8-sig"), tables.get(name))
        lines = archive.read("README.txt").decode("utf-8-sig").split("\r\n")
        wrong += [f"README: {line!r}" for line in lines[1:] if line and not line.startswith(("- ", "## "))]
        wrong += ["README: controls"] if CONTROLS.search("".join(lines)) else []
        json.loads(archive.read("metadata.json"))
    return wrong


CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def terminal_wrong(text: str) -> list[str]:
    """What a terminal would take for more than text."""
    return [
        f"{match[0]!r} in {text[max(0, match.start() - 40) : match.end() + 20]!r}"
        for match in CONTROLS.finditer(text.replace("\r\n", "\n"))
    ]


def litter(*folders: Path) -> list[str]:
    """Files that a text has made."""
    return [str(path) for folder in folders for path in folder.rglob("*canary*")]
