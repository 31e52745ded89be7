"""Every hostile text (tests/hostile/) in every place, through every output, and every bomb: ``python tests/soak/hostile.py --out FILE.json``.

With ``--count N`` only N texts are taken; ``--seed`` says which of them stands first where only one can.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import pushed  # noqa: E402
import pushes  # noqa: E402
from bombs import BOMBS, write_bombs  # noqa: E402
from conftest import copy_project  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from test_browser import CHROMIUM  # noqa: E402

from dxlib.indicators import Workbench  # noqa: E402

TURNS = 6  # reports in which every text is replaced, each time by another one


def through_all(
    tally: pushes.Tally, browser: Any, texts: list[str], seed: int, folder: Path, step: Callable[[str], None]
) -> None:
    """All paths but the bombs."""
    out = folder / "out"
    (out / "reports").mkdir(parents=True)
    project = pushed.workbench(folder / "bench", texts, seed)
    step("built")
    bare = [text.replace("\0", "") for text in texts]
    themes = [pushed.theme_id(bare, number) for number in range((len(bare) - 1) // pushed.A_THEME + 1)]
    base = pushes.through_pages(tally, browser, project, texts, out, themes[:2], ["ja"], pdf=True)
    step("pages in Japanese")
    pushes.through_pages(tally, browser, project, texts, out, themes[2:4], ["en"], pdf=False)
    step("pages in English")
    with Workbench(project) as bench:
        for turn in range(TURNS):
            pushes.through_blocks(tally, browser, bench, base, texts, out, seed + turn * (len(texts) // TURNS))
    step("blocks")
    pushes.through_commands(tally, project, texts, themes[:2])
    step("commands")
    pushes.through_questions(tally, project, texts)
    pushes.through_arguments(tally, project, texts[::4])
    step("questions and arguments")
    (folder / "names").mkdir()
    pushes.through_names(tally, texts, folder / "names")
    step("names")
    own = copy_project(folder / "own")
    shutil.copy(project.warehouse, own.warehouse)
    pushes.through_parameters(tally, browser, own, [text for text in texts if text.strip()], out / "reports")
    step("parameters")


def main() -> int:
    """Push, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, help="not used: the work is always the same")
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    start, tally = time.perf_counter(), pushes.Tally()
    rows = pushed.read_strings()
    texts = [row.text for row in rows][: asked.count]
    ended: dict[str, str] = {}

    def step(what: str) -> None:
        print(
            f"{time.perf_counter() - start:5.0f} s  {what}: {tally.pushes.total()} pushes, {len(tally.failures)} failures",
            flush=True,
        )

    with tempfile.TemporaryDirectory(prefix="dxlib-hostile-") as name, sync_playwright() as playwright:
        if CHROMIUM is None:
            raise SystemExit("no Chromium on this machine")
        folder = Path(name)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        through_all(tally, browser, texts, asked.seed, folder, step)
        browser.close()
        for bomb in BOMBS:
            (path,) = write_bombs(folder, [bomb])
            ended[bomb], wrong = pushes.explode(path)
            tally.count("bombs", 1, wrong)
            path.unlink()
        step("bombs")
    figures = {"hostile texts": len(texts), "kinds of them": len({row.kind for row in rows}), "pushes": tally.pushes.total()}
    figures |= {f"pushes: {where}": count for where, count in sorted(tally.pushes.items())}
    result = {"suite": "hostile", "seconds": round(time.perf_counter() - start, 1), "seed": asked.seed, "figures": figures}
    asked.out.write_text(
        json.dumps({**result, "failures": tally.failures, "bombs": ended}, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    for failure in tally.failures[:20]:
        print(failure.encode("ascii", "backslashreplace").decode()[:400])
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
