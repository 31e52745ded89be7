-- One row: one municipality with a document and one theme: how many measures and indicators of its plans answer it, with
-- how many measurable targets and known values. A theme that a plan does not address has a row with zeros. Reviews of
-- finished plans count apart, as reviewed. A table, made once in the build.
CREATE TABLE coverage AS
WITH counted AS (
    SELECT
        municipality_code, theme_id,
        count(DISTINCT measure_id) FILTER (scope = 'plan') AS measures,
        count(*) FILTER (scope = 'plan' AND (has_target OR name IS NOT NULL)) AS indicators,
        count(*) FILTER (scope = 'plan' AND g.y IS NOT NULL) AS measurable_targets,
        count(*) FILTER (scope = 'plan' AND g.y IS NULL AND has_target_text) AS targets_in_words,
        count(*) FILTER (scope = 'plan' AND (b.y IS NOT NULL OR l.y IS NOT NULL)) AS known_values,
        count(*) FILTER (scope = 'review') AS reviewed_indicators,
        list(indicator_id ORDER BY indicator_id) AS indicator_ids
    FROM profile
    WHERE theme_id IS NOT NULL AND indicator_id NOT IN (SELECT indicator_id FROM revision)
    GROUP BY municipality_code, theme_id
)
SELECT
    m.code AS municipality_code, m.name AS municipality, m.romaji AS municipality_en, t.theme_id, t.name_ja AS theme_ja, t.name_en AS theme_en,
    coalesce(c.measures, 0) AS measures, coalesce(c.indicators, 0) AS indicators, coalesce(c.measurable_targets, 0) AS measurable_targets,
    coalesce(c.targets_in_words, 0) AS targets_in_words, coalesce(c.known_values, 0) AS known_values, coalesce(c.reviewed_indicators, 0) AS reviewed_indicators,
    CASE
        WHEN c.measurable_targets > 0 THEN 'measurable target'
        WHEN c.measures > 0 THEN 'no measurable target'
        WHEN c.reviewed_indicators > 0 THEN 'reviewed only'
        ELSE 'not addressed'
    END AS coverage,
    coalesce(c.indicator_ids, []) AS inputs
FROM municipality m
SEMI JOIN document d ON d.municipality_code = m.code
CROSS JOIN theme t
LEFT JOIN counted c ON c.municipality_code = m.code AND c.theme_id = t.theme_id
ORDER BY m.code, t.theme_id;

-- One row: one municipality and one topic (重点取組事項) of one version of the national plan. A topic that no theme carries
-- has no row that could be filled: its coverage is NULL, which is not the same as not addressed. A table, made once in the
-- build.
CREATE TABLE topic_coverage AS
WITH by_topic AS (
    SELECT c.municipality_code, tt.topic_id, sum(c.measures) AS measures, sum(c.indicators) AS indicators, sum(c.measurable_targets) AS measurable_targets,
        sum(c.reviewed_indicators) AS reviewed_indicators, list_sort(list_distinct(flatten(list(c.inputs)))) AS inputs
    FROM coverage c
    JOIN theme_topic tt USING (theme_id)
    GROUP BY c.municipality_code, tt.topic_id
)
SELECT
    t.version, t.position, t.topic_id, t.name_ja AS topic, m.code AS municipality_code, m.name AS municipality, m.romaji AS municipality_en,
    b.measures::BIGINT AS measures, b.indicators::BIGINT AS indicators, b.measurable_targets::BIGINT AS measurable_targets, b.reviewed_indicators::BIGINT AS reviewed_indicators,
    CASE
        WHEN b.topic_id IS NULL THEN NULL
        WHEN b.measurable_targets > 0 THEN 'measurable target'
        WHEN b.measures > 0 THEN 'no measurable target'
        WHEN b.reviewed_indicators > 0 THEN 'reviewed only'
        ELSE 'not addressed'
    END AS coverage,
    b.inputs
FROM topic t
CROSS JOIN (SELECT * FROM municipality m SEMI JOIN document d ON d.municipality_code = m.code) m
LEFT JOIN by_topic b ON b.topic_id = t.topic_id AND b.municipality_code = m.code
ORDER BY t.version, t.position, m.code;
