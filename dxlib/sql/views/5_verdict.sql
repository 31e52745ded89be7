-- One row: one pair of indicators of a theme and whether their numbers may be compared.
-- direct: all facets agree. transformed: they agree after registered transformations.
-- not comparable: `differing` lists the facets that differ as printed; stated by one plan and not by the other is a
-- difference. A facet that neither plan states agrees, but is listed in `unstated` as a caveat; only what is measured,
-- of what and in which unit must be known, or nothing is comparable.
CREATE VIEW verdict AS
WITH paired AS (
    SELECT
        a.theme_id, a.indicator_id AS left_id, b.indicator_id AS right_id,
        a.transformation_id AS left_transformation, b.transformation_id AS right_transformation,
        coalesce(list(a.facet ORDER BY a.facet) FILTER (a.value <> b.value OR (a.value = 'unknown' AND a.facet IN ('measures', 'object', 'unit'))), []) AS differing,
        coalesce(list(a.facet ORDER BY a.facet) FILTER (a.value = 'unknown' AND b.value = 'unknown' AND a.facet NOT IN ('measures', 'object', 'unit')), []) AS unstated
    FROM facet_variant a
    JOIN facet_variant b ON a.theme_id = b.theme_id AND a.facet = b.facet AND a.indicator_id <> b.indicator_id
    GROUP BY ALL
), best AS (
    SELECT
        theme_id, left_id, right_id,
        arg_min(left_transformation, coalesce(left_transformation, '') || '/' || coalesce(right_transformation, '')) FILTER (differing = []) AS left_transformation,
        arg_min(right_transformation, coalesce(left_transformation, '') || '/' || coalesce(right_transformation, '')) FILTER (differing = []) AS right_transformation,
        bool_or(differing = [] AND left_transformation IS NULL AND right_transformation IS NULL) AS is_direct,
        bool_or(differing = []) AS is_comparable,
        any_value(differing) FILTER (left_transformation IS NULL AND right_transformation IS NULL) AS differing,
        any_value(unstated) FILTER (left_transformation IS NULL AND right_transformation IS NULL) AS unstated
    FROM paired
    GROUP BY ALL
)
SELECT
    theme_id, left_id, right_id,
    CASE WHEN is_direct THEN 'direct' WHEN is_comparable THEN 'transformed' ELSE 'not comparable' END AS verdict,
    CASE WHEN NOT is_direct THEN left_transformation END AS left_transformation,
    CASE WHEN NOT is_direct THEN right_transformation END AS right_transformation,
    differing, unstated
FROM best
ORDER BY theme_id, left_id, right_id;
