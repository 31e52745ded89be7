"""KPI quality and audit of a municipality's plans, for the people who write them."""

from __future__ import annotations

from dxlib.blocks import Heading, Opening, Piece, Table
from dxlib.blocks import Text as Paragraph
from dxlib.show.base import cell, plain, records
from dxlib.show.municipality import Municipality


class Quality(Municipality):
    """What to mend in a plan: the rules, what does not meet them, and printed figures that do not hold."""

    def opening(self) -> Piece:
        """Which plans were read, and what was found in sentences."""
        found = [
            self.text("profile_quality", plan=self._plan(row), met=row["met"], n=row["applicable"])
            for row in self.score
            if row["rule_id"] is None
        ]
        often = self._own(_OFTEN)
        if often:
            found.append(self.text("quality_often", rule=self.name(often[0]), n=often[0]["n"]))
        errors = sum(f["severity"] == "error" for f in self.audit)
        found.append(self.text("profile_audit", n=len(self.audit), errors=errors))
        return self.piece(
            Opening(self.text("quality_title", city=self.city(self.code), code=self.code), "｜".join(self._plans_in_words())),
            Heading(self.text("finding_heading")),
            self.findings(found),
            Paragraph(plain(self.text("quality_caution")), "caution"),
        )

    def rules(self) -> Piece:
        """The rules that found something, with what they ask."""
        used = {f["rule_id"] for f in [*self.quality, *self.audit]}
        rows = [
            [cell(self.name(r)), cell(self.text(f"kind_{r['kind']}")), cell(r[f"about_{self.lang}"])]
            for r in records(self.bench.sql("SELECT * FROM rule ORDER BY position", sees=[]))
            if r["rule_id"] in used
        ]
        columns = [self.text(f"col_{name}") for name in ("rule", "rule_kind", "rule_about")]
        return self.piece(Heading(self.text("rules_heading")), Table(self.text("rules_heading"), columns, rows))


_OFTEN = """
    SELECT rule_id, name_ja, name_en, count(*) AS n FROM quality
    WHERE list_contains(?, municipality_code) GROUP BY ALL ORDER BY n DESC, rule_id LIMIT 1
"""
