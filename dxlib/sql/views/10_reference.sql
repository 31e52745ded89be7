-- Table macro reference_at(day): one row an official figure as known on a day (NULL: all that is known): of each area, item,
-- detail and reference date the newest vintage published by then. value is NULL where that vintage prints none.
CREATE MACRO reference_at(as_known_on) AS TABLE
SELECT *
FROM reference_value
WHERE as_known_on IS NULL OR published_day(vintage) <= as_known_on
QUALIFY row_number() OVER (PARTITION BY municipality_code, item, detail, as_of ORDER BY published_day(vintage) DESC, vintage DESC) = 1;

-- Official figures by all that is known.
CREATE VIEW reference_now AS FROM reference_at(NULL::DATE);

-- One row: an item's newest figure for a prefecture or the whole country (prefecture_code 00): as printed where the source
-- prints it, else computed from the municipalities in the way that reference_item states (basis): the share of those that
-- answer yes, the ratio of two sums, or the median. bodies: how many municipalities it rests on, blank: how many print none.
-- A table, made once in the build.
CREATE TABLE reference_line AS
WITH newest AS (
    SELECT r.*, i.position, i.kind, i.national_by, i.numerator_item, i.denominator_item, left(municipality_code, 2) AS prefecture
    FROM reference_now r
    JOIN reference_item i USING (item)
    QUALIFY as_of = max(as_of) OVER (PARTITION BY item, detail)
), placed AS (
    SELECT *, unnest([prefecture, '00']) AS prefecture_code FROM newest WHERE area_kind = 'municipality'
), counted AS (
    SELECT
        position, item, detail, prefecture_code, any_value(as_of) AS as_of, max(vintage) AS vintage, any_value(national_by) AS basis, any_value(unit) AS unit,
        count(value) AS bodies, count(*) - count(value) AS blank, sum(value) AS total, median(value) AS middle,
        any_value(numerator_item) AS numerator_item, any_value(denominator_item) AS denominator_item, any_value(source) AS source
    FROM placed
    GROUP BY position, item, detail, prefecture_code
), paired AS (
    SELECT c.item, c.prefecture_code, sum(n.value) AS top, sum(d.value) AS bottom, count(*) AS bodies
    FROM counted c
    JOIN placed n ON n.item = c.numerator_item AND n.prefecture_code = c.prefecture_code AND n.value IS NOT NULL
    JOIN placed d ON d.item = c.denominator_item AND d.prefecture_code = c.prefecture_code AND d.value IS NOT NULL AND d.municipality_code = n.municipality_code
    GROUP BY c.item, c.prefecture_code
), computed AS (
    SELECT
        c.position, c.item, c.detail, c.prefecture_code, NULL AS area, c.as_of, c.vintage, c.basis,
        CASE c.basis WHEN 'share' THEN c.total WHEN 'ratio' THEN p.top END AS numerator,
        CASE c.basis WHEN 'share' THEN c.bodies WHEN 'ratio' THEN p.bottom END AS denominator,
        CASE c.basis WHEN 'median' THEN c.middle ELSE 100.0 * numerator / denominator END AS value,
        CASE c.basis WHEN 'median' THEN c.unit ELSE '%' END AS unit, CASE c.basis WHEN 'ratio' THEN p.bodies ELSE c.bodies END AS bodies, c.blank, c.source
    FROM counted c
    LEFT JOIN paired p ON p.item = c.item AND p.prefecture_code = c.prefecture_code
    WHERE c.basis IS NOT NULL
), printed AS (
    SELECT
        position, item, detail, CASE area_kind WHEN 'country' THEN '00' ELSE prefecture END AS prefecture_code, area, as_of, vintage, 'printed' AS basis,
        NULL::DOUBLE AS numerator, NULL::DOUBLE AS denominator, value, unit, NULL::BIGINT AS bodies, NULL::BIGINT AS blank, source
    FROM newest
    WHERE area_kind IN ('country', 'prefecture') AND value IS NOT NULL
)
FROM printed
UNION ALL BY NAME
FROM computed c ANTI JOIN printed p USING (item, detail, prefecture_code)
WHERE c.value IS NOT NULL
ORDER BY position, detail, prefecture_code;
