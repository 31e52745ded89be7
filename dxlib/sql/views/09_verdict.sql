-- One row: one definition that indicators have, with its facets side by side: values and their names in the order of
-- facet_order, and the bases it can be compared on. Small: what verdicts are computed from.
CREATE TABLE defined AS
SELECT
    d.theme_id, d.definition_id, list(f.value ORDER BY v.position) AS facet_values,
    list(v.name_ja ORDER BY v.position) AS names_ja, list(v.name_en ORDER BY v.position) AS names_en,
    any_value(b.bases) AS bases
FROM (SELECT DISTINCT theme_id, definition_id FROM defined_facet) d
JOIN defined_facet f USING (theme_id, definition_id)
JOIN facet_value v USING (facet, value)
LEFT JOIN (
    SELECT theme_id, definition_id, list(struct_pack(by := transformation_id, basis := basis) ORDER BY coalesce(transformation_id, '')) AS bases
    FROM variant GROUP BY theme_id, definition_id
) b ON b.theme_id = d.theme_id AND b.definition_id = d.definition_id
GROUP BY d.theme_id, d.definition_id
ORDER BY d.theme_id, d.definition_id;

-- One row: the facets in their order, with their names and whether they must be known.
CREATE TABLE facet_order AS
SELECT list(facet ORDER BY position) AS facets, list(facet_ja ORDER BY position) AS names_ja, list(facet_en ORDER BY position) AS names_en,
    list(is_required ORDER BY position) AS required
FROM (SELECT DISTINCT facet, facet_ja, facet_en, position, is_required FROM facet_value);

-- Places in facet_order at which two definitions differ: other values, or a required facet that is unknown.
CREATE MACRO differing_places(l, r, required) AS
    list_filter(range(1, len(l) + 1), lambda i: l[i] <> r[i] OR (l[i] = 'unknown' AND required[i]));
-- Places of facets that neither definition states, and need not.
CREATE MACRO unstated_places(l, r, required) AS
    list_filter(range(1, len(l) + 1), lambda i: l[i] = 'unknown' AND r[i] = 'unknown' AND NOT required[i]);
-- The facets at those places in words: 単位：割合（%）／件数・人数, or only the name where both say the same.
CREATE MACRO facet_words(places, facet_names, l, r, colon, slash, separator) AS
    CASE WHEN len(places) > 0 THEN array_to_string(list_transform(places, lambda i:
        facet_names[i] || colon || CASE WHEN l[i] = r[i] THEN l[i] ELSE l[i] || slash || r[i] END), separator) END;
CREATE MACRO facet_names_at(places, facet_names, separator) AS
    CASE WHEN len(places) > 0 THEN array_to_string(list_transform(places, lambda i: facet_names[i]), separator) END;
-- The first pair of transformations (NULL: as printed) that puts both on one basis.
CREATE MACRO shared_basis(bases_left, bases_right) AS
    list_transform(
        list_filter(bases_left, lambda one: len(list_filter(bases_right, lambda other: other.basis = one.basis)) > 0),
        lambda one: struct_pack(l := one.by, r := list_filter(bases_right, lambda other: other.basis = one.basis)[1].by)
    )[1];
CREATE MACRO verdict_of(differing, used) AS
    CASE WHEN len(differing) = 0 THEN 'direct' WHEN used IS NOT NULL THEN 'transformed' ELSE 'not comparable' END;

-- One row: one pair of definitions of a theme (a definition with itself included), and whether numbers made by them may be
-- compared. direct: all facets agree. transformed: a registered transformation makes them agree. not comparable:
-- `differing` lists the facets that differ as printed; stated by one plan and not by the other is a difference.
-- A facet that neither plan states agrees, but is listed in `unstated` as a caveat; only what is measured, of what and in
-- which unit must be known, or nothing is comparable. The reasons in words: differing_ja, differing_en.
-- Its size grows with the square of the definitions: with many, ask for a theme.
CREATE VIEW verdict AS
WITH paired AS (
    SELECT
        a.theme_id, a, b, o,
        differing_places(a.facet_values, b.facet_values, o.required) AS differing,
        unstated_places(a.facet_values, b.facet_values, o.required) AS unstated,
        shared_basis(a.bases, b.bases) AS used
    FROM defined a
    JOIN defined b ON b.theme_id = a.theme_id, facet_order o
)
SELECT
    theme_id, a.definition_id AS left_definition, b.definition_id AS right_definition, verdict_of(differing, used) AS verdict,
    CASE WHEN len(differing) > 0 THEN (used).l END AS left_transformation,
    CASE WHEN len(differing) > 0 THEN (used).r END AS right_transformation,
    list_transform(differing, lambda i: o.facets[i]) AS differing, list_transform(unstated, lambda i: o.facets[i]) AS unstated,
    facet_words(differing, o.names_ja, a.names_ja, b.names_ja, '：', '／', '、') AS differing_ja,
    facet_words(differing, o.names_en, a.names_en, b.names_en, ': ', ' / ', '; ') AS differing_en,
    facet_names_at(unstated, o.names_ja, '、') AS unstated_ja, facet_names_at(unstated, o.names_en, ', ') AS unstated_en
FROM paired
ORDER BY theme_id, left_definition, right_definition;
