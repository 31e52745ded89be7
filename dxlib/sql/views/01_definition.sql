-- One row: one indicator with a theme, and the definition its facets make: two indicators with the same definition_id
-- agree in all facets. is_known: every required facet (what is measured, of what, in which unit) is stated, without which
-- nothing is comparable.
-- A table, made once in the build, because every comparison asks for it.
CREATE TABLE definition AS
SELECT
    f.indicator_id, t.theme_id, string_agg(f.facet || '=' || f.value, ' ' ORDER BY f.facet) AS facets,
    t.theme_id || ':' || left(md5(string_agg(f.facet || '=' || f.value, ' ' ORDER BY f.facet)), 8) AS definition_id,
    NOT bool_or(f.value = 'unknown' AND v.is_required) AS is_known
FROM facet f
JOIN facet_value v USING (facet, value)
JOIN indicator_theme t USING (indicator_id)
WHERE t.theme_id IS NOT NULL
GROUP BY f.indicator_id, t.theme_id
ORDER BY t.theme_id, f.indicator_id;
