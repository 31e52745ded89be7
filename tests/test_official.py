"""Official statistics: what is read from the files, and how vintages stand beside each other."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import copy_project
from official_files import AREAS, CODES, census, dashboard, dashboard_sheet, real_file

from dxlib.cli import main
from dxlib.errors import DxlibError
from dxlib.indicators import Workbench
from dxlib.official.importing import import_official
from dxlib.project import Project
from dxlib.warehouse import build

NONE: dict[str, Any] = {"vintage": None, "as_of": (), "mapping": None}


def load(project: Project, kind: str, path: Path, **options: Any) -> tuple[int, int, int]:
    stored, _ = import_official(project, kind, path, {**NONE, **options})
    return stored.added, stored.there, stored.blank


def figures(project: Project, question: str = "reference_now") -> dict[tuple[str, str], Any]:
    if not project.warehouse.exists():
        build(project)
    with Workbench(project) as bench:
        rows = bench.sql(f"SELECT municipality_code, item, value FROM {question} ORDER BY ALL").fetchall()
    return {(code, item): value for code, item, value in rows}


@pytest.fixture(scope="module")
def counted(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built workbench with a census; tests only read it."""
    folder = tmp_path_factory.mktemp("counted")
    project = copy_project(folder / "workbench", like=built)
    assert load(project, "census", census(folder / "c.xlsx"), vintage="2022-07-22") == (35, 0, 4)
    build(project)
    return project


@pytest.fixture(scope="module")
def boarded(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built workbench with a dashboard; tests only read it."""
    folder = tmp_path_factory.mktemp("boarded")
    project = copy_project(folder / "workbench", like=built)
    assert load(project, "dashboard", board(folder, WIDE, RATES), as_of=AS_OF) == (24, 0, 6)
    build(project)
    return project


def imported(project: Project) -> list[Path]:
    return sorted((project.curated / "reference").glob("*.csv"))


def run(project: Project, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["--project", str(project.root), "import", *map(str, arguments)])


def test_a_census_gives_population_area_households_old_and_foreign(counted: Project) -> None:
    found = figures(counted)
    assert found["131016", "population"] == 66_000
    assert found["131016", "area"] == 11.66
    assert found["131016", "population_65_plus"] == 11_000
    assert found["131016", "foreign_residents"] == 3_000
    assert found["131016", "households"] == 37_000
    assert found["000000", "population"] == 1_000_000


def test_a_blank_figure_is_kept_and_is_not_zero(counted: Project) -> None:
    found = figures(counted)
    assert found["075469", "area"] == 51.42
    assert found["075469", "population"] is None
    with Workbench(counted) as bench:
        printed = "SELECT printed FROM reference_now WHERE municipality_code = '075469' AND item = 'population'"
        assert bench.sql(printed).fetchall() == [("-",)]


def test_wards_special_wards_and_their_sum_are_told_apart(counted: Project) -> None:
    with Workbench(counted) as bench:
        kinds = dict(
            bench.sql("SELECT area, area_kind FROM reference_value WHERE source LIKE '%国勢調査%' ORDER BY 1").fetchall()
        )
    assert kinds["全国"] == "country"
    assert kinds["東京都"] == "prefecture"
    assert kinds["特別区部"] == "other"
    assert kinds["千代田区"] == "municipality"
    assert kinds["大阪市"] == "municipality"
    assert kinds["大阪市都島区"] == "ward"


def test_each_figure_says_where_it_stood_and_what_is_special_about_it(project: Project, tmp_path: Path) -> None:
    load(project, "census", census(tmp_path / "c.xlsx"), vintage="2022-07-22")
    with imported(project)[0].open(encoding="utf-8") as file:
        rows = {(row["area"], row["item"]): row for row in csv.DictReader(file)}
    old = rows["千代田区", "population_65_plus"]
    assert (old["note"], old["place"], old["as_of"]) == ("不詳補完値", "第１面事項_2020年!H11", "2020-10-01")
    assert old["source"] == "総務省統計局 令和2年国勢調査 都道府県・市区町村別の主な結果"
    assert rows["千代田区", "households"]["note"] == "総世帯"
    assert rows["千代田区", "population"]["note"] == ""


def test_the_same_file_again_adds_nothing_and_changes_no_byte(project: Project, tmp_path: Path) -> None:
    path = census(tmp_path / "c.xlsx")
    load(project, "census", path, vintage="2022-07-22")
    before = imported(project)[0].read_bytes()
    assert load(project, "census", path, vintage="2022-07-22") == (0, 35, 4)
    assert [p.read_bytes() for p in imported(project)] == [before]


def changed(number: int) -> list[list[Any]]:
    return [[*row[:2], number, *row[3:]] if row[0].startswith("13101") else row for row in AREAS]


def test_a_corrected_figure_is_a_newer_vintage_and_the_older_stays(project: Project, tmp_path: Path) -> None:
    load(project, "census", census(tmp_path / "new.xlsx", changed(67_000)), vintage="2024-04-26")
    load(project, "census", census(tmp_path / "old.xlsx"), vintage="2022-07-22")  # in the wrong order
    assert figures(project)["131016", "population"] == 67_000
    assert figures(project, "reference_at(DATE '2023-01-01')")["131016", "population"] == 66_000
    assert ("131016", "population") not in figures(project, "reference_at(DATE '2021-01-01')")
    with Workbench(project) as bench:
        both = "SELECT vintage, value FROM reference_value WHERE municipality_code = '131016' AND item = 'population' ORDER BY 1"
        assert bench.sql(both).fetchall() == [("2022-07-22", 66_000), ("2024-04-26", 67_000)]


def test_another_value_of_the_same_vintage_is_refused(project: Project, tmp_path: Path) -> None:
    load(project, "census", census(tmp_path / "old.xlsx"), vintage="2022-07-22")
    before = imported(project)[0].read_bytes()
    with pytest.raises(DxlibError) as caught:
        load(project, "census", census(tmp_path / "new.xlsx", changed(67_000)), vintage="2022-07-22")
    assert caught.value.code == "reference-conflict"
    assert "131016" in str(caught.value)
    assert "第１面事項_2020年!E11" in str(caught.value)
    assert [path.read_bytes() for path in imported(project)] == [before]


def test_a_file_that_contradicts_what_is_kept_by_hand_is_refused(project: Project, tmp_path: Path) -> None:
    row = ["24203_伊勢市", 2, 1, 208.35, 39_374, 1_113, 51_580]
    with pytest.raises(DxlibError) as caught:
        load(project, "census", census(tmp_path / "c.xlsx", [row]), vintage="2022-07-01")
    assert caught.value.code == "reference-conflict"
    assert "reference_value.csv" in str(caught.value)
    assert imported(project) == []
    row[2] = 122_765
    assert load(project, "census", census(tmp_path / "d.xlsx", [row]), vintage="2022-07-01") == (0, 5, 0)


def test_two_files_of_one_vintage_edited_to_differ_stop_the_build(project: Project, tmp_path: Path) -> None:
    load(project, "census", census(tmp_path / "c.xlsx"), vintage="2022-07-22")
    (path,) = imported(project)
    text = path.read_text(encoding="utf-8")
    path.with_name("z.csv").write_text(text.replace(",66000,", ",66001,"), encoding="utf-8")
    with pytest.raises(DxlibError) as caught:
        build(project)
    assert caught.value.code == "reference-conflict"
    assert "z.csv:" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("131016,", "131017,", "decision-value", "131017"),
        (",population,", ",poplation,", "decision-unknown", "population"),
        (",66000,", ",66_000,", "decision-value", "66_000"),
        (",2020-10-01,", ",20201001,", "decision-value", "20201001"),
        (",2022-07-22,", ",July,", "reference-vintage", "July"),
        (",2022-07-22,", ",2019,", "reference-vintage", "2019"),
        (",世帯,", ",戸,", "decision-value", "戸"),
        ("municipality,千代田区", "town,千代田区", "decision-value", "town"),
        ("area_kind", "kind", "decision-columns", "area_kind"),
    ],
)
def test_a_wrong_row_of_an_imported_file_stops_the_build(
    project: Project, tmp_path: Path, old: str, new: str, code: str, says: str
) -> None:
    load(project, "census", census(tmp_path / "c.xlsx"), vintage="2022-07-22")
    (path,) = imported(project)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DxlibError) as caught:
        build(project)
    assert caught.value.code == code
    assert says in str(caught.value)
    assert path.name in str(caught.value)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (["24203_伊勢市", 2, "many", 1, 1, 1, 1], "E8"),
        (["伊勢市", 2, 1, 1, 1, 1, 1], "B8"),
        (["24203_伊勢市", "b", 1, 1, 1, 1, 1], "B8"),
    ],
)
def test_a_wrong_cell_of_a_census_is_named_and_nothing_is_added(
    project: Project, tmp_path: Path, row: list[Any], says: str
) -> None:
    with pytest.raises(DxlibError) as caught:
        load(project, "census", census(tmp_path / "c.xlsx", [row, *AREAS]), vintage="2022-07-22")
    assert caught.value.code == "decision-value"
    assert f"第１面事項_2020年!{says}" in str(caught.value)
    assert imported(project) == []


@pytest.mark.parametrize(
    ("header", "says"),
    [({"area": "広さ"}, "area"), ({"foreign": "日本人"}, "foreign_residents"), ({"title": "主な結果"}, "year")],
)
def test_a_census_in_another_layout_is_refused(project: Project, tmp_path: Path, header: dict[str, str], says: str) -> None:
    with pytest.raises(DxlibError) as caught:
        load(project, "census", census(tmp_path / "c.xlsx", **header), vintage="2022-07-22")
    assert caught.value.code == "import-layout"
    assert says in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", "団体コード\n".encode()])
def test_what_is_no_workbook_is_refused(project: Project, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.xlsx"
    path.write_bytes(content)
    with pytest.raises(DxlibError) as caught:
        load(project, "census", path)
    assert caught.value.code == "import-file"


def test_the_command_says_what_it_did_and_which_vintage_it_took(project: Project, tmp_path: Path) -> None:
    result = run(project, "census", census(tmp_path / "c.xlsx"))
    assert result.exit_code == 0, result.output
    assert "35 added, 0 already there" in result.output
    assert "blank is not zero" in result.output
    assert "last saved" in result.output


def test_options_that_a_kind_does_not_take_are_wrong_usage(project: Project, tmp_path: Path) -> None:
    path = census(tmp_path / "c.xlsx")
    assert run(project, "census", path, "--as-of", "2020-10-01").exit_code == 2
    assert run(project, "actuals", path, "--vintage", "2020-10-01").exit_code == 2
    assert run(project, "statistics", path).exit_code == 2
    assert run(project, "census", path, "--vintage", "soon").exit_code == 1


def test_the_real_census_agrees_with_what_is_kept_by_hand(project: Project) -> None:
    path = real_file("major_results_2020.xlsx")
    assert load(project, "census", path) == (9805, 20, 4)
    found = figures(project)
    assert found["000000", "population"] == 126_146_099
    assert [found[CODES["伊勢市"], item] for item in ("population", "households", "area")] == [122_765, 51_580, 208.35]
    with (project.curated / "reference_value.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert found[row["municipality_code"], row["item"]] == float(row["value"])
    with Workbench(project) as bench:
        kinds = "SELECT area_kind, count(*), count(value) FROM reference_now WHERE item = 'population' GROUP BY 1 ORDER BY 1"
        assert bench.sql(kinds).fetchall() == [
            ("country", 1, 1), ("municipality", 1741, 1740), ("other", 1, 1), ("prefecture", 47, 47), ("ward", 175, 175)
        ]  # fmt: skip
    assert load(project, "census", path) == (0, 9825, 4)


AS_OF = ("2023-04-01", "my_number_cards_held=2024-06-30")
NAMES = [None, None, "伊勢市", "伊賀市", "伊勢崎市"]
WIDE = [
    NAMES,
    ["DX推進体制等", "CIOの任命", "実施", "未実施", "実施"],
    [None, "テレワークの導入状況", "未実施", None, "実施"],
    ["住民サービスのDX", "マイナンバーカードの保有状況", "72%", "68.5%", "70%"],
    [None, "よく使う32手続のオンライン化状況", "63%", "50%", None],
    [None, "よく使う32手続のオンライン化状況_実施されている手続総数（分母）", 24, 20, None],
    [
        None,
        "よく使う32手続のオンライン化状況_実施されている手続総数のうち「オンライン化済」と回答した手続数（分子）",
        15,
        10,
        None,
    ],
]
RATES = [NAMES, ["オンライン申請率", "転出届", "2.4%", None, "10%"], [None, "犬の登録申請", "100%", "0%", None]]


def board(tmp_path: Path, *sheets: Any, name: str = "20240712_resources_table_01.zip") -> Path:
    return dashboard(tmp_path / name, *sheets)


def test_the_dashboard_gives_shares_words_and_procedures(boarded: Project) -> None:
    with Workbench(boarded) as bench:
        question = """
            SELECT item, detail, value, printed, as_of::VARCHAR, vintage FROM reference_now
            WHERE municipality_code = ? AND vintage = '2024-07-12' ORDER BY ALL
        """
        assert bench.sql(question, [CODES["伊賀市"]]).fetchall() == [
            ("cio_appointed", "", 0, "未実施", "2023-04-01", "2024-07-12"),
            ("my_number_cards_held", "", 68.5, "68.5%", "2024-06-30", "2024-07-12"),
            ("online_application_rate", "犬の登録申請", 0, "0%", "2023-04-01", "2024-07-12"),
            ("online_application_rate", "転出届", None, None, "2023-04-01", "2024-07-12"),
            ("online_often_used_32", "", 50, "50%", "2023-04-01", "2024-07-12"),
            ("online_often_used_32_online", "", 10, None, "2023-04-01", "2024-07-12"),
            ("online_often_used_32_performed", "", 20, None, "2023-04-01", "2024-07-12"),
            ("telework_introduced", "", None, None, "2023-04-01", "2024-07-12"),
        ]


def test_national_figures_rest_on_the_bodies_that_answer_and_say_how_many(boarded: Project) -> None:
    with Workbench(boarded) as bench:
        rows = bench.sql(
            "SELECT item, prefecture_code, basis, numerator, denominator, round(value, 2), bodies, blank FROM reference_line"
            " WHERE detail = '' AND basis <> 'printed'"
        ).fetchall()
    found = {row[:2]: row[2:] for row in rows}
    assert found["telework_introduced", "00"] == ("share", 1, 2, 50, 2, 1)
    assert found["cio_appointed", "24"] == ("share", 1, 2, 50, 2, 0)
    assert found["online_often_used_32", "00"] == ("ratio", 25, 44, 56.82, 2, 1)
    assert found["my_number_cards_held", "00"] == ("median", None, None, 70, 3, 0)


def test_a_figure_that_the_source_prints_for_the_country_goes_before_a_computed_one(project: Project, tmp_path: Path) -> None:
    wide = [[None, None, "全国", "伊勢市", "伊賀市"], [None, "マイナンバーカードの保有状況", "74.1%", "72%", "68%"]]
    load(project, "dashboard", board(tmp_path, wide), as_of=AS_OF)
    build(project)
    with Workbench(project) as bench:
        question = "SELECT basis, value FROM reference_line WHERE item = 'my_number_cards_held' ORDER BY prefecture_code"
        assert bench.sql(question).fetchall() == [("printed", 74.1), ("median", 70)]


def test_a_name_that_two_share_is_an_error_with_both(project: Project, tmp_path: Path) -> None:
    wide = [[None, None, "伊勢市", "府中市"], [None, "AIの導入状況", "実施", "未実施"]]
    with pytest.raises(DxlibError) as caught:
        load(project, "dashboard", board(tmp_path, wide), as_of=AS_OF)
    assert caught.value.code == "municipality-name-ambiguous"
    assert all(words in str(caught.value) for words in ("Sheet!D1", "東京都府中市", "広島県府中市", "prefecture of each column"))
    assert imported(project) == []


@pytest.mark.parametrize("at", [0, 1])
def test_a_row_of_prefectures_tells_them_apart(project: Project, tmp_path: Path, at: int) -> None:
    wide = [[None, None, "伊勢市", "府中市", "府中市"], [None, "AIの導入状況", "実施", "未実施", "実施"]]
    wide.insert(at, [None, "都道府県", "三重県", "東京都", "広島県"])
    load(project, "dashboard", board(tmp_path, wide), as_of=AS_OF)
    found = figures(project)
    assert (found["132063", "ai_introduced"], found["342084", "ai_introduced"]) == (0, 1)


@pytest.mark.parametrize(
    ("row", "cell", "code", "says"),
    [
        (3, "many", "decision-value", "Sheet!C4"),
        (3, 0.72, "decision-value", "no percent sign"),
        (1, "△", "decision-value", "neither yes nor no"),
        (5, "24.x", "decision-value", "Sheet!C6"),
        (0, "伊勢", "municipality-name-unknown", "Sheet!C1"),
        (0, "伊賀市", "decision-duplicate", "伊賀市"),
    ],
)
def test_a_wrong_cell_of_the_dashboard_is_named(
    project: Project, tmp_path: Path, row: int, cell: Any, code: str, says: str
) -> None:
    wide = [list(cells) for cells in WIDE]
    wide[row][2] = cell
    with pytest.raises(DxlibError) as caught:
        load(project, "dashboard", board(tmp_path, wide), as_of=AS_OF)
    assert caught.value.code == code
    assert says in str(caught.value)
    assert imported(project) == []


def test_a_row_that_nobody_knows_is_an_error_not_left_out(project: Project, tmp_path: Path) -> None:
    with pytest.raises(DxlibError) as caught:
        load(project, "dashboard", board(tmp_path, [*WIDE, [None, "生成AIの導入状況", "実施", None, None]]), as_of=AS_OF)
    assert caught.value.code == "decision-unknown"
    assert "生成AIの導入状況" in str(caught.value)


def test_the_dashboard_must_say_its_days(project: Project, tmp_path: Path) -> None:
    for options, name, code in (
        ({}, "20240712_table.zip", "import-as-of"),
        ({"as_of": ("April",)}, "20240712_table.zip", "import-as-of"),
        ({"as_of": ("cards=2023-04-01",)}, "20240712_table.zip", "decision-unknown"),
        ({"as_of": AS_OF}, "table.zip", "reference-vintage"),
        ({"as_of": ("2024-08-01",)}, "20240712_table.zip", "reference-vintage"),
    ):
        with pytest.raises(DxlibError) as caught:
            load(project, "dashboard", board(tmp_path, WIDE, name=name), **options)
        assert caught.value.code == code


def test_a_share_formatted_as_a_percentage_is_read_as_shown(project: Project, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = tmp_path / "20240712_table.xlsx"
    path.write_bytes(dashboard_sheet(WIDE))
    book = load_workbook(path)
    book.active["C4"].value, book.active["C4"].number_format = 0.72, "0%"
    book.save(path)
    load(project, "dashboard", path, as_of=AS_OF)
    assert figures(project)[CODES["伊勢市"], "my_number_cards_held"] == 72


def test_workbooks_that_unpack_to_too_much_together_are_refused(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = board(tmp_path, RATES, RATES)
    monkeypatch.setattr("dxlib.official.dashboard._MOST_UNPACKED", 20_000)
    with pytest.raises(DxlibError, match="unpack to more than 20000 bytes") as caught:
        load(project, "dashboard", path, as_of=AS_OF)
    assert caught.value.code == "import-file"


def test_a_zip_of_something_else_is_refused(project: Project, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "20240712_a.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    for path, code in (
        (tmp_path / "20240712_a.zip", "import-file"),
        (board(tmp_path, [["a", "b"], ["c", "d"]]), "import-layout"),
    ):
        with pytest.raises(DxlibError) as caught:
            load(project, "dashboard", path, as_of=AS_OF)
        assert caught.value.code == code


MAPPING = """
name = "residents-2025"
encoding = "cp932"
[columns]
area = "団体名"
prefecture = "都道府県"
item = "項目"
value = "値"
unit = "単位"
[constants]
as_of = "2025-01-01"
vintage = "2025-08-06"
source = "総務省 住民基本台帳に基づく人口"
[items]
"総人口" = "population"
"世帯" = "households"
"""
ROWS = (
    '都道府県,団体名,項目,値,単位\n三重県,伊勢市,総人口,"119,800",人\n三重県,伊勢市,世帯,…,世帯\n東京都,府中市,総人口,262000,人\n'
)


def long(
    project: Project, tmp_path: Path, rows: str = ROWS, mapping: str = MAPPING, encoding: str = "cp932"
) -> tuple[int, int, int]:
    (tmp_path / "m.toml").write_text(mapping, encoding="utf-8")
    (tmp_path / "long.csv").write_bytes(rows.encode(encoding))
    return load(project, "statistics", tmp_path / "long.csv", mapping=tmp_path / "m.toml")


def test_a_long_csv_is_read_by_its_mapping(project: Project, tmp_path: Path) -> None:
    assert long(project, tmp_path) == (3, 0, 1)
    assert imported(project)[0].name == "residents-2025.csv"
    build(project)
    with Workbench(project) as bench:
        question = (
            "SELECT municipality_code, item, value, printed, place FROM reference_value WHERE vintage = '2025-08-06' ORDER BY ALL"
        )
        assert bench.sql(question).fetchall() == [
            ("132063", "population", 262_000, None, "line 4"),
            ("242039", "households", None, "…", "line 3"),
            ("242039", "population", 119_800, "119,800", "line 2"),
        ]
    assert long(project, tmp_path) == (0, 3, 1)


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("東京都,府中市", ",府中市", "municipality-name-ambiguous", "long.csv:4"),
        ("三重県,伊勢市,総人口", "群馬県,伊勢市,総人口", "municipality-name-unknown", "long.csv:2"),
        ("総人口,262000", "総人口数,262000", "decision-unknown", "総人口数"),
        ("262000,人", "262,千人", "decision-value", "千人"),
        ("262000,人", "約26万,人", "decision-value", "約26万"),
        ("値,単位", "価,単位", "decision-columns", "値"),
        ("東京都,府中市,総人口,262000,人", "三重県,伊勢市,総人口,119800,人", "decision-duplicate", "line 4"),
    ],
)
def test_a_wrong_row_of_a_long_csv_is_named(project: Project, tmp_path: Path, old: str, new: str, code: str, says: str) -> None:
    assert old in ROWS
    with pytest.raises(DxlibError) as caught:
        long(project, tmp_path, ROWS.replace(old, new))
    assert caught.value.code == code
    assert says in str(caught.value)
    assert imported(project) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ('vintage = "2025-08-06"\n', "", "import-mapping", "vintage"),
        ('encoding = "cp932"', 'encoding = "latin-1"', "import-mapping", "latin-1"),
        ('encoding = "cp932"', "", "import-file", "utf-8"),
        ('name = "residents-2025"', 'name = "../residents"', "import-mapping", "../residents"),
        ('unit = "単位"', 'unti = "単位"', "import-mapping", "unti"),
        ('value = "値"', 'value = "値"\nas_of = "値"', "import-mapping", "as_of"),
        ('= "population"', '= "people"', "decision-unknown", "people"),
        ('"2025-08-06"', '"2024"', "reference-vintage", "2024"),
    ],
)
def test_a_wrong_mapping_is_named(project: Project, tmp_path: Path, old: str, new: str, code: str, says: str) -> None:
    assert old in MAPPING
    with pytest.raises(DxlibError) as caught:
        long(project, tmp_path, mapping=MAPPING.replace(old, new))
    assert caught.value.code == code
    assert says in str(caught.value)
    assert imported(project) == []


def test_five_digits_and_the_check_digit_are_understood(project: Project, tmp_path: Path) -> None:
    rows = "area,n\n24203,5\n102041,6\n00000,7\n"
    mapping = 'name = "staff"\n[columns]\narea = "area"\nvalue = "n"\n[constants]\nitem = "staff"\nas_of = "2025-04-01"\nvintage = "2026"\nsource = "s"\n'
    assert long(project, tmp_path, rows, mapping, "utf-8-sig") == (3, 0, 0)
    found = figures(project)
    assert [found[code, "staff"] for code in ("242039", "102041", "000000")] == [5, 6, 7]
