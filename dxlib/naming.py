"""Names of files that every system takes, Windows and its shares too."""

from __future__ import annotations

_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")]
)
_REFUSED = frozenset('<>:"/\\|?*')
_LONGEST = 200  # characters; Windows takes 255 bytes' worth, and a report's name stands twice in its path


def is_portable(name: str) -> bool:
    """Whether a name can be that of a file everywhere: no device of Windows, no end that it drops, no character that it refuses.

    >>> [is_portable(name) for name in ("plan.pdf", "con", "NUL.txt", "a:b", "plan.", "console")]
    [True, False, False, False, False, True]
    """
    device = name.split(".")[0].rstrip(" ").lower()
    plain = all(ord(character) >= 32 and character not in _REFUSED for character in name)
    return plain and bool(name) and len(name) <= _LONGEST and not name.endswith((" ", ".")) and device not in _DEVICES
