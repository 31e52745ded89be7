-- A target of the finished plan that was not met, and the next plan of the municipality has no indicator of the same thing.
SELECT
    m.indicator_id, m.inputs, [m.place] AS places, m.outcome AS printed, NULL AS recomputed,
    [m.label, m.outcome, n.title] AS args
FROM missed_target m
JOIN plan n ON n.plan_id = m.next_plan_id
WHERE NOT EXISTS (FROM profile y WHERE y.plan_id = m.next_plan_id AND y.object = m.object AND y.theme_id IS NOT DISTINCT FROM m.theme_id)
