import shutil
from pathlib import Path

import pytest

from dxlib.collection import sources
from dxlib.errors import DxlibError
from dxlib.project import Project
from dxlib.warehouse import build

TOML = "data/raw/242161-iga/dx-vision-1.toml"


def change(project: Project, old: str, new: str, name: str = TOML) -> None:
    path = project.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ('producer = "', 'producr = "', "origin-unknown-key", "did you mean 'producer'"),
        ('scope = "plan"', 'scope = "plans"', "origin-invalid", "dx-vision-1.toml"),
        ('edition = "adopted"', 'edition = "final"', "origin-invalid", "final"),
        ('title = "伊賀市デ', 'title = 3 # "', "origin-invalid", "title"),
        ("first_fiscal_year = 2021", "first_fiscal_year = 2031", "origin-invalid", "before it begins"),
        ('"242161"', '"242160"', "municipality-check-digit", "is it 242161?"),
        ('"242161"', '"24216"', "municipality-code", "242161"),
        ('"242161"', '"242039"', "origin-folder", "folder says 242161"),
        ("[[plans]]", "[[plans]", "origin-invalid", "dx-vision-1.toml"),
    ],
)
def test_a_wrong_origin_is_a_typed_error(project: Project, old: str, new: str, code: str, says: str) -> None:
    change(project, old, new)
    with pytest.raises(DxlibError) as caught:
        list(sources(project))
    assert caught.value.code == code
    assert says in str(caught.value)
    assert "dx-vision-1.toml" in str(caught.value)


def test_an_unknown_key_is_named_with_its_line(project: Project) -> None:
    change(project, 'producer = "', 'producr = "')
    with pytest.raises(DxlibError, match=r"dx-vision-1\.toml:3"):
        list(sources(project))


def test_a_changed_raw_file_stops_the_build(project: Project) -> None:
    path = project.root / "data/raw/242161-iga/dx-vision-1.txt"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(DxlibError) as caught:
        build(project)
    assert caught.value.code == "source-changed"
    assert not project.warehouse.exists()


def test_a_document_without_origin_and_an_origin_without_document(project: Project) -> None:
    (project.root / TOML).rename(project.root / "data/raw/242161-iga/other.toml")
    with pytest.raises(DxlibError) as caught:
        list(sources(project))
    assert caught.value.code == "source-missing"
    (project.root / "data/raw/242161-iga/other.toml").unlink()
    with pytest.raises(DxlibError) as caught:
        list(sources(project))
    assert caught.value.code == "origin-missing"


def test_a_municipality_that_is_not_in_the_list(project: Project) -> None:
    path = project.curated / "municipality.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("102041")), encoding="utf-8")
    references = project.curated / "reference_value.csv"
    lines = references.read_text(encoding="utf-8").splitlines(keepends=True)
    references.write_text("".join(line for line in lines if not line.startswith("102041")), encoding="utf-8")
    with pytest.raises(DxlibError) as caught:
        build(project)
    assert caught.value.code == "municipality-unknown"


def test_a_folder_with_another_name(project: Project) -> None:
    Path(project.raw / "iga").mkdir()
    with pytest.raises(DxlibError) as caught:
        list(sources(project))
    assert caught.value.code == "source-folder"


def test_a_workbench_without_documents(project: Project) -> None:
    for path in project.raw.iterdir():
        shutil.rmtree(path)
    with pytest.raises(DxlibError) as caught:
        build(project)
    assert caught.value.code == "source-none"


def test_hidden_folders_are_no_municipalities(project: Project) -> None:
    (project.raw / ".ipynb_checkpoints").mkdir()
    assert len(list(sources(project))) == 5
