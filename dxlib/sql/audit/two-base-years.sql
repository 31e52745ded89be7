-- Indicators of one measure start from baselines of different years.
SELECT
    min(indicator_id) AS indicator_id, list(b.id ORDER BY b.id) AS inputs, list(place(b.document_id, b.line, b.quote) ORDER BY b.id) AS places,
    string_agg(year_en(b.t), ', ' ORDER BY b.id) AS printed, NULL AS recomputed,
    [any_value(measure), string_agg(DISTINCT year_ja(b.t), '・' ORDER BY year_ja(b.t))] AS args, [any_value(measure), string_agg(DISTINCT year_en(b.t), ', ' ORDER BY year_en(b.t))] AS args_en
FROM profile
WHERE b.t IS NOT NULL
GROUP BY measure_id
HAVING count(DISTINCT b.t) > 1
