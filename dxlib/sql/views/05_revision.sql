-- One row: one indicator of a plan that a later edition prints again: the same municipality and key of the plan, and the
-- same name or definition. Both stay; the later one counts from the day it was published. A table,
-- made once in the build.
CREATE TABLE revision AS
WITH edition AS (
    SELECT p.plan_id, d.municipality_code, split_part(p.plan_id, '/', -1) AS plan_key, published_day(d.published) AS known_from
    FROM plan p
    JOIN document d USING (document_id)
    WHERE p.scope = 'plan'
), later AS (
    SELECT a.plan_id, b.plan_id AS later_id, b.known_from
    FROM edition a
    JOIN edition b ON a.municipality_code = b.municipality_code AND a.plan_key = b.plan_key AND b.known_from > a.known_from
)
SELECT DISTINCT ON (i.indicator_id, l.known_from) i.indicator_id, j.indicator_id AS revised_by, l.known_from
FROM later l
JOIN measure m ON m.plan_id = l.plan_id
JOIN indicator i ON i.measure_id = m.measure_id
JOIN measure n ON n.plan_id = l.later_id
JOIN indicator j ON j.measure_id = n.measure_id
LEFT JOIN definition x ON x.indicator_id = i.indicator_id
LEFT JOIN definition y ON y.indicator_id = j.indicator_id
WHERE i.name = j.name OR (i.name IS NULL AND j.name IS NULL AND m.title = n.title)
    OR (x.is_known AND y.is_known AND x.definition_id = y.definition_id)
ORDER BY i.indicator_id, l.known_from, i.name = j.name DESC, j.indicator_id;
