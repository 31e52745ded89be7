-- Ten times the baseline or more as target, or from one known year to the next.
WITH known AS (
    SELECT o.*, lead(o) OVER (PARTITION BY indicator_id ORDER BY fiscal_year, observation_id) AS following
    FROM observation o
    WHERE role <> 'target' AND value IS NOT NULL AND fiscal_year IS NOT NULL
), pairs AS (
    SELECT indicator_id, b.id AS from_id, b.y AS from_y, b.unit, b.document_id AS from_document, b.line AS from_line, b.quote AS from_quote,
        g.id AS to_id, g.y AS to_y, g.document_id AS to_document, g.line AS to_line, g.quote AS to_quote
    FROM profile
    WHERE NOT g.is_relative AND b.unit IS NOT DISTINCT FROM g.unit
    UNION ALL BY NAME
    SELECT indicator_id, observation_id AS from_id, value AS from_y, unit, document_id AS from_document, line AS from_line, quote AS from_quote,
        following.observation_id AS to_id, following.value AS to_y, following.document_id AS to_document, following.line AS to_line, following.quote AS to_quote
    FROM known
    WHERE unit IS NOT DISTINCT FROM following.unit
)
SELECT
    p.indicator_id, [from_id, to_id] AS inputs, [place(to_document, to_line, to_quote), place(from_document, from_line, from_quote)] AS places,
    shown(from_y) || ' → ' || shown(to_y) AS printed, '×' || shown(round(to_y / from_y, 1)) AS recomputed,
    [label(x.name, x.measure), shown(from_y) || coalesce(unit, ''), shown(to_y) || coalesce(unit, ''), shown(round(to_y / from_y, 1))] AS args
FROM pairs p
JOIN profile x USING (indicator_id)
WHERE from_y > 0 AND to_y >= 10 * from_y
