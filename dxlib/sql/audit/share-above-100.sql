-- A share of a whole above 100 %: it counts something that is not part of the whole.
SELECT
    x.indicator_id, [o.observation_id] AS inputs, [place(o.document_id, o.line, o.quote)] AS places, o.quote AS printed, NULL AS recomputed,
    [label(x.name, x.measure), o.quote] AS args
FROM observation o
JOIN profile x USING (indicator_id)
WHERE o.unit = '%' AND o.value > 100 AND o.relative_to IS NULL AND o.direction IS NULL
    AND (x.unit_facet = 'percent' OR x.unit_facet IS NULL) AND NOT regexp_matches(coalesce(x.name, ''), '比|増加率|伸び率|達成率|成長率')
