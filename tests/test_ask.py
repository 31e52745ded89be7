"""The questions of the command line."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dxlib.cli import main
from dxlib.project import Project


def ask(built: Project, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--project", str(built.root), *arguments])


QUESTIONS = [
    ("themes",),
    ("compare", "online_procedures"),
    ("compare", "online_procedures", "--group"),
    ("progress",),
    ("coverage",),
    ("coverage", "--topics"),
    ("quality",),
    ("quality", "--score"),
    ("audit",),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_every_question_answers_in_every_format_with_the_same_rows(built: Project, question: tuple[str, ...]) -> None:
    table, as_csv, as_json = (ask(built, *question, "--format", style) for style in ("table", "csv", "json"))
    assert {table.exit_code, as_csv.exit_code, as_json.exit_code} == {0}, table.output
    records = json.loads(as_json.stdout)
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert len(table.stdout.splitlines()) - 2 == len(rows) == len(records) > 0
    assert list(rows[0]) == list(records[0])
    assert "None" not in table.stdout
    assert "NaN" not in as_json.stdout


def records(result: Result) -> list[dict]:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_group_puts_comparable_counts_into_one_set(built: Project) -> None:
    rows = records(ask(built, "compare", "online_procedures", "--group", "--format", "json"))
    first = {(row["municipality_en"], row["set_value"]) for row in rows if row["comparable_set"] == 1}
    assert first == {("Izunokuni", 42), ("Ise", 142)}
    assert all(row["differing_ja"] and row["differing_en"] for row in rows if row["comparable_set"] is None)


def test_targets_of_a_year(built: Project) -> None:
    rows = records(
        ask(built, "compare", "electronic_approval", "--group", "--role", "target", "--year", "2027", "--format", "json")
    )
    assert {row["value"] for row in rows} == {50, None}


def test_as_of_a_day_before_a_plan_was_published(built: Project) -> None:
    rows = records(ask(built, "progress", "--municipality", "242161", "--as-of", "2025-12", "--format", "json"))
    assert {row["reason"] for row in rows} == {"not_yet_published"}


def test_one_rule_and_one_severity(built: Project) -> None:
    rows = records(ask(built, "audit", "--severity", "error", "--format", "json"))
    assert {row["rule_id"] for row in rows} == {
        "attainment-mismatch",
        "share-not-of-n",
        "verdict-against-result",
        "zero-target-nearly",
    }
    assert all(row["places"][0]["quote"] for row in rows)
    rows = records(ask(built, "quality", "--rule", "no-indicator", "--municipality", "222259", "--format", "json"))
    assert len(rows) == 7
    assert {row["municipality_code"] for row in rows} == {"222259"}


def test_findings_in_the_language_asked_for(built: Project) -> None:
    assert "検算" in ask(built, "audit", "--rule", "verdict-without-result", "--lang", "ja").stdout
    assert "cannot be checked" in ask(built, "audit", "--rule", "verdict-without-result").stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("audit", "--rule", "atainment-mismatch"), "rule-unknown"),
        (("quality", "--rule", "attainment-mismatch"), "rule-unknown"),
        (("progress", "telewok"), "theme-unknown"),
        (("progress", "--as-of", "2026-13"), "date-invalid"),
        (("progress", "--as-of", "July"), "date-invalid"),
        (("coverage", "--topics", "--version", "9"), "version-unknown"),
        (("coverage", "--municipality", "131016"), "municipality-without-plan"),
        (("coverage", "--municipality", "東京都府中市"), "municipality-without-plan"),
        (("coverage", "--municipality", "府中市"), "municipality-name-ambiguous"),
        (("progress", "--municipality", "伊勢"), "municipality-name-unknown"),
        (("compare", "telework", "--municipality", "242038"), "municipality-check-digit"),
        (("audit", "--municipality", "480011"), "municipality-not-in-master"),
        (("municipalities", "存在しない市町村"), "municipality-name-unknown"),
        (("municipalities", "--prefecture", "広島市"), "municipality-name-unknown"),
        (("compare", "telework", "--within", "2"), "alignment-invalid"),
        (("compare", "telework", "--year", "2026", "--role", "target", "--interpolate"), "alignment-invalid"),
    ],
)
def test_wrong_questions_are_typed_errors(built: Project, arguments: tuple[str, ...], code: str) -> None:
    result = ask(built, *arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"dxlib: [{code}]")
    assert "Hint" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "--severity", "eror"),
        ("coverage", "--version", "2.3"),
        ("quality", "--score", "--rule", "no-unit"),
        ("compare", "telework", "--group", "--years-apart", "1"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(built: Project, arguments: tuple[str, ...]) -> None:
    assert ask(built, *arguments).exit_code == 2


def test_a_question_in_one_line_of_python(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import dxlib

    monkeypatch.setenv("DXLIB_PROJECT", str(built.root))
    assert len(dxlib.compare("telework", role="target").df()) > 0


@pytest.mark.parametrize(
    "command", [("compare", "telework"), ("progress",), ("coverage",), ("coverage", "--topics"), ("quality",)]
)
def test_a_name_asks_for_the_same_as_a_code(built: Project, command: tuple[str, ...]) -> None:
    by_code = ask(built, *command, "--municipality", "242039", "--municipality", "242161", "--format", "csv")
    by_name = ask(built, *command, "--municipality", "三重県 伊勢市", "--municipality", "いがし", "--format", "csv")
    assert by_code.exit_code == by_name.exit_code == 0
    assert by_name.stdout == by_code.stdout
    assert by_code.stdout.count("\n") > 1


def test_the_master_is_listed_and_searched_without_a_workbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DXLIB_PROJECT", raising=False)

    def listed(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["municipalities", *arguments])
        assert result.exit_code == 0
        return result.stdout

    assert [row["code"] for row in json.loads(listed("府中", "--format", "json"))] == ["132063", "342084", "343021"]
    assert listed("府中", "--prefecture", "広島県", "--format", "csv").splitlines() == [
        "code,kind,name,kana,prefecture,county,city",
        "342084,municipality,府中市,ふちゅうし,広島県,,",
        "343021,municipality,府中町,ふちゅうちょう,広島県,安芸郡,",
    ]
    assert listed("--format", "csv").count("\n") == 1966
    assert "札幌市" in listed("011011")
