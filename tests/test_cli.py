import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from dxlib.cli import main
from dxlib.project import Project

COMMANDS = [
    "add",
    "audit",
    "build",
    "compare",
    "coverage",
    "doctor",
    "extract",
    "import",
    "lab",
    "migrate",
    "municipalities",
    "progress",
    "quality",
    "query",
    "report",
    "review",
    "similar",
    "suggest",
    "themes",
    "verify",
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_the_commands_are_all_there() -> None:
    assert sorted(main.commands) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"dxlib {command}" in result.output.replace("dxlib --project ~/plans ", "dxlib ")
    assert "Examples:" in result.output
    assert main.commands[command].help


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(repo: Project, command: str) -> None:
    assert f"dxlib {command}" in (repo.root / "README.md").read_text(encoding="utf-8")


def test_every_option_has_help() -> None:
    for command in main.commands.values():
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, (command.name, parameter.name)


def test_build_prints_counts_and_reasons(unread: Project) -> None:
    result = run("--project", str(unread.root), "build")
    assert result.exit_code == 0, result.output
    assert "5 documents, 7 plans, 142 measures" in result.output
    assert "table of contents" in result.output
    assert "audit findings: 80" in result.output
    assert "quality findings: " in result.output


def test_errors_go_to_stderr_with_code_and_exit_1(tmp_path: Path) -> None:
    result = run("--project", str(tmp_path), "build")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("dxlib: [project-not-one]")
    assert "Traceback" not in result.output


def test_wrong_usage_exits_2() -> None:
    assert run("compare").exit_code == 2
    assert run("themes", "--format", "xml").exit_code == 2


def test_extract_prints_one_json_object_a_line(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_text("2021（令和3）年1月31日現在、人口は89,689人です。\n", encoding="utf-8")
    result = run("extract", str(path))
    (record,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (record["role"], record["value"], record["unit"], record["as_of"]) == ("context", 89689, "人", "2021-01-31")


def test_extract_of_a_bad_file(tmp_path: Path) -> None:
    result = run("extract", str(tmp_path / "missing.txt"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "[source-missing]" in result.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_extract_of_many_files_keeps_their_order_and_goes_on_after_a_bad_one(tmp_path: Path, jobs: str) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(6)]
    for number, path in enumerate(paths):
        if number != 3:
            path.write_text("表題\n" * (3000 - 600 * number) + f"人口は{number + 1}人です。\n", encoding="utf-8")
    result = run("extract", *map(str, paths), "--jobs", jobs)
    assert result.exit_code == 1
    assert [json.loads(line)["value"] for line in result.stdout.splitlines()] == [1, 2, 3, 5, 6]
    assert result.stderr.startswith(f"dxlib: [source-missing] {paths[3]}")
    assert result.stderr.count("dxlib:") == 1
    table = run("extract", *map(str, paths[2:]), "--jobs", jobs, "--format", "csv")
    assert (table.exit_code, len(table.stdout.splitlines())) == (1, 4)


def test_query_in_three_forms(built: Project) -> None:
    question = "SELECT name, romaji FROM municipality ORDER BY code LIMIT 1"
    place = ("--project", str(built.root), "query", question)
    assert json.loads(run(*place, "--format", "json").stdout) == [{"name": "伊勢崎市", "romaji": "Isesaki"}]
    assert run(*place, "--format", "csv").stdout == "name,romaji\n伊勢崎市,Isesaki\n"
    assert "伊勢崎市" in run(*place).stdout


def test_query_cannot_write(built: Project) -> None:
    result = run("--project", str(built.root), "query", "DROP TABLE observation")
    assert result.exit_code == 1
    assert "[query-failed]" in result.stderr


def test_compare_says_why(built: Project) -> None:
    result = run("--project", str(built.root), "compare", "online_procedures", "--lang", "ja")
    assert result.exit_code == 0
    assert "142件（実績、令和7年度(2025年度)）" in result.stdout
    assert "分母" in result.stdout


def test_compare_json_keeps_null(built: Project) -> None:
    result = run(
        "--project",
        str(built.root),
        "compare",
        "telework",
        "--municipality",
        "242161",
        "--municipality",
        "242039",
        "--format",
        "json",
    )
    rows = json.loads(result.stdout)
    assert {row["left_code"] for row in rows} | {row["right_code"] for row in rows} == {"242161", "242039"}
    assert any(row["right_fiscal_year"] is None for row in rows)


def test_a_mistyped_theme_names_the_nearest(built: Project) -> None:
    result = run("--project", str(built.root), "compare", "telewrk")
    assert result.exit_code == 1
    assert "did you mean 'telework'" in result.stderr


def test_the_current_folder_is_no_workbench_by_accident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DXLIB_PROJECT", raising=False)
    assert "[project-not-found]" in run("themes").stderr


def test_a_folder_below_the_workbench_finds_it(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.root / "data" / "raw")
    monkeypatch.delenv("DXLIB_PROJECT", raising=False)
    assert run("themes").exit_code == 0
