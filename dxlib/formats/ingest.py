"""The libraries of the extra ``dxlib[ingest]``, imported when a file needs them."""

from __future__ import annotations

import importlib
from typing import Any

from dxlib.errors import SourceError


def _library(module: str, kind: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SourceError(
            f"reading {kind} needs {module.partition('.')[0]}, which is not installed",
            code="source-ingest",
            hint='install it with: pip install "dxlib[ingest]"',
        ) from error


def lxml(kind: str) -> Any:
    """``lxml.etree``, or an error that says what to install."""
    return _library("lxml.etree", kind)


def pdfium() -> Any:
    """The functions of PDFium, or an error that says what to install."""
    return _library("pypdfium2.raw", "PDF")
