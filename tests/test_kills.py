"""A sample of the long suite that kills whatever writes, and that the suite would see damage."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).parent / "soak" / "kills.py"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks, and kills by a signal")

# A deed that writes a file of decisions in its place and leaves something beside.
CARELESS = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import kills
def careless(project, *command):
    path = project.curated / "corrections.csv"
    (project.curated / ".left-by-careless").mkdir(exist_ok=True)
    with path.open("w") as file:
        file.write("half")
        file.flush()
        (project.curated / "x").mkdir(exist_ok=True)
        file.write(" and half")
project = kills.base(Path(sys.argv[2]))
kills._call = careless
kills.DEEDS["careless"] = kills.Deed(())
for number in (1, 2, 3):
    print(kills.Trials("careless", Path(sys.argv[2]), project).run(lambda work: kills.killed_before(work, number)))
"""


def test_what_is_killed_leaves_the_state_before_or_after(tmp_path: Path) -> None:
    out = tmp_path / "kills.json"
    command = [sys.executable, str(SUITE), "--out", str(out), "--count", "3", "--seed", "7", "--only", "build", "add", "facets"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    record = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    assert (ran.returncode, record.get("failures")) == (0, []), ran.stderr
    assert record["figures"]["kills survived"] == 3


@pytest.mark.long
def test_the_suite_sees_half_a_file_and_litter(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", CARELESS, str(SUITE.parent), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=500,
    )
    first, second, third = ran.stdout.splitlines()
    assert first == "(True, ['left behind: data/curated/.left-by-careless'])"
    assert "corrections.csv: neither the file before nor the one after" in second
    assert third == "(False, ['left behind: data/curated/.left-by-careless'])"
