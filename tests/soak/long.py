"""The tests marked ``long``: cases that an ordinary run leaves out, for its time.

python tests/soak/long.py --out long.json
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent.parent


def record(report: Path, code: int, seconds: float) -> dict[str, Any]:
    """What came of the tests, from the file that pytest wrote; one without a test is a failure too."""
    cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    failed = [
        f"{case.get('classname')}.{case.get('name')}" for case in cases if {part.tag for part in case} & {"failure", "error"}
    ]
    skipped = sum(case.find("skipped") is not None for case in cases)
    failures = failed or ([] if code == 0 and cases else [f"pytest ended with exit code {code}, {len(cases)} tests were run"])
    figures = {"long tests run": len(cases) - skipped, "of these passed": len(cases) - skipped - len(failed), "skipped": skipped}
    return {"suite": "long", "seconds": round(seconds, 1), "seed": None, "figures": figures, "failures": failures}


def program() -> int:
    """Run them, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON of what came of it")
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dxlib-long-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-m", "long", "-p", "no:cacheprovider", f"--junitxml={report}"]
        ended = subprocess.run(command, cwd=ROOT, check=False)
        found = record(report, ended.returncode, time.monotonic() - began)
    arguments.out.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return int(bool(found["failures"]))


if __name__ == "__main__":
    sys.exit(program())
