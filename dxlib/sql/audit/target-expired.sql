-- A plan published after the year of its last target was over.
SELECT
    x.indicator_id, [(x.g).id] AS inputs, [place((x.g).document_id, (x.g).line, (x.g).quote)] AS places, year_en((x.g).t) AS printed, NULL AS recomputed,
    [label(x.name, x.measure), year_ja((x.g).t), d.published] AS args, [label(x.name, x.measure), year_en((x.g).t), d.published] AS args_en
FROM profile x
JOIN document d USING (document_id)
WHERE x.scope = 'plan' AND (x.g).t BETWEEN x.first_fiscal_year AND x.last_fiscal_year AND published_day(d.published) > make_date((x.g).t + 1, 3, 31) AND length(d.published) <> 4
