-- A target of zero is either met or missed; 概ね達成 cannot be said of it.
SELECT
    x.indicator_id, [o.observation_id] AS inputs, [place(o.document_id, o.line, o.quote), place(o.document_id, e.line, e.quote)] AS places,
    e.status AS printed, NULL AS recomputed, [label(x.name, x.measure), shown(o.value) || coalesce(o.unit, ''), e.status] AS args
FROM observation t
JOIN profile x USING (indicator_id)
JOIN observation o
    ON o.indicator_id = t.indicator_id AND o.role = 'target' AND o.value = 0
    AND (o.observation_id = t.observation_id OR coalesce(o.fiscal_year, o.calendar_year) = coalesce(t.fiscal_year, t.calendar_year))
JOIN evaluation e ON e.observation_id = t.observation_id
JOIN word w ON w.kind = 'verdict' AND w.word = e.status AND w.means = 'nearly'
WHERE x.better = 'lower'
