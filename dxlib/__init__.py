"""dxlib: compare the digital-transformation plans of Japanese municipalities.

>>> import dxlib
>>> with dxlib.open() as bench:                                   # doctest: +SKIP
...     bench.compare("online_procedures").df()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dxlib.extract import extract
    from dxlib.indicators import Workbench, compare
    from dxlib.indicators import open_workbench as open

__version__ = "0.1.0"
__all__ = ["Workbench", "__version__", "compare", "extract", "open"]

_HOME = {
    "open": ("dxlib.indicators", "open_workbench"),
    "Workbench": ("dxlib.indicators", "Workbench"),
    "compare": ("dxlib.indicators", "compare"),
    "extract": ("dxlib.extract", "extract"),
}


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that `import dxlib` stays light.
    if name not in _HOME:
        raise AttributeError(f"module 'dxlib' has no attribute '{name}'")
    from importlib import import_module

    module, attribute = _HOME[name]
    return getattr(import_module(module), attribute)
