"""Imported by the fork server as the only thing it preloads; what is here is the state that every warm kernel starts with."""

import os
import sys

from dxlib.warm import ready

PATH = [place for place in sys.path if place]  # before a client's own is put in its place
PYTHON = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}
EDITION = ready.edition()
ready.prepare()
UNFIT = ready.computed()
