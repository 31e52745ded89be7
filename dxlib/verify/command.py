"""The command ``dxlib verify``."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from dxlib.terminal import examples

if TYPE_CHECKING:
    from dxlib.verify.proof import Check

_SHOWN = 20  # findings of one check on paper; --json has them all


@click.command(
    epilog=examples(
        "dxlib verify",
        "dxlib verify --report comparison-online_procedures-ja",
        "dxlib verify --report /share/reports/briefing-telework-131016-ja --json",
    )
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FOLDER|ID",
    help="A report, by folder or id; repeat for more. Default: all in reports/.",
)
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON on stdout.")
@click.pass_obj
def verify(project: str | None, reports: tuple[str, ...], as_json: bool) -> None:
    """Prove the warehouse and its reports again: every quote, key, range, hash and computed number. Writes nothing.

    One line a check with how many things it proved, then what does not hold: place, what stands there, what to do. Exit status
    0: all proved, 1: something is wrong, 2: wrong usage. docs/verify.md lists the checks.
    """
    from dxlib.project import find_project
    from dxlib.verify.run import verify as prove

    start = time.perf_counter()
    proof = prove(find_project(project), reports, None if as_json else _tell)
    seconds = time.perf_counter() - start
    count, failed = sum(check.count for check in proof.checks), sum(check.failed for check in proof.checks)
    if as_json:
        content = {"holds": proof.holds, "proved": count, "wrong": failed, "seconds": round(seconds, 3)}
        click.echo(json.dumps({**content, "checks": [asdict(check) for check in proof.checks]}, ensure_ascii=False, indent=1))
    else:
        for check in proof.checks:
            for finding in check.findings[:_SHOWN]:
                click.echo(f"wrong: [{finding.check}] {finding.place}: {finding.found}\n  {finding.remedy}")
            if check.failed > _SHOWN:
                click.echo(f"wrong: [{check.key}] … and {check.failed - _SHOWN} more")
        verdict = "all of it holds" if proof.holds else f"{failed} things do not hold"
        click.echo(f"{len(proof.checks)} checks, {count:,} things proved, {verdict}, {seconds:.1f} s")
    if not proof.holds:
        click.get_current_context().exit(1)


def _tell(check: Check) -> None:
    state = "ok   " if not check.failed else "WRONG"
    about = f" ({check.about})" if check.about else ""
    wrong = f", {check.failed:,} wrong" if check.failed else ""
    click.echo(f"{state}  {check.key:<15} {check.count:>9,} {check.claim}{wrong}{about}")
