-- One row: one known value of an indicator, with everything needed to cite it. printed: from a plan, with its line.
-- recorded: a result that an analyst entered later, with its source in words; it has no document and no line. A table, made
-- once in the build, because every report asks for it.
CREATE TABLE fact AS
SELECT
    o.result_id AS observation_id, i.indicator_id, me.measure_id, p.plan_id, o.document_id,
    mu.code AS municipality_code, mu.name AS municipality, mu.romaji AS municipality_en, mu.prefecture,
    p.title AS plan, p.scope, me.number AS measure_number, me.title AS measure, me.pillar,
    i.name AS indicator, o.role, o.value, o.comparator, o.value_low, o.unit, o.numerator, o.denominator,
    o.fiscal_year, o.calendar_year, o.relative_year, o.as_of, o.year_basis, o.cumulative, o.relative_to, o.direction,
    o.value_text, o.missing, e.status, e.attainment_printed_pct, o.confidence, o.doubts, o.review,
    CASE WHEN o.origin = 'printed' THEN d.title END AS document, d.edition, d.published, o.line, o.quote, o.origin, o.source, o.known_from
FROM result o
JOIN indicator i USING (indicator_id)
JOIN measure me USING (measure_id)
JOIN plan p USING (plan_id)
JOIN document d ON d.document_id = p.document_id
JOIN municipality mu ON mu.code = d.municipality_code
LEFT JOIN evaluation e ON e.observation_id = o.result_id
ORDER BY p.plan_id, me.position, i.position, o.position, o.known_from;
