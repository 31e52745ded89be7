"""Data for tests of Excel and zip: everything that the workbench can give away, and a report about nothing."""

import re
from collections.abc import Sequence

from dxlib import columns
from dxlib.blocks import Citation, Data
from dxlib.indicators import Workbench
from dxlib.report.about import About, about

_NUMBERED = re.compile(r"&#x([0-9a-f]+);")

NOTHING = About(
    report_id="r",
    notebook="n",
    title="題",
    parameters={},
    lang="ja",
    made_with="dxlib 0",
    vintage=None,
    undated=[],
    citation="引用",
    caution="注意",
    documents=[],
    references=[],
    themes=[],
    columns=[],
    codes=[],
    warehouse="0" * 64,
)


def all_themes(bench: Workbench) -> list[str]:
    return [row[0] for row in bench.sql("SELECT theme_id FROM theme ORDER BY 1").fetchall()]


def tables(bench: Workbench, lang: str, themes: Sequence[str] = ("online_procedures",)) -> list[Data]:
    """Every table; pairs and sets of some themes, all values where there are several."""
    asked = [("values", bench.values(None if len(themes) > 1 else themes[0]))]
    asked += [(name, ask(theme)) for name, ask in (("pairs", bench.compare), ("group", bench.group)) for theme in themes]
    peers = bench.sql(
        """
        SELECT r.municipality_code, r.value AS population, r.as_of AS population_as_of, r.source AS population_source,
            '100000-300000' AS population_band, count(*) AS themes_addressed,
            sum(c.indicators)::BIGINT AS indicators, sum(c.measurable_targets)::BIGINT AS measurable_targets
        FROM reference_now r JOIN coverage c USING (municipality_code)
        WHERE r.item = 'population' GROUP BY ALL ORDER BY 1
        """
    )
    asked += [
        ("progress", bench.progress()),
        ("quality", bench.quality()),
        ("audit", bench.audit()),
        ("quality_score", bench.quality_score()),
        ("coverage", bench.coverage()),
        ("topics", bench.topics()),
        ("peers", peers),
    ]
    return columns.merged([columns.dataset(name, relation, lang) for name, relation in asked])


def described(bench: Workbench, data: Sequence[Data], lang: str, cited: Sequence[Citation] = ()) -> About:
    return about(
        bench,
        report_id=f"comparison-online_procedures-{lang}",
        notebook="comparison",
        title="行政手続のオンライン化",
        parameters={"theme": "online_procedures", "municipalities": ["242039", "242161"]},
        lang=lang,
        data=data,
        cited=cited,
    )


def from_numbered(text: str) -> str:
    """The text that `numbered` wrote.

    >>> from_numbered("ー&#x301c; &#x26;#x")
    'ー〜 &#x'
    """
    return _NUMBERED.sub(lambda match: chr(int(match[1], 16)), text)
