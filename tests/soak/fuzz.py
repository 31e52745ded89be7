"""Bad input, searched for: at least 200,000 inputs through everything that reads, and every regular expression over growing ones.

    python tests/soak/fuzz.py --out fuzz.json                          # all of it, about 25 minutes on one core
    python tests/soak/fuzz.py --out fuzz.json --count 20000 --seed 7   # a tenth of it, with other inputs
    python tests/soak/fuzz.py --out fuzz.json --only "plan texts" --count 5000 --keep broken
    python tests/soak/fuzz.py --out fuzz.json --only patterns
    python tests/soak/fuzz.py --out fuzz.json --only coverage --seconds 600      # needs dxlib[soak]

Only a `DxlibError` or a result that holds may come out, in time and memory that grow no faster than the input. What breaks that is
named, and kept in the folder of --keep. The same seed gives the same inputs.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE), str(_HERE.parent)]

_COVERAGE_SECONDS = 60  # for each target, in the whole suite


def main() -> int:
    """Search, and write what came of it."""
    asked = _arguments()
    from fuzz_groups import TARGETS, TOTAL

    started = time.monotonic()
    until = started + asked.seconds if asked.seconds else float("inf")
    keep = asked.keep or Path(tempfile.mkdtemp(prefix="fuzz-kept-"))
    keep.mkdir(parents=True, exist_ok=True)
    figures: dict[str, float] = {}
    failures: list[str] = []
    names = asked.only or [*TARGETS, "coverage", "patterns"]
    mine = [name for name in names if name in TARGETS]
    whole = sum(TARGETS[name].count for name in mine) if asked.only else TOTAL
    tried = 0
    for name in mine:
        share = min(1.0, asked.count / whole) if asked.count else 1.0
        if asked.only and asked.count and asked.count > whole:
            share = asked.count / whole
        tried += _search(name, max(10, round(TARGETS[name].count * share)), asked, keep, until, figures, failures)
    if "coverage" in names:
        tried += _coverage(asked, keep, until, bool(asked.only), figures, failures)
    if "patterns" in names:
        from fuzz_patterns import examine

        examined = examine(until)
        figures |= examined.figures
        failures += examined.failures
    figures = {"inputs tried": tried, **figures}
    _write(
        asked.out,
        {
            "suite": "fuzz",
            "seconds": round(time.monotonic() - started, 1),
            "seed": asked.seed,
            "figures": figures,
            "failures": failures,
        },
    )
    for line in failures:
        print(f"FAILED {line}", flush=True)
    print(f"{tried} inputs, {len(failures)} failures" + (f"; kept in {keep}" if failures else ""))
    if not asked.keep and not failures:
        keep.rmdir()
    return 1 if failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="JSON of what came of it")
    parser.add_argument("--seconds", type=float, help="stop after this time")
    parser.add_argument("--count", type=int, help="about how many inputs; default: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for inputs that broke something")
    parser.add_argument("--only", action="append", help='a target, "coverage" or "patterns"; repeat for more')
    return parser.parse_args()


def _search(name: str, count: int, asked: Any, keep: Path, until: float, figures: dict[str, float], failures: list[str]) -> int:
    from fuzz_watch import search

    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        found = search(name, count, asked.seed, keep, Path(scratch), until)
    failures += found.failures.values()
    figures[f"{name}: inputs"] = found.tried
    figures[f"{name}: results that held"] = found.outcomes["held"]
    figures[f"{name}: refused"] = sum(count for code, count in found.outcomes.items() if code != "held")
    figures[f"{name}: slowest, seconds"] = round(found.slowest, 2)
    figures[f"{name}: most memory, MB"] = round(found.memory_mb)
    refused = ", ".join(f"{code} {count}" for code, count in found.outcomes.most_common(5))
    print(f"{name}: {found.tried} in {found.seconds:.0f} s ({refused}), {len(found.failures)} kinds of failure", flush=True)
    return found.tried


def _coverage(asked: Any, keep: Path, until: float, is_asked: bool, figures: dict[str, float], failures: list[str]) -> int:
    """The coverage-guided search, where atheris is installed."""
    import fuzz_coverage

    if importlib.util.find_spec("atheris") is None:
        print("no atheris here (dxlib[soak]): the coverage-guided search is left out", flush=True)
        figures["inputs found by coverage"] = 0
        return 0
    share = min(1.0, asked.count / 200_000) if asked.count and not is_asked else 1.0
    seconds = asked.seconds / len(fuzz_coverage.TARGETS) if asked.seconds and is_asked else _COVERAGE_SECONDS * share
    tried = 0
    for name in fuzz_coverage.TARGETS:
        left = min(seconds, until - time.monotonic())
        if left < 1:
            break
        runs, failed = fuzz_coverage.search(name, max(1, round(left)), asked.seed, keep)
        failures += failed
        tried += runs
        figures[f"{name}: inputs found by coverage"] = runs
        print(f"{name}, by coverage: {runs}, {len(failed)} kinds of failure", flush=True)
    figures["inputs found by coverage"] = tried
    return tried


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
