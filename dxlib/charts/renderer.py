"""Vega-Lite to SVG, here or in a process that has the renderer running already: to start it takes longer than ten charts."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from functools import cache
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

ADDRESS = "DXLIB_RENDERER"  # <key in hex>:<address>

_asking = threading.Lock()


@cache
def _register_fonts() -> None:
    import vl_convert

    vl_convert.register_font_directory(str(Path(__file__).parents[1] / "fonts"))


def drawn_here(spec: Mapping[str, Any]) -> str:
    """A Vega-Lite specification as SVG, drawn in this process.

    Raises:
        ValueError: it is no specification.
    """
    import vl_convert

    _register_fonts()
    drawn: str = vl_convert.vegalite_to_svg(dict(spec))
    return drawn


@cache
def _connected(address: str) -> Connection:
    key, _, path = address.partition(":")
    return Client(path, authkey=bytes.fromhex(key))


def drawn(spec: Mapping[str, Any]) -> str:
    """A Vega-Lite specification as SVG; by the renderer that the environment names, where it answers. It is the same SVG.

    Raises:
        ValueError: it is no specification.
    """
    address = os.environ.get(ADDRESS)
    if address:
        try:
            with _asking:
                connection = _connected(address)
                connection.send(spec)
                found, svg = connection.recv()
        except (OSError, EOFError):  # it has ended
            _connected.cache_clear()
        else:
            if not found:
                raise ValueError(svg)
            return str(svg)
    return drawn_here(spec)


def _answer(connection: Connection) -> None:
    with connection:
        while True:
            try:
                spec = connection.recv()
            except (EOFError, OSError):
                return
            try:
                answer = True, drawn_here(spec)
            except ValueError as error:
                answer = False, str(error)
            connection.send(answer)


def serve(key: bytes, ready: Connection) -> None:
    """Draw for whoever knows the key, until this process is ended.

    Args:
        key: what those who ask must know.
        ready: takes the address, once it can be asked.
    """
    with Listener(family="AF_UNIX", authkey=key) as listener:
        ready.send(f"{key.hex()}:{listener.address}")
        ready.close()
        drawn_here({"data": {"values": []}, "mark": "point"})  # now, not when the first one asks
        while True:
            threading.Thread(target=_answer, args=(listener.accept(),), daemon=True).start()
