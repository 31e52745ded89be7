import json
from pathlib import Path

import pytest

from dxlib.errors import ReportError
from dxlib.lab import open_lab, system_language, write_settings
from dxlib.project import Project


@pytest.mark.parametrize(
    ("name", "lang"), [("ja_JP", "ja"), ("Japanese_Japan", "ja"), ("en_US", "en"), ("C", "en"), (None, "en")]
)
def test_the_menus_follow_the_system(name: str | None, lang: str) -> None:
    assert system_language(name) == lang


def test_jupyterlab_finds_the_settings_and_the_language_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyterlab_server.settings_utils import _get_overrides
    from jupyterlab_server.translation_utils import get_language_pack

    write_settings(tmp_path, "ja")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path))
    overrides, _ = _get_overrides(str(tmp_path / "none"))
    assert overrides["@jupyterlab/translation-extension:plugin"] == {"locale": "ja_JP"}
    pack, message = get_language_pack("ja_JP")
    assert message == ""
    assert "ファイル" in json.dumps(pack, ensure_ascii=False)


def test_lab_opens_on_the_first_notebook(repo: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyterlab.labapp import LabApp

    seen: list[str] = []
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")
    monkeypatch.setattr(LabApp, "launch_instance", lambda argv: seen.extend(argv))
    open_lab(repo, "ja", ["--no-browser"])
    assert "--LabApp.default_url=/lab/tree/notebooks/01_tour.ipynb" in seen
    assert "--no-browser" in seen


def test_lab_without_notebooks_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReportError) as caught:
        open_lab(Project(tmp_path))
    assert caught.value.code == "notebooks-missing"
