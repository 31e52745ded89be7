"""Pictures: one Altair theme, few chart functions. They take frames and know no warehouse.

Colours: 政策ダッシュボード用テーマ (digital-go-jp/policy-dashboard-assets): one hue and greys.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Literal

import altair as alt

if TYPE_CHECKING:
    import pandas as pd

BLUES = ("#0017C1", "#7096F8", "#4D4D4D", "#999999")
_SHAPES = ("circle", "square", "triangle-up", "diamond")
_FONT = "BIZ UDPGothic, Noto Sans CJK JP, Noto Sans JP, sans-serif"


@alt.theme.register("dxlib", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    return alt.theme.ThemeConfig(
        config={
            "font": _FONT,
            "background": "#FFFFFF",
            "title": {"fontSize": 14, "anchor": "start", "fontWeight": "bold", "color": "#1A1A1A"},
            "axis": {
                "labelFontSize": 12,
                "titleFontSize": 12,
                "labelColor": "#4D4D4D",
                "titleColor": "#4D4D4D",
                "gridColor": "#E6E6E6",
            },
            "legend": {"labelFontSize": 12, "titleFontSize": 12, "orient": "bottom", "labelLimit": 600},
            "view": {"stroke": None},
        }
    )


class Figure:
    """A chart as inline SVG with its alternative text and caption."""

    def __init__(self, chart: alt.TopLevelMixin, alt_text: str, caption: str = "") -> None:
        self.chart, self.alt_text, self.caption = chart, alt_text, caption

    def svg(self) -> str:
        """The chart as SVG; drawn by vl-convert, without a network."""
        import vl_convert

        return vl_convert.vegalite_to_svg(self.chart.to_dict())

    def _repr_html_(self) -> str:
        label = escape(self.alt_text, quote=True)
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        return f'<figure class="dx-figure"><div role="img" aria-label="{label}">{self.svg()}</div>{caption}</figure>'

    def __repr__(self) -> str:
        return f"Figure({self.alt_text!r})"


def _labels(base: alt.Chart, kind: str, align: Literal["left", "right"], dx: int) -> Any:
    """Known values are labelled on their left, targets on their right, so that a year with both stays legible."""
    marked = base.transform_filter(f"datum.kind == '{kind}'")
    return marked.mark_text(align=align, dx=dx, dy=-7, fontSize=11, color="#1A1A1A").encode(text="label:N")


def paths(panels: list[tuple[str, pd.DataFrame]], axis_title: str, legend_title: str) -> Any:
    """One panel per definition: values over the years, results solid and filled, targets dashed and hollow.

    Args:
        panels: (title, frame) for each definition; frames have the columns ``series`` (text), ``year``
            (int), ``value`` (float), ``kind`` (``known`` or ``target``) and ``label`` (text).
        axis_title: title of the year axis.
        legend_title: title of the legend.
    """
    charts = []
    for title, frame in panels:
        series = sorted(frame["series"].unique())
        legend = alt.Legend(title=legend_title, orient="bottom") if len(series) > 1 else None
        colour = alt.Color(
            "series:N",
            legend=legend,
            sort=series,
            scale=alt.Scale(domain=series, range=[BLUES[i % 4] for i in range(len(series))]),
        )
        shape = alt.Shape(
            "series:N",
            legend=legend,
            sort=series,
            scale=alt.Scale(domain=series, range=[_SHAPES[i % 4] for i in range(len(series))]),
        )
        years = list(range(int(frame["year"].min()), int(frame["year"].max()) + 1))
        x = alt.X("year:O", title=axis_title, scale=alt.Scale(domain=years), axis=alt.Axis(labelAngle=0))
        y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=True))
        base = alt.Chart(frame)
        layers = [
            base.mark_line(strokeWidth=2, strokeDash=[5, 4]).encode(x=x, y=y, color=colour),
            base.transform_filter("datum.kind == 'known'").mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour),
            base.transform_filter("datum.kind == 'known'")
            .mark_point(filled=True, size=90, opacity=1)
            .encode(x=x, y=y, color=colour, shape=shape),
            base.transform_filter("datum.kind == 'target'")
            .mark_point(size=80, strokeWidth=2, fill="#FFFFFF", opacity=1)
            .encode(x=x, y=y, color=colour, shape=shape),
            _labels(base, "known", "right", -8).encode(x=x, y=y),
            _labels(base, "target", "left", 8).encode(x=x, y=y),
        ]
        charts.append(alt.layer(*layers).properties(title=title, width=560, height=max(120, 60 + 60 * len(series))))
    return alt.vconcat(*charts).resolve_scale(color="independent", shape="independent", x="independent")
