"""JupyterLab on the notebooks, in the reader's language."""

from __future__ import annotations

import json
import locale
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dxlib.errors import ReportError
from dxlib.project import Project
from dxlib.warm import PROVISIONER, fork

_LOCALES = {"ja": "ja_JP", "en": "en"}


def system_language(name: str | None) -> str:
    """The language of a system's locale, of those JupyterLab is given in here.

    >>> system_language("ja_JP"), system_language("Japanese_Japan"), system_language(None)
    ('ja', 'ja', 'en')
    """
    return "ja" if (name or "").lower().startswith("ja") else "en"


def write_settings(folder: Path, lang: str) -> None:
    """Default settings of JupyterLab: the language of its menus, and no look at the network for news or updates.

    What the reader has chosen in JupyterLab itself wins.
    """
    place = folder / "labconfig"
    place.mkdir(parents=True, exist_ok=True)
    settings = {
        "@jupyterlab/translation-extension:plugin": {"locale": _LOCALES[lang]},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    }
    (place / "default_setting_overrides.json").write_text(json.dumps(settings), encoding="utf-8")


def open_lab(project: Project, lang: str | None = None, options: Sequence[str] = ()) -> None:
    """Run JupyterLab until it is stopped. Its kernels are warm: they have the libraries imported when they start.

    Args:
        project: the workbench; JupyterLab shows its folder and opens the first notebook.
        lang: ``ja`` or ``en`` for the menus; None for the language of the system.
        options: further options of ``jupyter lab``, such as ``--no-browser``.

    Raises:
        ReportError: the workbench has no notebook.
    """
    from jupyterlab.labapp import LabApp

    notebooks = sorted(path.name for path in project.notebooks.glob("*.ipynb"))
    if not notebooks:
        raise ReportError(
            "there is no notebook",
            code="notebooks-missing",
            where=project.relative(project.notebooks),
            hint="get the folder notebooks/ back from the repository",
        )
    with tempfile.TemporaryDirectory(prefix="dxlib-lab-") as folder:
        write_settings(Path(folder), lang or system_language(locale.getlocale()[0]))
        os.environ.setdefault("JUPYTER_DEFAULT_PROVISIONER_NAME", PROVISIONER)
        fork.warm_up()  # while JupyterLab itself starts
        paths = [folder, os.environ.get("JUPYTER_CONFIG_PATH", "")]
        os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
        arguments = [f"--ServerApp.root_dir={project.root}", f"--LabApp.default_url=/lab/tree/notebooks/{notebooks[0]}"]
        LabApp.launch_instance(argv=[*arguments, *options])
