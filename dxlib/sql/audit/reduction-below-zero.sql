-- A rate of reduction (削減率) with a minus sign would be an increase.
SELECT
    x.indicator_id, list(o.observation_id ORDER BY o.observation_id) AS inputs, list(place(o.document_id, o.line, o.quote) ORDER BY o.observation_id) AS places,
    any_value(o.quote) AS printed, NULL AS recomputed, [label(any_value(x.name), any_value(x.measure)), min(o.quote)] AS args
FROM observation o
JOIN profile x USING (indicator_id)
WHERE regexp_matches(x.name, '(削減|減少|短縮|低減|縮減)率') AND o.value < 0 AND o.role = 'target' AND NOT contains(x.name, '▲')
GROUP BY x.indicator_id
