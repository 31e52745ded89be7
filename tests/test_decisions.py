import pytest

from dxlib.errors import DecisionError, MunicipalityError
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.warehouse import build, connect


def change(project: Project, name: str, old: str, new: str) -> None:
    path = project.curated / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "says"),
    [
        ("facets.csv", ",telework,", ",telewrok,", "decision-unknown", "did you mean 'telework'"),
        ("facets.csv", ",percent,", ",percnt,", "decision-unknown", "did you mean 'percent'"),
        ("facets.csv", "/m01.1,", "/m99.1,", "decision-unknown", "no indicator"),
        ("facets.csv", ",テレワークを実施した職員数,", ",テレワーク職員数,", "decision-guard", "is now called"),
        ("facets.csv", "indicator_id,", "id,", "decision-columns", "expected"),
        ("themes.toml", 'direction = "higher"', 'direction = "up"', "decision-invalid", "themes.toml"),
        ("themes.toml", "direction =", "directon =", "decision-invalid", "directon"),
        ("themes.toml", '["share_from_fraction"]', '["share"]', "decision-unknown", "share_from_fraction"),
        ("themes.toml", "changes.unit =", "changes.units =", "decision-unknown", "did you mean 'unit'"),
        ("themes.toml", 'to = "per-10k"', 'to = "per10k"', "decision-unknown", "did you mean 'per-10k'"),
        ("themes.toml", 'formula = "per_10k"', 'formula = "per_head"', "decision-invalid", "per_head"),
        (
            "themes.toml",
            'item = "population"\nunit = { ja = "{unit}／1万人"',
            'unit = { ja = "{unit}／1万人"',
            "decision-value",
            "needs an item",
        ),
        ("municipality.csv", "34.4875", "north", "decision-value", "municipality.csv:4"),
        ("municipality.csv", "34.4875", "", "decision-value", "municipality.csv:4"),
        ("municipality.csv", ",Ise,", ",,", "decision-value", "romaji is empty"),
        ("reference_value.csv", "2020-10-01", "October", "decision-value", "2020-10-01"),
        ("reference_value.csv", "102041", "102042", "decision-unknown", "102041"),
        ("reference_value.csv", ",211850,", ",211_850,", "decision-value", "211_850"),
        ("reference_value.csv", "2020-10-01", "20201001", "decision-value", "20201001"),
        ("municipality.csv", "222259,", "102041,", "decision-duplicate", "twice"),
    ],
)
def test_a_wrong_decision_is_a_typed_error(project: Project, name: str, old: str, new: str, code: str, says: str) -> None:
    change(project, name, old, new)
    with pytest.raises(DecisionError) as caught:
        build(project)
    assert caught.value.code == code
    assert says in str(caught.value)
    assert name in str(caught.value)
    assert not project.warehouse.exists()


CORRECTION = '"c1","242161-iga/dx-action-plan-2",69,24/26,{field},{expected},{corrected},tried in a test,{status}\n'


def correct(project: Project, field: str, expected: str, corrected: str, status: str = "open") -> None:
    path = project.curated / "corrections.csv"
    row = CORRECTION.format(field=field, expected=expected, corrected=corrected, status=status)
    path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")


def test_a_correction_changes_the_value_and_is_listed(project: Project) -> None:
    correct(project, "unit", "", "手続")
    build(project)
    with connect(project) as connection:
        assert connection.execute("SELECT unit FROM observation WHERE quote = '24/26'").fetchall() == [("手続",)]
        assert connection.execute("SELECT correction_id, corrected FROM correction").fetchall() == [("c1", "手続")]


@pytest.mark.parametrize(
    ("field", "expected", "corrected", "status", "code"),
    [
        ("numerator", "25", "26", "open", "correction-guard"),
        ("unti", "", "手続", "open", "decision-unknown"),
        ("numerator", "24", "many", "open", "decision-value"),
        ("numerator", "24", "25", "done", "decision-unknown"),
    ],
)
def test_a_correction_that_no_longer_fits_fails_loudly(project: Project, field, expected, corrected, status, code) -> None:
    correct(project, field, expected, corrected, status)
    with pytest.raises(DecisionError) as caught:
        build(project)
    assert caught.value.code == code
    assert "corrections.csv:2" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (
            "themes.toml",
            '[themes.gis]\nname = { ja = "地図情報・GIS", en = "Maps and GIS" }',
            '[themes.gis]\nnames = { ja = "地図", en = "Maps" }',
        ),
        ("themes.toml", "[themes.telework]\nname", '[themes.telework]\ndirection = "up"\nname'),
        ("facet_values.toml", '[counting]\nja = "数え方"', '[counting]\njp = "数え方"'),
    ],
)
def test_the_line_of_a_wrong_entry_is_named(project: Project, name: str, old: str, new: str) -> None:
    change(project, name, old, new)
    if 'direction = "up"' in new:
        path = project.curated / name
        head, tail = path.read_text(encoding="utf-8").split('direction = "up"\n', 1)
        path.write_text(head + 'direction = "up"\n' + tail.replace('direction = "higher"\n', "", 1), encoding="utf-8")
    with pytest.raises(DecisionError) as caught:
        build(project)
    line = int(caught.value.where.rsplit(":", 1)[1])
    text = (project.curated / name).read_text(encoding="utf-8").splitlines()[line - 1]
    assert text in new


def test_a_theme_of_ones_own_is_there_after_the_next_build(project: Project) -> None:
    themes = project.curated / "themes.toml"
    own = """
[themes.libraries]
name = { ja = "図書館", en = "Libraries" }
definition = { ja = "電子図書館の利用。", en = "Use of electronic libraries." }
direction = "higher"
transformations = ["per_10k"]
"""
    themes.write_text(
        themes.read_text(encoding="utf-8").replace("# Transformations.", own + "\n# Transformations.", 1), encoding="utf-8"
    )
    vocabulary = project.curated / "facet_values.toml"
    vocabulary.write_text(
        vocabulary.read_text(encoding="utf-8").replace(
            "[channel.values]\n", '[channel.values]\nkiosk = { ja = "端末", en = "kiosk" }\n'
        ),
        encoding="utf-8",
    )
    facets = project.curated / "facets.csv"
    lines = facets.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if ",電子図書館利用率," in line:
            lines[number] = line.replace(",電子図書館利用率,,", ",電子図書館利用率,libraries,").replace(",any,", ",kiosk,")
    facets.write_text("\n".join(lines) + "\n", encoding="utf-8")
    build(project)
    with Workbench(project) as bench:
        (row,) = bench.group("libraries").fetchall()
        assert "電子図書館利用率" in row
        assert ("kiosk",) in bench.sql("SELECT value FROM facet WHERE facet = 'channel'").fetchall()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("242039,伊勢市", "242039,伊勢崎市", "242039 is 三重県 伊勢崎市 here and 三重県 伊勢市 in the master"),
        ("Ise,三重県", "Ise,群馬県", "242039 is 群馬県 伊勢市 here and 三重県 伊勢市 in the master"),
    ],
)
def test_a_name_that_is_not_the_masters_stops_the_build(project: Project, old: str, new: str, says: str) -> None:
    change(project, "municipality.csv", old, new)
    with pytest.raises(MunicipalityError, match=says) as caught:
        build(project)
    assert caught.value.code == "municipality-differs"
    assert caught.value.where == "data/curated/municipality.csv:4"
    assert not project.warehouse.exists()


def test_a_code_in_no_master_is_noted_and_stops_nothing(project: Project) -> None:
    with (project.curated / "municipality.csv").open("a", encoding="utf-8") as file:
        file.write("480011,架空市,かくうし,Kaku,架空県,,,\n")
    (note,) = build(project).notes
    assert note.startswith("[municipality-not-in-master] 480011 架空市")


def test_a_position_may_be_unknown(project: Project) -> None:
    change(project, "municipality.csv", "34.4875,136.709444,code4fukui/localgovjp (CC0): city hall", ",,")
    build(project)
    with connect(project) as connection:
        question = "SELECT latitude, longitude, position_source FROM municipality WHERE code = '242039'"
        assert connection.execute(question).fetchall() == [(None, None, None)]
