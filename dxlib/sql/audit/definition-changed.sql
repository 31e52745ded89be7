-- Two plans of one municipality, one after the other, measure the same thing by two definitions.
SELECT
    y.indicator_id, [(x.g).id, (y.g).id] AS inputs, [place(x.document_id, x.line, x.quote), place(y.document_id, y.line, y.quote)] AS places,
    label(x.name, x.measure) AS printed, label(y.name, y.measure) AS recomputed,
    [label(x.name, x.measure), label(y.name, y.measure), v.differing_ja] AS args, [label(x.name, x.measure), label(y.name, y.measure), v.differing_en] AS args_en
FROM profile x
JOIN profile y ON y.municipality_code = x.municipality_code AND y.theme_id = x.theme_id AND y.object = x.object AND y.first_fiscal_year > x.last_fiscal_year
JOIN verdict v ON v.left_definition = x.definition_id AND v.right_definition = y.definition_id
WHERE x.object <> 'unknown' AND v.differing <> [] AND (list_contains(v.differing, 'unit') OR list_contains(v.differing, 'denominator') OR list_contains(v.differing, 'measures'))
