"""Keys, references and ranges of every table: those the schema declares, and those that only views rely on."""

from __future__ import annotations

from typing import Any

import duckdb

from dxlib.municipality import check_digit
from dxlib.verify.opened import EDITED, Opened
from dxlib.verify.proof import Check, Proof, shown
from dxlib.warehouse import schema_sql

_COUNTRY = "000000"
_NAMED = 20
# References that no constraint states: rows of the first must be among those of the second.
_LOGICAL = {
    "themes name topics of the national plan": ("SELECT topic_id FROM theme_topic", "SELECT topic_id FROM topic"),
    "transformations divide by known items": (
        "SELECT item FROM transformation WHERE item IS NOT NULL",
        "SELECT item FROM reference_item",
    ),
    "official figures are of known items": ("SELECT item FROM reference_value", "SELECT item FROM reference_item"),
    "official items divide known items": (
        "SELECT unnest([numerator_item, denominator_item]) FROM reference_item WHERE numerator_item IS NOT NULL",
        "SELECT item FROM reference_item",
    ),
    "measures stand in their plan's document": (
        "SELECT plan_id, document_id FROM measure",
        "SELECT plan_id, document_id FROM plan",
    ),
    "parts of measures stand in their measure's document": (
        "SELECT measure_id, document_id FROM measure_attribute UNION SELECT measure_id, document_id FROM milestone"
        " UNION SELECT measure_id, document_id FROM indicator",
        "SELECT measure_id, document_id FROM measure",
    ),
    "values stand in their indicator's document": (
        "SELECT indicator_id, document_id FROM observation",
        "SELECT indicator_id, document_id FROM indicator",
    ),
    "verdicts stand in their value's document": (
        "SELECT observation_id, document_id FROM evaluation",
        "SELECT observation_id, document_id FROM observation",
    ),
    "decided values belong to known measures": (
        "SELECT measure_id FROM decided_fact WHERE measure_id IS NOT NULL",
        "SELECT measure_id FROM measure",
    ),
    "corrections that apply name a decided value": (
        "SELECT fact_key FROM correction WHERE fact_key IS NOT NULL",
        "SELECT fact_key FROM decided_fact",
    ),
    "reviewed values are decided": (
        "SELECT fact_key, review FROM observation WHERE review IS NOT NULL UNION ALL"
        " SELECT fact_key, review FROM statistic WHERE review IS NOT NULL",
        "SELECT fact_key, outcome FROM decided_fact",
    ),
    "every indicator of a theme has every facet": (
        "SELECT t.indicator_id, v.facet FROM indicator_theme t, (SELECT DISTINCT facet FROM facet_value) v",
        "SELECT indicator_id, facet FROM facet",
    ),
    "ids of indicators begin with their measure's": (
        "SELECT indicator_id, measure_id FROM indicator WHERE NOT starts_with(indicator_id, measure_id || '.')",
        "SELECT '', ''",
    ),
    "ids of values begin with their indicator's": (
        "SELECT observation_id, indicator_id FROM observation WHERE NOT starts_with(observation_id, indicator_id || '.')",
        "SELECT '', ''",
    ),
    "findings are of known rules": ("SELECT rule_id FROM finding", "SELECT rule_id FROM rule"),
    "findings are about known indicators": (
        "SELECT indicator_id FROM finding WHERE indicator_id IS NOT NULL",
        "SELECT indicator_id FROM indicator",
    ),
    "findings rest on known values": (
        "SELECT DISTINCT unnest(inputs) FROM finding",
        "SELECT observation_id FROM observation UNION ALL SELECT recorded_id FROM recorded_actual"
        " UNION ALL SELECT statistic_id FROM statistic UNION ALL SELECT indicator_id FROM indicator"
        " UNION ALL SELECT measure_id || '#' || position FROM milestone",
    ),
    "progress rests on known values": (
        "SELECT DISTINCT unnest(inputs) FROM progress",
        "SELECT observation_id FROM observation UNION ALL SELECT recorded_id FROM recorded_actual"
        " UNION ALL SELECT measure_id || '#' || position FROM milestone",
    ),
    "every indicator has one row of progress": ("SELECT indicator_id FROM indicator", "SELECT indicator_id FROM progress"),
    "progress is of indicators": ("SELECT indicator_id FROM progress", "SELECT indicator_id FROM indicator"),
    "every value has one row among the facts": (
        "SELECT observation_id FROM observation UNION ALL SELECT recorded_id FROM recorded_actual",
        "SELECT observation_id FROM fact",
    ),
}


def _values(printed: str, wrong: str) -> str:
    """Values of indicators, and numbers of running text, for which something wrong holds."""
    return f"""
        SELECT 'observation ' || observation_id, {printed} FROM observation WHERE {wrong}
        UNION ALL
        SELECT 'statistic ' || statistic_id, {printed} FROM statistic WHERE {wrong}"""


# What no row may be: a claim, and what does not fit it (table and key, what stands there).
_RANGES = {
    "plans run for 1 to 30 years between 1989 and 2100": """
        SELECT 'plan ' || plan_id, first_fiscal_year || '-' || last_fiscal_year FROM plan
        WHERE first_fiscal_year < 1989 OR last_fiscal_year > 2100 OR NOT last_fiscal_year - first_fiscal_year BETWEEN 0 AND 30""",
    "days lie between 1868 and 2200": f"""{_values("as_of::VARCHAR", "NOT as_of BETWEEN '1868-01-01' AND '2200-01-01'")}
        UNION ALL
        SELECT 'reference_value ' || municipality_code || ' ' || item, as_of::VARCHAR FROM reference_value
        WHERE NOT as_of BETWEEN '1868-01-01' AND '2200-01-01'""",
    "parts of fractions are not negative": _values("numerator || '/' || denominator", "numerator < 0 OR denominator < 0"),
    "shares in percent lie within ten thousand": f"""{_values("value::VARCHAR", "unit = '%' AND abs(value) > 10000")}
        UNION ALL
        SELECT 'evaluation ' || observation_id, attainment_printed_pct::VARCHAR FROM evaluation
        WHERE abs(attainment_printed_pct) > 100000""",
    "ranges begin below their end": _values("value_low || ' to ' || value", "comparator = 'range' AND value_low > value"),
    "official shares are not negative, answers yes or no": """
        SELECT 'reference_value ' || r.municipality_code || ' ' || r.item || ' ' || r.as_of, r.value::VARCHAR
        FROM reference_value r JOIN reference_item i USING (item)
        WHERE (i.kind = 'share' AND r.value < 0) OR (i.kind = 'yes-no' AND r.value NOT IN (0, 1))""",
    "official figures are published after their day": """
        SELECT 'reference_value ' || municipality_code || ' ' || item, as_of || ' in ' || vintage
        FROM reference_value WHERE as_of::VARCHAR > vintage || right('-12-31', 10 - length(vintage))""",
    "results are recorded after their year began": """
        SELECT 'recorded_actual ' || recorded_id, recorded_on::VARCHAR FROM recorded_actual
        WHERE recorded_on < coalesce(as_of, make_date(fiscal_year, 4, 1), make_date(calendar_year, 1, 1))""",
    "counts of coverage and quality fit together": """
        SELECT 'quality_score ' || plan_id || ' ' || coalesce(rule_id, ''), met || ' of ' || applicable FROM quality_score
        WHERE met > applicable OR met + len(not_met) <> applicable
        UNION ALL
        SELECT 'coverage ' || municipality_code || ' ' || theme_id, measurable_targets || ' of ' || indicators FROM coverage
        WHERE measurable_targets > indicators + measures * 100 OR least(measures, indicators, measurable_targets) < 0""",
}


def check_keys(proof: Proof, opened: Opened) -> None:
    """All checks of keys and ranges."""
    constraints = _constraints()
    proof.run("primary-key", "keys of tables are unique and not empty", lambda c: _unique(c, opened, constraints))
    proof.run("foreign-key", "references the schema declares lead to a row", lambda c: _foreign(c, opened, constraints))
    proof.run("reference", "references that views rely on lead to a row", lambda c: _logical(c, opened))
    proof.run("range", "values lie in their range", lambda c: _ranges(c, opened, constraints))
    proof.run("finite", "numbers are numbers", lambda c: _finite(c, opened))
    proof.run("code", "municipality codes have their check digit", lambda c: _codes(c, opened))


def _constraints() -> list[dict[str, Any]]:
    """Those of the schema as the package has it: a warehouse may have lost its own."""
    with duckdb.connect() as beside:
        beside.execute("\n".join(line for line in schema_sql().splitlines() if not line.startswith("COMMENT")))
        relation = beside.execute(
            "SELECT table_name, constraint_type, constraint_column_names, expression, referenced_table, referenced_column_names"
            " FROM duckdb_constraints() ORDER BY table_oid, constraint_index"
        )
        names = [column[0] for column in relation.description or ()]
        return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def _count(opened: Opened, table: str) -> int:
    return int(opened.rows(f"SELECT count(*) FROM {table}")[0][0])


def _unique(check: Check, opened: Opened, constraints: list[dict[str, Any]]) -> None:
    for constraint in constraints:
        if constraint["constraint_type"] not in ("PRIMARY KEY", "UNIQUE"):
            continue
        table, columns = constraint["table_name"], constraint["constraint_column_names"]
        listed, is_primary = ", ".join(f'"{c}"' for c in columns), constraint["constraint_type"] == "PRIMARY KEY"
        some = " AND ".join(f'"{c}" IS NOT NULL' for c in columns)
        wrong = opened.rows(
            f"SELECT {listed}, count(*) FROM {table} {'' if is_primary else f'WHERE {some}'} GROUP BY {listed}"
            f" HAVING count(*) > 1 OR NOT ({some}) LIMIT {_NAMED}"
        )
        for *key, count in wrong:
            check.wrong(
                f"{table} {' '.join(map(str, key))}", f"the key ({', '.join(columns)}) stands there {count} times", EDITED
            )
        check.proved(_count(opened, table) - len(wrong))


def _foreign(check: Check, opened: Opened, constraints: list[dict[str, Any]]) -> None:
    for constraint in constraints:
        if constraint["constraint_type"] != "FOREIGN KEY":
            continue
        table, columns = constraint["table_name"], constraint["constraint_column_names"]
        other, its = constraint["referenced_table"], constraint["referenced_column_names"]
        listed, some = ", ".join(f't."{c}"' for c in columns), " AND ".join(f't."{c}" IS NOT NULL' for c in columns)
        on = " AND ".join(f'o."{theirs}" = t."{mine}"' for mine, theirs in zip(columns, its, strict=True))
        wrong = opened.rows(f"SELECT {listed} FROM {table} t ANTI JOIN {other} o ON {on} WHERE {some} LIMIT {_NAMED}")
        for key in wrong:
            check.wrong(f"{table} {' '.join(map(str, key))}", f"there is no such row in {other}", EDITED)
        check.proved(int(opened.rows(f"SELECT count(*) FROM {table} t WHERE {some}")[0][0]) - len(wrong))


def _logical(check: Check, opened: Opened) -> None:
    for claim, (rows, among) in _LOGICAL.items():
        wrong = opened.rows(f"({rows}) EXCEPT ({among}) LIMIT {_NAMED}")
        for row in wrong:
            check.wrong(" ".join(map(str, row)), f"does not hold: {claim}", EDITED)
        check.proved(int(opened.rows(f"SELECT count(*) FROM ({rows})")[0][0]) - len(wrong))


def _ranges(check: Check, opened: Opened, constraints: list[dict[str, Any]]) -> None:
    for constraint in constraints:
        if constraint["constraint_type"] == "CHECK":
            table, rule = constraint["table_name"], constraint["expression"]
            wrong = opened.rows(f"SELECT t::VARCHAR FROM {table} t WHERE NOT ({rule}) LIMIT {_NAMED}")
            for (row,) in wrong:
                check.wrong(f"table {table}", f"does not hold: {rule}: {shown(row, 160)}", EDITED)
            check.proved(_count(opened, table) - len(wrong))
    for claim, sql in _RANGES.items():
        wrong = opened.rows(f"SELECT * FROM ({sql}) LIMIT {_NAMED}")
        for place, found in wrong:
            check.wrong(place, f"does not hold: {claim}: {found}", EDITED)
        check.proved(0 if wrong else 1)


def _finite(check: Check, opened: Opened) -> None:
    columns = opened.rows(
        "SELECT c.table_name, c.column_name FROM duckdb_columns() c JOIN duckdb_tables() t USING (database_name, table_name)"
        " WHERE c.database_name = 'warehouse' AND c.data_type = 'DOUBLE' ORDER BY ALL"
    )
    for table, column in columns:
        wrong = opened.rows(f'SELECT t::VARCHAR FROM {table} t WHERE NOT isfinite("{column}") LIMIT {_NAMED}')
        for (row,) in wrong:
            check.wrong(f"table {table}, column {column}", f"is no finite number in {shown(row, 160)}", EDITED)
        check.proved(int(opened.rows(f'SELECT count("{column}") FROM {table}')[0][0]) - len(wrong))


def _codes(check: Check, opened: Opened) -> None:
    for table, column in (("municipality", "code"), ("reference_value", "municipality_code"), ("document", "municipality_code")):
        for code, count in opened.rows(f"SELECT {column}, count(*) FROM {table} GROUP BY ALL ORDER BY ALL"):
            fits = code == _COUNTRY or (len(code) == 6 and code.isdecimal() and check_digit(code[:5]) == code[5])
            found = f"the check digit of {code} is wrong"
            if check.expect(fits, f"{table}.{column} {code}", found, "correct the code in data/curated, then run: dxlib build"):
                check.proved(count - 1)
