-- The same quantity of one municipality in one year, made by the same definition, printed with two values.
SELECT
    a.indicator_id, [a.id, b.id] AS inputs, [place(a.document_id, a.line, a.quote), place(b.document_id, b.line, b.quote)] AS places,
    a.quote || ' / ' || b.quote AS printed, shown(b.y - a.y) AS recomputed,
    [a.label, a.quote, b.label, b.quote, year_ja(a.year)] AS args, [a.label, a.quote, b.label, b.quote, year_en(a.year)] AS args_en
FROM known_quantity a
JOIN known_quantity b USING (municipality_code, definition_id, year)
WHERE a.indicator_id NOT IN (SELECT indicator_id FROM revision) AND b.indicator_id NOT IN (SELECT indicator_id FROM revision) AND a.id < b.id AND a.indicator_id <> b.indicator_id AND a.amount_unit IS NOT DISTINCT FROM b.amount_unit AND a.y <> b.y
    -- Within one plan, two indicators of one definition may count different things.
    AND (a.plan_id <> b.plan_id OR a.label = b.label)
