-- A target beside a value that is known.
CREATE MACRO role_word_ja(role) AS CASE WHEN role = 'target' THEN '目標' ELSE '現在の値' END;
CREATE MACRO role_word_en(role) AS CASE WHEN role = 'target' THEN 'target' ELSE 'known value' END;

-- Table macro compare_pairs: one row an unordered pair of indicators of a theme, each with its value as in standing_at,
-- the verdict, and its reason in words. Raw values stay beside transformed ones. codes: a list of municipality codes; NULL
-- for all. years_apart_at_most: a pair whose years are further apart is not comparable (NULL: any; the years are shown).
-- A target and a known value are not comparable either, nor is a missing value: differing then lists role or value, as it
-- lists year. A pair whose transformation cannot be computed for one of the two stays not comparable. compare_pairs_now and
-- compare_group_now are the same for the question asked by default.
CREATE MACRO compare_pairs(for_theme, codes, for_role, for_year, within_years, interpolate, years_apart_at_most, as_known_on) AS TABLE
WITH placed AS (
    FROM basis_at(for_theme, for_role, for_year, within_years, interpolate, as_known_on)
    WHERE codes IS NULL OR list_contains(codes, municipality_code)
), met AS (
    SELECT DISTINCT a.definition_id AS left_definition, b.definition_id AS right_definition
    FROM placed a
    JOIN placed b ON a.theme_id = b.theme_id AND a.indicator_id < b.indicator_id AND b.transformation_id IS NULL
    WHERE a.transformation_id IS NULL
), worded AS (
    SELECT
        left_definition, right_definition, verdict_of(differing, used) AS verdict,
        CASE WHEN len(differing) > 0 THEN (used).l END AS left_transformation, CASE WHEN len(differing) > 0 THEN (used).r END AS right_transformation,
        list_transform(differing, lambda i: o.facets[i]) AS differing, list_transform(unstated, lambda i: o.facets[i]) AS unstated,
        facet_words(differing, o.names_ja, l.names_ja, r.names_ja, '：', '／', '、') AS differing_ja,
        facet_words(differing, o.names_en, l.names_en, r.names_en, ': ', ' / ', '; ') AS differing_en,
        facet_names_at(unstated, o.names_ja, '、') AS unstated_ja, facet_names_at(unstated, o.names_en, ', ') AS unstated_en
    FROM (
        SELECT
            m.*, l, r, o, differing_places(l.facet_values, r.facet_values, o.required) AS differing,
            unstated_places(l.facet_values, r.facet_values, o.required) AS unstated, shared_basis(l.bases, r.bases) AS used
        FROM met m
        JOIN defined l ON l.definition_id = m.left_definition
        JOIN defined r ON r.definition_id = m.right_definition, facet_order o
    )
), judged AS (
    SELECT
        a.theme_id, a, b, w.* EXCLUDE (left_definition, right_definition), abs(a.year - b.year) AS years_apart,
        a.role IS NOT NULL AND b.role IS NOT NULL AND (a.role = 'target') <> (b.role = 'target') AS roles_differ
    FROM placed a
    JOIN placed b ON a.theme_id = b.theme_id AND a.indicator_id < b.indicator_id AND b.transformation_id IS NULL
    JOIN worded w ON w.left_definition = a.definition_id AND w.right_definition = b.definition_id
    WHERE a.transformation_id IS NULL
), transformed AS (
    SELECT
        j.*, x.basis_value AS left_transformed, y.basis_value AS right_transformed, x.basis_inputs AS left_used, y.basis_inputs AS right_used,
        x.basis_unit_ja AS left_transformed_unit_ja, x.basis_unit_en AS left_transformed_unit_en, x.reference_as_of AS left_reference_as_of, x.since_year AS left_since_year,
        y.basis_unit_ja AS right_transformed_unit_ja, y.basis_unit_en AS right_transformed_unit_en, y.reference_as_of AS right_reference_as_of, y.since_year AS right_since_year,
        j.verdict = 'transformed' AND ((j.left_transformation IS NOT NULL AND x.basis_value IS NULL) OR (j.right_transformation IS NOT NULL AND y.basis_value IS NULL)) AS lacks_input
    FROM judged j
    LEFT JOIN placed x ON x.indicator_id = (j.a).indicator_id AND x.transformation_id = j.left_transformation
    LEFT JOIN placed y ON y.indicator_id = (j.b).indicator_id AND y.transformation_id = j.right_transformation
), decided AS (
    SELECT
        *, coalesce(years_apart > years_apart_at_most, false) OR (years_apart_at_most IS NOT NULL AND years_apart IS NULL) AS years_differ,
        a.result_id IS NULL OR a.missing IS NOT NULL OR b.result_id IS NULL OR b.missing IS NOT NULL AS lacks_value
    FROM transformed
), refused AS (
    SELECT *, verdict = 'not comparable' OR lacks_input OR roles_differ OR years_differ OR lacks_value AS is_refused FROM decided
)
SELECT
    theme_id,
    a.municipality_code AS left_code, a.municipality AS left_municipality, a.municipality_en AS left_municipality_en,
    a.indicator_id AS left_id, a.indicator AS left_indicator, a.role AS left_role, a.value AS left_value, a.comparator AS left_comparator,
    a.numerator AS left_numerator, a.denominator AS left_denominator, a.unit AS left_unit, a.fiscal_year AS left_fiscal_year,
    a.calendar_year AS left_calendar_year, a.relative_year AS left_relative_year, a.value_low AS left_value_low, a.value_text AS left_value_text,
    a.missing AS left_missing, a.is_interpolated AS left_is_interpolated, left_transformed,
    left_transformed_unit_ja, left_transformed_unit_en, left_reference_as_of, left_since_year, a.result_id AS left_result_id,
    a.document_id AS left_document_id, a.line AS left_line, a.quote AS left_quote,
    b.municipality_code AS right_code, b.municipality AS right_municipality, b.municipality_en AS right_municipality_en,
    b.indicator_id AS right_id, b.indicator AS right_indicator, b.role AS right_role, b.value AS right_value, b.comparator AS right_comparator,
    b.numerator AS right_numerator, b.denominator AS right_denominator, b.unit AS right_unit, b.fiscal_year AS right_fiscal_year,
    b.calendar_year AS right_calendar_year, b.relative_year AS right_relative_year, b.value_low AS right_value_low, b.value_text AS right_value_text,
    b.missing AS right_missing, b.is_interpolated AS right_is_interpolated, right_transformed,
    right_transformed_unit_ja, right_transformed_unit_en, right_reference_as_of, right_since_year, b.result_id AS right_result_id,
    b.document_id AS right_document_id, b.line AS right_line, b.quote AS right_quote,
    CASE WHEN is_refused THEN 'not comparable' ELSE verdict END AS verdict,
    CASE WHEN NOT is_refused THEN left_transformation END AS left_transformation,
    CASE WHEN NOT is_refused THEN right_transformation END AS right_transformation,
    CASE WHEN verdict = 'transformed' AND NOT is_refused THEN differing
        ELSE list_concat(list_concat(differing, CASE WHEN roles_differ THEN ['role'] ELSE [] END), CASE WHEN years_differ THEN ['year'] ELSE [] END || CASE WHEN lacks_value THEN ['value'] ELSE [] END)
    END AS differing,
    unstated, years_apart,
    concat_ws('、', differing_ja, CASE WHEN roles_differ THEN '値の種類：' || role_word_ja(a.role) || '／' || role_word_ja(b.role) END, CASE WHEN years_differ THEN coalesce('年度の差：' || years_apart || '年', '年度の記載なし') END,
        CASE WHEN lacks_value THEN '値がない' END,
        CASE WHEN lacks_input THEN '換算に必要な値がない' END) AS differing_ja,
    concat_ws('; ', differing_en, CASE WHEN roles_differ THEN 'kind of value: ' || role_word_en(a.role) || ' / ' || role_word_en(b.role) END, CASE WHEN years_differ THEN coalesce('years apart: ' || years_apart, 'no year printed') END,
        CASE WHEN lacks_value THEN 'no value' END,
        CASE WHEN lacks_input THEN 'a value needed for the transformation is missing' END) AS differing_en,
    unstated_ja, unstated_en,
    list_sort(list_distinct(list_concat(coalesce(left_used, a.inputs), coalesce(right_used, b.inputs)))) AS inputs
FROM refused
ORDER BY theme_id, left_id, right_id;

-- Table macro compare_group: one row an indicator of a theme, sorted into sets of mutually comparable ones. comparable_set:
-- number of the set, the one with most municipalities first; NULL for an indicator comparable to that of no other
-- municipality. verdict: direct where the whole set agrees as printed, transformed where some were transformed
-- (set_value; the value as printed stays beside), not comparable. differing_*: what separates its definition from
-- that of compared_with, an indicator of the first set (the first indicator where there is no set); NULL for the first set.
-- Targets and known values are never one set; years may differ within a set and are shown (ask for a year to align them).
CREATE MACRO compare_group(for_theme, codes, for_role, for_year, within_years, interpolate, as_known_on) AS TABLE
WITH members AS (
    FROM basis_at(for_theme, for_role, for_year, within_years, interpolate, as_known_on)
    WHERE codes IS NULL OR list_contains(codes, municipality_code)
), standing AS (
    SELECT * FROM members WHERE transformation_id IS NULL
), member AS (
    SELECT
        indicator_id, theme_id, municipality_code, definition_id, role = 'target' AS is_target, basis, transformation_id, basis_value AS set_value,
        basis_unit_ja AS unit_ja, basis_unit_en AS unit_en, basis_inputs AS inputs, reference_as_of, since_year
    FROM members
    WHERE basis IS NOT NULL AND result_id IS NOT NULL AND missing IS NULL AND (transformation_id IS NULL OR basis_value IS NOT NULL)
), sized AS (
    SELECT theme_id, basis, is_target, count(DISTINCT municipality_code) AS municipalities,
        min(definition_id) FILTER (transformation_id IS NULL) AS definition_id, min(definition_id) AS any_definition_id
    FROM member GROUP BY ALL
), picked AS (
    SELECT m.indicator_id, arg_min(struct_pack(t := m.transformation_id, d := coalesce(s.definition_id, s.any_definition_id)), struct_pack(
        alone := m.transformation_id IS NOT NULL AND s.municipalities < 2, size := -s.municipalities,
        is_transformed := m.transformation_id IS NOT NULL, t := coalesce(m.transformation_id, '')
    )) AS p
    FROM member m
    JOIN sized s USING (theme_id, basis, is_target)
    GROUP BY m.indicator_id
), chosen AS (
    SELECT m.*, (k.p).d AS set_definition
    FROM member m
    JOIN picked k ON k.indicator_id = m.indicator_id AND coalesce((k.p).t, '') = coalesce(m.transformation_id, '')
), sets AS (
    SELECT
        theme_id, basis, is_target, count(DISTINCT municipality_code) AS set_size, bool_or(transformation_id IS NOT NULL) AS set_is_transformed,
        CASE WHEN set_size >= 2 THEN dense_rank() OVER (PARTITION BY theme_id ORDER BY count(DISTINCT municipality_code) DESC, is_target, basis) END AS comparable_set
    FROM chosen GROUP BY theme_id, basis, is_target
), numbered AS (
    SELECT c.*, s.set_size, s.set_is_transformed, s.comparable_set FROM chosen c JOIN sets s USING (theme_id, basis, is_target)
), first_set AS (
    SELECT
        s.theme_id, arg_min(s.indicator_id, (coalesce(n.comparable_set, 1000000), s.indicator_id)) AS indicator_id,
        coalesce(min(n.set_definition) FILTER (n.comparable_set = 1), arg_min(s.definition_id, s.indicator_id)) AS set_definition,
        any_value(n.is_target) FILTER (n.comparable_set = 1) AS is_target
    FROM standing s
    LEFT JOIN numbered n USING (indicator_id, theme_id)
    GROUP BY s.theme_id
), worded AS (
    SELECT
        f.theme_id, l.definition_id, list_transform(p.differing, lambda i: o.facets[i]) AS differing,
        facet_words(p.differing, o.names_ja, l.names_ja, w.names_ja, '：', '／', '、') AS differing_ja,
        facet_words(p.differing, o.names_en, l.names_en, w.names_en, ': ', ' / ', '; ') AS differing_en,
        facet_names_at(p.unstated, o.names_ja, '、') AS unstated_ja, facet_names_at(p.unstated, o.names_en, ', ') AS unstated_en
    FROM (
        SELECT
            f, l, w, o, differing_places(l.facet_values, w.facet_values, o.required) AS differing,
            unstated_places(l.facet_values, w.facet_values, o.required) AS unstated
        FROM first_set f
        JOIN defined l ON l.theme_id = f.theme_id
        JOIN defined w ON w.definition_id = f.set_definition, facet_order o
    ) p
)
SELECT
    s.theme_id, n.comparable_set, CASE WHEN n.comparable_set IS NOT NULL THEN n.set_size END AS set_municipalities,
    CASE WHEN n.comparable_set IS NULL THEN 'not comparable' WHEN n.set_is_transformed THEN 'transformed' ELSE 'direct' END AS verdict,
    s.municipality_code, s.municipality, s.municipality_en, s.plan, s.indicator_id, s.indicator, s.better, s.role, s.value, s.comparator, s.value_low,
    s.numerator, s.denominator, s.unit, s.fiscal_year, s.calendar_year, s.relative_year, s.value_text, s.missing, s.relative_to, s.is_interpolated,
    CASE WHEN n.comparable_set IS NOT NULL THEN n.transformation_id END AS transformation_id,
    CASE WHEN n.comparable_set IS NOT NULL THEN n.set_value END AS set_value, n.unit_ja AS set_unit_ja, n.unit_en AS set_unit_en,
    n.reference_as_of, n.since_year,
    CASE WHEN n.comparable_set IS DISTINCT FROM 1 THEN
        w.differing || CASE WHEN (s.role = 'target') <> f.is_target THEN ['role'] ELSE [] END || CASE WHEN s.result_id IS NULL OR s.missing IS NOT NULL THEN ['value'] ELSE [] END
    END AS differing,
    CASE WHEN n.comparable_set IS DISTINCT FROM 1 THEN coalesce(nullif(concat_ws('、',
        w.differing_ja, CASE WHEN (s.role = 'target') <> f.is_target THEN '値の種類：' || role_word_ja(s.role) || '／' || role_word_ja(if(f.is_target, 'target', 'actual')) END,
        CASE WHEN s.result_id IS NULL OR s.missing IS NOT NULL THEN '値がない' END), ''), '同じ定義の値を持つ他の団体がない') END AS differing_ja,
    CASE WHEN n.comparable_set IS DISTINCT FROM 1 THEN coalesce(nullif(concat_ws('; ',
        w.differing_en, CASE WHEN (s.role = 'target') <> f.is_target THEN 'kind of value: ' || role_word_en(s.role) || ' / ' || role_word_en(if(f.is_target, 'target', 'actual')) END,
        CASE WHEN s.result_id IS NULL OR s.missing IS NOT NULL THEN 'no value' END), ''), 'no other municipality has a value by this definition') END AS differing_en,
    f.indicator_id AS compared_with, w.unstated_ja, w.unstated_en, s.result_id, s.document_id, s.line, s.quote, coalesce(n.inputs, s.inputs) AS inputs
FROM standing s
LEFT JOIN numbered n USING (indicator_id, theme_id)
LEFT JOIN first_set f ON f.theme_id = s.theme_id
LEFT JOIN worded w ON w.definition_id = s.definition_id
ORDER BY s.theme_id, n.comparable_set NULLS LAST, set_value DESC NULLS LAST, s.municipality_code, s.indicator_id;

-- All pairs of all themes, by the latest values. Its size grows with the square of the municipalities: with many, ask
-- compare_pairs for a theme and some of them, or compare_group.
CREATE VIEW comparison AS
FROM compare_pairs(NULL::VARCHAR, NULL::VARCHAR[], 'latest', NULL::INTEGER, 0, false, NULL::INTEGER, NULL::DATE);
