-- Table macro basis_at: one row a value of standing_at and a basis its definition can be compared on: as printed
-- (transformation_id NULL, one row for every indicator) or after a transformation that its theme allows. basis_value is the
-- value on that basis, NULL where an input is missing; basis_inputs are the ids of all values used. Population and the like:
-- the newest vintage of the reference value nearest to the value's own day (as_of, else the end of its year); reference_as_of states which day.
CREATE MACRO basis_at(for_theme, for_role, for_year, within_years, interpolate, as_known_on) AS TABLE
WITH allowed AS (
    SELECT
        s.*, v.basis, v.transformation_id, t.formula, t.item, t.unit_ja AS new_unit_ja, t.unit_en AS new_unit_en,
        coalesce(s.as_of, make_date(s.year + 1, 3, 31)) AS day
    FROM standing_at(for_theme, for_role, for_year, within_years, interpolate, as_known_on) s
    LEFT JOIN variant v ON v.theme_id = s.theme_id AND v.definition_id = s.definition_id
    LEFT JOIN transformation t ON t.transformation_id = v.transformation_id
), first_known AS (
    SELECT indicator_id, arg_max(struct_pack(id := result_id, y := value, t := year, unit := unit), (year, result_id)) AS b
    FROM answer
    WHERE (for_theme IS NULL OR theme_id = for_theme) AND (as_known_on IS NULL OR known_from <= as_known_on)
        AND role = 'baseline' AND value IS NOT NULL AND year IS NOT NULL
    GROUP BY indicator_id
), reference AS (
    SELECT
        a.result_id, a.item,
        arg_min(
            struct_pack(id := 'reference_value/' || r.municipality_code || '/' || r.item || '/' || r.as_of || '/' || r.vintage, y := r.value, as_of := r.as_of),
            (abs(date_diff('day', r.as_of, a.day)), r.as_of)
        ) AS r
    FROM (SELECT DISTINCT result_id, item, municipality_code, day FROM allowed WHERE item IS NOT NULL AND day IS NOT NULL) a
    JOIN reference_at(as_known_on) r ON r.municipality_code = a.municipality_code AND r.item = a.item AND r.detail = '' AND r.value > 0
    GROUP BY a.result_id, a.item
)
SELECT
    a.* EXCLUDE (item, new_unit_ja, new_unit_en, day),
    CASE
        WHEN a.transformation_id IS NULL THEN a.amount
        WHEN a.formula = 'fraction' THEN 100.0 * a.numerator / a.denominator
        WHEN a.formula = 'per_10k' THEN 10000.0 * a.value / (f.r).y
        WHEN a.formula = 'share_of' THEN 100.0 * a.value / (f.r).y
        WHEN a.formula = 'same' THEN a.value
        WHEN a.formula = 'stage' AND coalesce(a.value, a.numerator) IS NOT NULL THEN (coalesce(a.value, a.numerator) > 0)::INTEGER
        WHEN a.formula = 'stage' THEN CASE w.means WHEN 'reached' THEN 1 WHEN 'not reached' THEN 0 END
        WHEN a.unit IS NOT DISTINCT FROM (k.b).unit AND a.year > (k.b).t THEN
            CASE a.formula
                WHEN 'annual_change' THEN (a.value - (k.b).y) / (a.year - (k.b).t)
                WHEN 'growth' THEN CASE WHEN (k.b).y <> 0 THEN 100.0 * (a.value - (k.b).y) / abs((k.b).y) END
            END
    END AS basis_value,
    replace(a.new_unit_ja, '{unit}', coalesce(a.unit, '')) AS basis_unit_ja, replace(a.new_unit_en, '{unit}', coalesce(a.unit, '')) AS basis_unit_en,
    (f.r).y AS reference_value, (f.r).as_of AS reference_as_of, fiscal_year_of((f.r).as_of) = a.year AS is_reference_of_same_year,
    CASE WHEN a.formula IN ('annual_change', 'growth') THEN (k.b).t END AS since_year,
    CASE
        WHEN f.r IS NOT NULL THEN list_append(a.inputs, (f.r).id)
        WHEN a.formula IN ('annual_change', 'growth') AND k.b IS NOT NULL THEN list_append(a.inputs, (k.b).id)
        ELSE a.inputs
    END AS basis_inputs
FROM allowed a
LEFT JOIN first_known k ON k.indicator_id = a.indicator_id AND a.formula IN ('annual_change', 'growth')
LEFT JOIN reference f ON f.result_id = a.result_id AND f.item = a.item
LEFT JOIN word w ON w.kind = 'stage' AND w.word = a.value_text AND a.formula = 'stage';

-- The same for the question asked by default, made once in the build and sorted by theme.
CREATE TABLE basis_now AS
FROM basis_at(NULL::VARCHAR, 'latest', NULL::INTEGER, 0, false, NULL::DATE) ORDER BY theme_id, indicator_id, transformation_id;

-- The latest values of all themes after each transformation that can be computed, beside the value as printed.
CREATE VIEW transformed_value AS
SELECT
    theme_id, municipality_code, indicator_id, indicator, transformation_id, formula, result_id, value AS printed_value, numerator, denominator,
    unit AS printed_unit, year, basis_value AS value, basis_unit_ja AS unit_ja, basis_unit_en AS unit_en, reference_value, reference_as_of,
    is_reference_of_same_year, since_year, basis_inputs AS inputs
FROM basis_now
WHERE transformation_id IS NOT NULL AND basis_value IS NOT NULL
ORDER BY indicator_id, transformation_id;
