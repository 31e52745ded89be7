-- An indicator that is called a number of something has targets in percent, without a word (削減, 増) that says of what.
SELECT
    x.indicator_id, [(x.g).id] AS inputs, [place((x.g).document_id, (x.g).line, (x.g).quote)] AS places, (x.g).quote AS printed, NULL AS recomputed,
    [label(x.name, x.measure), (x.g).quote] AS args
FROM profile x
WHERE regexp_matches(bare_name(x.name), '(件|人|者|回|枚|箇所|台)数$') AND (x.g).unit = '%' AND (x.g).direction IS NULL
