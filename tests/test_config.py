from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from small import SHOWN, add_notebook, small_project

from dxlib.cli import main
from dxlib.errors import DxlibError
from dxlib.project import Project
from dxlib.report.config import read_config


@pytest.fixture
def own(built: Project, tmp_path: Path) -> Project:
    return small_project(tmp_path, like=built)


def write(project: Project, text: str) -> Path:
    path = project.root / "some.toml"
    path.write_text(text, encoding="utf-8")
    return path


def dxlib(project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--project", str(project.root), *arguments])


def wrong(project: Project, text: str) -> str:
    with pytest.raises(DxlibError) as caught:
        read_config(project, write(project, text))
    assert caught.value.code == "config-invalid"
    return str(caught.value)


def test_every_combination_of_each_becomes_a_report(own: Project) -> None:
    config = read_config(
        own,
        write(
            own,
            """
            formats = ["html", "zip"]
            csv_encoding = "cp932"
            [[report]]
            notebook = "small"
            parameters = { count = 2, municipalities = ["242039"] }
            [report.each]
            theme = ["telework", "gis"]
            lang = ["ja", "en"]
            """,
        ),
    )
    assert [job.report_id for job in config.jobs] == [
        f"small-{theme}-242039-count_2-{lang}" for theme in ("telework", "gis") for lang in ("ja", "en")
    ]
    assert (config.settings.formats, config.settings.csv_encoding) == (["html", "zip"], "cp932")


def test_all_means_all_themes_and_all_municipalities_with_a_plan(own: Project) -> None:
    text = '[[report]]\nnotebook = "small"\neach = { municipality = "all" }\n[[report]]\nnotebook = "small"\neach = { theme = "all" }'
    jobs = read_config(own, write(own, text)).jobs
    codes = [job.all_parameters["municipality"] for job in jobs if job.all_parameters["municipality"]]
    assert codes == ["102041", "222259", "242039", "242161"]
    assert len(jobs) - len(codes) == 29


def test_a_list_takes_names_of_municipalities(own: Project) -> None:
    text = '[[report]]\nnotebook = "small"\neach = { municipality = ["三重県伊勢市", "242161"] }'
    assert [job.parameters["municipality"] for job in read_config(own, write(own, text)).jobs] == ["242039", "242161"]
    twice = '[[report]]\nnotebook = "small"\neach = { municipality = ["三重県伊勢市", "242039"] }'
    assert "is already made by" in wrong(own, twice)
    assert "[municipality-name-ambiguous]" in wrong(own, text.replace("三重県伊勢市", "府中市"))


def test_all_problems_are_listed_together_with_their_place(own: Project) -> None:
    said = wrong(
        own,
        """formts = ["html"]
csv_encoding = "sjis"
[[report]]
notebook = "small"
each = { theme = ["online_procedures", "telewrk"], lang = ["ja", "enn"] }
[[report]]
notebook = "smal"
[[report]]
notebok = "small"
[[report]]
notebook = "small"
parameters = { municipality = "242038", cuont = 1 }
each = { count = "all", share = [], municipality = ["242039"] }
[[report]]
notebook = "small"
each = 5
""",
    )
    for part in (
        "some.toml: 13 problem(s), nothing was run",
        "settings: unknown key 'formts'; did you mean 'formats'",
        "settings: Invalid enum value 'sjis' - at `csv_encoding`",
        "report 1 (line 3): [theme-unknown] unknown theme 'telewrk'; did you mean 'telework'",
        "report 1 (line 3): [language-unknown] unknown language 'enn'; did you mean 'en'",
        "report 2 (line 6): [report-unknown] no notebook 'smal'; did you mean 'small'",
        "report 3 (line 8): unknown key 'notebok'; did you mean 'notebook'",
        "report 3 (line 8): Object missing required field `notebook`",
        "report 4 (line 10): each.count cannot be 'all'",
        "report 4 (line 10): each.share is empty",
        "report 4 (line 10): 'municipality' stands in parameters and in each",
        "report 4 (line 10): [parameter-unknown] the notebook small has no parameter 'cuont'; did you mean 'count'",
        "report 5 (line 14): Expected `object`, got `int` - at `each`",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            f'[[report]]\nnotebook = "small"\neach = {{ count = {list(range(500))}, share = {list(range(500))} }}',
            "report 1 (line 1): each asks for 250,000 reports",
        ),
        (
            '[[report]]\nnotebook = "small"\n[[report]]\nnotebook = "small"\nparameters = {lang = "ja"}',
            "already made by report 1 (line 1)",
        ),
        ('[[report]]\nnotebook = "small"\neach = {lang = ["ja", "ja"]}', "already made by report 1"),
        ("", "there is no [[report]]"),
        ('report = "small"', "there is no [[report]]"),
        ("formats = [html]", "no TOML: "),
        ('[[report]]\nnotebook = "small"\nparameters = { municipality = 242039 }', "no text"),
    ],
)
def test_other_mistakes(own: Project, text: str, says: str) -> None:
    assert says in wrong(own, text)


def test_a_missing_file_is_an_error(own: Project) -> None:
    with pytest.raises(DxlibError) as caught:
        read_config(own, own.root / "none.toml")
    assert caught.value.code == "config-unreadable"


def test_nothing_is_written_when_anything_is_wrong(own: Project) -> None:
    path = write(own, '[[report]]\nnotebook = "small"\n[[report]]\nnotebook = "smal"')
    result = dxlib(own, "report", "--config", str(path))
    assert result.exit_code == 1
    assert "[config-invalid]" in result.stderr
    assert result.stdout == ""
    assert not own.reports.exists()


def test_one_that_fails_stops_none_of_the_others(own: Project) -> None:
    add_notebook(own, "bad", "raise ValueError('no\\nluck')")
    text = 'formats = ["html"]\nout = "made"\n[[report]]\nnotebook = "bad"\n[[report]]\nnotebook = "small"'
    result = dxlib(own, "report", "--config", str(write(own, text)))
    assert result.exit_code == 1
    first, second = result.stdout.splitlines()
    assert first.startswith("failed  bad-online_procedures-ja  ")
    assert first.endswith(" s  [report-cell] cell 2 failed: ValueError: no luck")
    place = own.root / "made" / "small-online_procedures-ja" / "small-online_procedures-ja.html"
    assert second.startswith("ok  small-online_procedures-ja  ")
    assert second.endswith(f" s  {place}")
    assert place.exists()
    assert "1 of 2 reports failed" in result.stderr
    index = (own.root / "made" / "index.html").read_text(encoding="utf-8")
    assert "[report-cell] cell 2 failed" in index
    assert "成功したものはまだない" in index


def test_reports_made_side_by_side_are_the_same_and_fail_alone(own: Project, tmp_path: Path) -> None:
    add_notebook(own, "bad", "1 / 0")
    text = '[[report]]\nnotebook = "bad"\n[[report]]\nnotebook = "small"\neach = { theme = ["telework", "gis"] }'
    path = write(own, text)
    for workers in ("1", "2"):
        result = dxlib(
            own, "report", "--config", str(path), "--out", str(tmp_path / workers), "--jobs", workers, "--format", "html"
        )
        assert result.exit_code == 1
        lines = sorted(line.split("  ")[:2] for line in result.stdout.splitlines())
        assert lines == [["failed", "bad-online_procedures-ja"], ["ok", "small-gis-ja"], ["ok", "small-telework-ja"]]
    for name in ("small-gis-ja", "small-telework-ja"):
        page = f"{name}/{name}.html"
        assert (tmp_path / "1" / page).read_bytes() == (tmp_path / "2" / page).read_bytes()
    assert (tmp_path / "2" / "bad-online_procedures-ja" / "failed.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process by its signal")
def test_only_the_report_whose_process_dies_fails(own: Project, tmp_path: Path) -> None:
    add_notebook(own, "killer", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)")
    text = '[[report]]\nnotebook = "killer"\n[[report]]\nnotebook = "small"\neach = { theme = ["telework", "gis"] }'
    path = write(own, text)
    result = dxlib(own, "report", "--config", str(path), "--out", str(tmp_path / "out"), "--jobs", "2", "--format", "html")
    assert result.exit_code == 1
    lines = sorted(line.split("  ")[:2] for line in result.stdout.splitlines())
    assert lines == [["failed", "killer-online_procedures-ja"], ["ok", "small-gis-ja"], ["ok", "small-telework-ja"]]
    assert result.stdout.count("[report-died]") == 1
    assert (tmp_path / "out" / "killer-online_procedures-ja" / "failed.json").exists()
    assert "Traceback" not in result.stderr


def test_the_command_line_goes_before_the_file(own: Project, tmp_path: Path) -> None:
    path = write(own, 'formats = ["html", "zip"]\nout = "made"\n[[report]]\nnotebook = "small"')
    result = dxlib(
        own, "report", "--config", str(path), "--out", str(tmp_path / "else"), "--format", "xlsx,html", "--format", "html"
    )
    assert result.exit_code == 0, result.output
    (folder,) = [p for p in (tmp_path / "else").iterdir() if p.is_dir() and not p.name.startswith(".")]
    assert {p.suffix for p in folder.iterdir() if p.is_file()} == {".html", ".xlsx", ".json"}
    assert not (own.root / "made").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("small", "--config", "some.toml"),
        ("--config", "some.toml", "-p", "a=b"),
        ("--config", "some.toml", "--lang", "ja"),
        ("small", "--format", "docx"),
        ("small", "--lang", "fr"),
        ("small", "--csv-encoding", "sjis"),
    ],
)
def test_wrong_usage_exits_2(own: Project, arguments: tuple[str, ...]) -> None:
    result = dxlib(own, "report", *arguments)
    assert result.exit_code == 2
    assert not own.reports.exists()


def test_an_english_report_and_its_line(own: Project, tmp_path: Path) -> None:
    arguments = ("small", "-p", "theme=telework", "--lang", "en", "--format", "html", "--out", str(tmp_path / "out"))
    result = dxlib(own, "report", *arguments)
    assert result.exit_code == 0, result.output
    (line,) = result.stdout.splitlines()
    assert line.startswith("ok  small-telework-en  ")
    assert '<html lang="en">' in Path(line.split("  ")[-1]).read_text(encoding="utf-8")


def test_a_defect_is_told_with_its_traceback_and_stops_nothing(own: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import dxlib.report.html as html

    monkeypatch.setattr(html, "page", lambda *_, **__: 1 / 0)
    result = dxlib(own, "report", "small", "--format", "html")
    assert result.exit_code == 1
    assert "[report-internal] ZeroDivisionError: division by zero" in result.stdout
    assert "Traceback" in result.stderr
    note = json.loads((own.reports / "small-online_procedures-ja" / "failed.json").read_text(encoding="utf-8"))
    assert note["code"] == "report-internal"


def test_the_list_in_the_repository_names_only_what_there_is(built: Project) -> None:
    config = read_config(built, ROOT / "reports" / "monthly.toml")
    names = [job.template.name for job in config.jobs]
    assert {name: names.count(name) for name in names} == {
        "comparison": 4,
        "municipality": 4,
        "briefing": 8,
        "quality": 4,
        "topics": 2,
    }


@pytest.mark.skipif(os.name == "nt", reason="cron is not on Windows")
def test_it_runs_in_the_bare_environment_of_cron(own: Project) -> None:
    add_notebook(own, "07_small", SHOWN)
    command = (
        f"cd / && {Path(sys.executable).parent / 'dxlib'} --project {own.root} report small --format html >> {own.root}/log 2>&1"
    )
    environment = {"HOME": str(own.root), "PATH": "/usr/bin:/bin"}
    subprocess.run(["/bin/sh", "-c", command], env=environment, check=True, timeout=120)
    assert (own.root / "log").read_text(encoding="utf-8").startswith("ok  small-online_procedures-ja  ")
