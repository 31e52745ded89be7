"""Imported by the fork server as the only thing it preloads; what is here is the state that every warm kernel starts with."""

import atexit
import os
import sys

from dxlib.warm import ready

PATH = [place for place in sys.path if place]  # before a client's own is put in its place
PYTHON = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}
EDITION = ready.edition()
ready.prepare()
UNFIT = ready.computed()


def _leave(parent: int = os.getpid()) -> None:
    """The parent has nothing to put in order at its end, and what it keeps for its children is no leak to warn of."""
    if os.getpid() == parent:
        os._exit(0)


atexit.register(_leave)
