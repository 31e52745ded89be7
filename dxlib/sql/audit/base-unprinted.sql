-- A target relative to a base (削減率, 20%増, R7年度比) whose base is printed nowhere with the indicator.
SELECT
    x.indicator_id, [(x.g).id] AS inputs, [place((x.g).document_id, (x.g).line, (x.g).quote)] AS places, (x.g).quote AS printed, NULL AS recomputed,
    [label(x.name, x.measure), (x.g).quote] AS args
FROM profile x
WHERE (x.g).unit = '%' AND x.b IS NULL AND x.scope = 'plan'
    AND ((x.g).is_relative OR regexp_matches(bare_name(x.name), '(削減|減少|短縮|縮減|増加|伸び)率$'))
