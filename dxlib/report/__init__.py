"""Reports: notebooks run through papermill, written as HTML, PDF, Excel and zip."""

from dxlib.report.parameters import parse_parameters
from dxlib.report.run import Options, make_report

__all__ = ["Options", "make_report", "parse_parameters"]
