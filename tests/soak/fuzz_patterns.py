"""Every regular expression of dxlib over growing inputs made to lead it astray: its time grows with the length, not with its square."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from re import _constants as words  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import fuzz_inputs as inputs

import dxlib

_SHORT = (12, 24, 40, 60, 80, 100, 130, 160, 200, 300, 400)  # lengths at which what is not even quadratic shows itself
_USUAL, _FEWER, _TIMES = 6_000, 2_000, 4
_SOON = 0.006  # seconds for that many characters below which nothing is looked at closer
_STOP = 0.05  # seconds for one of `_SHORT`
_GROWTH = 8.0  # times longer for four times the length: linear is 4, quadratic 16
_ONCE = ("match", "fullmatch")
_SEVERAL = ("search", "finditer", "findall", "sub", "split")
# Rooms whose patterns see repaired lines and cells: without tabs, and with no more than `dxlib.text` leaves of a run of blanks.
_REPAIRED = ("dxlib.readers", "dxlib.quantity", "dxlib.document", "dxlib.cover")
# Patterns that only see files of the package itself.
_OWN = ("dxlib.dictionary", "dxlib.handbook")


@dataclass(frozen=True)
class Found:
    """A pattern, where it stands, and how it is used: at one place (``match``) or all along the text (``search``)."""

    pattern: re.Pattern[Any]
    where: str
    once: bool


@dataclass
class Examined:
    """What came of it."""

    figures: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def modules(rooms: tuple[str, ...] = ("dxlib",)) -> Iterator[ModuleType]:
    """Every module of dxlib, or of some of its rooms."""
    for module in pkgutil.walk_packages(dxlib.__path__, "dxlib."):
        if (
            module.name.startswith(rooms)
            and not module.name.startswith(("dxlib.warm", *_OWN))
            and not module.name.endswith("__main__")
        ):
            yield importlib.import_module(module.name)


def patterns(rooms: tuple[str, ...] = ("dxlib",)) -> list[Found]:
    """The patterns that modules hold, those that their functions keep, those written into calls, and those of the vocabulary."""
    found: dict[tuple[str | bytes, int, bool], Found] = {}

    def add(pattern: re.Pattern[Any], where: str, once: bool) -> None:
        found.setdefault((pattern.pattern, pattern.flags, once), Found(pattern, where, once))

    for module in modules(rooms):
        source = inspect.getsource(module)
        for name, value in list(vars(module).items()):
            if getattr(value, "__module__", module.__name__) != module.__name__ and not isinstance(value, re.Pattern):
                continue
            for pattern in _held(value, module):
                add(pattern, f"{module.__name__}.{name}", _only_once(name, source))
        for pattern, line, method in _literals(ast.parse(source)):
            add(pattern, f"{module.__name__}:{line}", method in _ONCE)
    for pattern, where in _of_vocabulary():
        add(pattern, where, False)
    return list(found.values())


def _held(value: Any, module: ModuleType, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping) and depth:
        for item in list(value.values())[:200]:
            yield from _held(item, module, depth - 1)
    elif isinstance(value, tuple | list | frozenset) and depth:
        for item in list(value)[:200]:
            yield from _held(item, module, depth - 1)
    elif hasattr(value, "cache_parameters") and value.__module__ == module.__name__ and not inspect.signature(value).parameters:
        yield from _held(value(), module, depth)


def _only_once(name: str, source: str) -> bool:
    """Whether a pattern is only ever used at one place of a text: ``match`` or ``fullmatch`` at its start."""
    uses = re.findall(rf"\b{re.escape(name)}\b(?:\(\))?(?:\.(\w+)(\([^()]*\)?))?", source)
    called = [(method, rest) for method, rest in uses if method]
    bare = len(uses) - len(called)
    return bool(called) and bare <= 1 and all(method in _ONCE and "," not in rest for method, rest in called)


def _literals(tree: ast.AST) -> Iterator[tuple[re.Pattern[Any], int, str]]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)):
            continue
        if node.func.value.id != "re" or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        if isinstance(node.args[0].value, str | bytes) and node.func.attr in (*_ONCE, *_SEVERAL):
            flags = 0
            for extra in (*node.args[2:], *(word.value for word in node.keywords if word.arg == "flags")):
                for name in re.findall(r"re\.([A-Z]+)", ast.unparse(extra)):
                    flags |= int(getattr(re, name))
            yield re.compile(node.args[0].value, flags), node.lineno, node.func.attr


def _of_vocabulary() -> Iterator[tuple[re.Pattern[Any], str]]:
    """Texts of the vocabulary that hold the signs of a pattern; the program compiles some of them."""
    for folder in (files("dxlib"), files("dxlib").joinpath("vocabulary")):
        for path in folder.iterdir():
            if path.name.endswith(".toml") and path.name != "texts.toml":
                for text in _texts(tomllib.loads(path.read_text(encoding="utf-8"))):
                    if re.search(r"\(\?|\\[dswb]|\[\^|[^\\][$]$|^\^", text):
                        yield re.compile(text), path.name


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


# Inputs from a pattern's own parts


def example(parsed: Any, repeat: int = 1) -> str:
    """A text that a parsed pattern matches, or nearly."""
    return "".join(_piece(kind, content, repeat) for kind, content in parsed)


def _piece(kind: Any, content: Any, repeat: int) -> str:
    if kind is words.LITERAL:
        return chr(content)
    if kind is words.NOT_LITERAL:
        return "a" if content != ord("a") else "b"
    if kind is words.ANY:
        return "a"
    if kind is words.IN:
        return _member(content)
    if kind in (words.MAX_REPEAT, words.MIN_REPEAT, words.POSSESSIVE_REPEAT):
        least, _, inner = content
        return example(inner) * max(least, repeat)
    if kind is words.SUBPATTERN:
        return example(content[3], repeat)
    if kind is words.ATOMIC_GROUP:
        return example(content, repeat)
    if kind is words.BRANCH:
        return example(content[1][0], repeat)
    return ""


_CATEGORIES = {
    "CATEGORY_DIGIT": "1",
    "CATEGORY_SPACE": " ",
    "CATEGORY_WORD": "a",
    "CATEGORY_NOT_SPACE": "x",
    "CATEGORY_NOT_DIGIT": "x",
    "CATEGORY_NOT_WORD": "-",
}


def _member(content: Any) -> str:
    if content and content[0][0] is words.NEGATE:
        # Tests membership with the pattern itself: the first usual character that is none of those.
        barred = {chr(item) for kind, item in content if kind is words.LITERAL}
        ranges = [item for kind, item in content if kind is words.RANGE]
        classes = [str(item) for kind, item in content if kind is words.CATEGORY]
        for char in "aあ1 (【:・漢-":
            digit, space = char.isdigit() and "CATEGORY_DIGIT" in classes, char.isspace() and "CATEGORY_SPACE" in classes
            if char not in barred and not digit and not space and not any(low <= ord(char) <= high for low, high in ranges):
                return char
        return "〓"
    kind, item = content[0]
    if kind is words.RANGE:
        return chr(item[0])
    return chr(item) if kind is words.LITERAL else _CATEGORIES.get(str(item), "a")


def pumps(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str]]:
    """Beginnings and pieces: for each part that may repeat, what stands before it and what it repeats."""
    seen: set[tuple[str, str]] = set()
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    parsed = parser.parse(text, pattern.flags & ~re.DEBUG & ~(re.UNICODE if isinstance(pattern.pattern, bytes) else 0))
    whole = example(parsed)
    for pair in (("", whole), *_repeats(parsed, "")):
        if pair[1] and pair not in seen and len(pair[1]) < 200:
            seen.add(pair)
            yield pair


def _repeats(parsed: Any, before: str) -> Iterator[tuple[str, str]]:  # noqa: C901
    for kind, content in parsed:
        if kind in (words.MAX_REPEAT, words.MIN_REPEAT, words.POSSESSIVE_REPEAT):
            inner = content[2]
            yield before, example(inner)
            yield "", before + example(inner)
            for branch_kind, branch in inner:
                if branch_kind is words.IN:
                    for item_kind, item in islice(branch, 6):
                        if item_kind is words.LITERAL:
                            yield before, chr(item)
            yield from _repeats(inner, before)
        elif kind is words.SUBPATTERN:
            yield from _repeats(content[3], before)
        elif kind is words.BRANCH:
            for branch in content[1]:
                yield from _repeats(branch, before)
                yield "", before + example(branch)
        elif kind in (words.ASSERT, words.ASSERT_NOT):
            yield from _repeats(content[1], before)
        before = (before + _piece(kind, content, 1))[:200]


def _seconds(found: Found, text: str | bytes) -> float:
    if found.once:
        before = time.thread_time()
        found.pattern.match(text)
        found.pattern.fullmatch(text)
        return time.thread_time() - before
    before = time.thread_time()
    for _ in found.pattern.finditer(text):
        pass
    return time.thread_time() - before


@lru_cache(maxsize=4096)
def _text(beginning: str, piece: str, ending: str, length: int, is_repaired: bool) -> str:
    text = beginning + piece * (length // len(piece)) + ending
    if not is_repaired:
        return text
    from dxlib.text import repair

    return repair(re.sub(r"[\n\t]", " ", text)).clean


def grows(found: Found, beginning: str, piece: str, ending: str, usual: int = _USUAL) -> str:
    """What is wrong with the time a pattern takes for growing inputs; empty when it grows as they do."""

    def seconds(length: int, times: int = 1) -> float:
        is_repaired = any(found.where.startswith(room) for room in _REPAIRED)
        text = _text(beginning, piece, ending, length, is_repaired)
        return min(_seconds(found, text.encode() if isinstance(found.pattern.pattern, bytes) else text) for _ in range(times))

    for length in _SHORT:
        if (took := seconds(length)) > _STOP:
            return f"{took:.1f} seconds for {length} characters"
    if seconds(usual) < _SOON:
        return ""
    took, longer = seconds(usual, 3), seconds(_TIMES * usual, 2)
    if took < _SOON or longer < _GROWTH * took:
        return ""
    return f"{took * 1000:.1f} ms for {usual} characters, {longer * 1000:.0f} ms for {_TIMES * usual}"


def examine(until: float = float("inf"), *, rooms: tuple[str, ...] = ("dxlib",), is_short: bool = False) -> Examined:
    """Every pattern over its own pumps and those of plans.

    Args:
        until: the time at which to stop.
        rooms: whose patterns.
        is_short: only over its own pumps, with one ending.
    """
    result = Examined()
    every = patterns(rooms)
    tried = 0
    for found in every:
        if time.monotonic() > until:
            break
        usual = () if is_short else inputs.PIECES
        own = list(pumps(found.pattern))
        worst: dict[str, str] = {}
        for beginning, piece in (*own, *(("", piece) for piece in usual)):
            for ending in (":",) if is_short else ("", "!", ":", "\x00」"):
                tried += 1
                if problem := grows(found, beginning, piece, ending, _FEWER if is_short else _USUAL):
                    worst.setdefault(
                        found.where,
                        f"{found.where}: {problem} of {beginning[:30]!r} + {piece[:30]!r} … {ending!r}; {found.pattern.pattern[:90]!r}",
                    )
                    break
            if worst:
                break
        for line in worst.values():
            print(f"astray: {line}", flush=True)
            result.failures.append(line)
    result.figures = {"patterns": len(every), "growing inputs of patterns": tried}
    print(f"patterns: {len(every)} over {tried} growing inputs, {len(result.failures)} astray", flush=True)
    return result
