-- One row: one value that a registered transformation can compute. Its inputs stay visible beside the result.
CREATE VIEW transformed_value AS
SELECT
    f.indicator_id, 'share_from_fraction' AS transformation_id, f.observation_id,
    100.0 * f.numerator / f.denominator AS value, '%' AS unit, f.numerator, f.denominator
FROM fact f
JOIN facet s ON s.indicator_id = f.indicator_id AND s.facet = 'unit' AND s.value = 'fraction'
WHERE f.numerator IS NOT NULL
ORDER BY f.observation_id;
