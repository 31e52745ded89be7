-- 達成 printed although the result misses the target, or 未達成 although it reaches it; with the highest 達成率 that the same plan calls 未達成.
WITH missed AS (
    SELECT plan_id, arg_max(struct_pack(pct := 100 * yi / yt, place := place(document_id, verdict_line, verdict_quote)), yi / yt) AS peer
    FROM judged_result
    WHERE verdict_class = 'missed' AND d = 1 AND yt > 0 AND yi < yt
    GROUP BY plan_id
)
SELECT
    indicator_id, [actual_id, target_id] AS inputs,
    list_filter([place(document_id, verdict_line, verdict_quote), place(document_id, line, quote), place(document_id, target_line, target_quote),
        CASE WHEN verdict_class = 'met' THEN peer.place END], lambda x: x IS NOT NULL) AS places,
    status AS printed, shown(yi) || ' / ' || shown(yt) AS recomputed,
    [label(name, measure), status, shown(yi) || coalesce(unit, ''), shown(yt) || coalesce(unit, ''),
        CASE WHEN verdict_class = 'met' AND peer IS NOT NULL THEN '。同じ計画では' || shown(round(peer.pct, 1)) || '%が未達成とされています' ELSE '' END] AS args,
    [label(name, measure), status, shown(yi) || coalesce(unit, ''), shown(yt) || coalesce(unit, ''),
        CASE WHEN verdict_class = 'met' AND peer IS NOT NULL THEN '; the same plan calls ' || shown(round(peer.pct, 1)) || ' % a miss' ELSE '' END] AS args_en
FROM judged_result
LEFT JOIN missed USING (plan_id)
WHERE ((verdict_class = 'met' AND d * yi < d * yt) OR (verdict_class = 'missed' AND d * yi >= d * yt))
    AND NOT is_change AND comparator <> 'approx' AND NOT has_better_match
