from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dxlib.document import parse
from dxlib.facts import Reading
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.readers import read
from dxlib.warehouse import build

ROOT = Path(__file__).parent.parent
# Files that take longest: they begin first, or one process would still be at the last of them when the other has ended.
LONGEST = [
    *("browser", "review", "basis", "report", "warm", "cluster", "config", "add", "official", "sight", "pdf", "show", "index"),
    *("content", "briefing", "warehouse", "readings", "assembly", "suggest", "decisions", "bench_plans", "actuals", "collection"),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {f"test_{name}.py": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture(scope="session")
def repo() -> Project:
    return Project(ROOT)


def copy_project(target: Path, like: Project | None = None) -> Project:
    """An unbuilt copy of the workbench; what a build of ``like`` has read in its documents is not read again."""
    for part in ("data/raw", "data/curated", "notebooks"):
        shutil.copytree(
            ROOT / part, target / part, ignore=shutil.ignore_patterns("dx.duckdb", ".lock", ".build-*", ".readings", "tables")
        )
    project = Project(target)
    if like:
        shutil.copytree(like.readings, project.readings)
    return project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built copy of the workbench; tests only read it."""
    project = copy_project(tmp_path_factory.mktemp("workbench"))
    build(project)
    return project


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    """An unbuilt copy of the workbench that a test may damage."""
    return copy_project(tmp_path, like=built)


@pytest.fixture
def unread(tmp_path: Path) -> Project:
    """The same without kept readings: for tests of what a build reads."""
    return copy_project(tmp_path)


@pytest.fixture
def rebuilt(built: Project, tmp_path: Path) -> Project:
    """A built copy of the workbench that a test may damage."""
    shutil.copytree(built.root, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


@pytest.fixture
def bench(built: Project) -> Iterator[Workbench]:
    with Workbench(built) as opened:
        yield opened


def read_text(text: str) -> Reading:
    """Read a small document given as text."""
    return read(parse(text))
