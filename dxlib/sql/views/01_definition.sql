-- One row: one indicator with a theme, whose it is, and the definition its facets make: two indicators with the same
-- definition_id agree in all facets. is_known: every required facet (what is measured, of what, in which unit) is stated,
-- without which nothing is comparable. A table, made once in the build and sorted by theme, because every comparison asks for it.
CREATE TABLE definition AS
WITH defined AS (
    SELECT
        f.indicator_id, t.theme_id, t.better, string_agg(f.facet || '=' || f.value, ' ' ORDER BY f.facet) AS facets,
        NOT bool_or(f.value = 'unknown' AND v.is_required) AS is_known
    FROM facet f
    JOIN facet_value v USING (facet, value)
    JOIN indicator_theme t USING (indicator_id)
    WHERE t.theme_id IS NOT NULL
    GROUP BY f.indicator_id, t.theme_id, t.better
)
SELECT
    d.theme_id, d.indicator_id, d.theme_id || ':' || left(md5(d.facets), 8) AS definition_id, d.facets, d.is_known, d.better,
    mu.code AS municipality_code, mu.name AS municipality, mu.romaji AS municipality_en, p.plan_id, p.title AS plan, p.scope,
    i.measure_id, i.name AS indicator, published_day(o.published) AS known_from
FROM defined d
JOIN indicator i USING (indicator_id)
JOIN measure m USING (measure_id)
JOIN plan p USING (plan_id)
JOIN document o ON o.document_id = p.document_id
JOIN municipality mu ON mu.code = o.municipality_code
ORDER BY d.theme_id, d.indicator_id;

-- One row: one item of official statistics with a theme, and the definition its facets make; the id is that of an
-- indicator's definition where both agree in all facets.
CREATE TABLE item_definition AS
SELECT i.item, i.theme_id, i.theme_id || ':' || left(md5(f.facets), 8) AS definition_id, f.facets, f.is_known
FROM reference_item i
JOIN (
    SELECT
        item, string_agg(facet || '=' || value, ' ' ORDER BY facet) AS facets, NOT bool_or(value = 'unknown' AND v.is_required) AS is_known
    FROM reference_facet JOIN facet_value v USING (facet, value)
    GROUP BY item
) f USING (item)
WHERE i.theme_id IS NOT NULL
ORDER BY i.position;

-- One row: one facet of a definition that indicators of plans or items of official statistics have: what verdicts are
-- computed from.
CREATE VIEW defined_facet AS
SELECT d.theme_id, d.definition_id, d.is_known, f.facet, f.value
FROM (SELECT theme_id, definition_id, is_known, min(indicator_id) AS indicator_id FROM definition GROUP BY ALL) d
JOIN facet f USING (indicator_id)
UNION
SELECT i.theme_id, i.definition_id, i.is_known, f.facet, f.value
FROM item_definition i
JOIN reference_facet f USING (item);
