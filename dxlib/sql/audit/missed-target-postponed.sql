-- A target of the finished plan that was not met, and the next plan sets it again no higher; the year is the first in which the value is due.
SELECT
    m.indicator_id, list_append(m.inputs, (y.g).id) AS inputs, [m.place, place((y.g).document_id, (y.g).line, (y.g).quote)] AS places,
    m.outcome AS printed, shown((y.g).y) || coalesce((y.g).unit, '') AS recomputed,
    [m.label, shown(m.yt) || coalesce(m.unit, ''), m.outcome, shown((y.g).y) || coalesce((y.g).unit, ''), coalesce(year_ja(CASE WHEN (y.g1).y = (y.g).y THEN (y.g1).t ELSE (y.g).t END) || 'から', '年度の記載なし')] AS args,
    [m.label, shown(m.yt) || coalesce(m.unit, ''), m.outcome, shown((y.g).y) || coalesce((y.g).unit, ''), coalesce('from ' || year_en(CASE WHEN (y.g1).y = (y.g).y THEN (y.g1).t ELSE (y.g).t END), 'no year printed')] AS args_en
FROM missed_target m
JOIN profile y ON y.plan_id = m.next_plan_id AND y.object = m.object AND y.theme_id IS NOT DISTINCT FROM m.theme_id
WHERE (y.g).unit IS NOT DISTINCT FROM m.unit AND y.measures = m.measures AND m.d * (y.g).y <= m.d * m.yt
