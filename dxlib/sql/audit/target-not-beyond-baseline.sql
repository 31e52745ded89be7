-- The last target equals the last baseline, or is worse than it.
SELECT
    indicator_id, [b.id, g.id] AS inputs, [place(g.document_id, g.line, g.quote), place(b.document_id, b.line, b.quote)] AS places,
    shown(g.y) || coalesce(g.unit, '') AS printed, shown(g.y - b.y) AS recomputed,
    [label(name, measure), shown(b.y) || coalesce(b.unit, ''), shown(g.y) || coalesce(g.unit, ''), CASE WHEN g.y = b.y THEN 'と同じです' ELSE 'より悪い値です' END] AS args,
    [label(name, measure), shown(b.y) || coalesce(b.unit, ''), shown(g.y) || coalesce(g.unit, ''), CASE WHEN g.y = b.y THEN 'equals' ELSE 'is worse than' END] AS args_en
FROM profile
WHERE scope = 'plan' AND NOT g.is_relative AND b.unit IS NOT DISTINCT FROM g.unit
    AND CASE better WHEN 'lower' THEN -1 ELSE 1 END * g.y <= CASE better WHEN 'lower' THEN -1 ELSE 1 END * b.y
