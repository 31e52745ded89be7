from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from conftest import copy_project
from small import PARAMETERS, SHOWN, add_notebook, change_source, small_project

import dxlib.report.run as run
from dxlib.blocks import Foreign
from dxlib.errors import DxlibError, QueryError
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report import Options, make_report, parse_parameters
from dxlib.report.execute import shown_blocks
from dxlib.report.folder import publish, recover, workshop
from dxlib.report.parameters import Job, Template, resolve
from dxlib.report.run import check_self_contained
from dxlib.warehouse import build

HTML = Options(formats=("html",))


@pytest.fixture(scope="module")
def small(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A workbench with the notebook ``small``; tests only read it and write elsewhere."""
    return small_project(tmp_path_factory.mktemp("small"), like=built)


@pytest.fixture
def own(built: Project, tmp_path: Path) -> Project:
    """The same, that a test may damage."""
    return small_project(tmp_path, like=built)


@pytest.fixture(scope="module")
def report(small: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_report(small, "small", {"lang": "ja"}, tmp_path_factory.mktemp("out"))


# What a report consists of.


def test_a_report_is_a_folder_with_every_format(report: Path) -> None:
    assert report.name == "small-online_procedures-ja.html"
    made = {path.relative_to(report.parent).as_posix() for path in report.parent.rglob("*") if path.is_file()}
    sources = {name for name in made if name.startswith("sources/")}
    endings = {f"small-online_procedures-ja.{ending}" for ending in ("html", "pdf", "xlsx", "zip")}
    assert len(sources) == 1
    assert made - sources == {"run.json", *endings}
    assert (report.parent / "small-online_procedures-ja.pdf").read_bytes().startswith(b"%PDF")


def test_every_linked_number_has_its_source_line(report: Path) -> None:
    links = set(re.findall(r'href="(sources/[^"]+)#(L\d+)"', report.read_text(encoding="utf-8")))
    assert links
    for page, line in links:
        assert f'id="{line}"' in (report.parent / page).read_text(encoding="utf-8")


def test_nothing_in_the_folder_refers_to_the_outside(report: Path) -> None:
    for page in report.parent.rglob("*.html"):
        without_namespaces = re.sub(r'xmlns(:\w+)?="[^"]*"', "", page.read_text(encoding="utf-8"))
        assert not re.search(r"<script|<link|@import|https?://", without_namespaces), page


def test_no_code_in_the_report(report: Path) -> None:
    assert "import dxlib" not in report.read_text(encoding="utf-8")


def test_same_inputs_give_the_same_files(small: Project, tmp_path: Path, report: Path) -> None:
    again = make_report(small, "small", {"lang": "ja"}, tmp_path).parent
    files = [path.relative_to(report.parent) for path in report.parent.rglob("*") if path.is_file() and path.name != "run.json"]
    assert len(files) == 5
    for name in files:
        assert (again / name).read_bytes() == (report.parent / name).read_bytes(), name


def test_the_manifest_says_how_the_report_was_made(small: Project, report: Path) -> None:
    manifest = json.loads((report.parent / "run.json").read_text(encoding="utf-8"))
    assert (manifest["report_id"], manifest["title"], manifest["lang"]) == ("small-online_procedures-ja", "Small", "ja")
    assert manifest["parameters"]["theme"] == "online_procedures"
    notebook = small.notebooks / "07_small.ipynb"
    assert manifest["notebook_sha256"] == hashlib.sha256(notebook.read_bytes()).hexdigest()
    for output in manifest["outputs"]:
        content = (report.parent / output["name"]).read_bytes()
        assert (output["bytes"], output["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert len(manifest["outputs"]) == 5
    documents = {document["document_id"]: document for document in manifest["inputs"]["documents"]}
    raw = small.raw / "242039-ise" / "digital-vision-2.txt"
    assert documents["242039-ise/digital-vision-2"]["sha256"] == hashlib.sha256(raw.read_bytes()).hexdigest()
    assert re.fullmatch(r"[0-9a-f]{64}", manifest["inputs"]["warehouse"])
    assert set(manifest["seconds"]) == {"execute", "html", "pdf", "xlsx", "zip"}
    assert {"python", "dxlib", "duckdb", "altair", "papermill", "typst"} <= set(manifest["versions"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", manifest["started_at"])


def test_only_the_formats_asked_for_are_written(small: Project, tmp_path: Path) -> None:
    path = make_report(small, "small", {}, tmp_path, options=Options(formats=("zip", "xlsx"), csv_encoding="cp932"))
    assert path.name == "small-online_procedures-ja.xlsx"
    assert {p.suffix for p in path.parent.iterdir()} == {".xlsx", ".zip", ".json"}
    with zipfile.ZipFile(path.with_suffix(".zip")) as bundle:
        (table,) = [name for name in bundle.namelist() if name.endswith(".csv") and "values" in name]
        assert "伊勢市" in bundle.read(table).decode("cp932")


def test_parameters_arrive_in_the_types_of_the_notebook(small: Project, tmp_path: Path) -> None:
    given = {"municipalities": "242039,242161", "count": "3", "share": "2", "loud": "TRUE", "since": "2026", "title": "題 'x'"}
    path = make_report(small, "small", given, tmp_path, options=HTML)
    parameters = json.loads((path.parent / "run.json").read_text(encoding="utf-8"))["parameters"]
    assert parameters["municipalities"] == ["242039", "242161"]
    assert [parameters[key] for key in ("count", "share", "loud", "since")] == [3, 2.0, True, 2026]
    page = path.read_text(encoding="utf-8")
    assert "online_procedures 3" in page
    assert "<title>題 &#39;x&#39;</title>" in page


def test_outputs_of_an_analysts_own_cells_are_kept(own: Project, tmp_path: Path) -> None:
    cells = (
        "import pandas as pd; pd.DataFrame({'市': ['x']})",
        "print('説明 <b>')",
        "from IPython.display import SVG; SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"><title>図</title></svg>')",
        "import warnings; warnings.warn('noise')",
    )
    add_notebook(own, "my_own", *cells, parameters='lang = "en"')
    page = make_report(own, "my_own", {}, tmp_path / "out", options=HTML).read_text(encoding="utf-8")
    assert "<th>市</th>" in page
    assert "説明 &lt;b&gt;" in page
    assert "<title>図</title>" in page
    assert "noise" not in page


def test_what_our_cells_do_not_show_becomes_foreign() -> None:
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [
        nbformat.v4.new_output("display_data", {"image/png": "AAAA\nBBBB", "text/plain": "a <chart>"}),
        nbformat.v4.new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "HBox()"}),
    ]
    (shown,) = shown_blocks(nbformat.v4.new_notebook(cells=[cell]))
    assert shown == Foreign('<img src="data:image/png;base64,AAAABBBB" alt="a &lt;chart&gt;">', "a <chart>")


@pytest.mark.parametrize(
    "page",
    [
        '<img src="https://example.org/a.png">',
        "<script>fetch('x')</script>",
        "<style>@import '//example.org/a.css'</style>",
        '<a href="http://example.org">',
        '<img srcset="//example.org/a.png 2x">',
    ],
)
def test_a_page_that_loads_or_runs_something_is_refused(page: str) -> None:
    with pytest.raises(DxlibError) as caught:
        check_self_contained(page)
    assert caught.value.code == "report-not-self-contained"


# The report of the repository that people see first.


@pytest.fixture(scope="module")
def comparison(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_report(built, "comparison", {"lang": "ja"}, tmp_path_factory.mktemp("comparison"), options=HTML)


def test_the_comparison_shows_values_with_years_and_the_verdict(comparison: Path) -> None:
    assert comparison.name == "comparison-online_procedures-ja.html"
    page = comparison.read_text(encoding="utf-8")
    for part in ("142件", "令和11年度(2029年度)", "24/26", "計算値 92.3%", "53.3%", "◎ 直接", "× 不可", "効果を示すものではない"):
        assert part in page, part
    assert "import dxlib" not in page


def test_each_number_of_the_comparison_leads_to_its_quote(comparison: Path) -> None:
    links = set(re.findall(r'href="(sources/[^"#]+)#(L\d+)"', comparison.read_text(encoding="utf-8")))
    assert len(links) >= 6
    pages = {name: (comparison.parent / name).read_text(encoding="utf-8") for name, _ in links}
    for name, line in links:
        assert f'id="{line}"' in pages[name]
    quoted = "".join(pages.values())
    assert "<mark>142件</mark>" in quoted
    assert "<mark>24/26</mark>" in quoted


def test_english_comparison_of_two_cities(built: Project, tmp_path: Path) -> None:
    given = {"theme": "telework", "municipalities": "242039,242161", "lang": "en"}
    path = make_report(built, "comparison", given, tmp_path, options=HTML)
    page = path.read_text(encoding="utf-8")
    assert path.name == "comparison-telework-242039-242161-en.html"
    assert '<html lang="en">' in page
    assert "not effects of policy" in page
    assert "33.0%" in page
    assert "Izunokuni" not in page


# What is asked for.


@pytest.mark.parametrize(
    ("name", "parameters", "code", "says"),
    [
        ("smal", {}, "report-unknown", "did you mean 'small'"),
        ("small", {"them": "telework"}, "parameter-unknown", "did you mean 'theme'"),
        ("small", {"theme": "telewrk"}, "theme-unknown", "telework"),
        ("small", {"theme": ""}, "theme-unknown", "telework"),
        ("small", {"municipalities": "242039,242030"}, "municipality-check-digit", "is it 242039?"),
        ("small", {"municipality": "伊勢"}, "municipality-name-unknown", "did you mean 102041 群馬県伊勢崎市, 142140"),
        ("small", {"municipality": "府中市"}, "municipality-name-ambiguous", "132063 東京都府中市, 342084 広島県府中市"),
        ("small", {"municipality": "Izu no kuni"}, "municipality-name-unknown", "222259"),
        ("small", {"municipality": "zzz"}, "municipality-name-unknown", "dxlib municipalities"),
        ("small", {"municipality": "津市"}, "municipality-without-plan", "242039 (伊勢市, Ise)"),
        ("small", {"lang": "fr"}, "language-unknown", "Valid: en, ja"),
        ("small", {"count": "many"}, "parameter-type", "whole number"),
        ("small", {"share": "half"}, "parameter-type", "number"),
        ("small", {"loud": "ja"}, "parameter-type", "true or false"),
        ("small", {"count": 1.5}, "parameter-type", "whole number"),
        ("small", {"municipalities": 242039}, "parameter-type", "list"),
        ("small", {"municipalities": [242039]}, "parameter-type", "text"),
        ("small", {"title": 5}, "parameter-type", "text"),
        ("dated", {"as_of": "2026-13"}, "date-invalid", "2026-07"),
        ("dated", {"version": "9.9"}, "version-unknown", "Valid:"),
        ("dated", {"version": 2.3}, "parameter-type", "text"),
    ],
)
def test_mistakes_are_errors_before_anything_runs(small: Project, tmp_path: Path, name, parameters, code, says) -> None:
    add_notebook(small, "08_dated", "1", parameters='version = None\nas_of = ""')
    with pytest.raises(DxlibError) as caught:
        make_report(small, name, parameters, tmp_path / "out")
    assert caught.value.code == code
    assert says in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_right_values_pass(small: Project) -> None:
    add_notebook(small, "08_dated", "1", parameters='version = None\nas_of = ""')
    assert resolve(small, "dated", {"version": "", "as_of": "2026-07"}).parameters == {"version": None, "as_of": "2026-07"}
    assert resolve(small, "small", {"municipalities": []}).parameters == {"municipalities": []}


def test_a_name_makes_the_same_report_as_a_code(small: Project) -> None:
    by_code = resolve(small, "small", {"municipalities": "242039,242161", "municipality": "242039"})
    by_name = resolve(small, "small", {"municipalities": "三重県伊勢市,いがし", "municipality": "三重県 伊勢市"})
    assert by_name.parameters == by_code.parameters
    assert by_name.report_id == by_code.report_id
    add_notebook(small, "08_named", "1", parameters='municipality = "伊勢市"\npeers = ("伊賀市",)')
    assert resolve(small, "named", {}).all_parameters == {"municipality": "242039", "peers": ("242161",)}


def test_two_notebooks_of_one_name_are_refused(own: Project) -> None:
    add_notebook(own, "small", SHOWN)
    with pytest.raises(DxlibError, match=r"07_small.ipynb and small.ipynb") as caught:
        resolve(own, "small", {})
    assert caught.value.code == "notebook-twice"


@pytest.mark.parametrize(
    "text", ["", "{}", "no json", '{"cells": [{"metadata": {"tags": ["parameters"]}, "source": "a = f()"}]}']
)
def test_a_notebook_that_cannot_be_read_is_an_error(own: Project, text: str) -> None:
    (own.notebooks / "broken.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(DxlibError) as caught:
        resolve(own, "broken", {})
    assert caught.value.code == "notebook-unreadable"


HOSTILE = ["../../etc", "..", "a/b", "a\\b", "C:\\x", "con", "a b", "<script>", "\x00", "日本", "x" * 500, "=1+1", ".hidden", "A"]


@pytest.mark.parametrize("value", HOSTILE)
def test_report_ids_are_safe_for_hostile_values(value: str) -> None:
    template = Template("own", Path("own.ipynb"), {"theme": "t", "municipalities": [], "note": "", "lang": "ja"})
    for given in ({"note": value}, {"theme": value}, {"municipalities": [value] * 3}, {"lang": value}):
        name = Job(template, given).report_id
        assert re.fullmatch(r"own-[a-z0-9_.-]*[a-z0-9]", name), name
        assert ".." not in name
        assert len(name) <= 140


def test_report_ids_tell_reports_apart() -> None:
    template = Template("own", Path("own.ipynb"), {"theme": "t", "municipalities": [], "note": "", "lang": "ja"})
    notes = [*HOSTILE, "a_b", "a", "1", "x" * 501]
    codes = [[str(code) for code in range(100000, 100000 + n)] for n in range(1, 9)]
    asked = [*({"note": note} for note in notes), *({"municipalities": few} for few in codes), {"theme": "u"}, {"lang": "en"}, {}]
    assert len({Job(template, given).report_id for given in asked}) == len(asked)
    assert Job(template, {"municipalities": codes[7]}).report_id.startswith("own-t-8x.")
    assert Job(template, {"note": ""}).report_id == Job(template, {}).report_id == "own-t-ja"


def test_parameters_need_an_equals_sign() -> None:
    with pytest.raises(QueryError):
        parse_parameters(["theme"])


# Folders are replaced as a whole.


def test_a_failing_notebook_leaves_the_last_good_report(own: Project) -> None:
    good = make_report(own, "small", {}, options=HTML)
    before = {path.name: path.read_bytes() for path in good.parent.iterdir() if path.is_file()}
    add_notebook(own, "07_small", SHOWN, "1 / 0")
    with pytest.raises(DxlibError, match="ZeroDivisionError") as caught:
        make_report(own, "small", {}, options=HTML)
    assert caught.value.code == "report-cell"
    after = {path.name: path.read_bytes() for path in good.parent.iterdir() if path.is_file()}
    failed = json.loads(after.pop("failed.json"))
    assert after == before
    assert (failed["code"], failed["report_id"]) == ("report-cell", "small-online_procedures-ja")
    assert "division by zero" in failed["message"]
    assert failed["since"] == failed["at"]
    assert names(own.reports) == [good.parent.name]


def test_a_note_of_failure_remembers_the_first_and_a_success_removes_it(own: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    add_notebook(own, "07_small", "1 / 0")
    note = own.reports / "small-online_procedures-ja" / "failed.json"
    for moment in ("2026-08-01T00:00:00+00:00", "2026-09-01T00:00:00+00:00"):
        monkeypatch.setattr(run, "now", lambda moment=moment: moment)
        with pytest.raises(DxlibError):
            make_report(own, "small", {}, options=HTML)
    failed = json.loads(note.read_text(encoding="utf-8"))
    assert (failed["since"][:7], failed["at"][:7]) == ("2026-08", "2026-09")
    add_notebook(own, "07_small", SHOWN)
    make_report(own, "small", {}, options=HTML)
    assert not note.exists()


def test_a_kernel_that_dies_is_an_error(own: Project) -> None:
    add_notebook(own, "07_small", "import os; os._exit(1)")
    with pytest.raises(DxlibError) as caught:
        make_report(own, "small", {}, options=HTML)
    assert caught.value.code == "report-kernel"


def test_a_kernel_that_does_not_start_is_tried_once_more(own: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import papermill

    real, errors = papermill.execute_notebook, [RuntimeError("Kernel died before replying to kernel_info")]
    monkeypatch.setattr(
        papermill, "execute_notebook", lambda *a, **k: (_ for _ in ()).throw(errors.pop()) if errors else real(*a, **k)
    )
    assert make_report(own, "small", {}, options=HTML).exists()
    errors += [RuntimeError("still not")] * 2
    with pytest.raises(DxlibError, match="still not") as caught:
        make_report(own, "small", {}, options=HTML)
    assert caught.value.code == "report-kernel"


def test_a_full_disk_is_an_error_and_leaves_nothing_half_written(own: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run, "_write", full)
    with pytest.raises(DxlibError, match="No space left") as caught:
        make_report(own, "small", {}, options=HTML)
    assert caught.value.code == "report-write"
    assert [p.name for p in (own.reports / "small-online_procedures-ja").iterdir()] == ["failed.json"]
    assert names(own.reports) == ["small-online_procedures-ja"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_crash_between_the_two_renames_is_repaired(tmp_path: Path) -> None:
    (tmp_path / ".old-a-report").mkdir()
    (tmp_path / ".old-a-report" / "run.json").write_text("old")
    (tmp_path / ".old-done").mkdir()
    (tmp_path / "done").mkdir()
    (tmp_path / ".report-abc" / "content").mkdir(parents=True)
    assert recover(tmp_path) == ["a-report"]
    assert names(tmp_path) == ["a-report", "done"]
    assert (tmp_path / "a-report" / "run.json").read_text() == "old"


def test_what_somebody_works_on_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".report-left").mkdir()
    (tmp_path / "a.txt").mkdir()
    with workshop(tmp_path) as scratch:
        assert recover(tmp_path) == []
        assert names(tmp_path) == sorted([scratch.name, "a.txt"])
    assert names(tmp_path) == ["a.txt"]


def test_the_next_run_repairs_and_cleans(own: Project) -> None:
    good = make_report(own, "small", {}, options=HTML).parent
    good.rename(own.reports / f".old-{good.name}")
    (own.reports / ".report-zzz").mkdir()
    make_report(own, "small", {"theme": "telework"}, options=HTML)
    assert names(own.reports) == ["small-online_procedures-ja", "small-telework-ja"]
    assert (good / "run.json").exists()


def test_a_folder_that_cannot_be_put_in_place_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.mkdir()
    (target / "run.json").write_text("old")
    with pytest.raises(OSError, match="missing"):
        publish(tmp_path / "missing", target)
    assert names(tmp_path) == ["report"]
    with workshop(tmp_path) as scratch:
        (scratch / "new").mkdir()
        publish(scratch / "new", target)
    assert names(tmp_path) == ["report"]
    assert list(target.iterdir()) == []


# Around it.


def test_the_plain_papermill_command_runs_the_notebook(small: Project, tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", str(small.notebooks / "07_small.ipynb"), str(out), "-p", "theme", "telework"]
    subprocess.run(command, check=True, cwd=small.root, capture_output=True, timeout=120)
    executed = nbformat.read(out, as_version=4)
    assert all("error" not in {o.output_type for o in cell.get("outputs", [])} for cell in executed.cells)
    assert "telework 1" in str(executed.cells)


def test_plan_text_never_becomes_markup(built: Project, tmp_path: Path) -> None:
    hostile = '<script>alert(1)</script>{{7*7}}"\'=HYPERLINK("x")'
    project = copy_project(tmp_path, like=built)
    change_source(project, "222259-izunokuni/dx-action-plan", "オンライン申請化された手続件数", hostile)
    facets = project.curated / "facets.csv"
    lines = [line for line in facets.read_text(encoding="utf-8").splitlines() if "action-plan/m01.2," not in line]
    facets.write_text("\n".join(lines) + "\n", encoding="utf-8")
    build(project)
    with Workbench(project) as bench:
        name = bench.sql("SELECT name FROM indicator WHERE contains(name, 'script')").fetchall()[0][0]
    shown = "name = dict(zip(names, bench.values(theme, ['222259']).fetchall()[0]))['indicator']\n"
    quoted = name.replace('"', '""')
    row = f'222259-izunokuni/dx-action-plan/action-plan/m01.2,"{quoted}",online_procedures,higher,availability,procedures,count,stock,none,unknown,unknown,fiscal-year-end\n'
    facets.write_text("\n".join(lines) + "\n" + row, encoding="utf-8")
    build(project)
    add_notebook(project, "small", SHOWN, f"{shown}Piece([Text([Span(name)])], lang)", parameters=PARAMETERS)
    path = make_report(project, "small", {"municipalities": "222259", "title": hostile})
    page = path.read_text(encoding="utf-8")
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2
    assert "{{7*7}}" in page


def test_a_notebook_that_names_no_kernel_runs_in_this_environment(built: Project, tmp_path: Path) -> None:
    own = small_project(tmp_path / "own", built)
    path = own.notebooks / "07_small.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = {}
    nbformat.write(notebook, path)
    assert make_report(own, "small", {}, tmp_path / "out", options=Options(formats=["html"])).exists()


@pytest.mark.parametrize(
    "text", ["url(http://example.jp)", "src=//evil", "https://a.jp/?data=https://b.jp", "action=//x", "@import 'http://x'"]
)
def test_an_address_in_plan_text_is_only_text(text: str) -> None:
    from dxlib.blocks import Opening, Span, Text
    from dxlib.report.html import page

    check_self_contained(page([Opening("t", text), Text([Span(text)])], "ja"))


@pytest.mark.parametrize(
    "markup",
    [
        '<img src=" http://example.org/a.png">',
        '<img src="pic.png">',
        '<a href="javascript:alert(1)">x</a>',
        '<p onclick="x()">x</p>',
        '<meta http-equiv="refresh" content="0;url=http://x">',
        "<style>p { background: url(http://x) }</style>",
        '<p style="background: url(//x)">x</p>',
        '<iframe srcdoc="x"></iframe>',
        '<a href="//example.org">x</a>',
    ],
)
def test_markup_that_loads_or_runs_is_refused(markup: str) -> None:
    with pytest.raises(DxlibError) as caught:
        check_self_contained(f"<!DOCTYPE html><title>x</title>{markup}")
    assert caught.value.code == "report-not-self-contained"


def test_a_note_of_failure_written_meanwhile_costs_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, made = tmp_path / "report", tmp_path / "made"
    for folder, text in ((target, "old"), (made, "new")):
        folder.mkdir()
        (folder / "report.html").write_text(text)
    rename = Path.rename

    def interrupted(self: Path, to: Path) -> Path:
        if self == made:  # another run has noted its failure just now
            target.mkdir()
            (target / "failed.json").write_text("{}")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(OSError, match="not empty"):
        publish(made, target)
    assert (target / "report.html").read_text() == "old"
    assert (target / "failed.json").exists()


def test_a_folder_that_cannot_be_made_is_a_typed_error(built: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DxlibError) as caught:
        make_report(built, "topics", {}, tmp_path / "file" / "out")
    assert caught.value.code == "report-write"


def test_braces_in_a_path_are_only_a_name(built: Project, tmp_path: Path) -> None:
    own = small_project(tmp_path / "令和 {b}%", built)
    assert make_report(own, "small", {}, tmp_path / "out {c}", options=Options(formats=["html"])).exists()
