-- Verdicts on numeric targets without the result they judge: they cannot be checked. One finding a plan.
SELECT
    NULL AS indicator_id, list(o.observation_id ORDER BY o.observation_id) AS inputs,
    list(place(o.document_id, e.line, e.quote) ORDER BY e.line, o.observation_id) AS places,
    count(*)::VARCHAR AS printed, NULL AS recomputed, [any_value(p.title), count(*)::VARCHAR] AS args
FROM profile x
JOIN plan p USING (plan_id)
JOIN observation o ON o.indicator_id = x.indicator_id AND o.role = 'target' AND coalesce(o.value, o.numerator) IS NOT NULL
JOIN evaluation e ON e.observation_id = o.observation_id
JOIN word w ON w.kind = 'verdict' AND w.word = e.status
WHERE NOT EXISTS (
    FROM observation a WHERE a.indicator_id = o.indicator_id AND a.role = 'actual' AND coalesce(a.value, a.numerator) IS NOT NULL
)
GROUP BY x.plan_id
