"""Names that files may have on every system."""

from __future__ import annotations

_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))])


def is_device(name: str) -> bool:
    """Whether Windows would open a device of this name; what stands behind the first dot does not count.

    >>> is_device("con"), is_device("NUL.txt"), is_device("console")
    (True, True, False)
    """
    return name.partition(".")[0].strip().lower() in _DEVICES
