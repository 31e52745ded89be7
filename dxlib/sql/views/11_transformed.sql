-- Table macro transformed_at: one row a value of standing_at and a transformation that its theme allows and that can be
-- computed. The value as printed stays beside it; inputs are the ids of all values used. population and the like: the
-- reference value nearest to the value's own day (as_of, else the end of its year); reference_as_of states which day.
CREATE MACRO transformed_at(for_theme, for_role, for_year, within_years, interpolate, as_known_on) AS TABLE
WITH standing AS (
    FROM standing_at(for_theme, for_role, for_year, within_years, interpolate, as_known_on)
), allowed AS (
    SELECT s.*, t.transformation_id, t.formula, t.item, t.unit_ja AS new_unit_ja, t.unit_en AS new_unit_en,
        coalesce(s.as_of, make_date(s.year + 1, 3, 31)) AS day
    FROM standing s
    JOIN variant v USING (theme_id, definition_id)
    JOIN transformation t ON t.transformation_id = v.transformation_id
    WHERE s.result_id IS NOT NULL
), first_known AS (
    SELECT
        r.indicator_id,
        arg_max(struct_pack(id := r.result_id, y := r.value, t := coalesce(r.fiscal_year, r.calendar_year), unit := r.unit), (coalesce(r.fiscal_year, r.calendar_year), r.result_id)) AS b
    FROM result r
    SEMI JOIN allowed a ON a.indicator_id = r.indicator_id AND a.formula IN ('annual_change', 'growth')
    WHERE r.role = 'baseline' AND r.value IS NOT NULL AND coalesce(r.fiscal_year, r.calendar_year) IS NOT NULL
        AND (as_known_on IS NULL OR r.known_from <= as_known_on)
    GROUP BY r.indicator_id
), reference AS (
    SELECT a.result_id, a.transformation_id, arg_min(struct_pack(id := 'reference_value/' || r.municipality_code || '/' || r.item || '/' || r.as_of, y := r.value, as_of := r.as_of),
        (abs(date_diff('day', r.as_of, a.day)), r.as_of)) AS r
    FROM allowed a
    JOIN reference_value r ON r.municipality_code = a.municipality_code AND r.item = a.item
    WHERE r.value > 0 AND a.day IS NOT NULL
    GROUP BY ALL
), computed AS (
    SELECT
        a.* EXCLUDE (inputs), f.b, r.r AS reference,
        CASE a.formula
            WHEN 'fraction' THEN 100.0 * a.numerator / a.denominator
            WHEN 'per_10k' THEN 10000.0 * a.value / (r.r).y
            WHEN 'share_of' THEN 100.0 * a.value / (r.r).y
            WHEN 'annual_change' THEN CASE WHEN a.unit IS NOT DISTINCT FROM (f.b).unit AND a.year > (f.b).t THEN (a.value - (f.b).y) / (a.year - (f.b).t) END
            WHEN 'growth' THEN CASE WHEN a.unit IS NOT DISTINCT FROM (f.b).unit AND a.year > (f.b).t AND (f.b).y <> 0 THEN 100.0 * (a.value - (f.b).y) / abs((f.b).y) END
            WHEN 'same' THEN a.value
            WHEN 'stage' THEN
                CASE WHEN coalesce(a.value, a.numerator) IS NOT NULL THEN (coalesce(a.value, a.numerator) > 0)::INTEGER
                    WHEN w.means = 'reached' THEN 1 WHEN w.means = 'not reached' THEN 0 END
        END AS transformed,
        CASE
            WHEN a.formula IN ('per_10k', 'share_of') THEN list_append(a.inputs, (r.r).id)
            WHEN a.formula IN ('annual_change', 'growth') THEN list_append(a.inputs, (f.b).id)
            ELSE a.inputs
        END AS inputs
    FROM allowed a
    LEFT JOIN first_known f USING (indicator_id)
    LEFT JOIN reference r USING (result_id, transformation_id)
    LEFT JOIN word w ON w.kind = 'stage' AND w.word = a.value_text
)
SELECT
    theme_id, indicator_id, transformation_id, formula, result_id, value AS printed_value, numerator, denominator, unit AS printed_unit, year,
    transformed AS value, replace(new_unit_ja, '{unit}', coalesce(unit, '')) AS unit_ja, replace(new_unit_en, '{unit}', coalesce(unit, '')) AS unit_en,
    CASE WHEN formula IN ('per_10k', 'share_of') THEN reference.y END AS reference_value,
    CASE WHEN formula IN ('per_10k', 'share_of') THEN reference.as_of END AS reference_as_of,
    CASE WHEN formula IN ('per_10k', 'share_of') THEN fiscal_year_of(reference.as_of) = year END AS is_reference_of_same_year,
    CASE WHEN formula IN ('annual_change', 'growth') THEN b.t END AS since_year, inputs
FROM computed
WHERE transformed IS NOT NULL;

-- The transformed values of all themes, for the latest values.
CREATE VIEW transformed_value AS
FROM transformed_at(NULL::VARCHAR, 'latest', NULL::INTEGER, 0, false, NULL::DATE) ORDER BY indicator_id, transformation_id;
