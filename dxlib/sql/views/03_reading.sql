-- One row: one value as it was read, before any decision about it: what is reviewed. outcome: what the decisions of the
-- last build made of it (accepted, changed, rejected); NULL while there is none. kind: observation, or statistic for a number
-- of the running text (role context), whose subject stands in indicator.
CREATE VIEW reading AS
WITH named AS (  -- a corrected name is that of all values of the indicator; those decided about know the one that was read
    SELECT indicator_id, min(indicator) AS name FROM decided_fact WHERE indicator_id IS NOT NULL GROUP BY ALL
),
read AS (
    SELECT
        o.fact_key, 'observation' AS kind, NULL AS outcome, o.document_id, i.measure_id, o.indicator_id,
        CASE WHEN n.indicator_id IS NULL THEN i.name ELSE n.name END AS indicator, o.role,
        o.value, o.comparator, o.value_low, o.unit, o.numerator, o.denominator, o.fiscal_year, o.calendar_year, o.relative_year,
        o.as_of, o.value_text, o.missing, o.confidence, o.doubts, o.line, o.quote
    FROM observation o JOIN indicator i USING (indicator_id) LEFT JOIN named n USING (indicator_id)
    WHERE o.review IS NULL
    UNION ALL BY NAME
    SELECT
        fact_key, 'statistic' AS kind, document_id, measure_id, subject AS indicator, 'context' AS role,
        value, comparator, value_low, unit, numerator, denominator, fiscal_year, calendar_year, as_of, value_text, missing,
        confidence, doubts, line, quote
    FROM statistic
    WHERE review IS NULL
    UNION ALL BY NAME
    SELECT * EXCLUDE (reason, correction_id), CASE role WHEN 'context' THEN 'statistic' ELSE 'observation' END AS kind
    FROM decided_fact
)
SELECT
    r.*, d.title AS document, mu.code AS municipality_code, mu.name AS municipality, mu.romaji AS municipality_en,
    m.title AS measure, p.scope
FROM read r
JOIN document d USING (document_id)
JOIN municipality mu ON mu.code = d.municipality_code
LEFT JOIN measure m ON m.measure_id = r.measure_id
LEFT JOIN plan p ON p.plan_id = m.plan_id;
