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

-- Printed results beside the printed target they are judged by, with the printed verdict and 達成率.
CREATE VIEW judged_result AS
SELECT
    x.indicator_id, x.plan_id, x.document_id, x.name, x.measure, x.better, CASE WHEN x.better = 'lower' THEN -1 ELSE 1 END AS d,
    CASE WHEN (x.b).unit IS NOT DISTINCT FROM a.unit THEN (x.b).y END AS y0,
    -- Another target of the same year (revised) that the printed 達成率 follows from.
    EXISTS (
        SELECT 1 FROM observation h
        WHERE h.indicator_id = a.indicator_id AND h.role = 'target' AND h.observation_id <> g.observation_id AND h.value <> 0
            AND coalesce(h.fiscal_year, h.calendar_year) IS NOT DISTINCT FROM coalesce(a.fiscal_year, a.calendar_year)
            AND is_rounded(e.attainment_printed_pct, 100 * a.value / h.value, 1)
    ) AS has_better_match,
    coalesce(g.relative_to, a.relative_to) IS NOT NULL OR coalesce(g.direction, a.direction) IS NOT NULL AS is_change, g.comparator,
    a.observation_id AS actual_id, a.value AS yi, a.unit, a.line, a.quote, a.fiscal_year,
    g.observation_id AS target_id, CASE WHEN g.comparator = 'range' AND x.better IS DISTINCT FROM 'lower' THEN g.value_low ELSE g.value END AS yt, g.line AS target_line, g.quote AS target_quote,
    e.status, e.attainment_printed_pct AS pct, e.line AS verdict_line, e.quote AS verdict_quote, w.means AS verdict_class
FROM observation a
JOIN profile x USING (indicator_id)
JOIN observation g
    ON g.indicator_id = a.indicator_id AND g.role = 'target'
    AND coalesce(g.fiscal_year, g.calendar_year) IS NOT DISTINCT FROM coalesce(a.fiscal_year, a.calendar_year)
LEFT JOIN evaluation e ON e.observation_id = a.observation_id
LEFT JOIN word w ON w.kind = 'verdict' AND w.word = e.status
WHERE a.role = 'actual' AND a.value IS NOT NULL AND g.value IS NOT NULL AND a.unit IS NOT DISTINCT FROM g.unit;

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
