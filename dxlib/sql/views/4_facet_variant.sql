-- One row: one facet of an indicator, as printed (transformation_id NULL) or after a transformation
-- that the theme allows and that can be computed for this indicator.
CREATE VIEW facet_variant AS
WITH themed AS (
    SELECT f.indicator_id, t.theme_id, f.facet, f.value FROM facet f JOIN indicator_theme t USING (indicator_id) WHERE t.theme_id IS NOT NULL
)
SELECT indicator_id, theme_id, NULL AS transformation_id, facet, value FROM themed
UNION ALL
SELECT f.indicator_id, f.theme_id, t.transformation_id, f.facet, CASE WHEN f.facet = t.facet THEN t.to_value ELSE f.value END
FROM themed f
JOIN theme_transformation tt USING (theme_id)
JOIN transformation t USING (transformation_id)
JOIN themed changed ON changed.indicator_id = f.indicator_id AND changed.facet = t.facet AND changed.value = t.from_value
WHERE EXISTS (
    SELECT 1 FROM transformed_value v WHERE v.indicator_id = f.indicator_id AND v.transformation_id = t.transformation_id
);
