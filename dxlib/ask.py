"""The questions of the command line: themes, compare, progress, coverage, quality, audit, municipalities, similar, suggest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from dxlib.rules import SEVERITIES
from dxlib.terminal import examples, fetch, format_option, say, with_bench, write_rows

Record = dict[str, Any]


def _codes_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--municipality",
        "codes",
        multiple=True,
        metavar="NAME",
        help="Code or full name, such as 131016 or 千代田区; repeat for more. Default: all.",
    )(command)


def _lang_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--lang", type=click.Choice(("ja", "en")), default="en", show_default=True, help="Language of sentences in tables."
    )(command)


def _as_of_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--as-of", metavar="DAY", help="What was known by a day (2026-07-31) or month (2026-07).")(command)


def _write(relation: Any, style: str, columns: dict[str, Callable[[Record], Any]]) -> None:
    """All columns as CSV or JSON; as table the few a reader looks at first."""
    rows = fetch(relation)
    if style != "table":
        write_rows(relation.columns, rows, style)
        return
    records = [dict(zip(relation.columns, row, strict=True)) for row in rows]
    write_rows(list(columns), [[cell(record) for cell in columns.values()] for record in records], style)


def _city(lang: str, prefix: str = "") -> Callable[[Record], Any]:
    return _column(f"{prefix}municipality" if lang == "ja" else f"{prefix}municipality_en")


def _column(name: str) -> Callable[[Record], Any]:
    return lambda record: record[name]


def _number(name: str, decimals: int = 2) -> Callable[[Record], Any]:
    return lambda record: None if record[name] is None else round(record[name], decimals)


def _short(name: str, length: int = 28) -> Callable[[Record], Any]:
    def cell(record: Record) -> str | None:
        text: str | None = record[name]
        return text if text is None or len(text) <= length else text[: length - 1] + "…"

    return cell


@click.command(epilog=examples("dxlib themes"))
@format_option()
@with_bench
def themes(bench: Any, style: str) -> None:
    """List the themes, with how many indicators and municipalities answer each, and how many answer none."""
    relation = bench.themes()
    write_rows(relation.columns, fetch(relation), style)


@click.command(
    epilog=examples(
        "dxlib compare online_procedures",
        "dxlib compare telework --municipality 東京都千代田区 --municipality 131024 --format json",
        "dxlib compare online_procedures --group --role target --year 2026 --within 1",
    )
)
@click.argument("theme")
@_codes_option
@click.option("--group", is_flag=True, help="One row an indicator, in sets of comparable ones, instead of pairs.")
@click.option(
    "--role",
    type=click.Choice(("latest", "known", "target")),
    default="latest",
    show_default=True,
    help="Which value: the latest known (else the target), a known one, or a target.",
)
@click.option("--year", type=int, metavar="YEAR", help="Western year of the 年度. Default: the last of each.")
@click.option("--within", type=click.IntRange(min=0), default=0, help="With --year: how many years away a value may be.")
@click.option("--interpolate", is_flag=True, help="With --year: fill a missing year between two known ones; marked.")
@click.option("--years-apart", type=click.IntRange(min=0), metavar="N", help="Pairs further apart are not comparable.")
@_as_of_option
@_lang_option
@format_option()
@with_bench
def compare(
    bench: Any, theme: str, codes: tuple[str, ...], group: bool, years_apart: int | None, lang: str, style: str, **alignment: Any
) -> None:
    """Say which numbers of a theme may be compared, and why."""
    from dxlib.wording import printed_value

    def value(prefix: str) -> Callable[[Record], Any]:
        return lambda record: printed_value(record, lang, prefix) if record[f"{prefix}role"] else None

    if group:
        if years_apart is not None:
            raise click.UsageError("--years-apart is for pairs; with --group use --year and --within")
        _write(
            bench.group(theme, codes, **alignment),
            style,
            {
                "set": _column("comparable_set"),
                "municipality": _city(lang),
                "indicator": _short("indicator"),
                "value": value(""),
                "verdict": _column("verdict"),
                "by": _column("transformation_id"),
                "in the set": _number("set_value"),
                "differs in": _column(f"differing_{lang}"),
            },
        )
        return
    _write(
        bench.compare(theme, codes, years_apart=years_apart, **alignment),
        style,
        {
            "left": _city(lang, "left_"),
            "value": value("left_"),
            "right": _city(lang, "right_"),
            "value ": value("right_"),
            "verdict": _column("verdict"),
            "why": lambda record: _why(record, lang),
        },
    )


def _why(record: Record, lang: str) -> str:
    if record["verdict"] == "not comparable":
        return str(record[f"differing_{lang}"])
    used = [name for name in (record["left_transformation"], record["right_transformation"]) if name]
    unstated = record[f"unstated_{lang}"]
    return "; ".join([*dict.fromkeys(used), *([f"not stated in either: {unstated}"] if unstated else [])])


@click.command(
    epilog=examples("dxlib progress", "dxlib progress telework --municipality 131016", "dxlib progress --as-of 2026-07")
)
@click.argument("theme", required=False)
@_codes_option
@_as_of_option
@_lang_option
@format_option()
@with_bench
def progress(bench: Any, theme: str | None, codes: tuple[str, ...], as_of: str | None, lang: str, style: str) -> None:
    """Say how far each indicator is on its way to the target, or why that cannot be computed."""
    _write(
        bench.progress(theme, codes, as_of=as_of),
        style,
        {
            "municipality": _city(lang),
            "indicator": _short("indicator"),
            "baseline": _number("baseline_value"),
            "latest": _number("latest_value"),
            "year": _column("latest_year"),
            "target": _number("target_value"),
            "by": _column("target_year"),
            "unit": _column("unit"),
            "attained %": _number("attainment_pct", 1),
            "of path %": _number("share_of_path_pct", 1),
            "pace": _number("pace"),
            "class": _column("class"),
            "still a year": _number("required_per_year"),
            "arrives": _number("arrival_year", 1),
            "note": _column(f"reason_{lang}"),
        },
    )


@click.command(epilog=examples("dxlib coverage", "dxlib coverage --topics --version 2.3"))
@_codes_option
@click.option("--topics", is_flag=True, help="By topic of the national plan (重点取組事項) instead of by theme.")
@click.option("--version", metavar="VERSION", help="With --topics: version of the national plan. Default: the newest.")
@format_option()
@with_bench
def coverage(bench: Any, codes: tuple[str, ...], topics: bool, version: str | None, style: str) -> None:
    """Say which municipality addresses which theme or national topic, and with how many measurable targets."""
    if version and not topics:
        raise click.UsageError("--version goes with --topics")
    names = ("measures", "indicators", "measurable_targets", "reviewed_indicators", "coverage")
    _write(
        bench.topics(version, codes) if topics else bench.coverage(codes),
        style,
        {
            **({"version": _column("version"), "topic": _column("topic")} if topics else {"theme": _column("theme_id")}),
            "municipality": _column("municipality"),
            **{name.replace("_", " "): _column(name) for name in names},
        },
    )


@click.command(epilog=examples("dxlib quality", "dxlib quality --score", "dxlib quality --rule no-baseline"))
@_codes_option
@click.option("--score", is_flag=True, help="How many checks each plan meets, x of n, instead of the findings.")
@click.option("--rule", metavar="RULE", help="One rule only.")
@_lang_option
@format_option()
@with_bench
def quality(bench: Any, codes: tuple[str, ...], score: bool, rule: str | None, lang: str, style: str) -> None:
    """Read plans against the KPI quality rules (docs/rules.md)."""
    if score:
        if rule:
            raise click.UsageError("--rule goes with the findings, not with --score")
        _write(
            bench.quality_score(codes),
            style,
            {
                "plan": _column("plan"),
                "rule": lambda record: record["rule_id"] or "(all)",
                "met": _column("met"),
                "of": _column("applicable"),
            },
        )
        return
    _write(bench.quality(codes, rule=rule), style, _finding_columns(lang))


def _finding_columns(lang: str) -> dict[str, Callable[[Record], Any]]:
    return {
        "place": lambda record: f"{record['document_id']}:{record['line']}",
        "rule": _column("rule_id"),
        "severity": _column("severity"),
        "finding": _column(f"text_{lang}"),
    }


@click.command(
    epilog=examples("dxlib audit", "dxlib audit --severity error --lang ja", "dxlib audit --format csv > findings.csv")
)
@_codes_option
@click.option("--rule", metavar="RULE", help="One rule only.")
@click.option("--severity", type=click.Choice(SEVERITIES), help="One severity only.")
@_lang_option
@format_option()
@with_bench
def audit(bench: Any, codes: tuple[str, ...], rule: str | None, severity: str | None, lang: str, style: str) -> None:
    """Recompute what the plans print and say what does not hold (docs/rules.md)."""
    _write(bench.audit(codes, rule=rule, severity=severity), style, _finding_columns(lang))


@click.command(
    epilog=examples(
        "dxlib municipalities 府中", "dxlib municipalities --prefecture 東京都 --format csv", "dxlib municipalities 131016"
    )
)
@click.argument("text", default="")
@click.option("--prefecture", metavar="NAME", help="Only those in this prefecture, such as 東京都.")
@format_option()
def municipalities(text: str, prefecture: str | None, style: str) -> None:
    """List the prefectures, municipalities and wards of Japan, or those with TEXT in code, name or kana.

    Needs no workbench. Which of them have a plan here: dxlib coverage.
    """
    from dxlib.municipality import search

    columns = ("code", "kind", "name", "kana", "prefecture", "county", "city")
    write_rows(columns, [[getattr(found, column) or None for column in columns] for found in search(text, prefecture)], style)


@click.command(
    epilog=examples(
        "dxlib similar オンライン申請率",
        "dxlib similar 電子決裁率 --unit % --without 131016",
        "dxlib similar スマホ教室の参加者数 -n 3 --format json",
    )
)
@click.argument("text")
@click.option("--unit", metavar="UNIT", help="Only indicators with values in this unit, as printed.")
@click.option("--without", multiple=True, metavar="CODE|NAME", help="Leave a municipality out, such as the own; repeat for more.")
@click.option("-n", "count", type=click.IntRange(min=1), default=10, show_default=True, help="How many at most.")
@_lang_option
@format_option()
@with_bench
def similar(bench: Any, text: str, unit: str | None, without: tuple[str, ...], count: int, lang: str, style: str) -> None:
    """List measures and indicators that are worded like TEXT, with their values and source lines."""
    from dxlib.suggest import Suggester

    suggestion = Suggester.of(bench).suggest(text, unit)
    if suggestion.theme:
        say(f"its theme may be {suggestion.theme} (confidence {suggestion.confidence:.2f})", err=True)
    _write(
        bench.similar(text, count, unit=unit, without=without),
        style,
        {
            "similarity": _number("similarity"),
            "municipality": _city(lang),
            "measure": _short("measure"),
            "indicator": _short("indicator", 36),
            "theme": _column("theme_id"),
            "printed": _column("printed"),
            "place": lambda record: f"{record['document_id']}:{record['line']}",
        },
    )


@click.command(
    epilog=examples(
        "dxlib suggest",
        "dxlib suggest --municipality 131016 --format csv",
        "dxlib suggest --write to-decide.csv",
        "dxlib import facets to-decide.csv",
    )
)
@_codes_option
@click.option("--document", "documents", multiple=True, metavar="ID", help="Only indicators of this document; repeat for more.")
@click.option(
    "--write",
    "sheet",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a new CSV for Excel, to fill in the column decision with accept, change or reject.",
)
@_lang_option
@format_option()
@with_bench
def suggest(bench: Any, codes: tuple[str, ...], documents: tuple[str, ...], sheet: Path | None, lang: str, style: str) -> None:
    """Suggest themes and facets of indicators that have no row in facets.csv.

    Suggestions enter no comparison: with --write, decide in the sheet, then run dxlib import facets and dxlib build.
    """
    from dxlib.suggest import unlabelled

    found = unlabelled(bench, codes, documents)
    if sheet is not None:
        from dxlib.confirm import write_sheet

        write_sheet(sheet, bench.project, found, lang)
        say(f"{len(found)} indicators to decide in {sheet}")
        return
    if not found:
        click.echo("nothing to decide: every indicator asked for has a row in data/curated/facets.csv", err=True)
    shown = ("municipality", "indicator", "unit", "theme", "confidence", "reasons") if style == "table" else None
    records = [_suggested(example, suggestion, lang) for example, suggestion in found]
    columns = shown or tuple(_SUGGESTED)
    write_rows(columns, [[record[column] for column in columns] for record in records], style)


_SUGGESTED = (
    "indicator_id",
    "municipality_code",
    "municipality",
    "measure",
    "indicator",
    "unit",
    "theme",
    "confidence",
    "better",
    "facets",
    "reasons",
    "document_id",
    "line",
)


def _suggested(example: Any, suggestion: Any, lang: str) -> Record:
    return {
        "indicator_id": example.indicator_id,
        "municipality_code": example.municipality_code,
        "municipality": example.municipality if lang == "ja" else example.municipality_en,
        "measure": example.measure,
        "indicator": example.name or None,
        "unit": example.wording.unit or None,
        "theme": suggestion.theme,
        "confidence": suggestion.confidence,
        "better": suggestion.facets["better"],
        "facets": [f"{facet}={value}" for facet, value in suggestion.facets.items() if facet != "better" and value != "unknown"],
        "reasons": suggestion.reasons(lang),
        "document_id": example.document_id,
        "line": example.line,
    }


QUESTIONS = (themes, compare, progress, coverage, quality, audit, municipalities, similar, suggest)
