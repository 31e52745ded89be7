-- The result is half as much again as the target, or more: the target was too low, or the counting changed.
SELECT
    indicator_id, [actual_id, target_id] AS inputs, [place(document_id, line, quote), place(document_id, target_line, target_quote)] AS places,
    shown(yi) || coalesce(unit, '') AS printed, shown(round(100 * yi / yt, 1)) || '%' AS recomputed,
    [label(name, measure), shown(yi) || coalesce(unit, ''), shown(yt) || coalesce(unit, ''), shown(round(100 * yi / yt, 1))] AS args
FROM judged_result
WHERE better = 'higher' AND yt > 0 AND yi >= 1.5 * yt AND yi - yt >= 5 AND NOT is_change
