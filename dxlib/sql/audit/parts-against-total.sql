-- Numbers of one line that a total (計, 合計, 合わせて) with the same counter is printed for, and whose sum is another.
WITH total AS (
    SELECT s.*, split_part(s.statistic_id, '.', -1)::INTEGER AS place
    FROM statistic s
    JOIN source_line l USING (document_id, line)
    WHERE s.value IS NOT NULL AND s.unit IS NOT NULL AND contains(l.text, s.quote)
        AND regexp_matches(regexp_replace(left(l.text, instr(l.text, s.quote) - 1), '.*[、。,]', ''), '(合計|の計|総計|合わせて|あわせて|全部で|[0-9０-９件手続人名種類業務所校回]計|^計)[はをで ]*$')
        AND s.comparator = '=' AND NOT regexp_matches(left(l.text, instr(l.text, s.quote) - 1), 'うち|前年|から.*へ|中')
), parts AS (
    SELECT t.statistic_id, list(p.statistic_id ORDER BY p.statistic_id) AS ids, list(shown(p.value) ORDER BY p.statistic_id) AS shown_parts, sum(p.value) AS parts_sum
    FROM total t
    JOIN statistic p ON p.document_id = t.document_id AND p.line = t.line AND p.unit = t.unit AND p.value IS NOT NULL
        AND split_part(p.statistic_id, '.', -1)::INTEGER < t.place
    GROUP BY t.statistic_id
    HAVING count(*) >= 2
)
SELECT
    NULL AS indicator_id, list_append(ids, t.statistic_id) AS inputs, [place(t.document_id, t.line, t.quote)] AS places,
    t.quote AS printed, shown(parts_sum) || t.unit AS recomputed, [array_to_string(shown_parts, '+'), shown(parts_sum), shown(t.value)] AS args
FROM total t
JOIN parts USING (statistic_id)
WHERE parts_sum <> t.value
