-- A share that is called cumulative (累計) without the count and the whole it is made of.
SELECT
    x.indicator_id, [(x.g).id] AS inputs, [place((x.g).document_id, (x.g).line, (x.g).quote)] AS places, (x.g).quote AS printed, NULL AS recomputed,
    [label(x.name, x.measure)] AS args
FROM profile x
JOIN observation o ON o.observation_id = (x.g).id
WHERE o.cumulative AND o.unit = '%' AND o.numerator IS NULL
