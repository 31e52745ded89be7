-- The roadmap says 目標達成 in a year before the year of the measure's targets. One finding a cell of the roadmap.
SELECT
    min(x.indicator_id) AS indicator_id, list_prepend(m.measure_id || '#' || m.position, list((x.g).id ORDER BY (x.g).id)) AS inputs,
    list_prepend(place(m.document_id, m.line, m.quote), list(place((x.g).document_id, (x.g).line, (x.g).quote) ORDER BY (x.g).id)) AS places,
    m.text AS printed, NULL AS recomputed,
    [any_value(x.measure), m.text, year_ja(m.fiscal_year), year_ja(min((x.g).t))] AS args, [any_value(x.measure), m.text, year_en(m.fiscal_year), year_en(min((x.g).t))] AS args_en
FROM profile x
JOIN milestone m USING (measure_id)
WHERE contains(m.text, '目標達成') AND m.fiscal_year < (x.g).t
GROUP BY m.measure_id, m.position, m.document_id, m.line, m.quote, m.text, m.fiscal_year
