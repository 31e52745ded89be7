-- A baseline (現状値, 基準値) dated in a year of the plan itself or after it: it is no state before the plan.
SELECT
    x.indicator_id, [o.observation_id] AS inputs, [place(o.document_id, o.line, o.quote)] AS places, year_en(o.fiscal_year) AS printed, NULL AS recomputed,
    [label(x.name, x.measure), year_ja(o.fiscal_year), year_ja(x.first_fiscal_year)] AS args,
    [label(x.name, x.measure), year_en(o.fiscal_year), year_en(x.first_fiscal_year)] AS args_en
FROM observation o
JOIN profile x USING (indicator_id)
WHERE o.role = 'baseline' AND x.scope = 'plan' AND o.fiscal_year >= x.first_fiscal_year
    -- A plan revised in its course takes its baselines there.
    AND NOT coalesce(o.fiscal_year < fiscal_year_of(x.known_from), false)
