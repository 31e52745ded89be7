-- One row: one indicator with what suggestions look at: its name, the title of its measure, the units and values it prints,
-- and its theme and facets when a person has decided them. is_labelled: it has a row in facets.csv (its theme may be NULL).
-- printed: for each kind of value its words and what the reading knows about it: 24/26, 導入, 累計, 年目, 増減, 年度末, 年度, 暦年.
CREATE VIEW indicator_wording AS
SELECT
    i.indicator_id, i.name, m.title AS measure, mu.code AS municipality_code, mu.name AS municipality, mu.romaji AS municipality_en,
    o.units, o.printed, t.indicator_id IS NOT NULL AS is_labelled, t.theme_id, t.better, f.facets, i.document_id, i.line
FROM indicator i
JOIN measure m USING (measure_id)
JOIN document d ON d.document_id = i.document_id
JOIN municipality mu ON mu.code = d.municipality_code
LEFT JOIN indicator_theme t USING (indicator_id)
LEFT JOIN (
    SELECT indicator_id, map_from_entries(list((facet, value) ORDER BY facet)) AS facets FROM facet GROUP BY indicator_id
) f USING (indicator_id)
LEFT JOIN (
    SELECT
        indicator_id, list(unit ORDER BY position) FILTER (unit IS NOT NULL) AS units,
        list_sort(list(DISTINCT concat_ws(
            ' ', value_text, shown(numerator) || '/' || shown(denominator), CASE WHEN cumulative THEN '累計' END, relative_year || '年目',
            CASE WHEN relative_to IS NOT NULL OR direction IS NOT NULL THEN '増減' END,
            CASE
                WHEN month(as_of) = 3 AND day(as_of) = 31 THEN '年度末'
                WHEN fiscal_year IS NOT NULL THEN '年度'
                WHEN calendar_year IS NOT NULL AND as_of IS NULL THEN '暦年'
            END
        ))) AS printed
    FROM observation
    GROUP BY indicator_id
) o USING (indicator_id);
