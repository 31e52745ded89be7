-- One row: one indicator that answers a theme, with its latest baseline, latest actual, last target, and the
-- value that says where it stands today: the actual, else a baseline that holds a value, else the target.
-- Years are those printed; a value without a year sorts first, so that a dated one is preferred.
CREATE VIEW theme_value AS
WITH ranked AS (
    SELECT f.*, row_number() OVER (
        PARTITION BY f.indicator_id, f.role
        ORDER BY coalesce(f.fiscal_year, f.calendar_year) DESC NULLS LAST, f.relative_year DESC NULLS LAST, f.observation_id DESC
    ) AS place
    FROM fact f
), signature AS (
    SELECT indicator_id, t.theme_id, string_agg(facet || '=' || value, ' ' ORDER BY facet) AS facets
    FROM facet JOIN indicator_theme t USING (indicator_id)
    WHERE t.theme_id IS NOT NULL
    GROUP BY ALL
)
SELECT
    s.theme_id, f.municipality_code, f.municipality, f.municipality_en, f.plan, f.scope, f.indicator_id, f.indicator, s.facets,
    max(CASE WHEN f.role = 'baseline' THEN f.observation_id END) AS baseline_id,
    max(CASE WHEN f.role = 'actual' THEN f.observation_id END) AS actual_id,
    max(CASE WHEN f.role = 'target' THEN f.observation_id END) AS target_id,
    coalesce(
        max(CASE WHEN f.role = 'actual' AND f.missing IS NULL THEN f.observation_id END),
        max(CASE WHEN f.role = 'baseline' AND f.missing IS NULL THEN f.observation_id END),
        max(CASE WHEN f.role = 'target' THEN f.observation_id END)
    ) AS standing_id
FROM ranked f
JOIN signature s USING (indicator_id)
WHERE f.place = 1
GROUP BY ALL
ORDER BY s.theme_id, f.municipality_code, f.indicator_id;
