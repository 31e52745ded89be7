-- One row: one unordered pair of indicators of a theme, each with the value that says where it stands, the
-- verdict, and its reason in words. Raw values stay beside transformed ones.
CREATE VIEW comparison AS
WITH standing AS (
    SELECT t.theme_id, t.indicator_id, f.* EXCLUDE (indicator_id)
    FROM theme_value t JOIN fact f ON f.observation_id = t.standing_id
), words AS (
    SELECT
        v.theme_id, v.left_id, v.right_id,
        string_agg(l.facet_ja || '：' || CASE WHEN a.value = b.value THEN l.name_ja ELSE l.name_ja || '／' || r.name_ja END, '、' ORDER BY a.facet)
            FILTER (list_contains(v.differing, a.facet)) AS differing_ja,
        string_agg(l.facet_en || ': ' || CASE WHEN a.value = b.value THEN l.name_en ELSE l.name_en || ' / ' || r.name_en END, '; ' ORDER BY a.facet)
            FILTER (list_contains(v.differing, a.facet)) AS differing_en,
        string_agg(l.facet_ja, '、' ORDER BY a.facet) FILTER (list_contains(v.unstated, a.facet)) AS unstated_ja,
        string_agg(l.facet_en, ', ' ORDER BY a.facet) FILTER (list_contains(v.unstated, a.facet)) AS unstated_en
    FROM verdict v
    JOIN facet a ON a.indicator_id = v.left_id
    JOIN facet b ON b.indicator_id = v.right_id AND b.facet = a.facet
    JOIN facet_value l ON l.facet = a.facet AND l.value = a.value
    JOIN facet_value r ON r.facet = b.facet AND r.value = b.value
    GROUP BY ALL
)
SELECT
    v.theme_id,
    a.municipality_code AS left_code, a.municipality AS left_municipality, v.left_id, a.indicator AS left_indicator, a.role AS left_role,
    a.value AS left_value, a.comparator AS left_comparator, a.numerator AS left_numerator, a.denominator AS left_denominator, a.unit AS left_unit,
    a.fiscal_year AS left_fiscal_year, a.calendar_year AS left_calendar_year, a.value_low AS left_value_low,
    a.value_text AS left_value_text, a.missing AS left_missing, x.value AS left_transformed, a.observation_id AS left_observation_id, a.line AS left_line, a.quote AS left_quote,
    b.municipality_code AS right_code, b.municipality AS right_municipality, v.right_id, b.indicator AS right_indicator, b.role AS right_role,
    b.value AS right_value, b.comparator AS right_comparator, b.numerator AS right_numerator, b.denominator AS right_denominator, b.unit AS right_unit,
    b.fiscal_year AS right_fiscal_year, b.calendar_year AS right_calendar_year, b.value_low AS right_value_low,
    b.value_text AS right_value_text, b.missing AS right_missing, y.value AS right_transformed, b.observation_id AS right_observation_id, b.line AS right_line, b.quote AS right_quote,
    v.verdict, v.left_transformation, v.right_transformation, v.differing, v.unstated,
    w.differing_ja, w.differing_en, w.unstated_ja, w.unstated_en
FROM verdict v
JOIN standing a ON a.indicator_id = v.left_id
JOIN standing b ON b.indicator_id = v.right_id
JOIN words w ON w.theme_id = v.theme_id AND w.left_id = v.left_id AND w.right_id = v.right_id
LEFT JOIN transformed_value x ON x.observation_id = a.observation_id AND x.transformation_id = v.left_transformation
LEFT JOIN transformed_value y ON y.observation_id = b.observation_id AND y.transformation_id = v.right_transformation
WHERE v.left_id < v.right_id
ORDER BY v.theme_id, v.left_id, v.right_id;
