-- One row: one finding of a rule, with the places it is about (the first is the main one), what is printed, what was
-- recomputed, the ids of the values used, and one sentence in Japanese and English. The rules are in sql/audit, one a
-- file, and in quality_check. A table, made once in the build.
CREATE TABLE finding AS
WITH found AS (
    SELECT * FROM raw_finding
    UNION ALL BY NAME
    SELECT
        rule_id, indicator_id, list_filter([g.id, b.id], lambda x: x IS NOT NULL) AS inputs,
        list_filter([place(document_id, line, quote), CASE WHEN g.document_id IS NOT NULL THEN place(g.document_id, g.line, g.quote) END], lambda x: x IS NOT NULL) AS places, g.quote AS printed, NULL AS recomputed, [label] AS args
    FROM quality_check
    WHERE NOT is_met
)
SELECT
    r.rule_id, r.kind, r.severity, d.municipality_code, f.places[1].document_id AS document_id, f.indicator_id, f.places[1].line AS line, f.places[1].quote AS quote,
    f.printed, f.recomputed, sentence(r.sentence_ja, f.args) AS text_ja, sentence(r.sentence_en, coalesce(f.args_en, f.args)) AS text_en,
    r.name_ja, r.name_en, f.places, f.inputs
FROM found f
JOIN rule r USING (rule_id)
JOIN document d ON d.document_id = f.places[1].document_id
ORDER BY f.places[1].document_id, f.places[1].line, r.position, f.indicator_id, text_en;

-- Findings on what is printed, and on how indicators are made.
CREATE VIEW audit AS SELECT * EXCLUDE (kind) FROM finding WHERE kind = 'audit' ORDER BY document_id, line, rule_id, indicator_id, text_en;
CREATE VIEW quality AS SELECT * EXCLUDE (kind, recomputed) FROM finding WHERE kind = 'quality' ORDER BY document_id, line, rule_id, indicator_id, text_en;
