-- One row: one indicator as profile_at shows it by all that is known, with its facets beside. What the rules read.
-- A table, made once in the build, because every rule asks for it.
CREATE TABLE profile AS
SELECT x.*, m.title AS measure, f.* EXCLUDE (indicator_id), d.definition_id
FROM profile_at(NULL::DATE) x
JOIN measure m USING (measure_id)
LEFT JOIN definition d USING (indicator_id)
LEFT JOIN (
    SELECT
        indicator_id,
        any_value(value) FILTER (facet = 'measures') AS measures, any_value(value) FILTER (facet = 'object') AS object,
        any_value(value) FILTER (facet = 'unit') AS unit_facet, any_value(value) FILTER (facet = 'counting') AS counting,
        any_value(value) FILTER (facet = 'denominator') AS denominator, any_value(value) FILTER (facet = 'included') AS included
    FROM facet
    GROUP BY indicator_id
) f USING (indicator_id)
ORDER BY x.indicator_id;

-- Printed results beside the printed target they are judged by, with the printed verdict and 達成率: the target of the
-- same year, or the only one where a year is missing. A fraction stands as its share in percent.
CREATE VIEW judged_result AS
WITH printed AS (
    SELECT
        *, coalesce(value, 100.0 * numerator / denominator) AS amount, CASE WHEN value IS NULL THEN '%' ELSE unit END AS amount_unit,
        coalesce(fiscal_year, calendar_year) AS year
    FROM observation
    WHERE role <> 'baseline' AND (value IS NOT NULL OR numerator IS NOT NULL)
)
SELECT
    x.indicator_id, x.plan_id, x.document_id, x.name, x.measure, x.better, CASE WHEN x.better = 'lower' THEN -1 ELSE 1 END AS d,
    CASE WHEN (x.b).unit IS NOT DISTINCT FROM a.amount_unit THEN (x.b).y END AS y0,
    -- Another target of the same year (revised) that the printed 達成率 follows from.
    EXISTS (
        SELECT 1 FROM printed h
        WHERE h.indicator_id = a.indicator_id AND h.role = 'target' AND h.observation_id <> g.observation_id AND h.amount <> 0
            AND h.year IS NOT DISTINCT FROM a.year AND is_rounded(e.attainment_printed_pct, 100 * a.amount / h.amount, 1)
    ) AS has_better_match,
    coalesce(g.relative_to, a.relative_to) IS NOT NULL OR coalesce(g.direction, a.direction) IS NOT NULL AS is_change, g.comparator,
    a.observation_id AS actual_id, a.amount AS yi, a.amount_unit AS unit, a.line, a.quote, a.fiscal_year,
    g.observation_id AS target_id, g.line AS target_line, g.quote AS target_quote,
    CASE WHEN g.comparator = 'range' AND x.better IS DISTINCT FROM 'lower' THEN g.value_low ELSE g.amount END AS yt,
    e.status, e.attainment_printed_pct AS pct, e.line AS verdict_line, e.quote AS verdict_quote, w.means AS verdict_class
FROM printed a
JOIN profile x USING (indicator_id)
JOIN printed g
    ON g.indicator_id = a.indicator_id AND g.role = 'target' AND g.amount_unit IS NOT DISTINCT FROM a.amount_unit
    AND (g.year IS NOT DISTINCT FROM a.year OR (x.target_count = 1 AND (g.year IS NULL OR a.year IS NULL)))
LEFT JOIN evaluation e ON e.observation_id = a.observation_id
LEFT JOIN word w ON w.kind = 'verdict' AND w.word = e.status
WHERE a.role = 'actual';

-- Printed known values (baselines and results) of indicators whose definition is known.
CREATE VIEW known_quantity AS
SELECT
    o.observation_id AS id, x.indicator_id, x.municipality_code, x.theme_id, x.definition_id, x.object, x.measures, x.plan_id, x.first_fiscal_year,
    coalesce(o.fiscal_year, o.calendar_year) AS year, coalesce(o.value, 100.0 * o.numerator / o.denominator) AS y,
    CASE WHEN o.value IS NULL THEN '%' ELSE o.unit END AS amount_unit, o.document_id, o.line, o.quote, label(x.name, x.measure) AS label
FROM observation o
JOIN profile x USING (indicator_id)
JOIN definition d USING (indicator_id)
WHERE o.role <> 'target' AND coalesce(o.value, o.numerator) IS NOT NULL AND coalesce(o.fiscal_year, o.calendar_year) IS NOT NULL AND d.is_known;

-- Targets of a finished plan that were not met, by the printed verdict or by the printed figures, with the next plan of
-- the municipality. Only indicators of which it is decided what they measure.
CREATE VIEW missed_target AS
WITH next_plan AS (
    SELECT a.plan_id, arg_min(b.plan_id, (b.first_fiscal_year, b.plan_id)) AS next_plan_id
    FROM plan a
    JOIN document da ON da.document_id = a.document_id
    JOIN document db ON db.municipality_code = da.municipality_code
    JOIN plan b ON b.document_id = db.document_id AND b.first_fiscal_year > a.last_fiscal_year AND b.scope = 'plan'
    SEMI JOIN measure m ON m.plan_id = b.plan_id
    WHERE a.scope = 'review'
    GROUP BY a.plan_id
)
SELECT
    x.indicator_id, x.theme_id, x.object, x.measures, x.plan_id, n.next_plan_id, label(x.name, x.measure) AS label, (x.g).y AS yt, (x.g).unit AS unit,
    CASE WHEN x.better = 'lower' THEN -1 ELSE 1 END AS d,
    CASE WHEN v.means IN ('missed', 'nearly') THEN (v.e).status ELSE shown((x.l).y) || coalesce((x.l).unit, '') || '／' || shown((x.g).y) || coalesce((x.g).unit, '') END AS outcome,
    list_filter([(x.g).id, (x.l).id], lambda i: i IS NOT NULL) AS inputs,
    CASE WHEN v.e IS NOT NULL THEN place((v.e).document_id, (v.e).line, (v.e).quote) ELSE place((x.g).document_id, (x.g).line, (x.g).quote) END AS place
FROM profile x
JOIN next_plan n USING (plan_id)
LEFT JOIN (
    SELECT o.indicator_id, any_value(e) AS e, any_value(w.means) AS means
    FROM observation o JOIN evaluation e USING (observation_id) LEFT JOIN word w ON w.kind = 'verdict' AND w.word = e.status
    GROUP BY o.indicator_id
) v USING (indicator_id)
WHERE x.object <> 'unknown' AND x.g IS NOT NULL
    AND (v.means IN ('missed', 'nearly') OR CASE WHEN x.better = 'lower' THEN -1 ELSE 1 END * (x.l).y < CASE WHEN x.better = 'lower' THEN -1 ELSE 1 END * (x.g).y);

-- A count and, right after it, its share of the inhabitants that is not its rounded share of the population which the
-- document prints for the same day. is_cut: it is that share cut off. What two audit rules read.
CREATE VIEW unrounded_share AS
SELECT
    NULL AS indicator_id, [c.statistic_id, s.statistic_id, p.statistic_id] AS inputs,
    [place(s.document_id, s.line, s.quote), place(c.document_id, c.line, c.quote), place(p.document_id, p.line, p.quote)] AS places,
    s.quote AS printed, shown(round(100 * c.value / p.value, 2)) || '%' AS recomputed,
    [c.quote, s.quote, p.quote, shown(round(100 * c.value / p.value, 2)), shown(round(100 * c.value / s.value))] AS args,
    is_cut_off(s.value, 100 * c.value / p.value, pct_decimals(s.quote)) AS is_cut
FROM statistic s
JOIN statistic c
    ON c.document_id = s.document_id AND c.line = s.line AND c.unit <> '%' AND c.value > 0
    AND split_part(c.statistic_id, '.', -1)::INTEGER = split_part(s.statistic_id, '.', -1)::INTEGER - 1
JOIN statistic p
    ON p.document_id = s.document_id AND p.as_of = s.as_of AND p.unit = '人' AND p.value > 0 AND p.comparator = '='
    AND regexp_matches(p.subject, '(^|の)(総)?人口$')
WHERE s.unit = '%' AND s.value > 0 AND s.direction IS NULL AND s.comparator = '=' AND regexp_matches(s.subject, '人口に|人口の|人口比|市民$|住民$|町民$|村民$|区民$|県民$|に対する割合|占める割合')
    AND NOT regexp_matches(s.subject, '満足|保有|以上の|うち|回答')
    AND c.statistic_id <> p.statistic_id
    AND NOT is_rounded(s.value, 100 * c.value / p.value, pct_decimals(s.quote));
