"""All targets of the search, by group and name."""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).parent
sys.path[:0] = [folder for folder in (str(_HERE), str(_HERE.parent)) if folder not in sys.path]

from fuzz_imports import IMPORTS  # noqa: E402
from fuzz_strategies import MADE  # noqa: E402
from fuzz_targets import BROKEN, READING, Target  # noqa: E402

TARGETS: dict[str, Target] = {target.name: target for target in (*READING, *MADE, *IMPORTS)}
EVERY = {**TARGETS, BROKEN.name: BROKEN}
TOTAL = sum(target.count for target in TARGETS.values())
