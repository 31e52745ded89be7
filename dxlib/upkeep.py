"""The commands that keep a workbench going: ``dxlib doctor`` and ``dxlib migrate``."""

from __future__ import annotations

import json
import logging

import click

from dxlib import __version__, log
from dxlib.terminal import examples

_LEVELS = {"ok": logging.INFO, "note": logging.WARNING, "problem": logging.ERROR}


@click.command(epilog=examples("dxlib doctor", "dxlib doctor --lang ja", "dxlib doctor --json > doctor.json"))
@click.option("--json", "as_json", is_flag=True, help="All findings as one JSON object.")
@click.option("--lang", type=click.Choice(("ja", "en")), default="en", show_default=True, help="Language of the findings.")
@click.pass_obj
def doctor(project: str | None, as_json: bool, lang: str) -> None:
    """Check this machine and the workbench: a line a check, with what to do.

    ok: all is well; note: something is missing or going on that stops nothing; problem: something will fail. Works also without a
    workbench, or with a broken one. Changes nothing, and needs no network. Exit status: 0 without a problem, 1 with one.
    """
    from dxlib.doctor import examine

    found = []
    for finding in examine(project):
        found.append(finding)
        told = finding.record(lang)
        log.event(
            "check", _LEVELS[finding.level], check=finding.check, status=finding.level, fact=told["fact"], remedy=told["remedy"]
        )
        if not as_json:
            log.say(finding.line(lang))
    if as_json:
        everything = {"dxlib": __version__, "checks": [finding.record(lang) for finding in found]}
        click.echo(json.dumps(everything, ensure_ascii=False, indent=1))
    if any(finding.level == "problem" for finding in found):
        click.get_current_context().exit(1)


@click.command(epilog=examples("dxlib migrate", "dxlib migrate --vintage 2022-07-01"))
@click.option(
    "--vintage", metavar="DAY", help="When the figures of a reference_value.csv without vintages were published: 2022-07-01."
)
@click.pass_obj
def migrate(project: str | None, vintage: str | None) -> None:
    """Make decisions (data/curated) of an older form those of this dxlib's; then run dxlib build.

    Every file that changes is kept as it was in data/curated/older. What only a person can know is asked for, never made up.
    """
    from dxlib.form import FORM
    from dxlib.migrate import migrate as migrate_decisions
    from dxlib.project import find_project

    place = find_project(project)
    done = migrate_decisions(place, vintage)
    kept = place.relative(done.kept) if done.kept else None
    log.event("migrated", before=done.before, after=FORM, changes=done.changes, kept=kept)
    for line in done.changes:
        log.say(line)
    if kept:
        log.say(f"the files as they were: {kept}")
    log.say("next: dxlib build" if done.changes else f"the decisions are of form {FORM}; nothing was changed")
