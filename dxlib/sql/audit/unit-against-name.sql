-- The unit does not fit what the indicator's name counts: persons in 件, meetings in 業務. The patterns look at the end of a
-- name, and many names end alike: each ending is looked at once.
WITH named AS MATERIALIZED (
    SELECT indicator_id, regexp_replace((g).unit, '[/／].*|^延べ', '') AS unit, right(bare_name(name), 10) AS ending FROM profile WHERE (g).unit IS NOT NULL
), endings AS MATERIALIZED (
    SELECT DISTINCT ending FROM named
), fits AS (
    SELECT e.ending, w.means FROM endings e JOIN word w ON w.kind = 'unit' AND regexp_matches(e.ending, w.word)
), misfits AS (
    SELECT n.indicator_id, min(f.means) AS fitting
    FROM named n
    JOIN fits f USING (ending)
    GROUP BY n.indicator_id
    HAVING NOT bool_or(list_contains(string_split(f.means, '|'), n.unit))
)
SELECT
    x.indicator_id, [(x.g).id] AS inputs, [place((x.g).document_id, (x.g).line, (x.g).quote), place(x.document_id, x.line, x.quote)] AS places,
    (x.g).unit AS printed, array_to_string(string_split(m.fitting, '|')[1:2], '・') AS recomputed, [label(x.name, x.measure), (x.g).unit, array_to_string(string_split(m.fitting, '|')[1:2], '・')] AS args
FROM profile x
JOIN misfits m USING (indicator_id)
