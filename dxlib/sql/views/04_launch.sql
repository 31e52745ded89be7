-- One row: one measure whose roadmap names a launch (導入, 稼働, 運用開始 …), from which 1年目 can be counted.
-- placed: one launch in one year, in a row that stands in its columns. Otherwise the roadmap does not allow it:
-- several: launches in more than one year; unplaced: no column is known for it or for its row.
CREATE VIEW launch AS
WITH named AS (
    SELECT m.*, bool_or(m.fiscal_year IS NULL) OVER (PARTITION BY m.measure_id, m.line) AS is_shifted
    FROM milestone m
), launches AS (
    SELECT n.*
    FROM named n
    WHERE EXISTS (SELECT 1 FROM word w WHERE w.kind = 'launch' AND w.means = 'launch' AND contains(n.text, w.word))
        AND NOT EXISTS (SELECT 1 FROM word w WHERE w.kind = 'launch' AND w.means = 'before' AND contains(n.text, w.word))
)
SELECT
    measure_id,
    CASE
        WHEN count(DISTINCT fiscal_year) > 1 THEN 'several'
        WHEN bool_or(is_shifted OR fiscal_year IS NULL) THEN 'unplaced'
        ELSE 'placed'
    END AS status,
    max(fiscal_year) AS launch_year, min(fiscal_year) AS first_launch_year, bool_or(is_shifted OR fiscal_year IS NULL) AS is_uncertain,
    arg_max(measure_id || '#' || position, fiscal_year) AS milestone_id,
    arg_max(document_id, fiscal_year) AS document_id, arg_max(line, fiscal_year) AS line, arg_max(quote, fiscal_year) AS quote
FROM launches
GROUP BY measure_id;
