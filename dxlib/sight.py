"""What the cells of a report have seen of the warehouse: what must stay the same for the report to stay as it is.

A program that runs notebooks names a file in the environment variable ``DXLIB_SIGHT`` and reads it afterwards. Each line is JSON
and one thing seen:

- ``{"codes": […]}``: rows of these municipalities, whatever their table.
- ``{"list": true}``: the municipalities as a whole: names, populations, which have a plan, and an indicator of which theme.
- ``{"sql": …, "params": […], "answer": …}``: a question about more than that, of which only the `answer` counts.
- ``{"file": …}``: a file of the workbench beside the warehouse, or that there is none (path relative to the workbench).
- ``{"all": true}``: nobody can say what.

Themes, words, rules and the like, which people decide for all, may be seen by every report and are not written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

VARIABLE = "DXLIB_SIGHT"

_DIGEST = """
    SELECT count(*), bit_xor(md5_number(told)), sum(md5_number_lower(told)), sum(md5_number_upper(told))
    FROM (SELECT asked::VARCHAR AS told FROM ({}
    ) asked)
"""


def answer(connection: duckdb.DuckDBPyConnection, sql: str, params: Sequence[object] = ()) -> str:
    """The SHA-256 of the rows and columns that a question gives, whatever their order; rows that repeat count.

    Args:
        connection: an open warehouse.
        sql: the question.
        params: its parameters; days as ISO texts are the same as days.
    """
    try:
        told = repr(connection.sql(_DIGEST.format(sql.strip().removesuffix(";")), params=list(params)).fetchall())
    except duckdb.Error:  # what is no subquery, such as DESCRIBE
        relation = connection.sql(sql, params=list(params)) if params else connection.sql(sql)
        told = repr([relation.columns, *sorted(map(repr, relation.fetchall()))])
    return sha256(told.encode()).hexdigest()


class Seen:
    """What has been seen so far.

    Attributes:
        codes: municipalities whose rows were seen.
        questions: questions about more, with their parameters, as JSON knows them.
        answers: the `answer` of each, in the same order.
        files: files beside the warehouse, relative to the workbench.
        lists: the list of municipalities was seen.
        everything: nobody can say what was seen.

    Args:
        file: where each thing seen is added as a line; None keeps it in memory only.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.codes: set[str] = set()
        self.files: set[str] = set()
        self.questions: list[tuple[str, list[Any]]] = []
        self.answers: list[str] = []
        self.lists = self.everything = False
        self._file = file

    def see(self, codes: Iterable[str]) -> None:
        """Rows of these municipalities were seen."""
        new = sorted(set(codes) - self.codes)
        if new:
            self.codes.update(new)
            self._write({"codes": new})

    def see_file(self, path: str) -> None:
        """A file beside the warehouse was read, or missed."""
        if path not in self.files:
            self.files.add(path)
            self._write({"file": path})

    def see_list(self) -> None:
        """The list of municipalities was seen."""
        if not self.lists:
            self.lists = True
            self._write({"list": True})

    def see_all(self) -> None:
        """Something was seen that nobody can name."""
        if not self.everything:
            self.everything = True
            self._write({"all": True})

    def ask(self, connection: duckdb.DuckDBPyConnection, sql: str, params: Sequence[object]) -> None:
        """The answer of a question was seen."""
        asked = (sql, json.loads(json.dumps(list(params), default=str, ensure_ascii=False)))
        if asked not in self.questions:
            found = answer(connection, *asked)
            self.questions.append(asked)
            self.answers.append(found)
            self._write({"sql": sql, "params": asked[1], "answer": found})

    def _write(self, line: dict[str, Any]) -> None:
        if self._file:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
