"""Searches inputs that reach code no other reached (atheris, libFuzzer): the same targets, for some seconds each.

A program of its own, because libFuzzer ends its process: ``python tests/soak/fuzz_coverage.py TARGET --seconds 60 --keep DIR``.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent
TARGETS = ("text", "quantity", "plain files in every encoding", "plan texts")
_LONGEST = 4096  # bytes of an input


def search(name: str, seconds: int, seed: int, keep: Path) -> tuple[int, list[str]]:
    """Run the search for one target in a process of its own.

    Returns:
        How many inputs were tried, and what failed.
    """
    command = [sys.executable, __file__, name, "--seconds", str(seconds), "--seed", str(seed), "--keep", str(keep)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds * 3 + 120, check=False)
    runs = re.findall(r"stat::number_of_executed_units:\s*(\d+)", done.stderr) or re.findall(
        r"^#(\d+)\s", done.stderr, re.MULTILINE
    )
    failures = [line.removeprefix("FAILED ") for line in done.stderr.splitlines() if line.startswith("FAILED ")]
    if done.returncode:
        failures.append(f"{name}: the search ended with {done.returncode}: {done.stderr[-1500:]}")
    return int(runs[-1]) if runs else 0, failures


def main() -> None:
    """Search in this process; libFuzzer ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, required=True)
    asked = parser.parse_args()
    import tempfile

    import atheris

    sys.path[:0] = [str(_HERE), str(_HERE.parent)]
    with atheris.instrument_imports(include=["dxlib"]):
        from fuzz_groups import TARGETS as every
    import fuzz_inputs as inputs
    from fuzz_targets import Given, attempt
    from fuzz_watch import kind_of

    atheris.enabled_hooks.add("RegEx")
    target = every[asked.target]
    seen: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        corpus, scratch = Path(folder) / "corpus", Path(folder) / "scratch"
        corpus.mkdir()
        scratch.mkdir()
        for number in range(300):
            given = target.make(random.Random(f"{asked.seed}/{number}"), number)
            (corpus / str(number)).write_bytes(given.kept()[:_LONGEST])

        def one(data: bytes) -> None:
            is_file = asked.target.startswith("plain")
            given = Given(data, ".txt") if is_file else Given(data.decode("utf-8", "replace"))
            try:
                attempt(target, given, scratch)
            except Exception as error:
                kind = kind_of(error)
                if kind not in seen:
                    seen.add(kind)
                    (asked.keep / f"coverage-{asked.target.replace(' ', '-')}-{len(seen)}").write_bytes(data)
                    print(f"FAILED {asked.target} (coverage, kept as number {len(seen)}): {kind}", file=sys.stderr, flush=True)

        words = Path(folder) / "words"
        words.write_text(
            "\n".join(
                f'"{"".join(f"{chr(92)}x{byte:02x}" for byte in word.encode())}"' for word in inputs.WORDS if len(word) < 30
            )
        )
        options = [
            *(
                f"-max_total_time={asked.seconds}",
                f"-seed={asked.seed}",
                f"-max_len={_LONGEST}",
                "-timeout=20",
                "-rss_limit_mb=3000",
            ),
            *("-print_final_stats=1", "-close_fd_mask=1", f"-dict={words}", f"-artifact_prefix={asked.keep}/coverage-"),
        ]
        atheris.Setup([sys.argv[0], *options, str(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
