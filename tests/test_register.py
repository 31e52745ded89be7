import csv

import pytest

from dxlib.decisions import MUNICIPALITY_COLUMNS
from dxlib.errors import DecisionError, MunicipalityError
from dxlib.indicators import Workbench
from dxlib.municipality import master
from dxlib.project import Project
from dxlib.register import new_entry, with_entry
from dxlib.romaji import place_name, romaji
from dxlib.warehouse import build


@pytest.mark.parametrize(
    ("code", "romaji"),
    [
        ("242039", "Ise"),
        ("102041", "Isesaki"),
        ("222259", "Izunokuni"),
        ("242161", "Iga"),
        ("240001", "Mie"),
        ("343021", "Fuchu"),
    ],
)
def test_a_new_row_is_the_masters(code: str, romaji: str) -> None:
    row = new_entry(code)
    assert tuple(row) == MUNICIPALITY_COLUMNS
    assert (row["code"], row["romaji"], row["latitude"], row["position_source"]) == (code, romaji, "", "")
    assert (row["name"], row["prefecture"]) == (master()[code].name, master()[code].prefecture)


def test_rows_decided_by_people_are_those_of_the_master(repo: Project) -> None:
    with (repo.curated / "municipality.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            made = new_entry(row["code"])
            assert {column: row[column] for column in ("name", "kana", "romaji", "prefecture")} == {
                column: made[column] for column in ("name", "kana", "romaji", "prefecture")
            }


def test_a_row_is_added_once_and_the_others_stay(project: Project) -> None:
    path = project.curated / "municipality.csv"
    before = path.read_bytes()
    assert with_entry(project, "242039") is None
    assert with_entry(project, "三重県伊勢市") is None
    after = with_entry(project, "342084")
    assert after
    assert path.read_bytes() == before
    path.write_bytes(after)
    assert with_entry(project, "342084") is None
    assert after.startswith(before)
    assert after[len(before) :].decode() == "342084,府中市,ふちゅうし,Fuchu,広島県,,,\n"
    assert build(project).counts["municipality"] == 5
    with Workbench(project) as bench:
        assert bench.sql("SELECT name, latitude FROM municipality WHERE code = '342084'").fetchall() == [("府中市", None)]


def test_a_row_that_the_master_lacks_is_left_alone(project: Project) -> None:
    path = project.curated / "municipality.csv"
    path.write_bytes(path.read_bytes() + "480011,架空市,かくうし,Kaku,架空県,,,\n".encode())
    assert with_entry(project, "480011") is None


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("480011", "municipality-not-in-master"),
        ("242038", "municipality-check-digit"),
        ("府中市", "municipality-name-ambiguous"),
    ],
)
def test_what_the_master_cannot_give_is_an_error_and_changes_nothing(project: Project, code: str, error: str) -> None:
    before = (project.curated / "municipality.csv").read_bytes()
    with pytest.raises(MunicipalityError) as caught:
        with_entry(project, code)
    assert caught.value.code == error
    assert (project.curated / "municipality.csv").read_bytes() == before


def test_a_table_that_is_wrong_is_not_added_to(project: Project) -> None:
    path = project.curated / "municipality.csv"
    path.write_text("code,name\n", encoding="utf-8")
    with pytest.raises(DecisionError):
        with_entry(project, "131016")
    assert path.read_text(encoding="utf-8") == "code,name\n"


# Latin letters.


def test_every_name_has_one_in_latin_letters() -> None:
    for entry in master().values():
        written = place_name(entry.kana, entry.name)
        assert written.isascii(), entry
        assert written.isalpha(), entry
        assert written[0].isupper(), entry


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("130001", "Tokyo"),
        ("281000", "Kobe"),
        ("271004", "Osaka"),
        ("151009", "Niigata"),
        ("122181", "Katsuura"),
        ("282090", "Toyooka"),
        ("462136", "Nishinoomote"),
        ("372013", "Takamatsu"),
        ("282235", "Tamba"),
        ("462152", "Satsumasendai"),
        ("132012", "Hachioji"),
        ("353434", "Tabuse"),
        ("023213", "Ajigasawa"),
    ],
)
def test_names_as_on_road_signs(code: str, written: str) -> None:
    entry = master()[code]
    assert place_name(entry.kana, entry.name) == written


def test_letters_outside_the_table_stay() -> None:
    assert romaji("いっぽ2") == "ippo2"
