-- Table macro standing_at: one row an indicator of a theme, with the value that says where it stands.
-- for_theme: key of a theme; NULL for all. as_known_on: a day; NULL for all that is known.
-- for_role: 'latest': the last actual, else the last baseline, else the last target; 'known': a baseline or actual;
-- 'target'. for_year and within_years: the value for that year, or the nearest at most so many years away; without a
-- year, the last. interpolate: where no value is known for that year, the straight line between the known ones around it,
-- marked is_interpolated. An indicator without such a value keeps its row, with NULLs. Plans not yet published on that day
-- have none, those without a date have NULLs. Indicators that a later edition
-- of their plan prints again are left out from the day of that edition.
CREATE MACRO standing_at(for_theme, for_role, for_year, within_years, interpolate, as_known_on) AS TABLE
WITH candidates AS NOT MATERIALIZED (
    SELECT *
    FROM answer
    WHERE (for_theme IS NULL OR theme_id = for_theme) AND (as_known_on IS NULL OR known_from <= as_known_on)
), ranked AS (
    SELECT c.*
    FROM candidates c
    SEMI JOIN (
        SELECT arg_max(result_id, struct_pack(
            known := missing IS NULL, near := CASE WHEN for_year IS NULL THEN 0 ELSE -abs(year - for_year) END,
            kind := CASE WHEN for_role = 'latest' THEN CASE role WHEN 'actual' THEN 2 WHEN 'baseline' THEN 1 ELSE 0 END ELSE 0 END,
            y := coalesce(year, 0), n := coalesce(relative_year, 0), k := coalesce(known_from, DATE '0001-01-01'), id := result_id
        )) AS result_id
        FROM candidates
        WHERE CASE for_role WHEN 'target' THEN role = 'target' WHEN 'known' THEN role <> 'target' ELSE for_year IS NULL OR role <> 'target' END
            AND (for_year IS NULL OR (missing IS NULL AND abs(year - for_year) <= coalesce(within_years, 0)))
        GROUP BY indicator_id
    ) USING (result_id)
), between_known AS (
    SELECT
        a.indicator_id, a.v AS a, b.v AS b, (a.v).amount + ((b.v).amount - (a.v).amount) * (for_year - (a.v).year) / ((b.v).year - (a.v).year) AS value
    FROM (
        SELECT indicator_id, arg_max(struct_pack(id := result_id, amount := amount, year := year, unit := amount_unit, document_id := document_id, line := line, quote := quote), (year, result_id)) AS v
        FROM candidates WHERE interpolate AND role <> 'target' AND amount IS NOT NULL AND year < for_year GROUP BY indicator_id
    ) a
    JOIN (
        SELECT indicator_id, arg_min(struct_pack(id := result_id, amount := amount, year := year, unit := amount_unit), (year, result_id)) AS v
        FROM candidates WHERE interpolate AND role <> 'target' AND amount IS NOT NULL AND year > for_year GROUP BY indicator_id
    ) b USING (indicator_id)
    WHERE (a.v).unit IS NOT DISTINCT FROM (b.v).unit
)
SELECT
    d.theme_id, d.definition_id, d.facets, d.is_known, d.municipality_code, d.municipality, d.municipality_en,
    d.plan_id, d.plan, d.scope, d.measure_id, d.indicator_id, d.indicator, d.better,
    coalesce(r.result_id, (n.a).id) AS result_id, coalesce(r.origin, CASE WHEN n.a IS NOT NULL THEN 'interpolated' END) AS origin,
    coalesce(r.role, CASE WHEN n.a IS NOT NULL THEN 'actual' END) AS role,
    CASE WHEN r.result_id IS NULL THEN n.value ELSE r.value END AS value, r.comparator, r.value_low,
    CASE WHEN r.result_id IS NULL THEN (n.a).unit ELSE r.unit END AS unit, r.numerator, r.denominator,
    CASE WHEN r.result_id IS NULL THEN n.value ELSE r.amount END AS amount,
    CASE WHEN r.result_id IS NULL AND n.a IS NOT NULL THEN for_year ELSE r.fiscal_year END AS fiscal_year, r.calendar_year, r.relative_year, r.as_of,
    CASE WHEN r.result_id IS NULL AND n.a IS NOT NULL THEN for_year ELSE r.year END AS year,
    r.relative_to, r.direction, r.cumulative, r.value_text, r.missing, r.source,
    coalesce(r.document_id, (n.a).document_id) AS document_id, coalesce(r.line, (n.a).line) AS line, coalesce(r.quote, (n.a).quote) AS quote,
    r.result_id IS NULL AND n.a IS NOT NULL AS is_interpolated,
    CASE WHEN r.result_id IS NOT NULL THEN [r.result_id] WHEN n.a IS NOT NULL THEN [(n.a).id, (n.b).id] ELSE [] END AS inputs
FROM definition d
LEFT JOIN between_known n ON n.indicator_id = d.indicator_id
LEFT JOIN ranked r
    ON r.indicator_id = d.indicator_id AND (for_year IS NULL OR NOT interpolate OR r.year = for_year OR n.indicator_id IS NULL)
WHERE (for_theme IS NULL OR d.theme_id = for_theme)
    AND (as_known_on IS NULL OR d.known_from IS NULL OR d.known_from <= as_known_on)
    AND NOT EXISTS (
        SELECT 1 FROM revision v WHERE v.indicator_id = d.indicator_id AND (as_known_on IS NULL OR v.known_from <= as_known_on)
    );
