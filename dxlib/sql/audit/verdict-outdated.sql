-- "Expected to be met" in a document that was published after the plan had ended.
SELECT
    x.indicator_id, [e.observation_id] AS inputs, [place(e.document_id, e.line, e.quote)] AS places, e.status AS printed, NULL AS recomputed,
    [label(x.name, x.measure), e.status, year_ja(x.last_fiscal_year), d.published] AS args,
    [label(x.name, x.measure), e.status, year_en(x.last_fiscal_year), d.published] AS args_en
FROM profile x
JOIN observation o USING (indicator_id)
JOIN evaluation e USING (observation_id)
JOIN word w ON w.kind = 'verdict' AND w.word = e.status AND w.means = 'expected'
JOIN document d ON d.document_id = e.document_id
WHERE x.known_from > make_date(x.last_fiscal_year + 1, 3, 31)
