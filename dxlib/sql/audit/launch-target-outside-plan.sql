-- A target for 3年目, counted from the launch in the roadmap, falls after the plan.
WITH aimed AS (
    SELECT o.*, x.name, x.measure, x.last_fiscal_year, l.launch_year, l.milestone_id, l.document_id AS launch_document, l.line AS launch_line, l.quote AS launch_quote,
        l.launch_year + o.relative_year - 1 AS year
    FROM observation o
    JOIN profile x USING (indicator_id)
    JOIN launch l USING (measure_id)
    WHERE o.role = 'target' AND o.relative_year IS NOT NULL AND NOT l.is_uncertain AND x.scope = 'plan'
)
SELECT
    indicator_id, list_append(list(observation_id ORDER BY relative_year), any_value(milestone_id)) AS inputs,
    [arg_max(place(document_id, line, quote), relative_year), any_value(place(launch_document, launch_line, launch_quote))] AS places,
    max(relative_year) || '年目' AS printed, year_en(max(year)) AS recomputed,
    [label(any_value(name), any_value(measure)), any_value(launch_quote), year_ja(any_value(launch_year)), max(relative_year)::VARCHAR, year_ja(max(year)), year_ja(any_value(last_fiscal_year))] AS args,
    [label(any_value(name), any_value(measure)), any_value(launch_quote), year_en(any_value(launch_year)), max(relative_year)::VARCHAR, year_en(max(year)), year_en(any_value(last_fiscal_year))] AS args_en
FROM aimed
GROUP BY indicator_id
HAVING max(year) > any_value(last_fiscal_year)
