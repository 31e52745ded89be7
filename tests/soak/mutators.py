"""Small wrong changes (mutants) of Python, of regular expressions and of SQL, each an edit of the source text.

A mutant is known by its file, the function or statement it is in, and the text around it before and after: not by its line.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

AROUND = 40  # characters of the line shown on either side of a change

Edit = tuple[int, int, str]  # source[start:end] becomes the text


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file.

    Attributes:
        file: as in the repository.
        where: function, or statement of SQL, that it is in; empty at the top of a module.
        before, after: the text around the change.
        nth: which of those that are alike in all of the above, from 1.
        line: of the change, from 1.
        edit: what is changed in the source.
    """

    file: str
    where: str
    before: str
    after: str
    nth: int
    line: int
    edit: Edit

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What it is known by."""
        return self.file, self.where, self.before, self.after, self.nth

    def applied(self, source: str) -> str:
        """The source with the change made."""
        start, end, new = self.edit
        return source[:start] + new + source[end:]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.where}: {self.before}  ->  {self.after}"


def mutants_of(file: str, source: str) -> list[Mutant]:
    """All mutants of a file (``.py`` or ``.sql``), in the order of the source."""
    edits = sql_edits(source) if file.endswith(".sql") else python_edits(source)
    found, alike = [], Counter[tuple[str, str, str]]()
    for (start, end, new), where in sorted(set(edits)):
        first = max(source.rfind("\n", 0, start) + 1, start - AROUND)
        after_line = source.find("\n", end)
        last = min(len(source) if after_line < 0 else after_line, end + AROUND)
        before, after = source[first:last].strip(), (source[first:start] + new + source[end:last]).strip()
        alike[where, before, after] += 1
        line = source.count("\n", 0, start) + 1
        found.append(Mutant(file, where, before, after, alike[where, before, after], line, (start, end, new)))
    return found


# Regular expressions.

_OPENER = re.compile(r"\((?:\?(?:P<[\w{}]+>|P=\w+|<?[=!]|:))?")
_BOUNDS = re.compile(r"(\{\{?)(\d+)(?:(,)(\d*))?(\}\}?)")
_GUARD = 4  # from here on an upper bound only keeps a pattern from running on: no text is meant to come near it


def _class_end(text: str, start: int) -> int:
    at = start + 2 if text[start + 1 : start + 2] in ("]", "^") else start + 1
    while at < len(text) and text[at] != "]":
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _opened(opener: str, at: int) -> Edit:
    """What a bracket asks for is asked no longer; a group's first alternative never matches."""
    end = at + len(opener)
    if opener == "(?=":
        return end, end, "|"
    if opener == "(?<=":
        return at, end, "(?<!"
    return end, end, "(?!)"


def _bounds(match: re.Match[str]) -> Iterator[str]:
    before, low, comma, high, after = match.groups(default="")
    yield f"{before}{int(low) + 1}{comma}{high}{after}"
    if high and int(high) < _GUARD:
        yield f"{before}{low}{comma}{int(high) + 1}{after}"
        if int(high) > max(1, int(low)):
            yield f"{before}{low}{comma}{int(high) - 1}{after}"


def regex_edits(text: str, formatted: bool = False) -> Iterator[Edit]:
    """Edits of a regular expression, or of a piece of one: an alternative or a condition less, other bounds, other anchors.

    Args:
        text: the expression as it stands in the source.
        formatted: it is an f-string, whose single braces hold no bounds.
    """
    at = 0
    while at < len(text):
        char = text[at]
        bounds = _BOUNDS.match(text, at) if char == "{" else None
        opener = _OPENER.match(text, at) if char == "(" else None
        if char == "\\":
            at += 2
            continue
        if char == "[":
            at = _class_end(text, at)
            continue
        if formatted and char == "{" and text[at + 1 : at + 2] != "{":
            at = text.index("}", at) + 1
            continue
        if opener:
            yield _opened(opener[0], at)
            at = opener.end()
            continue
        if bounds and at:
            yield from ((at, bounds.end(), new) for new in _bounds(bounds))
            at = bounds.end()
            continue
        if char == "|":
            yield at + 1, at + 1, "(?!)"
        elif char in "*+" and at:
            yield at, at + 1, "+" if char == "*" else "*"
        elif char in "^$" or (char == "?" and at and text[at - 1] not in "(*+?}|"):
            yield at, at + 1, ""
        at += 1


# Python.

_COMPARED = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "is": "is not", "is not": "is", "in": "not in", "not in": "in"}  # fmt: skip
_COMPARISON = re.compile(r"==|!=|<=|>=|<|>|\bis\s+not\b|\bis\b|\bnot\s+in\b|\bin\b")
_COMPUTED = {"+": "-", "-": "+", "*": "/", "/": "*", "//": "*", "%": "+", "|": "&", "&": "|"}
_COMPUTATION = re.compile(r"//|[-+*/%|&]")
_STRING = re.compile(r"(?P<prefix>[A-Za-z]*)(?P<quote>'''|\"\"\"|'|\")")
_SQL_TEXT = re.compile(r"\b(?:SELECT|FROM|WHERE)\b")


class _Source:
    """A source with its offsets: `ast` counts bytes of a line, `tokenize` characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def offset(self, line: int, byte: int) -> int:
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:byte].decode())

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def between(self, left: ast.expr, right: ast.expr, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.search(self.text, self.span(left)[1], self.span(right)[0])
        assert found
        return found


class _Python(ast.NodeVisitor):
    """Collects edits; annotations, decorators, docstrings and messages of errors are left alone."""

    def __init__(self, source: _Source) -> None:
        self.source = source
        self.where: list[str] = []
        self.edits: list[tuple[Edit, str]] = []
        self.patterns: list[tuple[int, int]] = []  # spans of calls of `re`
        self.left_alone: list[tuple[int, int]] = []  # docstrings
        self.scopes: list[tuple[int, int, str]] = []

    def add(self, start: int, end: int, new: str) -> None:
        self.edits.append(((start, end, new), ".".join(self.where)))

    def named(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        self.where.append(node.name)
        self.scopes.append((*self.source.span(node), ".".join(self.where)))
        if isinstance(node, ast.FunctionDef):
            for default in [*node.args.defaults, *(given for given in node.args.kw_defaults if given)]:
                self.visit(default)
        for statement in node.body:
            self.visit(statement)
        self.where.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.named(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.named(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            self.left_alone.append(self.source.span(node))
        else:
            if isinstance(node.value, ast.Call):
                self.add(*self.source.span(node), "pass")
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            return
        self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.add(*self.source.span(node), "pass")
        self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not (isinstance(node.value, ast.Name) and node.value.id == "Literal"):
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        if isinstance(node.exc, ast.Call):
            for keyword in node.exc.keywords:
                if keyword.arg == "code":
                    self.visit(keyword.value)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == "re":
            self.patterns.append(self.source.span(node))
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """What stands inside has no places of its own before Python 3.12."""

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, right in zip([node.left, *node.comparators], node.comparators, strict=False):
            found = self.source.between(left, right, _COMPARISON)
            self.add(*found.span(), _COMPARED[" ".join(found[0].split())])
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not any(isinstance(side, ast.JoinedStr | ast.Constant) and not _is_number(side) for side in (node.left, node.right)):
            found = self.source.between(node.left, node.right, _COMPUTATION)
            if found[0] in _COMPUTED:
                self.add(*found.span(), _COMPUTED[found[0]])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for left, right in zip(node.values, node.values[1:], strict=False):
            found = self.source.between(left, right, re.compile(r"\band\b|\bor\b"))
            self.add(*found.span(), "or" if found[0] == "and" else "and")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        start, _ = self.source.span(node)
        if isinstance(node.op, ast.Not | ast.USub):
            self.add(start, self.source.span(node.operand)[0], "")
        self.generic_visit(node)

    def negate(self, test: ast.expr) -> None:
        negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        if not negated and not (isinstance(test, ast.Compare) and len(test.ops) == 1):
            start, end = self.source.span(test)
            self.add(start, end, f"not ({self.source.text[start:end]})")

    def visit_If(self, node: ast.If) -> None:
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            self.negate(node.test)
            self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self.negate(test)
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self.add(*self.source.span(node.value), "None")
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self.add(*self.source.span(node), "break")

    def visit_Break(self, node: ast.Break) -> None:
        self.add(*self.source.span(node), "continue")

    def visit_Constant(self, node: ast.Constant) -> None:
        span, value = self.source.span(node), node.value
        if isinstance(value, bool):
            self.add(*span, str(not value))
        elif isinstance(value, int | float):
            self.add(*span, repr(value + 1))
            if value:
                self.add(*span, repr(value - 1))


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _string_edits(text: str, is_pattern: bool) -> Iterator[Edit]:
    """Edits inside a string token: of a regular expression, of SQL, or of a word."""
    match = _STRING.match(text)
    assert match
    start, end = match.end(), len(text) - len(match["quote"])
    inside, prefix = text[start:end], match["prefix"].lower()
    inner: Iterator[Edit] = iter(())
    if is_pattern or "r" in prefix:
        inner = regex_edits(inside, "f" in prefix)
    elif _SQL_TEXT.search(inside):
        inner = (edit for edit, _ in sql_edits(inside))
    elif "f" not in prefix and "b" not in prefix:
        inner = iter([(0, len(inside), f"{inside}X")])
    yield from ((start + a, start + b, new) for a, b, new in inner)


def python_edits(text: str) -> Iterator[tuple[Edit, str]]:
    """Edits of a module, each with the function it is in."""
    source, tree = _Source(text), ast.parse(text)
    visitor = _Python(source)
    visitor.visit(tree)
    yield from visitor.edits
    raised = [source.span(n) for n in ast.walk(tree) if isinstance(n, ast.Raise)]
    codes = [source.span(n.value) for n in ast.walk(tree) if isinstance(n, ast.keyword) and n.arg == "code"]
    alone = [*visitor.left_alone, *_annotations(source, tree)]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.STRING:
            continue
        start = source.starts[token.start[0] - 1] + token.start[1]
        if _inside(start, alone) or (_inside(start, raised) and not _inside(start, codes)):
            continue
        where = max((scope for scope in visitor.scopes if scope[0] <= start < scope[1]), default=(0, 0, ""))[2]
        for a, b, new in _string_edits(token.string, _inside(start, visitor.patterns)):
            yield (start + a, start + b, new), where


def _annotations(source: _Source, tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Spans of strings that the program does not work with: types, decorators, imports, names for import, keys of ``[]``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) or (isinstance(node, ast.arg) and node.annotation):
            yield source.span(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from map(source.span, node.decorator_list)
            if isinstance(node, ast.FunctionDef) and node.returns:
                yield source.span(node.returns)
        elif (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal") or (
            isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__"
        ):
            yield source.span(node)


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


# SQL.

_TOKEN = re.compile(
    r"(?P<space>\s+|--[^\n]*)|(?P<string>'(?:[^']|'')*')|(?P<blank>\{[^{}]*\})|(?P<number>\d+(?:\.\d+)?(?:e-?\d+)?)"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<mark>:=|::|<>|<=|>=|\|\||.)",
    re.DOTALL,
)
_SQL_MARKS = {"=": "<>", "<>": "=", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "+": "-", "-": "+", "*": "/", "/": "*"}
_SQL_CALLS = {
    "min": "max", "max": "min", "arg_min": "arg_max", "arg_max": "arg_min", "floor": "ceil", "ceil": "floor", "abs": "",
    "bool_or": "bool_and", "bool_and": "bool_or", "left": "right", "right": "left", "lead": "lag",
}  # fmt: skip
_SQL_WORDS = {"AND": "OR", "OR": "AND", "true": "false", "false": "true", "SEMI": "ANTI", "ANTI": "SEMI"}
_CREATED = ("MACRO", "VIEW", "TABLE")
_VALUED = ("END", "INTEGER", "VARCHAR", "DOUBLE")  # words that end a value


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


class _Sql:
    """Walks over the tokens of SQL and collects edits."""

    def __init__(self, text: str) -> None:
        self.tokens = [
            _Token(match.lastgroup or "", match[0], *match.span())
            for match in _TOKEN.finditer(text)
            if match.lastgroup != "space"
        ]
        self.text = text

    def at(self, index: int) -> _Token:
        return self.tokens[index] if 0 <= index < len(self.tokens) else _Token("", "", 0, 0)

    def words(self, index: int, *words: str) -> bool:
        return all(self.at(index + step).text.upper() == word for step, word in enumerate(words))

    def close(self, index: int, *stops: str) -> int:
        """Index of the token that ends what begins at ``index``: a bracket of the level above, or one of ``stops`` on the same."""
        depth = 0
        for place in range(index, len(self.tokens)):
            text = self.tokens[place].text
            if depth == 0 and (text in (")", "]", ";") or text.upper() in stops):
                return place
            depth += (text in ("(", "[")) - (text in (")", "]"))
        return len(self.tokens)

    def edits(self) -> Iterator[tuple[Edit, str]]:
        created, levels, between = "", [("", "")], False
        for index, token in enumerate(self.tokens):
            text = token.text.upper()
            if text in _CREATED and self.words(index - 1, "CREATE"):
                created = self.at(index + 1).text
            if token.text == "(":
                levels.append((self.at(index - 1).text.lower(), self.common(index)))
            elif token.text == ")" and len(levels) > 1:
                levels.pop()
            between = text == "BETWEEN" or (between and text != "AND")
            where = " ".join(name for name in (created, next((cte for _, cte in reversed(levels) if cte), "")) if name)
            if text == "AND" and self.words(index - 2, "BETWEEN"):
                continue
            for edit in self.of(index, token, text, levels[-1][0]):
                yield edit, where

    def common(self, index: int) -> str:
        """The name of the common table expression whose bracket this is."""
        back = index - 1
        while self.at(back).text.upper() in ("MATERIALIZED", "NOT"):
            back -= 1
        named = self.at(back).text.upper() == "AS" and self.at(back - 2).text.upper() in ("WITH", ",")
        return self.at(back - 1).text if named and self.at(back - 1).kind == "word" else ""

    def of(self, index: int, token: _Token, text: str, call: str) -> Iterator[Edit]:
        span = (token.start, token.end)
        if token.kind == "string":
            inside = token.text[1:-1]
            if call.startswith("regexp_") and re.search(r"[\\|()\[\]$^*+?.]", inside):
                yield from ((token.start + 1 + a, token.start + 1 + b, new) for a, b, new in regex_edits(inside))
            else:
                yield (*span, f"'{inside}X'")
        elif token.kind == "number":
            yield from self.number(token)
        elif token.kind == "mark" and token.text in _SQL_MARKS:
            if token.text not in "+-*/" or self.computes(index):
                yield (*span, _SQL_MARKS[token.text])
        elif token.kind == "word":
            yield from self.word(index, token, text)

    @staticmethod
    def number(token: _Token) -> Iterator[Edit]:
        value = float(token.text) if re.search(r"[.e]", token.text) else int(token.text)
        yield token.start, token.end, repr(value + 1)
        if value:
            yield token.start, token.end, repr(value - 1) if value >= 1 else "0"

    def computes(self, index: int) -> bool:
        """True for an operator between two values: not for ``*`` as all columns, nor for a sign."""
        before, after = self.at(index - 1), self.at(index + 1)
        is_value = (
            before.kind in ("number", "string")
            or before.text in (")", "]")
            or (before.kind == "word" and (before.text.islower() or before.text in _VALUED))
        )
        return is_value and (after.kind in ("number", "word", "string") or after.text in ("(", "-"))

    def word(self, index: int, token: _Token, text: str) -> Iterator[Edit]:
        span, following = (token.start, token.end), self.at(index + 1)
        if token.text in _SQL_WORDS:
            yield (*span, _SQL_WORDS[token.text])
        elif token.text in _SQL_CALLS and following.text == "(":
            yield (*span, _SQL_CALLS[token.text])
        elif token.text in ("coalesce", "nullif") and following.text == "(":
            comma, end = self.close(index + 2, ","), self.close(index + 2)
            if self.at(comma).text == ",":
                yield self.at(comma).start, self.at(end).start, ""
        elif text == "IS":
            yield from self.null_test(index, token)
        elif (
            text in ("NOT", "DISTINCT")
            and not self.words(index - 1, "IS")
            and following.text not in ("MATERIALIZED", "FROM", "ON")
        ):
            yield token.start, following.start, ""
        elif "JOIN" in (text, following.text):
            yield from self.join(index, token, text)
        elif text == "UNION" and following.text != "ALL":
            yield (*span, "UNION ALL")
        elif text == "BY" and self.words(index - 1, "ORDER"):
            yield from self.order(index + 1)

    def join(self, index: int, token: _Token, text: str) -> Iterator[Edit]:
        if text == "LEFT":
            yield token.start, self.at(index + 1).start, ""
        elif text == "JOIN" and self.at(index - 1).text.upper() not in ("LEFT", "SEMI", "ANTI"):
            yield token.start, token.end, "LEFT JOIN"

    def null_test(self, index: int, token: _Token) -> Iterator[Edit]:
        if self.words(index + 1, "NULL"):
            yield token.end, token.end, " NOT"
        elif self.words(index + 1, "NOT", "NULL"):
            yield token.end, self.at(index + 1).end, ""
        elif self.words(index + 1, "DISTINCT", "FROM"):
            yield token.start, self.at(index + 2).end, "<>"
        elif self.words(index + 1, "NOT", "DISTINCT", "FROM"):
            yield token.start, self.at(index + 3).end, "="

    def order(self, index: int) -> Iterator[Edit]:
        while index < len(self.tokens):
            end = self.close(index, ",", "DESC", "ASC", "NULLS", "LIMIT", "ROWS")
            stop, last = self.at(end), self.at(end - 1)
            if stop.text.upper() == "DESC":
                yield stop.start, stop.end, "ASC"
            elif last.text.upper() != "ALL":
                yield last.end, last.end, " DESC"
            comma = self.close(end, ",")
            if self.at(comma).text != ",":
                return
            index = comma + 1


def sql_edits(text: str) -> Iterator[tuple[Edit, str]]:
    """Edits of SQL, each with the name of what is created and of the common table expression that it is in."""
    yield from _Sql(text).edits()
