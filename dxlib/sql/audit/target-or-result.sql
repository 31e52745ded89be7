-- A fraction below the whole (24/26) stands alone beside a verdict: as a target it leaves the result open, as a result the target.
SELECT
    x.indicator_id, [o.observation_id] AS inputs, [place(o.document_id, o.line, o.quote), place(e.document_id, e.line, e.quote)] AS places,
    o.quote AS printed, shown(round(100 * o.numerator / o.denominator, 1)) || '%' AS recomputed,
    [label(x.name, x.measure), shown(o.numerator) || '/' || shown(o.denominator), shown(round(100 * o.numerator / o.denominator, 1)), e.status] AS args
FROM observation o
JOIN profile x USING (indicator_id)
JOIN evaluation e USING (observation_id)
WHERE o.role = 'target' AND o.numerator < o.denominator AND NOT x.has_result
