-- Indicators of one measure start from baselines of different years.
WITH based AS (
    SELECT indicator_id, measure_id, measure, b FROM profile WHERE (b).t IS NOT NULL
), differing AS (
    SELECT measure_id FROM based GROUP BY measure_id HAVING min((b).t) <> max((b).t)
)
SELECT
    min(indicator_id) AS indicator_id, list((b).id ORDER BY (b).id) AS inputs, list(place((b).document_id, (b).line, (b).quote) ORDER BY (b).id) AS places,
    string_agg(year_en((b).t), ', ' ORDER BY (b).id) AS printed, NULL AS recomputed,
    [any_value(measure), string_agg(DISTINCT year_ja((b).t), '・' ORDER BY year_ja((b).t))] AS args, [any_value(measure), string_agg(DISTINCT year_en((b).t), ', ' ORDER BY year_en((b).t))] AS args_en
FROM based
SEMI JOIN differing USING (measure_id)
GROUP BY measure_id
