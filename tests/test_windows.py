"""What Windows and Excel do to files: names that it refuses, line ends that it changes, encodings that it takes for granted."""

import ast
import csv
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
from itertools import cycle
from pathlib import Path, PureWindowsPath

import pytest
from click.testing import CliRunner
from conftest import ROOT, copy_project
from hypothesis import given
from hypothesis import strategies as st
from small import SHOWN, add_notebook

from dxlib.add import Told, add, slug
from dxlib.cli import main
from dxlib.errors import SourceError
from dxlib.form import statement
from dxlib.indicators import Workbench
from dxlib.naming import is_portable
from dxlib.project import Project
from dxlib.report.html import slug as page_slug
from dxlib.report.parameters import Job, Template, report_id
from dxlib.review import items
from dxlib.review_sheet import to_csv
from dxlib.sheet import append_rows
from dxlib.verify.run import verify
from dxlib.warehouse import build

DEVICES = ("con", "prn", "aux", "nul", "com1", "lpt9")
PATH_LONGEST = 259  # characters of a path that every program of Windows takes


# Names of files.


@pytest.mark.parametrize(
    "name",
    [
        *DEVICES,
        *map(str.upper, DEVICES),
        *("con.txt", "NUL.tar.gz", "aux .txt", "com¹", "CONIN$"),
        *("a:b", "a/b", "a\\b", "a?", "a*", "a|b", "a<b", 'a"b', "a\x00b", "a\nb"),
        *("plan.", "plan ", ".", "..", "", "x" * 300),
    ],
)
def test_names_that_windows_refuses_or_changes(name: str) -> None:
    assert not is_portable(name)


@pytest.mark.parametrize(
    "name", ["plan.pdf", "131016-chiyoda", "console", "nullable.txt", "com10", "計画.txt", ".state", "a b.txt"]
)
def test_names_that_are_fine(name: str) -> None:
    assert is_portable(name)


TEXTS = st.one_of(st.text(max_size=80), st.sampled_from([*DEVICES, "con.", "NUL ", "..", "a:b", "C:\\x", "x" * 300, "計画"]))


def job(name: str, defaults: dict[str, object], given_: dict[str, object]) -> Job:
    return Job(Template(name, Path("notebooks") / f"{name}.ipynb", defaults), given_)


@given(TEXTS, TEXTS, st.lists(TEXTS, max_size=6), TEXTS, st.booleans())
def test_the_name_of_any_report_is_one_everywhere(name: str, theme: str, codes: list[str], title: str, has_lang: bool) -> None:
    defaults = {"theme": "", "municipalities": [], "title": "", **({"lang": "ja"} if has_lang else {})}
    found = report_id(job(name or "x", defaults, {"theme": theme, "municipalities": codes, "title": title}))
    assert is_portable(found)
    assert len(found) <= 80
    path = PureWindowsPath("C:\\Users\\someone\\Documents\\workbench\\reports") / found / "sources" / f"{'x' * 80}.html"
    assert len(str(path)) <= PATH_LONGEST
    assert path.parts[-3] == found


@pytest.mark.parametrize("name", [*DEVICES, "Aux", "nul.a"])
def test_a_notebook_that_is_called_like_a_device(name: str) -> None:
    assert is_portable(report_id(job(name, {}, {})))
    assert report_id(job("small", {}, {})) == "small"


@given(TEXTS)
def test_the_name_of_any_document_is_letters_digits_and_hyphens(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]{0,60}", slug(text))
    assert is_portable(page_slug(f"131016-chiyoda/{slug(text) or 'plan'}") + ".html")


@pytest.mark.parametrize("stem", ["CON", *(pytest.param(stem, marks=pytest.mark.long) for stem in ("Nul", "com1"))])
def test_a_plan_that_is_called_like_a_device_gets_another_name(project: Project, tmp_path: Path, stem: str) -> None:
    plan = tmp_path / f"{stem}.txt"
    plan.write_text("千代田区ＤＸ計画\n計画期間 令和6年度～令和9年度\n", encoding="utf-8", newline="\n")
    with pytest.raises(SourceError, match="devices on Windows"):
        add(project, plan, "131016", Told(name=stem.lower(), period=(2024, 2027)))
    added = add(project, plan, "131016", Told(period=(2024, 2027)))
    assert added.path.name == f"{stem.lower()}-plan.txt"
    build(project)


def test_paths_in_messages_and_ids_have_forward_slashes(project: Project) -> None:
    assert project.relative(project.raw / "x" / "y.txt") == "data/raw/x/y.txt"
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "dxlib").rglob("*.py"))
    assert not re.search(r"""["']\\\\["']|os\.sep\b""", source)


# Line ends.


def with_crlf(folder: Path, *patterns: str) -> int:
    paths = [path for pattern in patterns for path in folder.rglob(pattern) if "tables" not in path.parts]
    for path in paths:
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    return len(paths)


def tables(project: Project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.tables.glob("*.csv")}


def test_decisions_and_origins_with_crlf_give_the_same_tables(project: Project, built: Project) -> None:
    assert with_crlf(project.curated, "*.csv", "*.toml") >= 9
    assert with_crlf(project.raw, "*.toml") == 5
    build(project)
    assert tables(project) == tables(built)


def test_decisions_with_a_byte_order_mark_too(project: Project, built: Project) -> None:
    for path in [*project.curated.glob("*.csv"), *project.curated.glob("*.toml"), *project.raw.glob("*/*.toml")]:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    build(project)
    assert tables(project) == tables(built)


def test_plans_with_other_line_ends_have_the_same_facts_on_the_same_lines(tmp_path: Path, built: Project) -> None:
    project = copy_project(tmp_path)
    for path, end in zip(sorted(project.raw.glob("*/*.txt")), cycle((b"\r\n", b"\r")), strict=False):
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", end))
        after = hashlib.sha256(path.read_bytes()).hexdigest()
        toml = path.with_suffix(".toml")
        toml.write_text(toml.read_text(encoding="utf-8").replace(before, after), encoding="utf-8", newline="\n")
    build(project)
    assert verify(project).findings == []
    found, expected = tables(project), tables(built)
    assert found.pop("document.csv") != expected.pop("document.csv")  # it names the hash of the file
    assert found == expected


def test_what_people_edit_in_text_editors_ends_lines_with_lf(project: Project, tmp_path: Path) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text("千代田区ＤＸ計画\n計画期間 令和6年度～令和9年度\n", encoding="utf-8", newline="\n")
    added = add(project, plan, "131016", Told(period=(2024, 2027)))
    assert b"\r" not in added.path.with_suffix(".toml").read_bytes()
    assert "\r" not in statement()
    build(project)
    assert all(b"\r" not in content for content in tables(project).values())


def test_what_is_made_for_excel_ends_lines_with_crlf(built: Project, tmp_path: Path) -> None:
    sheet = tmp_path / "decide.csv"
    assert CliRunner().invoke(main, ["--project", str(built.root), "suggest", "--write", str(sheet)]).exit_code == 0
    with Workbench(built) as bench:
        review = to_csv(items(bench, (), (), everything=False), "ja")
    for content in (sheet.read_bytes(), review):
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b"\r\n")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert content.count(b"\r\n") >= len(rows)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_rows_are_added_with_the_line_ends_that_a_file_has(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "facets.csv"
    path.write_bytes(f"a,b{ending}1,2{ending}".encode())
    append_rows(path, [["3", "4"]])
    assert path.read_bytes() == f"a,b{ending}1,2{ending}3,4{ending}".encode()


# Encodings.


def opened_as_text(node: ast.Call) -> bool:
    """Whether a call opens a file as text: by name, or by its mode."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
    if name in ("read_text", "write_text"):
        return True
    given_ = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
    modes = [a.value for a in given_ if isinstance(a, ast.Constant) and re.fullmatch(r"[rwaxbt+]{1,3}", str(a.value))]
    if name.endswith("TemporaryFile"):
        return bool(modes) and "b" not in modes[0]
    is_file = name == "open" and not re.match(r"archive|webbrowser|dxlib", ast.unparse(node.func))
    return is_file and not any("b" in mode for mode in modes)


def test_what_opens_a_text() -> None:
    for source in ("open(x)", "p.open()", "p.open('w')", "p.read_text()", "NamedTemporaryFile('w+')", "open(x, mode='r')"):
        assert opened_as_text(ast.parse(source, mode="eval").body), source
    for source in ("open(x, 'rb')", "p.open('xb')", "NamedTemporaryFile(dir=d)", "p.read_bytes()", "archive.open(part)"):
        assert not opened_as_text(ast.parse(source, mode="eval").body), source


def test_every_text_is_opened_with_its_encoding() -> None:
    for path in (ROOT / "dxlib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and opened_as_text(node):
                named = any(keyword.arg == "encoding" for keyword in node.keywords)
                assert named, f"{path.name}:{node.lineno}: {ast.unparse(node)}"


STRICT = """
import warnings
warnings.filterwarnings("error", category=EncodingWarning, module=r"dxlib(\\.|$)")
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="the locale C is not Windows'")
def test_a_build_and_a_report_need_no_locale(built: Project, project: Project, tmp_path: Path) -> None:
    """Text is UTF-8 also where the platform's own encoding is another; to rely on that is an error in every process."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(STRICT, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    environment |= {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONWARNDEFAULTENCODING": "1",
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "DXLIB_PROJECT": str(project.root),
    }
    add_notebook(project, "08_small", SHOWN)

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([sys.executable, *arguments], capture_output=True, env=environment, check=False)

    proof = run("-c", "import locale, sys; print(sys.flags.utf8_mode, locale.getpreferredencoding())")
    assert proof.stdout.split()[0] == b"0"
    assert b"utf" not in proof.stdout.lower()
    (tmp_path / "dxlib_made_up.py").write_text("open(__file__)\n", encoding="utf-8")
    caught = run("-c", "import sys; exec(compile('open(\"/dev/null\")', 'x', 'exec'), {'__name__': 'dxlib.made_up'})")
    assert b"EncodingWarning" in caught.stderr  # the filter is in force
    for arguments in (
        ["build", "--jobs", "2"],
        ["report", "small"],
        ["themes"],
        ["extract", str(next(project.raw.glob("*/*.txt")))],
    ):
        done = run("-m", "dxlib.cli", *arguments)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert tables(project) == tables(built)
    shutil.rmtree(project.reports)
