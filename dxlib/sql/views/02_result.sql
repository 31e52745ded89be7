-- One row: one known value of an indicator: printed in a plan, or recorded by an analyst since (origin). known_from is
-- the day by which it was published or entered; NULL where the document states no date.
CREATE VIEW result AS
SELECT
    o.observation_id AS result_id, 'printed' AS origin, o.indicator_id, o.role, o.value, o.comparator, o.value_low, o.unit,
    o.numerator, o.denominator, o.fiscal_year, o.calendar_year, o.relative_year, o.as_of, o.cumulative, o.relative_to,
    o.direction, o.value_text, o.missing, o.year_basis, o.confidence, o.doubts, o.review, o.position, published_day(d.published) AS known_from, d.title AS source,
    o.document_id, o.line, o.quote
FROM observation o
JOIN document d USING (document_id)
UNION ALL BY NAME
SELECT
    recorded_id AS result_id, 'recorded' AS origin, indicator_id, 'actual' AS role, value,
    CASE WHEN value_text IS NULL THEN '=' END AS comparator, unit, numerator, denominator, fiscal_year, calendar_year, as_of,
    value_text, 1.0 AS confidence, 1000 AS position, recorded_on AS known_from, source
FROM recorded_actual;

-- One row: one known value of an indicator with a theme. A table, made once in the build and sorted by theme, because every
-- comparison asks for it. amount: the value; a fraction as its share in percent. year: the fiscal or calendar year.
CREATE TABLE answer AS
SELECT d.theme_id, r.*, coalesce(r.value, 100.0 * r.numerator / r.denominator) AS amount,
    CASE WHEN r.value IS NULL AND r.numerator IS NOT NULL THEN '%' ELSE r.unit END AS amount_unit, coalesce(r.fiscal_year, r.calendar_year) AS year
FROM definition d
JOIN result r USING (indicator_id)
ORDER BY d.theme_id, r.indicator_id, r.result_id;
