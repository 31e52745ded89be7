"""Tests that read the repository: promises of the docs and rules of the house."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from conftest import ROOT

from dxlib.corrections import STATUSES
from dxlib.facts import Doubt
from dxlib.handbook import indicators_page, rules_page
from dxlib.rules import SEVERITIES
from dxlib.wording import LANGUAGES

LIBRARY = sorted((ROOT / "dxlib").rglob("*.py"))


def test_importing_dxlib_stays_light() -> None:
    heavy = ("papermill", "altair", "pandas", "polars", "nbconvert", "duckdb", "jinja2", "click", "numpy")
    code = f"import sys, dxlib; print([m for m in {heavy!r} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_no_reader_knows_a_municipality() -> None:
    names = re.compile(r"伊賀|伊勢|伊豆|242161|242039|102041|222259|isesaki|izunokuni", re.IGNORECASE)
    for path in [*LIBRARY, *(ROOT / "dxlib").rglob("*.toml"), *(ROOT / "dxlib").rglob("*.sql")]:
        assert not names.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_modules_stay_readable(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450


def test_data_flows_one_way() -> None:
    rooms = {
        "text": set(),
        "quantity": {"text"},
        "facts": {"quantity"},
        "printed": set(),
        "document": {"formats", "printed", "text"},
        "municipality": {"errors", "romaji"},
        "romaji": set(),
        "rules": set(),
        "package": set(),
        "readings": {"document", "errors", "facts", "package", "printed"},
        "portion": {"applied", "collection", "decisions", "errors", "origin", "readers", "tables"},
        "assembly": {
            "applied",
            "collection",
            "corrections",
            "decisions",
            "errors",
            "official",
            "origins",
            "portion",
            "project",
            "tables",
            "workers",
        },
        "content": set(),
        "whole": set(),
        "hold": {"errors", "project", "whole"},
        "sanity": {"errors", "municipality"},
        "warehouse": {"assembly", "content", "errors", "hold", "municipality", "project", "readings", "sanity", "whole"},
        "asked": {"errors"},
        "sight": set(),
        "indicators": {"asked", "errors", "municipality", "ngrams", "project", "rules", "sight", "warehouse"},
        "blocks": {"report"},
    }
    for room, allowed in rooms.items():
        tree = ast.parse((ROOT / f"dxlib/{room}.py").read_text(encoding="utf-8"))
        used = {
            n.module.split(".")[1]
            for n in ast.walk(tree)
            if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("dxlib.")
        }
        assert used <= allowed, room
    for path in (ROOT / "dxlib/formats").glob("*.py"):
        assert not re.search(r"from dxlib\.(?!formats|printed|errors)|import dxlib", path.read_text(encoding="utf-8")), path
    for path in (ROOT / "dxlib/charts").glob("*.py"):
        assert not re.search(r"from dxlib\.(?!charts)|import dxlib", path.read_text(encoding="utf-8")), path
    for path in (ROOT / "dxlib/report").glob("*.py"):
        assert "dxlib.charts" not in path.read_text(encoding="utf-8"), path
    for path in (ROOT / "dxlib/official").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"dxlib\.(warehouse|tables|indicators|show|charts|report|readers)", source), path
    for path in (ROOT / "dxlib/readers").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"dxlib\.(warehouse|tables|origin|collection|indicators|project)", source), path


def test_every_sentence_exists_in_both_languages_with_the_same_blanks() -> None:
    texts = tomllib.loads((ROOT / "dxlib/texts.toml").read_text(encoding="utf-8"))
    for key, wordings in texts.items():
        assert set(wordings) == set(LANGUAGES), key
        blanks = {lang: set(re.findall(r"{(\w+)}", wording)) - {"era"} for lang, wording in wordings.items()}
        assert blanks["ja"] == blanks["en"], key


FAMILIES = {
    "basis_": ("final", "yearly", "linear"),
    "class_": (
        "achieved",
        "maintained",
        "on_track",
        "acceleration_needed",
        "limited",
        "deterioration",
        "missed",
        "not_maintained",
    ),
    "comparator_": ("more", "less", "approx"),
    "decision_": ("accept", "change", "reject"),
    "differing_": ("role", "year", "value"),
    "health_": ("ok", "note", "problem"),
    "direction_": ("increase", "decrease"),
    "doubt_": (
        *get_args(Doubt),
        "low-confidence",
        "contradiction",
        "origin-inferred",
    ),
    "edition_": ("adopted", "draft"),
    "judged_": ("met", "nearly", "expected", "missed"),
    "kind_": ("quality", "audit"),
    "legend_": ("baseline", "latest", "target"),
    "level_": ("0", "1", "2", "3", "None"),
    "missing_": ("new", "none-printed", "under-study"),
    "official_basis_": ("printed", "share", "ratio", "median"),
    "outcome_": ("accepted", "changed", "rejected"),
    "path_": ("actual", "baseline", "target", "yearly_target", "peer"),
    "plan_": ("plan", "review"),
    "role_": ("baseline", "actual", "target", "context", "evaluation", "origin"),
    "severity_": tuple(severity.replace(" ", "_") for severity in SEVERITIES),
    "slope_": ("left", "right"),
    "status_": STATUSES,
    "suggest_": ("name", "several", "measure", "close", "unsure", "none"),
    "symbol_": ("0", "1", "2", "3", "None"),
    "verdict_": ("direct", "transformed", "not", "self"),
}


def test_every_text_used_exists_and_every_text_is_used(bench) -> None:
    texts = set(tomllib.loads((ROOT / "dxlib/texts.toml").read_text(encoding="utf-8")))
    templates = [path.read_text(encoding="utf-8") for path in (ROOT / "dxlib/templates").glob("*.j2")]
    source = "\n".join([*(path.read_text(encoding="utf-8") for path in LIBRARY), *templates])
    called = set(re.findall(r"""\b(?:self|page|links|wording|first)\.text\(\s*["']([\w-]+)["']\s*[,)]""", source)) | set(
        re.findall(r'rich\([\w.]+, "([\w-]+)"', source)
    )
    assert called <= texts
    families = {prefix + member for prefix, members in FAMILIES.items() for member in members}
    rules = [row[0] for row in bench.sql("SELECT rule_id FROM rule WHERE kind = 'quality'").fetchall()]
    families |= {f"check_{rule}" for rule in rules}
    assert families <= texts
    for prefix in [*FAMILIES, "check_"]:  # a family that nothing asks for is no use of its texts
        assert re.search(rf"""["']{prefix}""", source), prefix
    literals = set(re.findall(r"""["']([\w-]+)["']""", source)) | set(re.findall(r"[\w-]+", "\n".join(templates)))
    columns = {f"col_{name}" for name in literals}
    reviews = {f"{name}_review" for name in literals if name.startswith("answer_")}
    assert texts - literals - families - columns - reviews == set()


def called(node: ast.Call, module: int) -> str:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
    return f"{module}.{name}" if name.startswith("_") else name  # a private name is one module's


class Codes:
    """The codes of errors in Python sources: given by name, chosen by a condition, handed on by a helper or its default.

    ``unclear`` lists what is none of these: such a code could be any text, and no page could list it.
    """

    def __init__(self, sources: list[str]) -> None:
        self.trees = [ast.parse(source) for source in sources]
        self.found: set[str] = set()
        self.unclear: list[str] = []
        errors = [
            n.name for tree in self.trees for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name.endswith("Error")
        ]
        self.raisers = dict.fromkeys(["event", "DxlibError", *errors], "code")  # and the name of the argument
        self.positions: dict[str, int] = {}
        functions = [
            (number, node, [n for n in ast.walk(node) if isinstance(n, ast.Call)])
            for number, tree in enumerate(self.trees)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
        ]
        while self.helpers(functions):  # until no function is found that hands a code on to one that is known
            pass
        for number, tree in enumerate(self.trees):
            self.take(tree, number, frozenset())

    def code_of(self, call: ast.Call, module: int) -> ast.expr | None:
        name = called(call, module)
        if name not in self.raisers:
            return None
        by_name = next((keyword.value for keyword in call.keywords if keyword.arg == self.raisers[name]), None)
        position = self.positions.get(name, len(call.args))
        return by_name or (call.args[position] if position < len(call.args) else None)

    def helpers(self, functions: list[tuple[int, ast.FunctionDef, list[ast.Call]]]) -> bool:
        """Functions whose parameter is the code of an error that they make; True when one is new."""
        before = len(self.raisers)
        for module, function, calls in functions:
            name = f"{module}.{function.name}" if function.name.startswith("_") else function.name
            if name in self.raisers:
                continue
            own = [argument.arg for argument in function.args.args]
            by_name = [argument.arg for argument in function.args.kwonlyargs]
            codes = [self.code_of(call, module) for call in calls]
            handed = [code.id for code in codes if isinstance(code, ast.Name) and code.id in (*own, *by_name)]
            if handed:
                self.raisers[name] = handed[0]
                if handed[0] in own:
                    self.positions[name] = own.index(handed[0]) - (own[0] in ("self", "cls"))
                defaults = dict(zip(reversed(own), reversed(function.args.defaults), strict=False))
                defaults |= dict(zip(by_name, function.args.kw_defaults, strict=True))
                self.constants(defaults.get(handed[0]), frozenset())
        return len(self.raisers) > before

    def take(self, node: ast.AST, module: int, parameters: frozenset[str]) -> None:
        if isinstance(node, ast.FunctionDef):
            parameters |= {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
        if isinstance(node, ast.Call):
            self.constants(self.code_of(node, module), parameters)
        for child in ast.iter_child_nodes(node):
            self.take(child, module, parameters)

    def constants(self, code: ast.expr | None, parameters: frozenset[str]) -> None:
        match code:
            case None | ast.Attribute(attr="code"):  # no code of its own: that of another error
                return
            case ast.Constant(value=str(text)):
                self.found.add(text)
            case ast.IfExp(body=one, orelse=other):
                self.constants(one, parameters)
                self.constants(other, parameters)
            case ast.Name(id=name) if name in parameters:
                return
            case _:
                self.unclear.append(ast.unparse(code))


def test_codes_are_found_however_they_are_given() -> None:
    codes = Codes(
        [
            "\n".join(
                [
                    "class MadeError(DxlibError): pass",
                    "def _wrong(message, code='by-default'): return MadeError(message, code=code)",
                    "def _worse(message, *, kind='by-keyword'): return _wrong(message, kind)",
                    "_wrong('x', 'by-position')\n_worse('x', kind='by-two')\nraise MadeError('x', code='one' if late else 'other')",
                    "raise errors.MadeError(error.message, code=error.code)\nother('x', code='131016')",
                ]
            )
        ]
    )
    assert codes.found == {"by-default", "by-keyword", "by-position", "by-two", "one", "other"}
    assert codes.unclear == []
    assert Codes(["def f(kind): raise DxlibError('x', code=f'made-{kind}')"]).unclear == ["f'made-{kind}'"]
    assert Codes(["raise DxlibError('x', code=found)"]).unclear == ["found"]


def test_every_error_code_is_explained_in_both_languages() -> None:
    sources = [path.read_text(encoding="utf-8") for path in LIBRARY]
    found = Codes(sources)
    assert found.unclear == []
    noted = set(re.findall(r"[\"'(]\[([a-z]+(?:-[a-z]+)+)\] ", "\n".join(sources)))  # in a note of a build, which is no error
    codes = found.found | noted
    documented = dict(
        re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", (ROOT / "docs/errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert codes == set(documented)
    assert all(re.search(r"[ぁ-ん]", row) and re.search(r"[a-z]{3}", row) for row in documented.values())


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *(name for extra in project["optional-dependencies"].values() for name in extra)]
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    for requirement in declared:
        name = re.split(r"[\[><=]", requirement)[0]
        assert name == "dxlib" or f"| {name} |" in text, name


def test_the_lock_has_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([a-z0-9][\w.-]*)==", lock, re.MULTILINE)
    assert len(pinned) > 50
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert not re.search(r"https?://|--index-url|--find-links", lock)


def test_links_between_the_docs_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "README.ja.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page.name, link)


def test_pages_made_from_data_are_current(bench) -> None:
    for name, text in (("indicators.md", indicators_page(bench)), ("rules.md", rules_page(bench))):
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, "run: make docs"
