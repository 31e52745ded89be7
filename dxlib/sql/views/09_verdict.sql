-- One row: one pair of definitions of a theme (a definition with itself included), and whether numbers made by them may be
-- compared. direct: all facets agree. transformed: a registered transformation makes them agree. not comparable:
-- `differing` lists the facets that differ as printed; stated by one plan and not by the other is a difference.
-- A facet that neither plan states agrees, but is listed in `unstated` as a caveat; only what is measured, of what and in
-- which unit must be known, or nothing is comparable. The reasons in words: differing_ja, differing_en.
CREATE VIEW verdict AS
WITH defined AS (
    SELECT theme_id, definition_id, facet, value, facet_ja, facet_en, name_ja, name_en, v.position AS place, v.is_required
    FROM (SELECT theme_id, definition_id, min(indicator_id) AS indicator_id FROM definition GROUP BY ALL) d
    JOIN facet f USING (indicator_id)
    JOIN facet_value v USING (facet, value)
), paired AS (
    SELECT
        a.theme_id, a.definition_id AS left_definition, b.definition_id AS right_definition, a.facet, a.place,
        a.value <> b.value OR (a.value = 'unknown' AND a.is_required) AS differs,
        a.value = 'unknown' AND b.value = 'unknown' AND NOT a.is_required AS is_unstated,
        a.facet_ja, a.facet_en,
        a.facet_ja || '：' || CASE WHEN a.value = b.value THEN a.name_ja ELSE a.name_ja || '／' || b.name_ja END AS words_ja,
        a.facet_en || ': ' || CASE WHEN a.value = b.value THEN a.name_en ELSE a.name_en || ' / ' || b.name_en END AS words_en
    FROM defined a
    JOIN defined b ON a.theme_id = b.theme_id AND a.facet = b.facet
), summed AS (
    SELECT
        theme_id, left_definition, right_definition,
        coalesce(list(facet ORDER BY place) FILTER (differs), []) AS differing,
        coalesce(list(facet ORDER BY place) FILTER (is_unstated), []) AS unstated,
        string_agg(words_ja, '、' ORDER BY place) FILTER (differs) AS differing_ja,
        string_agg(words_en, '; ' ORDER BY place) FILTER (differs) AS differing_en,
        string_agg(facet_ja, '、' ORDER BY place) FILTER (is_unstated) AS unstated_ja,
        string_agg(facet_en, ', ' ORDER BY place) FILTER (is_unstated) AS unstated_en
    FROM paired
    GROUP BY ALL
), shared AS (
    SELECT
        a.theme_id, a.definition_id AS left_definition, b.definition_id AS right_definition,
        arg_min(struct_pack(l := a.transformation_id, r := b.transformation_id), coalesce(a.transformation_id, '') || '/' || coalesce(b.transformation_id, '')) AS used
    FROM variant a
    JOIN variant b ON a.theme_id = b.theme_id AND a.basis = b.basis
    GROUP BY ALL
)
SELECT
    s.theme_id, s.left_definition, s.right_definition,
    CASE WHEN s.differing = [] THEN 'direct' WHEN t.used IS NOT NULL THEN 'transformed' ELSE 'not comparable' END AS verdict,
    CASE WHEN s.differing <> [] THEN (t.used).l END AS left_transformation,
    CASE WHEN s.differing <> [] THEN (t.used).r END AS right_transformation,
    s.differing, s.unstated, s.differing_ja, s.differing_en, s.unstated_ja, s.unstated_en
FROM summed s
LEFT JOIN shared t USING (theme_id, left_definition, right_definition);

-- The same, made once in the build: what comparisons and rules read.
CREATE TABLE settled_verdict AS FROM verdict ORDER BY theme_id, left_definition, right_definition;
