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


@pytest.fixture(scope="session")
def repo() -> Project:
    return Project(ROOT)


def copy_project(target: Path) -> Project:
    for part in ("data/raw", "data/curated", "notebooks"):
        shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("dx.duckdb", ".build-*", ".readings", "tables"))
    return Project(target)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built copy of the workbench; tests only read it."""
    project = copy_project(tmp_path_factory.mktemp("workbench"))
    build(project)
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An unbuilt copy of the workbench that a test may damage."""
    return copy_project(tmp_path)


@pytest.fixture
def bench(built: Project) -> Iterator[Workbench]:
    with Workbench(built) as opened:
        yield opened


def read_text(text: str) -> Reading:
    """Read a small document given as text."""
    return read(parse(text))
