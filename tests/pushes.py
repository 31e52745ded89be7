"""Where hostile texts are pushed through: pages, files, command line, questions, names and parameters; used by the tests and `make soak`."""

from __future__ import annotations

import hashlib
import html
import itertools
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import desk
import duckdb
import nbformat
import pushed
from click.testing import CliRunner, Result
from conftest import ROOT
from test_browser import opened

from dxlib.blocks import Block, Data
from dxlib.cli import main
from dxlib.errors import DxlibError
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report.bundle import to_bundle
from dxlib.report.html import page as render_page
from dxlib.report.html import source_pages
from dxlib.report.index import write_index
from dxlib.report.pdf import to_pdf
from dxlib.report.run import check_self_contained
from dxlib.report.workbook import to_workbook


class Tally:
    """What was pushed through, by where it came out, and what was wrong."""

    def __init__(self) -> None:
        self.pushes: Counter[str] = Counter()
        self.failures: list[str] = []

    def count(self, where: str, pushes: int, wrong: Iterable[str] = ()) -> None:
        """Note how many texts came out somewhere, and what was wrong there."""
        self.pushes[where] += pushes
        self.failures += [f"{where}: {one}" for one in wrong]


def _files(
    tally: Tally, bench: Workbench, name: str, lang: str, blocks: Sequence[Block], title: str, texts: Sequence[str]
) -> None:
    """The blocks as xlsx and zip."""
    data = [block for block in blocks if isinstance(block, Data)]
    if not data:
        return
    told = pushed.facts(bench, name, lang, blocks, title)
    book = to_workbook(data, told, lang)
    held = "\n".join({cell for table in data for row in table.rows for cell in row if isinstance(cell, str)})
    through = sum(pushed.on_a_line(text) in held for text in texts if text.strip())
    tally.count("xlsx", through, pushed.xlsx_wrong(book, data, lang))
    tally.count("zip and CSV", through, pushed.zip_wrong(to_bundle(data, told, lang, extra={f"{name}.xlsx": book}), data))


# Blocks: every text of a report, replaced.


def through_blocks(
    tally: Tally, browser: Any, bench: Workbench, base: Sequence[Block], texts: Sequence[str], out: Path, turn: int
) -> None:
    """A report each of whose texts is another hostile one, beside its twin whose texts are harmless: both are built alike."""
    source, beside = (itertools.islice(itertools.cycle(texts), turn, None) for _ in range(2))
    shown = pushed.poured(base, lambda: next(source), lambda: next(beside))
    twin = pushed.poured(base, lambda: "甲乙", lambda: "甲乙")
    structure = []
    for name, blocks in (("hostile", shown), ("twin", twin)):
        path = out / f"{name}-{turn}.html"
        path.write_text(check_self_contained(render_page(blocks, "ja", stamp=texts[turn % len(texts)])), encoding="utf-8")
        with opened(browser, path) as page:
            structure.append(page.evaluate(pushed.SKELETON))
            if blocks is shown:
                wrong = pushed.page_wrong(page)
                text = page.evaluate(pushed.TEXTS)
                missing = [t for t in texts if pushed.seen(t) not in text]
    wrong += [] if structure[0] == structure[1] else ["a text made an element or attribute"]
    tally.count("HTML, every text replaced", len(texts) - len(missing), [*wrong, *(f"not shown: {t!r}" for t in missing)])
    tally.count("PDF, every text replaced", len(texts), pushed.pdf_wrong(to_pdf(shown, "ja"), texts))
    _files(tally, bench, "poured", "ja", shown, texts[turn % len(texts)], texts)


# Pages: reports of a workbench that was built from hostile plans and decisions.


def through_pages(
    tally: Tally,
    browser: Any,
    project: Project,
    texts: Sequence[str],
    out: Path,
    themes: Sequence[str],
    langs: Sequence[str],
    *,
    pdf: bool,
) -> list[Block]:
    """Every kind of report with its sources, in all formats; gives back the blocks of the first comparison."""
    found: list[Block] = []
    shown = {pushed.seen(pushed.on_a_line(text)): text for text in texts}
    with Workbench(project) as bench:
        for name, lang, blocks in pushed.pages(bench, themes, langs):
            found = found or (blocks if name.startswith("comparison") else [])
            made = {f"{name}.html": render_page(blocks, lang, stamp=name)}
            made |= {f"{name}-{file}": page for file, page in source_pages(bench, blocks, lang, home="../x.html").items()}
            for file, content in made.items():
                (out / file).write_text(check_self_contained(content), encoding="utf-8")
                with opened(browser, out / file) as page:
                    text = page.evaluate("document.body.textContent")
                    place = "HTML" if file == f"{name}.html" else "HTML of sources"
                    tally.count(place, sum(one in text for one in shown), pushed.page_wrong(page))
            if pdf:
                raw = html.unescape(re.sub(r"<[^>]*>", "", made[f"{name}.html"]))
                tally.count("PDF", sum(one in raw for one in shown), pushed.pdf_wrong(to_pdf(blocks, lang, stamp=name), []))
            _files(tally, bench, name, lang, blocks, texts[0], texts)
    return found


# The command line.


def run(project: Project, *arguments: str) -> Result:
    """A command in this process; its outputs as they would reach a terminal."""
    return CliRunner().invoke(main, ["--project", str(project.root), *arguments])


def _said(tally: Tally, where: str, result: Result, texts: Sequence[str]) -> None:
    wrong = pushed.terminal_wrong(result.output)
    if result.exception and not isinstance(result.exception, SystemExit):
        wrong.append(f"{type(result.exception).__name__}: {result.exception}")
    if result.exit_code:
        forged = [line for line in result.stderr.splitlines()[1:] if line and not line.startswith((" ", "Try ", "Error: "))]
        wrong += [f"forged: {line!r}" for line in forged if not re.match(r"dxlib: (\[|\d+ of \d+ reports failed)", line)]
    tally.count(where, sum(text in result.output for text in texts), wrong)


def through_commands(tally: Tally, project: Project, texts: Sequence[str], themes: Sequence[str]) -> None:
    """Every command that prints what plans and people wrote, in every form."""
    lines = [pushed.visible(pushed.on_a_line(text)) for text in texts]
    questions = [
        ["themes"],
        ["progress"],
        ["coverage"],
        ["coverage", "--topics", "--version", "9.0"],
        ["quality"],
        ["audit"],
        ["suggest"],
    ]
    questions += [["similar", "件数"], ["query", "FROM fact"], ["query", "FROM document"], ["query", "FROM correction"]]
    questions += [["compare", theme] for theme in themes] + [["compare", theme, "--group"] for theme in themes]
    for question in questions:
        for form in ("table", "csv", "json"):
            result = run(project, *question, "--format", form)
            _said(tally, f"terminal, {form}", result, lines)
            if result.exit_code:
                tally.failures.append(f"{question}: {result.stderr}")
            elif form == "csv":
                tally.count("terminal, csv", 0, pushed.csv_wrong(" ".join(question), result.stdout))
            elif form == "json":
                json.loads(result.stdout)
    with Workbench(project) as bench:  # JSON reads back as what the warehouse holds
        told = json.loads(run(project, "query", "SELECT title, note FROM document ORDER BY 1", "--format", "json").stdout)
        held = bench.sql("SELECT title, note FROM document ORDER BY 1").fetchall()
        tally.count("terminal, json", 0, [] if [tuple(row.values()) for row in told] == held else ["other than the warehouse"])
    _said(tally, "terminal, table", run(project, "review"), lines)
    _said(tally, "terminal, csv", run(project, "review", "--format", "csv"), lines)
    plans = sorted(str(path) for path in project.raw.glob("*/*.txt"))
    for form in ("jsonl", "csv", "table"):
        _said(tally, f"terminal, {form}", run(project, "extract", *plans, "--format", form), lines)


def through_arguments(tally: Tally, project: Project, texts: Sequence[str]) -> None:
    """Each text as what a person or script types: it is refused with a message, or answered."""
    before = _state(project)
    for text in (text for text in texts if "\0" not in text):  # no system hands one over
        for arguments in (
            ["compare", "--", text],
            ["similar", "--", text],
            ["municipalities", "--", text],
            ["progress", "--municipality", text],
            ["audit", "--rule", text],
            ["coverage", "--topics", "--version", text],
            ["progress", "--as-of", text],
            ["report", "--", text],
            ["report", "comparison", "-p", f"theme={text}"],
            ["report", "comparison", "-p", f"{text}=x"],
            ["extract", "--", text],
            [text],
        ):
            _said(tally, "arguments of commands", run(project, *arguments), ())
            tally.pushes["arguments of commands"] += 1
    tally.count("arguments of commands", 0, [] if _state(project) == before else ["a command changed the workbench"])


# Questions.


def _state(project: Project) -> dict[str, str]:
    """The files of a workbench, with a hash of each."""
    files = (path for path in sorted(project.root.rglob("*")) if path.is_file())
    return {str(path.relative_to(project.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def through_questions(tally: Tally, project: Project, texts: Sequence[str]) -> None:
    """Each text as a bound parameter, and as SQL itself: nothing is changed, written, or read beside the warehouse."""
    before = _state(project)
    with Workbench(project) as bench:
        for text in texts:
            (answer,) = bench.sql("SELECT ?::VARCHAR", [text]).fetchall()
            wrong = [] if answer == (text,) else [f"{text!r} came back as {answer!r}"]
            asked = (bench.values, bench.check_theme, bench.compare, bench.group, bench.progress, bench.topics, bench.transformed)
            for ask in (
                *asked,
                lambda t: bench.check_municipalities([t]),
                lambda t: bench.audit(rule=t),
                lambda t: bench.similar(t),
            ):
                try:
                    rows = ask(text)
                    if isinstance(rows, duckdb.DuckDBPyRelation):
                        rows.fetchall()
                except DxlibError:
                    pass
            tally.count("bound parameters", 1 + len(asked) + 3, wrong)
            try:
                rows = str(bench.sql(text).fetchall())
            except (DxlibError, duckdb.Error):
                rows = ""
            tally.count(
                "SQL", 1, [f"{text!r} gave {rows[:80]}"] if "root:" in rows or os.environ.get("HOME", "?") in rows else []
            )
    tally.count("SQL", 0, [] if _state(project) == before else ["a question changed the workbench"])


# Names of files.


def through_names(tally: Tally, texts: Sequence[str], folder: Path) -> Project:
    """Each text as the name of a file given to add, as its title, and as --name."""
    given = folder / "given"
    given.mkdir()
    project = desk.small_desk(folder / "bench")
    around = set(folder.rglob("*"))
    for number, text in enumerate(texts):
        name = os.fsdecode(os.fsencode(re.sub(r"[/\0]", "", text))[:200])
        path = given / f"{name}.txt"
        path.write_text(desk.PLAN + f"\n注 {'記' * number}\n", encoding="utf-8")
        arguments = ["add", "--municipality", desk.CODE]
        _said(tally, "names of files", run(project, *arguments, "--name", text, "--", str(path)), ())
        _said(tally, "names of files", run(project, *arguments, "--title", text, "--edition", "draft", "--", str(path)), ())
        tally.pushes["names of files"] += 3
    made = set(folder.rglob("*")) - around - {project.curated / ".lock"}
    own = re.compile(r"131016-chiyoda/[a-z0-9]+(-[a-z0-9]+)*\.(txt|toml)")
    inside = [path for path in made if path.is_relative_to(project.raw)]
    wrong = [f"wrote {path}" for path in made if path.parent != given and not own.fullmatch(str(path.relative_to(project.raw)))]
    wrong += [f"a device: {path.name}" for path in inside if path.stem in ("con", "nul", "com1")]
    tally.count("names of files", len(inside), wrong)
    return project


# Parameters of notebooks.


def many_parameters(project: Project, texts: Sequence[str]) -> None:
    """The notebook ``many``, with a parameter for each text; it compares what arrives with a file beside it."""
    names = [f"p{number}" for number in range(len(texts))]
    first = "\n".join([*(f'{name} = ""' for name in names), "listed = []", 'title = "x"', "stripped = False", 'lang = "ja"'])
    compare = f"""
import json, pathlib
expected = json.loads(pathlib.Path("expected.json").read_text(encoding="utf-8"))
expected = [text.strip() for text in expected] if stripped else expected
values = [{", ".join(names)}]
assert values == expected, [pair for pair in zip(values, expected) if pair[0] != pair[1]][:1]
assert not listed or listed == expected
"""
    show = """
from dxlib.blocks import Items, Opening, Piece, Span, Terms
Piece([Opening(title, title), Items([[Span(v)] for v in values]), Terms([(v, [Span(v)]) for v in values])], lang)
"""
    cells = [nbformat.v4.new_code_cell(first, metadata={"tags": ["parameters"]})]
    frames = (
        "import pandas; pandas.DataFrame({'text': values})",
        "import polars; polars.DataFrame({'text': values})",
        "print(*values)",
    )
    cells += [nbformat.v4.new_code_cell(source.strip()) for source in (compare, show, *frames)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(notebook, project.notebooks / "08_many.ipynb")
    (project.notebooks / "expected.json").write_text(json.dumps(list(texts)), encoding="utf-8")
    cells[1] = nbformat.v4.new_code_cell("raise ValueError('\\n'.join([" + ", ".join(names) + "]))")
    nbformat.write(notebook, project.notebooks / "09_failing.ipynb")


def through_parameters(tally: Tally, browser: Any, project: Project, texts: Sequence[str], out: Path) -> None:
    """Each text as a parameter, by -p and by a list of reports in TOML; into the notebook, its report, the index and messages."""
    many_parameters(project, texts)
    before = _state(project)
    pairs = [f"p{number}={text}" for number, text in enumerate(texts)]
    flat = [part for pair in pairs for part in ("-p", pair)]
    title = max((text for text in texts if text.isprintable()), key=len)
    _said(
        tally,
        "parameters by -p",
        run(project, "report", "many", *flat, "-p", "stripped=true", "-p", f"title={title}", "--out", str(out)),
        (),
    )
    rows = "".join(f"p{number} = {pushed.toml(text)}\n" for number, text in enumerate(texts))
    listed = f"listed = [{', '.join(map(pushed.toml, texts))}]\n"
    config = out.parent / "reports.toml"
    config.write_text(f'[[report]]\nnotebook = "many"\n[report.parameters]\n{rows}{listed}', encoding="utf-8")
    _said(tally, "parameters by TOML", run(project, "report", "--config", str(config), "--out", str(out)), ())
    failing = run(project, "report", "failing", *flat, "--out", str(out))
    _said(tally, "messages of notebooks", failing, ())
    for where in ("parameters by -p", "parameters by TOML", "messages of notebooks"):
        tally.pushes[where] += len(texts)
    folders = sorted(path for path in out.iterdir() if path.is_dir() and not path.name.startswith("."))
    made = [path for folder in folders for path in folder.glob("*.html")]
    states = sorted(path.name for folder in folders for path in folder.glob("*.json"))
    wrong = (
        [] if len(made) == 2 and states == ["failed.json", "run.json", "run.json"] else [f"made {states}, {failing.stderr[:500]}"]
    )
    wrong += [f"wrote {name}" for name in _state(project).keys() - before.keys()]
    write_index(out)
    for path in (*made, out / "index.html"):
        with opened(browser, path) as page:
            text = page.evaluate("document.body.textContent")
            through = sum(pushed.seen(one.strip()) in text for one in texts)
            lost = [] if through == len(texts) else [f"{path.name} shows {through} of {len(texts)}"]
            tally.count("HTML of parameters", through, [*lost, *pushed.page_wrong(page, scripts=path.name == "index.html")])
    for path in (path for folder in folders for path in folder.glob("*.pdf")):
        tally.count("PDF of parameters", len(texts), pushed.pdf_wrong(path.read_bytes(), [one.strip() for one in texts]))
    tally.failures += wrong


# Bombs.

_READ = """
import json, resource, sys, time
from pathlib import Path
from dxlib.document import load
from dxlib.errors import DxlibError
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
start, path = time.perf_counter(), Path(sys.argv[1])
try:
    found = f"{sum(map(len, load(path).raw))} characters"
except DxlibError as error:
    found = error.code
used = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024  # of this program alone
print(json.dumps([found, time.perf_counter() - start, used]))
"""


def explode(path: Path, seconds: float = 30, megabytes: float = 1500) -> tuple[str, list[str]]:
    """Read a bomb in a process of its own: what came of it in words, and what was wrong."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, cwd=ROOT, timeout=4 * seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return "no end", [f"{path.name} did not end"]
    if done.returncode:
        return "died", [f"{path.name}: {done.stderr.strip().splitlines()[-1:] or done.returncode}"]
    found, took, used = json.loads(done.stdout)
    wrong = [f"{path.name} took {took:.0f} s"] if took > seconds else []
    wrong += [f"{path.name} took {used} MB"] if used > megabytes else []
    return f"{found}, {took:.1f} s, {used} MB", wrong
