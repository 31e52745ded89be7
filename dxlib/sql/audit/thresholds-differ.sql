-- Shares of answers in one plan that count from different steps of the same scale (5段階中4以上, 5段階中3以上). One finding a plan and scale.
WITH cut AS (
    SELECT *, regexp_extract(name, '([0-9]+)段階', 1) AS scale, regexp_extract(name, '段階[中でのうち]*([0-9]+)(?:段階)?以上', 1) AS step
    FROM profile
    WHERE regexp_matches(name, '[0-9]+段階[中でのうち]*[0-9]+(?:段階)?以上')
), common AS (
    SELECT plan_id, scale, mode(step ORDER BY step) AS usual FROM cut GROUP BY ALL HAVING count(DISTINCT step) > 1
)
SELECT
    min(c.indicator_id) AS indicator_id, list(c.indicator_id ORDER BY c.indicator_id) AS inputs,
    list(place(c.document_id, c.line, c.quote) ORDER BY c.step = m.usual, c.indicator_id) AS places, string_agg(DISTINCT c.step, ' / ' ORDER BY c.step) AS printed, NULL AS recomputed,
    [label(arg_min(c.name, (c.step = m.usual, c.indicator_id)), NULL), c.scale, arg_min(c.step, (c.step = m.usual, c.indicator_id)), any_value(m.usual)] AS args
FROM cut c
JOIN common m USING (plan_id, scale)
GROUP BY c.plan_id, c.scale
