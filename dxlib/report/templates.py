"""The page templates. What they are given is escaped, and acts on nothing that stands beside it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from dxlib.unseen import inert


@cache
def read_template(name: str) -> str:
    """The text of a file in ``templates/``."""
    return files("dxlib").joinpath("templates", name).read_text(encoding="utf-8")


def _inert(value: Any) -> Any:
    """What a template writes: text, unless it is markup of ours, without marks that turn a line around."""
    from markupsafe import Markup

    return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def template(name: str) -> Any:
    """A Jinja template; a name that it is not given is an error."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(read_template),
        finalize=_inert,
    )
    return environment.get_template(name)
