-- The printed 達成率 is neither result / target rounded nor cut off. For indicators that fall, target / result and 2 - result / target are accepted too.
SELECT
    indicator_id, [actual_id, target_id] AS inputs,
    [place(document_id, verdict_line, verdict_quote), place(document_id, line, quote), place(document_id, target_line, target_quote)] AS places,
    shown(pct) || '%' AS printed, shown(round(100 * yi / yt, 1)) || '%' AS recomputed,
    [label(name, measure), shown(pct), shown(yi), shown(yt), shown(round(100 * yi / yt, 1)), shown(round(pct * yt / 100, 2)), shown(round(100 * yi / nullif(pct, 0), 1))] AS args
FROM judged_result
WHERE pct IS NOT NULL AND yt <> 0
    AND NOT (pct = 100 AND d * yi >= d * yt)
    AND NOT coalesce(is_rounded(pct, 100 * (yi - y0) / nullif(yt - y0, 0), pct_decimals(verdict_quote)), false)
    AND NOT has_better_match
    AND NOT is_rounded(pct, 100 * yi / yt, pct_decimals(verdict_quote)) AND NOT is_cut_off(pct, 100 * yi / yt, pct_decimals(verdict_quote))
    AND NOT (better = 'lower' AND coalesce(is_rounded(pct, 100 * yt / nullif(yi, 0), pct_decimals(verdict_quote)), false))
    AND NOT (better = 'lower' AND is_rounded(pct, 100 * (2 - yi / yt), pct_decimals(verdict_quote)))
