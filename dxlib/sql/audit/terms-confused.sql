-- Two terms for figures that look alike (交付率, 保有率) in the plans of one municipality.
WITH named AS (
    SELECT x.*, w.word, w.means, regexp_extract(x.name, '(.*?)の?' || w.word, 1) AS head
    FROM profile x
    JOIN word w ON w.kind = 'term' AND contains(x.name, w.word)
)
SELECT
    n.indicator_id, [coalesce((n.l).id, (n.g).id), s.statistic_id] AS inputs, [place(n.document_id, n.line, n.quote), place(s.document_id, s.line, s.quote)] AS places,
    n.word AS printed, s.quote AS recomputed,
    [label(n.name, n.measure), n.word, shown(coalesce((n.l).y, (n.g).y)) || coalesce((n.l).unit, (n.g).unit, ''), regexp_extract(l.text, n.means), s.quote] AS args
FROM named n
JOIN document d ON d.municipality_code = n.municipality_code
JOIN statistic s ON s.document_id = d.document_id AND s.unit = '%'
JOIN source_line l ON l.document_id = s.document_id AND l.line = s.line
WHERE n.head <> '' AND s.direction IS NULL AND regexp_matches(l.text, n.means)
    AND (contains(l.text, n.head) OR (s.document_id = n.document_id AND abs(s.line - n.line) <= 12 AND contains(l.text, right(n.head, 3))))
