"""A notebook that is quick to run, for tests of what happens around notebooks."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import nbformat
from conftest import copy_project

from dxlib.project import Project
from dxlib.warehouse import build

PARAMETERS = """
theme = "online_procedures"  # a theme
municipalities = []
municipality = ""
count: int = 1
share = 0.5
loud = False
since = None
title = "Small"
lang = "ja"
"""
SHOWN = """
import dxlib
from dxlib.blocks import Citation, Opening, Piece, Span, Text
from dxlib.columns import dataset

bench = dxlib.open()
first = bench.values(theme, municipalities).fetchall()[0]
names = bench.values(theme, municipalities).columns
value = dict(zip(names, first))
cites = Citation(value["document_id"], value["line"], value["quote"])
data = dataset("values", bench.values(theme, municipalities), lang)
Piece([Opening(title, f"{theme} {count}"), Text([Span(value["quote"], cites=cites)]), data], lang)
"""


def add_notebook(project: Project, name: str, *cells: str, parameters: str = PARAMETERS) -> Path:
    """Write a notebook with a cell of parameters and these cells."""
    first = nbformat.v4.new_code_cell(parameters.strip(), metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[first, *map(nbformat.v4.new_code_cell, cells)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = project.notebooks / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


def small_project(target: Path, like: Project | None = None) -> Project:
    """A built workbench with the notebook ``small``; data taken from a built one where it is only read."""
    project = copy_project(target, like)
    if like is None:
        build(project)
    else:
        shutil.copy(like.warehouse, project.warehouse)
    add_notebook(project, "07_small", SHOWN)
    return project


def change_source(project: Project, document: str, before: str, after: str) -> None:
    """Change one text in a raw document once, and the hash in the TOML that states its origin."""
    path = project.raw / f"{document}.txt"
    source = path.read_bytes().decode()
    assert before in source
    path.write_bytes(source.replace(before, after, 1).encode())
    toml = path.with_suffix(".toml")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    toml.write_text(re.sub(r'sha256 = "\w+"', f'sha256 = "{digest}"', toml.read_text(encoding="utf-8")), encoding="utf-8")
