-- Two plans of one municipality print the same thing for one year with two values and two definitions.
SELECT
    a.indicator_id, [a.id, b.id] AS inputs, [place(a.document_id, a.line, a.quote), place(b.document_id, b.line, b.quote)] AS places,
    a.quote || ' / ' || b.quote AS printed, shown(b.y - a.y) AS recomputed,
    [a.label, a.quote, b.label, b.quote, year_ja(a.year), v.differing_ja] AS args, [a.label, a.quote, b.label, b.quote, year_en(a.year), v.differing_en] AS args_en
FROM known_quantity a
JOIN known_quantity b ON a.municipality_code = b.municipality_code AND a.theme_id = b.theme_id AND a.object = b.object AND a.year = b.year
JOIN verdict v ON v.left_definition = a.definition_id AND v.right_definition = b.definition_id
WHERE a.first_fiscal_year < b.first_fiscal_year AND a.measures = b.measures AND a.definition_id <> b.definition_id
    AND a.amount_unit IS NOT DISTINCT FROM b.amount_unit AND a.y <> b.y
