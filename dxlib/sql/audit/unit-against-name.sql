-- The unit does not fit what the indicator's name counts: persons in 件, meetings in 業務.
WITH misfits AS (
    SELECT x.indicator_id, min(w.means) AS fitting
    FROM profile x
    JOIN word w ON w.kind = 'unit' AND regexp_matches(bare_name(x.name), w.word)
    WHERE (x.g).unit IS NOT NULL
    GROUP BY x.indicator_id
    HAVING NOT bool_or(list_contains(string_split(w.means, '|'), (x.g).unit))
)
SELECT
    x.indicator_id, [(x.g).id] AS inputs, [place((x.g).document_id, (x.g).line, (x.g).quote), place(x.document_id, x.line, x.quote)] AS places,
    (x.g).unit AS printed, replace(m.fitting, '|', '・') AS recomputed, [label(x.name, x.measure), (x.g).unit, replace(m.fitting, '|', '・')] AS args
FROM profile x
JOIN misfits m USING (indicator_id)
