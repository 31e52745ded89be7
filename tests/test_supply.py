"""What is installed: every package pinned with hashes, its licence known and allowed; the Makefile's ways to try others."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from email.message import Message

import pytest
from conftest import ROOT

_SPEC = importlib.util.spec_from_file_location("licences", ROOT / "bench" / "licences.py")
assert _SPEC
assert _SPEC.loader
licences = importlib.util.module_from_spec(_SPEC)
sys.modules["licences"] = licences
_SPEC.loader.exec_module(licences)

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_every_package_has_a_licence_that_is_known_and_allowed() -> None:
    found = licences.read()
    assert len(found) == len(re.findall(r"^[^\s#]+==", LOCK, re.MULTILINE)) > 150
    assert [one for one in found if not one.is_fit] == []


def test_what_was_looked_up_by_hand_is_of_the_version_in_the_lock() -> None:
    stated = tomllib.loads((ROOT / "bench" / "licences.toml").read_text(encoding="utf-8"))
    pinned = dict(licences.pinned(LOCK))
    assert {name: entry["version"] for name, entry in stated.items()} == {name: pinned.get(name) for name in stated}


@pytest.mark.parametrize(
    ("said", "fit"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("LGPL-3.0-or-later", True),
        ("BSD License", True),
        ("", False),
        ("UNKNOWN", False),
        ("Some terms of our own", False),
        ("AGPL-3.0-only", False),
        ("GNU Affero General Public License v3", False),
        ("MIT OR AGPL-3.0", False),
        ("GPL-3.0-only", False),
        ("BUSL-1.1", False),
        ("Apache-2.0 with Commons Clause", False),
    ],
)
def test_which_licences_are_fit(said: str, fit: bool) -> None:
    assert licences.Licence("p", "1", said, "package").is_fit is fit


def metadata(**fields: str | list[str]) -> Message:
    found = Message()
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            found[name.replace("_", "-")] = value
    return found


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"License_Expression": "BSD-3-Clause", "License": "other"}, "BSD-3-Clause"),
        ({"Classifier": ["License :: OSI Approved :: MIT License", "Topic :: X"]}, "MIT License"),
        ({"License": "ISC"}, "ISC"),
        ({"License": "UNKNOWN"}, ""),
        ({"License": "MIT License\n\n" + "Permission is hereby granted " * 20}, "MIT License"),
        ({"License": "terms of our own " * 20}, ""),
        ({}, ""),
    ],
)
def test_where_a_package_says_its_licence(fields: dict[str, str | list[str]], said: str) -> None:
    assert licences.licence_of(metadata(**fields)) == said


def test_a_package_that_nobody_knows_is_named_and_fails() -> None:
    (one,) = licences.licences("no-such-package-here==1.0 \\\n    --hash=sha256:00\n", {})
    assert (one.package, one.version, one.said, one.is_fit) == ("no-such-package-here", "1.0", "", False)


def test_every_locked_package_has_hashes() -> None:
    entries = re.split(r"^(?=\S)", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) > 150
    for entry in entries:
        name, *hashes = [line.strip().rstrip("\\").strip() for line in entry.strip().splitlines()]
        assert re.match(r"[a-z0-9][a-z0-9.-]*==[\w.]+( ; .+)?$", name), name
        assert hashes, name
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes), name


def test_make_knows_the_targets_of_upkeep() -> None:
    for target in ("licences", "audit", "newest", "pythons"):
        dry = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert dry.returncode == 0, dry.stderr
        assert dry.stdout
