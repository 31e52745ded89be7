-- The whole that something is counted of (27手続, 17業務) differs between two documents of one municipality.
WITH kind AS MATERIALIZED (
    FROM (VALUES ('手続', 'オンライン'), ('業務', '標準化')) k(counter, topic)
), counting AS MATERIALIZED (
    SELECT
        x.indicator_id, x.municipality_code, label(x.name, x.measure) AS label, k.counter, k.topic,
        try_cast(regexp_extract(x.name, '対象([0-9]+)' || k.counter, 1) AS DOUBLE) AS n
    FROM profile x
    JOIN kind k ON contains(x.name, k.counter) AND contains(x.name, k.topic)
), whole AS (
    SELECT
        c.* EXCLUDE (n), o.document_id, o.line, o.quote, o.observation_id AS id, coalesce(o.denominator, c.n) AS n
    FROM observation o
    JOIN counting c USING (indicator_id)
), stated AS (
    SELECT d.municipality_code, s.document_id, k.counter, k.topic, arg_max(s, s.value) AS s
    FROM statistic s
    JOIN document d USING (document_id)
    JOIN source_line l USING (document_id, line)
    JOIN (VALUES ('手続', 'オンライン'), ('業務', '標準化')) k(counter, topic) ON starts_with(s.unit, k.counter) AND contains(l.text, k.topic)
    GROUP BY ALL
)
SELECT
    w.indicator_id, [w.id, (s.s).statistic_id] AS inputs, [place(w.document_id, w.line, w.quote), place(s.document_id, (s.s).line, (s.s).quote)] AS places,
    shown(w.n) || w.counter AS printed, (s.s).quote AS recomputed, [w.label, shown(w.n) || w.counter, (s.s).quote] AS args
FROM whole w
JOIN stated s USING (municipality_code, counter, topic)
WHERE w.document_id <> s.document_id AND w.n IS NOT NULL AND w.n <> (s.s).value
