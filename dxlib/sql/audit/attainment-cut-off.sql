-- The printed 達成率 is result / target cut off instead of rounded.
SELECT
    indicator_id, [actual_id, target_id] AS inputs, [place(document_id, verdict_line, verdict_quote)] AS places,
    shown(pct) || '%' AS printed, shown(round(100 * yi / yt, 2)) || '%' AS recomputed,
    [label(name, measure), shown(pct), shown(round(100 * yi / yt, 2))] AS args
FROM judged_result
WHERE pct IS NOT NULL AND yt <> 0
    AND is_cut_off(pct, 100 * yi / yt, pct_decimals(verdict_quote)) AND NOT is_rounded(pct, 100 * yi / yt, pct_decimals(verdict_quote))
