"""The page templates. What they are given is escaped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_template(name: str) -> str:
    """The text of a file in ``templates/``."""
    return files("dxlib").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def template(name: str) -> Any:
    """A Jinja template; a name that it is not given is an error."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=FunctionLoader(read_template)
    )
    return environment.get_template(name)
