"""What every report shares: values with their sources and remarks, and the list of sources at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from dxlib import __version__, wording
from dxlib.blocks import (
    Block,
    Cell,
    Citation,
    Data,
    Heading,
    Items,
    Line,
    Picture,
    Piece,
    Place,
    Remark,
    Remarks,
    Sources,
    Span,
    citations,
    marked,
)
from dxlib.blocks import Text as Paragraph
from dxlib.columns import Rows, dataset, header
from dxlib.indicators import Workbench

Record = dict[str, Any]
_AROUND = 1
VERDICTS = {"direct": "direct", "transformed": "transformed", "not comparable": "not"}
_LEVELS = {"not addressed": 0, "reviewed only": 1, "no measurable target": 2, "measurable target": 3}


def records(relation: Any) -> Rows:
    """The rows of a relation as dictionaries."""
    return Rows(relation)


def join(parts: Iterable[str], lang: str) -> str:
    """Names in a row: ``A・B`` or ``A, B``."""
    return ("・" if lang == "ja" else ", ").join(parts)


def short(name: str | None, length: int = 40) -> str:
    """A name cut to a length, with an ellipsis.

    >>> short("abcdef", 4)
    'abc…'
    """
    name = name or ""
    return name if len(name) <= length else name[: length - 1] + "…"


def gist(name: str, length: int = 44) -> str:
    """A long name without its remarks in brackets, cut in the middle: what is measured stands at the end in Japanese.

    >>> gist("研修を受けた職員の数【累計】《参考:対象者370人》", 44), gist("abcdefghij", 7)
    ('研修を受けた職員の数', 'ab…ghij')
    """
    bare = name
    while bare != (shorter := re.sub(r"(?<!\s)\s*(?:【[^【】]*】|《[^《》]*》|\(※[^()]*\)|（※[^（）]*）)$", "", bare)):
        bare = shorter
    if len(bare) <= length:
        return bare or name
    head = (length - 1) // 3
    return f"{bare[:head]}…{bare[-(length - 1 - head) :]}"


def plain(text: str, **style: Any) -> list[Span]:
    """A cell or paragraph of one run of text."""
    return [Span(text, **style)]


def cell(text: str, kind: str = "", **style: Any) -> Cell:
    """A cell of plain text."""
    return Cell([[Span(text, **style)]], kind)


class Page:
    """A report on an open warehouse in one language; its methods give the pieces that notebook cells show.

    Remarks (audit findings, corrections) are numbered as values that they touch are shown, and listed by `remarks`;
    `sources` lists everything cited by the pieces made before it.

    Args:
        bench: an open warehouse.
        lang: ``ja`` or ``en``.
        codes: the municipalities whose documents, findings and corrections it may show; all when None.

    Raises:
        QueryError: the language is unknown.
    """

    def __init__(self, bench: Workbench, lang: str = "ja", codes: Sequence[str] | None = None) -> None:
        self.bench, self.lang = bench, wording.check_language(lang)
        self.minus: Literal["-", "▲"] = "▲" if lang == "ja" else "-"
        self._values_of: dict[str, list[Record]] = {}
        self._verdicts = dict(bench.sql("SELECT word, means FROM word WHERE kind = 'verdict'", sees=[]).fetchall())
        self._shown: list[Block] = []
        self._remarks: dict[tuple[str, int], Remark] = {}
        self._lines: dict[tuple[str, int], Record] = {}
        self._municipalities: dict[str, Record] = {}
        self._concerns = list(bench.check_municipalities() if codes is None else codes)
        self._meet(self._concerns)
        self._documents = {
            r["document_id"]: r for r in self._own("SELECT * FROM document WHERE list_contains(?, municipality_code)")
        }
        self._findings = records(bench.audit(self._concerns)) if self._concerns else []
        here = "document_id IN (SELECT document_id FROM document WHERE list_contains(?, municipality_code))"
        decided = self._own(f"SELECT * FROM correction WHERE applies AND action <> 'accept' AND {here} ORDER BY correction_id")
        self._corrections = [r for r in decided if r["action"] == "change" and r["line"]]
        self._of_origins = [r for r in decided if r["line"] is None]
        self._rejected = self._own(f"SELECT * FROM decided_fact WHERE outcome = 'rejected' AND {here} ORDER BY fact_key")
        self._indicators: set[str | None] = set()
        self._by_input: dict[str, list[int]] = {}
        for position, finding in enumerate(self._findings):
            for used in finding["inputs"] or []:
                self._by_input.setdefault(used, []).append(position)

    def text(self, key: str, **values: object) -> str:
        """A sentence in the language of the report."""
        return wording.text(key, self.lang, **values)

    def _own(self, question: str, *more: object) -> list[Record]:
        """The rows of a question about the municipalities of the report; its first parameter are their codes."""
        if not self._concerns:
            return []
        return records(self.bench.sql(question, [self._concerns, *more], sees=self._concerns))

    def _meet(self, codes: Sequence[str]) -> None:
        """Read municipalities, with how many bear the same name."""
        question = """
            FROM (
                SELECT *, count(*) OVER (PARTITION BY name) AS name_n, count(*) OVER (PARTITION BY romaji) AS romaji_n
                FROM municipality
            )
            WHERE list_contains(?, code) ORDER BY code
        """
        if codes:
            self._municipalities |= {r["code"]: r for r in records(self.bench.sql(question, [list(codes)]))}

    def city(self, code: str) -> str:
        """A municipality's name in the language of the report."""
        if code not in self._municipalities:
            self._meet([code])
        found = self._municipalities[code]
        column = "name" if self.lang == "ja" else "romaji"
        if found[f"{column}_n"] > 1:
            return self.text("name_of_two", name=found[column], prefecture=found["prefecture"], code=code)
        return str(found[column])

    def prefecture(self, code: str) -> str:
        """The name of a prefecture by its two digits, of one that a municipality of the workbench lies in."""
        return str(next(found["prefecture"] for found in self._municipalities.values() if found["code"][:2] == code))

    def name(self, record: Mapping[str, Any], stem: str = "name") -> str:
        """The ``_ja`` or ``_en`` column of a row."""
        return str(record[f"{stem}_{self.lang}"])

    def number(self, value: float | None, decimals: int = 1, sign: bool = False) -> str:
        """A computed number, rounded; a dash where there is none.

        ``sign`` writes a plus before positive numbers.
        """
        if value is None:
            return "—"
        places = Decimal(1).scaleb(-decimals)
        shown = wording.number(float(Decimal(repr(value)).quantize(places, ROUND_HALF_UP)), self.lang)
        return f"+{shown}" if sign and value > 0 else shown

    def piece(self, *blocks: Block) -> Piece:
        """Blocks for one cell, remembered for the remarks and sources."""
        self._shown += blocks
        return Piece(blocks, self.lang)

    def cite(self, record: Mapping[str, Any]) -> Citation | None:
        """The source of a value; None for recorded ones, whose source is in words."""
        if not record.get("document_id") or not record.get("line"):
            return None
        return Citation(record["document_id"], record["line"], record["quote"])

    def marks(self, result_id: str | None, cites: Citation | None, indicator_id: str | None = None) -> list[Span]:
        """The marks of a value: audit findings that used it, and corrections of its line."""
        found: list[Span] = []
        self._indicators.add(indicator_id)
        used = [*self._by_input.get(result_id or "", []), *self._by_input.get(indicator_id or "", [])]
        for position in dict.fromkeys(used):
            finding = self._findings[position]
            found.append(
                self._mark(
                    ("audit", position),
                    "mark_audit",
                    self.text("finding_line", rule=self.name(finding), finding=finding[f"text_{self.lang}"]),
                    finding,
                )
            )
        for position, correction in enumerate(self._corrections):
            if cites and _touches(correction, cites):
                found.append(self._mark(("correction", position), "mark_correction", self._corrected(correction), correction))
        return found

    def _mark(self, place: tuple[str, int], key: str, words: str, record: Record) -> Span:
        if place not in self._remarks:
            number = 1 + sum(kind == place[0] for kind, _ in self._remarks)
            self._remarks[place] = Remark(self.text(key, n=number), words, self.cite(record))
        return Span("", mark=self._remarks[place].key)

    def _corrected(self, correction: Record) -> str:
        words = {key: correction[key] or self.text("not_printed") for key in ("quote", "expected", "corrected", "reason")}
        field, status = header(correction["field"], self.lang), self.text(f"status_{correction['status']}")
        return self.text("correction_line", field=field, status=status, **words)

    def value(
        self, record: Mapping[str, Any], result_id: str | None = None, *, year: bool = True, notes: bool = True
    ) -> list[Span]:
        """A printed value as linked spans: value, marks, year, and what must be known to read it."""
        cites = self.cite(record)
        is_blank = record.get("value") is None and record.get("numerator") is None and not record.get("value_text")
        found = [
            Span(wording.value(record, self.lang), bold=not is_blank, cites=cites),
            *self.marks(result_id, cites, record.get("indicator_id")),
        ]
        if year and not (record.get("missing") and not record.get("fiscal_year")):
            found.append(Span(f" {wording.year(record, self.lang)}", small=True))
        return found + ([Span(f"｜{note}", small=True) for note in self.notes(record)] if notes else [])

    def notes(self, record: Mapping[str, Any]) -> list[str]:
        """What must be known to read a value: cumulative, relative, inferred year, computed share, recorded, printed verdict."""
        found = []
        if record.get("cumulative"):
            found.append(self.text("cumulative"))
        if record.get("relative_to"):
            found.append(self.text("against", base=record["relative_to"]))
        if record.get("direction"):
            found.append(self.text(f"direction_{record['direction']}"))
        found += [self.text(f"doubt_{code}") for code in doubts_of(record)]
        if record.get("numerator") is not None and record.get("value") is None:
            found.append(self.text("computed_share", value=self.number(100 * record["numerator"] / record["denominator"])))
        if record.get("origin") == "recorded":
            found.append(self.text("recorded", source=record["source"], day=record["known_from"]))
        if record.get("status"):
            found.append(self.text("printed_verdict", status=self.status(record["status"])))
        return found

    def status(self, printed: str) -> str:
        """A plan's own verdict; in English with what it means."""
        meaning = self._verdicts.get(printed) if self.lang == "en" else None
        return f"{printed} ({self.text(f'judged_{meaning}')})" if meaning else printed

    def values_by_id(self, ids: Iterable[str | None]) -> dict[str, Record]:
        """Values (rows of the table ``fact``) by their ids."""
        wanted = [one for one in dict.fromkeys(ids) if one]
        question = "SELECT * FROM fact WHERE list_contains(?, municipality_code) AND list_contains(?, observation_id)"
        return {r["observation_id"]: r for r in self._own(question, wanted)}

    def values_of(self, indicator_id: str) -> list[Record]:
        """Every value of one indicator (rows of the table ``fact``), oldest year first."""
        if indicator_id not in self._values_of:  # all of its plan at once: whoever asks for one asks for others
            question = """
                SELECT * FROM fact
                WHERE plan_id = (SELECT plan_id FROM indicator JOIN measure USING (measure_id) WHERE indicator_id = ?)
                ORDER BY coalesce(fiscal_year, calendar_year), observation_id
            """
            found: dict[str, list[Record]] = {indicator_id: []}
            for record in records(self.bench.sql(question, [indicator_id], sees=self._concerns)):
                found.setdefault(record["indicator_id"], []).append(record)
            self._values_of |= found
        return self._values_of[indicator_id]

    def dated_targets(self, indicator_id: str) -> list[Record]:
        """The targets of an indicator that are numbers with a fiscal year, oldest first."""
        own = self.values_of(indicator_id)
        return [v for v in own if v["role"] == "target" and v["fiscal_year"] and v["value"] is not None]

    def target_in_words(self, indicator_id: str) -> Record | None:
        """The last target of an indicator that is a word; None where there is none."""
        own = [v for v in self.values_of(indicator_id) if v["role"] == "target" and v["value_text"]]
        return own[-1] if own else None

    def picture(
        self, chart: Any, title: str, about: str, alt: str, table: Any, *, apart: bool = False, source: str = ""
    ) -> Picture:
        """A chart with everything that must stand beside it."""
        from dxlib.charts import svg

        return Picture(title, about, svg(chart), alt, source or self.text("picture_source"), table, apart)

    def figures(self, pictures: Sequence[Picture]) -> Piece:
        """Pictures, or the sentence that there is nothing to draw."""
        if not pictures:
            return self.piece(Paragraph(plain(self.text("no_figure")), "note"))
        return self.piece(*pictures)

    def _add_decisions(self) -> None:
        """Remarks for what a person took out beside the values shown, and for corrected origins of the documents cited."""
        cited = citations(self._shown)
        places = {(c.document_id, c.line) for c in cited}
        documents = {c.document_id for c in cited}
        gone = [fact["indicator_id"] for fact in self._rejected if fact["indicator_id"]]
        question = "SELECT indicator_id FROM indicator WHERE list_contains(?, indicator_id)"
        left = {row[0] for row in self.bench.sql(question, [gone], sees=self._concerns).fetchall()} if gone else set()
        for position, fact in enumerate(self._rejected):
            is_gone = fact["indicator_id"] not in {None, *left} and fact["document_id"] in documents
            if (fact["document_id"], fact["line"]) in places or fact["indicator_id"] in self._indicators - {None} or is_gone:
                words = wording.printed_value(fact, self.lang)
                line = self.text("rejection_line", quote=fact["quote"], value=words, reason=fact["reason"])
                self._mark(("correction", len(self._corrections) + position), "mark_correction", line, fact)
        for position, correction in enumerate(self._of_origins, start=len(self._corrections) + len(self._rejected)):
            if correction["document_id"] in documents:
                self._mark(("correction", position), "mark_correction", self._corrected_origin(correction), correction)

    def _corrected_origin(self, correction: Record) -> str:
        words = {key: correction[key] or self.text("not_printed") for key in ("expected", "corrected", "reason")}
        title = self._documents[correction["document_id"]]["title"]
        return self.text("origin_line", document=title, field=correction["field"], **words)

    def remarks(self) -> Piece:
        """The audit findings and decisions about readings that touch a value shown so far."""
        self._add_decisions()
        listed = sorted(self._remarks.items(), key=lambda item: (item[0][0] == "audit", list(self._remarks).index(item[0])))
        blocks: list[Block] = [Heading(self.text("remarks_heading"))]
        if listed:
            blocks.append(Remarks([remark for _, remark in listed]))
        if not any(kind == "correction" for kind, _ in self._remarks):
            blocks.append(Paragraph(plain(self.text("corrections_none"), small=True), "note"))
        return self.piece(*blocks)

    def sources(self) -> Piece:
        """Each cited line verbatim in its place, and what the report was made with."""
        cited: dict[tuple[str, int], list[str]] = {}
        for citation in citations(self._shown):
            cited.setdefault((citation.document_id, citation.line), []).append(citation.quote)
        self._read_lines(cited)
        places = [
            Place(document_id, line, self.place(document_id, line), self._around(document_id, line, quotes))
            for (document_id, line), quotes in sorted(cited.items())
        ]
        placed = self._placed({document_id for document_id, _ in cited})
        return self.piece(
            Heading(self.text("sources_heading")),
            Paragraph(plain(self.text("sources_note_placed" if placed else "sources_note")), "note"),
            Sources(places),
            Paragraph(plain(self.text("made_with", version=__version__)), "note"),
        )

    def place(self, document_id: str, line: int) -> str:
        """Document, edition, day and line in words."""
        record = self._documents[document_id]
        edition = self.text(f"edition_{record['edition']}")
        known = [part for part in (edition, record["published"]) if part and part not in record["title"]]
        comma, brackets = ("、", "（{}）") if self.lang == "ja" else (", ", " ({})")
        remarks = brackets.format(comma.join(known)) if known else ""
        return self.text("source_place", document=record["title"], remarks=remarks, at=self._at(document_id, line), line=line)

    def _at(self, document_id: str, line: int) -> str:
        """Page or sheet of a line in words, where the document has them."""
        if (document_id, line) not in self._lines:
            self._read_lines([(document_id, line)])
        found = self._lines.get((document_id, line), {})
        if found.get("page"):
            return self.text("place_page", page=found["page"])
        if found.get("sheet"):
            words = {"sheet": found["sheet"], "row": found["sheet_row"]}
            return self.text("place_row", **words) if words["row"] else self.text("place_sheet", sheet=words["sheet"])
        return ""

    def _placed(self, documents: Iterable[str]) -> bool:
        """Whether one of the documents has pages or sheets."""
        question = """
            SELECT count(*) FROM source_line
            WHERE document_id IN (SELECT unnest(?::VARCHAR[])) AND (page IS NOT NULL OR sheet IS NOT NULL)
        """
        return bool(self.bench.sql(question, [list(documents)], sees=self._concerns).fetchall()[0][0])

    def _read_lines(self, places: Iterable[tuple[str, int]]) -> None:
        """Read lines of documents, with those around them."""
        wanted = {(document_id, n) for document_id, line in places for n in range(line - _AROUND, line + _AROUND + 1)}
        question = """
            SELECT l.* FROM source_line l
            SEMI JOIN (SELECT unnest(?::VARCHAR[]) AS document_id, unnest(?::INTEGER[]) AS line) w USING (document_id, line)
        """
        columns = [list(column) for column in zip(*sorted(wanted), strict=True)]
        found = records(self.bench.sql(question, columns, sees=self._concerns)) if wanted else []
        self._lines |= {(r["document_id"], r["line"]): r for r in found}

    def _around(self, document_id: str, line: int, quotes: Sequence[str]) -> list[Line]:
        near = [(n, self._lines.get((document_id, n))) for n in range(line - _AROUND, line + _AROUND + 1)]
        return [
            Line(n, marked(r["text"], quotes) if n == line else [(r["text"], False)], n == line) for n, r in near if r is not None
        ]

    def documents_of(self, codes: Iterable[str]) -> list[str]:
        """The documents of some municipalities."""
        wanted = set(codes)
        return [d for d, record in self._documents.items() if record["municipality_code"] in wanted]

    def published_on(self, document_id: str) -> str | None:
        """When a document was published: a day, month or year; None where it does not say."""
        found = self._documents[document_id]["published"]
        return None if found is None else str(found)

    def newest_day(self, documents: Iterable[str]) -> str:
        """The newest day of publication among documents, in words; says so when none is dated."""
        days = sorted(self._documents[d]["published"] for d in set(documents) if self._documents[d]["published"])
        return wording.day(days[-1], self.lang) if days else self.text("undated")

    def data(self, name: str, rows: Any) -> Data:
        """Rows for Excel and CSV: a relation, or what `records` fetched of one."""
        return dataset(name, rows, self.lang, ask=lambda question, params: self.bench.sql(question, params, sees=self._concerns))

    def findings(self, items: Sequence[str], kind: str = "findings") -> Items:
        """Sentences as a list."""
        return Items([plain(item) for item in items], kind)


def doubts_of(record: Mapping[str, Any]) -> list[str]:
    """What was inferred of a value and nobody has confirmed, as codes.

    >>> doubts_of({"doubts": "unit-missing year-shared"}), doubts_of({"year_basis": "before-first-target"})
    (['unit-missing', 'year-shared'], ['year-inferred'])
    """
    codes = str(record.get("doubts") or "").split()
    is_inferred = record.get("year_basis") == "before-first-target" and not record.get("review")
    return codes + (["year-inferred"] if is_inferred and "year-inferred" not in codes else [])


def _touches(correction: Record, cites: Citation) -> bool:
    """A correction is about this value: the same line, and one quote within the other."""
    if (correction["document_id"], correction["line"]) != (cites.document_id, cites.line):
        return False
    return correction["quote"] in cites.quote or cites.quote in correction["quote"]


def decimals_of(change: float) -> int:
    """Decimals that a change per year is shown with: two below ten, one below a hundred.

    >>> decimals_of(-0.25), decimals_of(29.5), decimals_of(13095.25)
    (2, 1, 0)
    """
    return 2 if abs(change) < 10 else 1 if abs(change) < 100 else 0


def coverage_level(coverage: str | None) -> int | None:
    """How far a topic is covered: 0 not addressed … 3 with a measurable target; None when nobody can say."""
    return None if coverage is None else _LEVELS[coverage]
