-- One row: one indicator with its baseline (the last dated one), first and last target, latest result, and the target
-- for the year of that result (path), as known on a day; NULL for all that is known. Each is a struct with the id of
-- its value. Years after launch become fiscal years where the roadmap allows it (view launch).
-- y: the value; a fraction as its share in percent. t: its year.
CREATE MACRO profile_at(as_known_on) AS TABLE
WITH dated AS (
    SELECT
        r.*, l.status AS launch_status, CASE WHEN l.status = 'placed' AND r.relative_year IS NOT NULL THEN l.milestone_id END AS launch_id,
        coalesce(r.value, 100.0 * r.numerator / r.denominator) AS amount,
        CASE WHEN r.numerator IS NOT NULL AND r.value IS NULL THEN '%' ELSE r.unit END AS amount_unit,
        coalesce(r.fiscal_year, r.calendar_year, CASE WHEN l.status = 'placed' THEN l.launch_year + r.relative_year - 1 END) AS year,
        r.relative_to IS NOT NULL OR r.direction IS NOT NULL AS is_relative,
        r.fiscal_year IS NULL AND r.calendar_year IS NOT NULL AS is_calendar
    FROM result r
    JOIN indicator i USING (indicator_id)
    LEFT JOIN launch l USING (measure_id)
    WHERE as_known_on IS NULL OR r.known_from <= as_known_on
), packed AS (
    SELECT
        indicator_id, role, relative_year, value_text, missing, amount, amount_unit, year, launch_status, is_relative,
        struct_pack(
            id := result_id, y := amount, low := value_low, t := year, is_calendar := is_calendar, unit := amount_unit, launch_id := launch_id, is_relative := is_relative,
            relative_to := relative_to, direction := direction, comparator := comparator, numerator := numerator, denominator := denominator,
            document_id := document_id, line := line, quote := quote
        ) AS v,
        struct_pack(t := coalesce(year, 0), k := coalesce(known_from, DATE '0001-01-01'), position := position, id := result_id) AS place
    FROM dated
), roles AS (
    SELECT
        indicator_id,
        arg_max(v, place) FILTER (role = 'baseline' AND amount IS NOT NULL) AS b,
        arg_max(v, place) FILTER (role = 'actual' AND amount IS NOT NULL) AS l,
        arg_max(v, place) FILTER (role = 'target' AND amount IS NOT NULL) AS g,
        arg_min(v, place) FILTER (role = 'target' AND amount IS NOT NULL AND year IS NOT NULL) AS g1,
        count(*) FILTER (role = 'target' AND amount IS NOT NULL) AS target_count,
        coalesce(bool_or(role = 'target' AND missing IS NULL), false) AS has_target,
        coalesce(bool_or(role = 'target' AND amount IS NULL AND value_text IS NOT NULL), false) AS has_target_text,
        coalesce(bool_or(role = 'target' AND relative_year IS NOT NULL), false) AS has_launch_years,
        coalesce(bool_or(role = 'actual' AND missing IS NULL), false) AS has_result,
        any_value(launch_status) AS launch_status
    FROM packed
    GROUP BY indicator_id
), path AS (
    SELECT p.indicator_id, arg_max(p.v, p.place) AS p
    FROM packed p
    JOIN roles USING (indicator_id)
    WHERE p.role = 'target' AND p.amount IS NOT NULL AND p.year = (roles.l).t AND (p.v).is_calendar = (roles.l).is_calendar
    GROUP BY p.indicator_id
)
SELECT
    i.indicator_id, i.measure_id, m.plan_id, i.document_id, i.name, i.line, i.quote, p.municipality_code, p.known_from, p.first_fiscal_year,
    p.last_fiscal_year, p.scope, t.theme_id, t.better, roles.* EXCLUDE (indicator_id), path.p
FROM indicator i
JOIN measure m USING (measure_id)
JOIN (
    SELECT p.*, d.municipality_code, published_day(d.published) AS known_from FROM plan p JOIN document d USING (document_id)
) p ON p.plan_id = m.plan_id
LEFT JOIN indicator_theme t USING (indicator_id)
LEFT JOIN roles USING (indicator_id)
LEFT JOIN path USING (indicator_id);
