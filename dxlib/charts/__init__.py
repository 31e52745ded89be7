"""Pictures: one Altair theme, few chart functions. They take rows and words, and know no warehouse.

A frame is a pandas or polars DataFrame or a list of mappings; a missing value is None or NaN, and is never drawn as 0. Its texts
may say anything: columns have fixed names, and no text becomes a field name, an expression or markup. Every chart is about
680 px wide (170 mm on paper), grows with its rows, and says nothing by colour alone.
"""

from dxlib.charts.canvas import Chart, nice_limits
from dxlib.charts.cells import coverage_heatmap, gap_to_target, verdict_matrix
from dxlib.charts.counts import distribution
from dxlib.charts.drawing import svg
from dxlib.charts.maps import area_map
from dxlib.charts.years import path_to_target, slope, values_by_year

__all__ = [
    "Chart",
    "area_map",
    "coverage_heatmap",
    "distribution",
    "gap_to_target",
    "nice_limits",
    "path_to_target",
    "slope",
    "svg",
    "values_by_year",
    "verdict_matrix",
]
