"""Which municipalities are near another one, or large, by their newest population."""

from __future__ import annotations

from collections.abc import Sequence

from dxlib.errors import QueryError
from dxlib.indicators import Workbench

_POPULATION = """
    SELECT municipality_code AS code, arg_max(value, as_of) AS n
    FROM reference_now WHERE item = 'population' AND value > 0 GROUP BY 1
"""


def nearest_in_population(bench: Workbench, code: str, most: int, theme: str = "") -> list[str]:
    """The municipalities with a plan whose population is nearest; those without a figure come last.

    Args:
        bench: an open warehouse.
        code: the municipality that is compared.
        most: how many.
        theme: only those whose plans have an indicator of this theme; all when empty.
    """
    among = "definition WHERE theme_id = ?" if theme else "document"
    question = f"""
        WITH p AS ({_POPULATION})
        SELECT d.code FROM (SELECT DISTINCT municipality_code AS code FROM {among}) d LEFT JOIN p USING (code)
        WHERE d.code <> ? ORDER BY abs(p.n - (SELECT n FROM p WHERE code = ?)) NULLS LAST, d.code LIMIT ?
    """
    return [row[0] for row in bench.sql(question, [*([theme] if theme else []), code, code, most]).fetchall()]


def chosen(bench: Workbench, codes: Sequence[str], most: int, around: str = "") -> list[str]:
    """Some of many municipalities, by code: those nearest in population to one of them, or the largest.

    Args:
        bench: an open warehouse.
        codes: the many.
        most: how many of them.
        around: the one; the largest are chosen when it is empty.
    """
    populations = dict(
        bench.sql(f"{_POPULATION} HAVING list_contains(?, municipality_code)", [[*codes, around]], sees=codes).fetchall()
    )
    own = populations.get(around, 0.0)
    far = {code: abs(populations[code] - own) if around else -populations[code] for code in codes if code in populations}
    order = sorted(codes, key=lambda code: (code != around, code not in far, far.get(code, 0.0), code))
    return sorted(order[:most])


def beside(bench: Workbench, theme: str, municipalities: Sequence[str], highlight: str, nearest: int) -> Sequence[str]:
    """The municipalities that a comparison is asked for: those named, or one and its nearest in population.

    Raises:
        QueryError: the nearest are asked for without the one they are near to, beside others, or not as a number from 0.
    """
    if not nearest:
        return municipalities
    if nearest < 0 or not highlight or municipalities:
        raise QueryError(
            "the nearest municipalities are those nearest to one",
            code="nearest-invalid",
            hint="give highlight a municipality, nearest a number above 0, and leave municipalities empty",
        )
    (code,) = bench.check_municipalities([highlight])
    return [code, *nearest_in_population(bench, code, nearest, bench.check_theme(theme))]
