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
        "sanity": {"errors", "municipality"},
        "warehouse": {"assembly", "content", "errors", "municipality", "project", "readings", "sanity"},
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


def test_every_error_code_is_explained_in_both_languages() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in LIBRARY)
    codes = set(re.findall(r'code="([a-z-]+)"', source))
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
