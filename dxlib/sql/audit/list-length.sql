-- A list whose heading states another number of entries than it has.
SELECT
    NULL AS indicator_id, [] AS inputs, [place(document_id, min(line), arg_min(quote, line))] AS places,
    any_value(stated_count) || any_value(unit) AS printed, count(*) || any_value(unit) AS recomputed,
    [list_name, any_value(stated_count)::VARCHAR, count(*)::VARCHAR] AS args
FROM list_item
GROUP BY document_id, list_name
HAVING any_value(stated_count) <> count(*)
