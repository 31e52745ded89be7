-- One row: one definition as printed (transformation_id NULL) or after a transformation that its theme allows, with the
-- definition that results (basis). Two indicators are comparable on a basis that both have. A table,
-- made once in the build.
CREATE TABLE variant AS
WITH defined AS (
    FROM defined_facet
), applies AS (
    SELECT d.theme_id, d.definition_id, t.transformation_id
    FROM defined d
    JOIN theme_transformation t USING (theme_id)
    JOIN transformation_change c
        ON c.transformation_id = t.transformation_id AND c.facet = d.facet AND (c.from_value = d.value OR (c.from_value = '*' AND d.value <> 'unknown'))
    JOIN (SELECT transformation_id, count(DISTINCT facet) AS facets FROM transformation_change GROUP BY ALL) n ON n.transformation_id = t.transformation_id
    WHERE d.is_known
    GROUP BY d.theme_id, d.definition_id, t.transformation_id
    HAVING count(DISTINCT c.facet) = any_value(n.facets)
), changed AS (
    SELECT theme_id, definition_id, NULL AS transformation_id, facet, value FROM defined WHERE is_known
    UNION ALL
    SELECT a.theme_id, a.definition_id, a.transformation_id, d.facet, coalesce(c.to_value, d.value)
    FROM applies a
    JOIN defined d USING (theme_id, definition_id)
    LEFT JOIN transformation_change c
        ON c.transformation_id = a.transformation_id AND c.facet = d.facet AND (c.from_value = d.value OR c.from_value = '*')
)
SELECT theme_id, definition_id, transformation_id, string_agg(facet || '=' || value, ' ' ORDER BY facet) AS basis
FROM changed
GROUP BY ALL
ORDER BY ALL;
