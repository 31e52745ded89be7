-- A count and, right after it, its share of the inhabitants, recomputed with the population that the document prints for the same day.
SELECT * EXCLUDE (is_cut) FROM (
    SELECT
        NULL AS indicator_id, [c.statistic_id, s.statistic_id, p.statistic_id] AS inputs,
        [place(s.document_id, s.line, s.quote), place(c.document_id, c.line, c.quote), place(p.document_id, p.line, p.quote)] AS places,
        s.quote AS printed, shown(round(100 * c.value / p.value, 2)) || '%' AS recomputed,
        [c.quote, s.quote, p.quote, shown(round(100 * c.value / p.value, 2)), shown(round(100 * c.value / s.value))] AS args,
        is_cut_off(s.value, 100 * c.value / p.value, pct_decimals(s.quote)) AS is_cut
    FROM statistic s
    JOIN statistic c
        ON c.document_id = s.document_id AND c.line = s.line AND c.unit <> '%' AND c.value > 0
        AND split_part(c.statistic_id, '.', -1)::INTEGER = split_part(s.statistic_id, '.', -1)::INTEGER - 1
    JOIN statistic p
        ON p.document_id = s.document_id AND p.as_of = s.as_of AND p.unit = '人' AND p.value > 0 AND p.comparator = '='
        AND regexp_matches(p.subject, '(^|の)(総)?人口$')
    WHERE s.unit = '%' AND s.value > 0 AND s.direction IS NULL AND s.comparator = '=' AND regexp_matches(s.subject, '人口に|人口の|人口比|市民$|住民$|町民$|村民$|区民$|県民$|に対する割合|占める割合')
        AND NOT regexp_matches(s.subject, '満足|保有|以上の|うち|回答')
        AND c.statistic_id <> p.statistic_id
        AND NOT is_rounded(s.value, 100 * c.value / p.value, pct_decimals(s.quote))
)
WHERE NOT is_cut
