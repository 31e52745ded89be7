-- Table macro similar_wording: one row an indicator, or a measure without one, whose name and measure's title together hold a
-- tenth or more of the pieces of a text. similarity: the share of the pieces found there, each weighted by how rare it is
-- among all indicators (1: all of them). printed: its values with role, unit and year. in_unit: only indicators with a value
-- in this unit (NULL: all). without: municipality codes left out.
-- at_most: how many rows.
CREATE MACRO similar_wording(pieces, in_unit, without, at_most) AS TABLE
WITH worded AS (
    SELECT
        d.municipality_code, m.plan_id, m.measure_id, m.title AS measure, i.indicator_id, i.name AS indicator,
        coalesce(i.document_id, m.document_id) AS document_id, coalesce(i.line, m.line) AS line, coalesce(i.quote, m.quote) AS quote,
        replace(lower(coalesce(i.name, '') || chr(10) || m.title), ' ', '') AS wording
    FROM measure m
    JOIN document d ON d.document_id = m.document_id
    LEFT JOIN indicator i USING (measure_id)
), asked AS (
    SELECT DISTINCT unnest(pieces) AS piece
), held AS (
    SELECT w.measure_id, w.indicator_id, a.piece FROM worded w JOIN asked a ON contains(w.wording, a.piece)
), weighed AS (
    SELECT a.piece, 1 + ln((1 + (SELECT count(*) FROM worded)) / (1 + count(h.piece))) AS weight
    FROM asked a
    LEFT JOIN held h USING (piece)
    GROUP BY a.piece
), scored AS (
    SELECT h.measure_id, h.indicator_id, sum(g.weight ORDER BY g.piece) / (SELECT sum(weight ORDER BY piece) FROM weighed) AS similarity
    FROM held h
    JOIN weighed g USING (piece)
    GROUP BY ALL
)
SELECT
    round(s.similarity, 4) AS similarity, w.municipality_code, mu.name AS municipality, mu.romaji AS municipality_en, p.title AS plan, w.measure_id, w.measure,
    w.indicator_id, w.indicator, t.theme_id, v.printed, w.document_id, w.line, w.quote
FROM scored s
JOIN worded w ON w.measure_id = s.measure_id AND w.indicator_id IS NOT DISTINCT FROM s.indicator_id
JOIN municipality mu ON mu.code = w.municipality_code
JOIN plan p ON p.plan_id = w.plan_id
LEFT JOIN indicator_theme t ON t.indicator_id = w.indicator_id
LEFT JOIN (
    SELECT
        indicator_id, list(DISTINCT unit) AS units,
        list(
            role || ' ' || coalesce(shown(value) || coalesce(unit, ''), shown(numerator) || '/' || shown(denominator) || coalesce(unit, ''), value_text, missing, quote)
            || coalesce(' (' || coalesce(fiscal_year, calendar_year) || ')', '') ORDER BY position
        ) AS printed
    FROM observation
    GROUP BY indicator_id
) v ON v.indicator_id = w.indicator_id
WHERE s.similarity >= 0.1 AND (in_unit IS NULL OR list_contains(v.units, in_unit)) AND NOT list_contains(without, w.municipality_code)
ORDER BY similarity DESC, length(w.wording), w.measure_id, w.indicator_id
LIMIT at_most;
