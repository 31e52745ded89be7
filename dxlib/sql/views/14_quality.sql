-- One row: one quality rule that applies to an indicator (or to a measure: indicator_id NULL), and whether it is met. A
-- rule that does not apply has no row. Reviews of finished plans are read by the same rules. A table, made once in the build.
CREATE TABLE quality_check AS
WITH traits AS (
    SELECT
        x.*, x.g IS NOT NULL AND (x.g).y IS NOT NULL AS has_number,
        NOT coalesce((x.g).is_relative, false) AND x.b IS NOT NULL AND x.g IS NOT NULL AND (x.b).unit IS NOT DISTINCT FROM (x.g).unit AS can_pair,
        CASE WHEN x.better = 'lower' THEN -1 ELSE 1 END AS d, t.monotone, t.missing_baseline, k.identical, s.claims_outcome
    FROM profile x
    LEFT JOIN (
        SELECT o.indicator_id, bool_and(o.step >= 0) AS monotone, bool_or(o.role = 'baseline' AND o.missing = 'new') AS missing_baseline
        FROM (
            SELECT o.indicator_id, o.role, o.missing, CASE WHEN i.better = 'lower' THEN -1 ELSE 1 END * (
                CASE WHEN o.role = 'target' AND o.value IS NOT NULL THEN o.value - lag(o.value) OVER (
                    PARTITION BY o.indicator_id, o.role, o.value IS NULL ORDER BY coalesce(o.fiscal_year, o.calendar_year, o.relative_year), o.observation_id
                ) END) AS step
            FROM observation o
            JOIN indicator_theme i USING (indicator_id)
        ) o
        GROUP BY o.indicator_id
    ) t USING (indicator_id)
    LEFT JOIN (
        SELECT indicator_id, count(*) >= 3 AND count(DISTINCT value) = 1 AS identical
        FROM observation
        WHERE role <> 'target' AND value IS NOT NULL AND coalesce(fiscal_year, calendar_year) IS NOT NULL
        GROUP BY indicator_id
        HAVING count(DISTINCT coalesce(fiscal_year, calendar_year)) >= 3
    ) k USING (indicator_id)
    LEFT JOIN (
        SELECT i.indicator_id, true AS claims_outcome
        FROM indicator i JOIN source_line l USING (document_id, line)
        WHERE regexp_matches(l.text, '成果指標|アウトカム|KGI|ＫＧＩ')
    ) s USING (indicator_id)
), checks AS (
    SELECT
        plan_id, measure_id, indicator_id, document_id, line, quote, name, measure, g, b,
        unnest([
            struct_pack(rule_id := 'no-unit', is_met := CASE WHEN has_number THEN g.unit IS NOT NULL END),
            struct_pack(rule_id := 'no-baseline', is_met := CASE WHEN scope = 'plan' AND has_number AND NOT coalesce(missing_baseline, false) THEN b IS NOT NULL END),
            struct_pack(rule_id := 'baseline-undated', is_met := CASE WHEN b IS NOT NULL THEN b.t IS NOT NULL END),
            struct_pack(rule_id := 'no-target-year', is_met := CASE WHEN has_target THEN g.t IS NOT NULL OR (has_launch_years AND launch_status IS NOT DISTINCT FROM 'placed') OR (g IS NULL AND EXISTS (
                SELECT 1 FROM observation o WHERE o.indicator_id = traits.indicator_id AND o.role = 'target' AND coalesce(o.fiscal_year, o.calendar_year) IS NOT NULL)) END),
            struct_pack(rule_id := 'target-equals-baseline', is_met := CASE WHEN can_pair AND better <> 'maintain' THEN g.y <> b.y END),
            struct_pack(rule_id := 'target-worse-than-baseline', is_met := CASE WHEN can_pair THEN d * g.y >= d * b.y END),
            struct_pack(rule_id := 'output-as-outcome', is_met := CASE WHEN claims_outcome AND measures <> 'unknown' THEN measures IN ('outcome', 'skill', 'usage') END),
            struct_pack(rule_id := 'denominator-unstated', is_met := CASE WHEN unit_facet IN ('percent', 'fraction') THEN denominator <> 'unknown' END),
            struct_pack(rule_id := 'cumulative-unclear', is_met := CASE WHEN unit_facet IN ('count', 'hours', 'sheets') THEN counting <> 'unknown' END),
            struct_pack(rule_id := 'targets-not-monotone', is_met := CASE WHEN target_count >= 2 THEN coalesce(monotone, true) END),
            struct_pack(rule_id := 'target-year-outside-plan', is_met := CASE WHEN scope = 'plan' AND g.t IS NOT NULL THEN g.t BETWEEN first_fiscal_year AND last_fiscal_year END),
            struct_pack(rule_id := 'target-ends-early', is_met := CASE WHEN scope = 'plan' AND has_number AND g.t BETWEEN first_fiscal_year AND last_fiscal_year THEN g.t = last_fiscal_year END),
            struct_pack(rule_id := 'base-of-target-unprinted', is_met := CASE WHEN g.is_relative THEN b IS NOT NULL END),
            struct_pack(rule_id := 'target-over-100', is_met := CASE WHEN unit_facet = 'percent' AND has_number AND NOT g.is_relative THEN g.y <= 100 END),
            struct_pack(rule_id := 'result-never-moves', is_met := CASE WHEN identical IS NOT NULL THEN NOT identical END),
            struct_pack(rule_id := 'result-after-publication', is_met := CASE WHEN l.document_id IS NOT NULL AND known_from IS NOT NULL THEN l.t <= fiscal_year_of(known_from) END)
        ], recursive := true)
    FROM traits
    WHERE has_target OR name IS NOT NULL
    UNION ALL BY NAME
    SELECT
        m.plan_id, m.measure_id, NULL AS indicator_id, m.document_id, m.line, m.quote, NULL AS name, m.title AS measure,
        unnest([
            struct_pack(rule_id := 'no-indicator', is_met := coalesce(bool_or(x.has_target OR x.name IS NOT NULL), false)),
            struct_pack(rule_id := 'no-measurable-target', is_met := CASE WHEN bool_or(x.has_target OR x.name IS NOT NULL) THEN coalesce(bool_or((x.g).y IS NOT NULL), false) END)
        ], recursive := true)
    FROM measure m
    LEFT JOIN profile x USING (measure_id)
    WHERE m.kind = 'measure'
    GROUP BY m.plan_id, m.measure_id, m.document_id, m.line, m.quote, m.title
)
SELECT plan_id, measure_id, indicator_id, rule_id, is_met, document_id, line, quote, label(name, measure) AS label, g, b
FROM checks
WHERE is_met IS NOT NULL;

-- One row: one plan and quality rule (rule_id NULL: all rules together): how many of the checks that apply are met, x of n.
-- A table, made once in the build.
CREATE TABLE quality_score AS
SELECT
    q.plan_id, any_value(d.municipality_code) AS municipality_code, any_value(p.title) AS plan, any_value(p.scope) AS scope, q.rule_id,
    CASE WHEN q.rule_id IS NOT NULL THEN any_value(r.name_ja) END AS name_ja, CASE WHEN q.rule_id IS NOT NULL THEN any_value(r.name_en) END AS name_en,
    count(*) FILTER (is_met) AS met, count(*) AS applicable,
    coalesce(list(coalesce(q.indicator_id, q.measure_id) ORDER BY coalesce(q.indicator_id, q.measure_id)) FILTER (NOT is_met), []) AS not_met
FROM quality_check q
JOIN plan p USING (plan_id)
JOIN document d ON d.document_id = p.document_id
JOIN rule r USING (rule_id)
GROUP BY GROUPING SETS ((q.plan_id, q.rule_id), (q.plan_id))
ORDER BY q.plan_id, q.rule_id NULLS FIRST;
