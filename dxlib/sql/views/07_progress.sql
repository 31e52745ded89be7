-- Table macro progress_at(day): one row an indicator, how far it is on its way as known on a day (NULL: all that is known).
-- The plan's own target for the year of the latest result is compared first (path_result), then the linear pace.
-- class: achieved, maintained, not maintained, on track, acceleration needed, limited, deterioration, missed (the target's
-- year is over); NULL with a reason where it cannot be computed. A missed path is never better than acceleration needed.
-- A baseline is no result. A target relative to a base (R7年度比) is turned into the base's own unit where the base is
-- printed as baseline. inputs: ids of every value used, the roadmap's milestone included.
CREATE MACRO progress_at(as_known_on) AS TABLE
WITH aimed AS (
    SELECT
        x.*, base_year(g.relative_to) AS base_t,
        CASE
            WHEN NOT g.is_relative THEN g.y
            WHEN b.y IS NOT NULL AND NOT b.is_relative AND b.unit IS DISTINCT FROM '%' AND coalesce(base_year(g.relative_to), b.t) = b.t THEN
                b.y * (100 + CASE g.direction WHEN 'decrease' THEN -abs(g.y) WHEN 'increase' THEN abs(g.y) ELSE g.y END) / 100
            WHEN l.unit = '%' AND l.y IS NOT NULL AND base_year(g.relative_to) IS NOT NULL THEN g.y
        END AS yt
    FROM profile_at(as_known_on) x
), based AS (
    SELECT
        *, coalesce(g.is_relative AND l.unit = '%' AND b.y IS NULL, false) AS from_zero,
        coalesce(g.is_relative AND yt IS DISTINCT FROM g.y, false) AS is_resolved
    FROM aimed
), values_used AS (
    SELECT
        *,
        CASE WHEN from_zero THEN 0.0 ELSE b.y END AS y0, CASE WHEN from_zero THEN base_t ELSE b.t END AS t0,
        l.y AS yi, l.t AS ti, g.t AS tt,
        CASE WHEN is_resolved OR from_zero THEN l IS NULL OR l.unit IS NOT DISTINCT FROM CASE WHEN is_resolved THEN b.unit ELSE '%' END
            ELSE (b.unit IS NULL OR g.unit IS NULL OR b.unit = g.unit) AND (l.unit IS NULL OR g.unit IS NULL OR l.unit = g.unit) END AS units_agree,
        CASE WHEN is_resolved THEN CASE WHEN yt < b.y THEN -1 ELSE 1 END WHEN better = 'lower' THEN -1 WHEN better IS NOT NULL THEN 1 END AS d
    FROM based
), judged AS (
    SELECT
        *, coalesce(units_agree AND ti > t0 AND tt > t0 AND yt IS NOT NULL AND y0 IS NOT NULL AND yi IS NOT NULL, false) AS has_pace,
        CASE
            WHEN as_known_on IS NOT NULL AND known_from IS NULL THEN 'document_undated'
            WHEN as_known_on IS NOT NULL AND known_from > as_known_on THEN 'not_yet_published'
            WHEN NOT coalesce(has_target, false) THEN 'no_target'
            WHEN g IS NULL AND has_target_text THEN 'target_in_words'
            WHEN g.t IS NULL AND has_launch_years THEN CASE launch_status WHEN 'several' THEN 'launch_several' ELSE 'launch_unplaced' END
            WHEN yt IS NULL THEN 'base_unprinted'
            WHEN yi IS NULL THEN 'no_result'
            WHEN NOT units_agree THEN 'units_differ'
            WHEN d IS NULL THEN 'no_direction'
            WHEN g.t IS NULL THEN 'target_undated'
            WHEN y0 IS NULL THEN 'no_baseline'
            WHEN t0 IS NULL THEN 'baseline_undated'
            WHEN ti IS NULL OR ti <= t0 OR tt <= t0 THEN 'years_out_of_order'
            WHEN y0 = yt THEN 'maintain'
        END AS reason
    FROM values_used
), paced AS (
    SELECT
        *, CASE WHEN has_pace THEN pace_linear(y0, t0, yi, ti, yt, tt) END AS pace,
        CASE WHEN has_pace THEN pace_growth(y0, t0, yi, ti, yt, tt) END AS pace_growth,
        CASE WHEN p IS NOT NULL AND units_agree AND NOT g.is_relative THEN CASE WHEN d * yi >= d * p.y THEN 'met' ELSE 'missed' END END AS path_result,
        units_agree AND yi IS NOT NULL AND yt IS NOT NULL AND d IS NOT NULL AS is_judgeable
    FROM judged
), classed AS (
    SELECT
        *,
        CASE
            WHEN NOT is_judgeable THEN NULL
            WHEN y0 = yt AND has_pace THEN pace_class(d, y0, yi, yt, NULL)
            WHEN d * yi >= d * yt THEN 'achieved'
            WHEN ti >= tt THEN 'missed'
            WHEN path_result = 'met' THEN 'on track'
            WHEN path_result = 'missed' AND (pace >= 0.95) THEN 'acceleration needed'
            WHEN has_pace THEN pace_class(d, y0, yi, yt, pace)
        END AS class
    FROM paced
)
SELECT
    c.indicator_id, c.theme_id, c.municipality_code, c.plan_id, c.name AS indicator, c.better,
    b.id AS baseline_id, y0 AS baseline_value, t0 AS baseline_year,
    l.id AS latest_id, yi AS latest_value, ti AS latest_year,
    g.id AS target_id, g.y AS target_printed, yt AS target_value, tt AS target_year,
    CASE WHEN is_resolved THEN b.unit ELSE coalesce(g.unit, b.unit, l.unit) END AS unit,
    is_resolved AS target_from_base, g.launch_id IS NOT NULL AS year_from_launch,
    p.id AS path_id, CASE WHEN path_result IS NOT NULL THEN p.y END AS path_value, path_result,
    CASE WHEN is_judgeable AND d = 1 AND yt > 0 AND yi >= 0 AND NOT from_zero THEN 100.0 * yi / yt END AS attainment_pct,
    CASE WHEN units_agree THEN share_of_path_pct(y0, yi, yt) END AS share_of_path_pct,
    pace, pace_growth, class,
    CASE WHEN class IS NULL THEN NULL WHEN class IN ('achieved', 'missed', 'maintained', 'not maintained') THEN 'final target'
        WHEN path_result = 'met' OR (path_result = 'missed' AND pace >= 0.95) THEN 'yearly target of the plan' ELSE 'linear pace' END AS class_basis,
    CASE WHEN units_agree THEN required_per_year(coalesce(yi, y0), coalesce(ti, t0), yt, tt) END AS required_per_year,
    CASE WHEN has_pace THEN arrival_year(y0, t0, yi, ti, yt) END AS arrival_year,
    CASE WHEN units_agree THEN yt - y0 END AS ambition,
    CASE WHEN units_agree AND tt > t0 THEN (yt - y0) / (tt - t0) END AS ambition_per_year,
    CASE WHEN units_agree AND y0 <> 0 AND NOT from_zero THEN 100.0 * (yt - y0) / abs(y0) END AS ambition_pct,
    reason, w.means AS reason_ja, e.means AS reason_en,
    list_sort(list_distinct(list_filter(
        [b.id, l.id, g.id, g.launch_id, CASE WHEN path_result IS NOT NULL THEN p.id END], lambda x: x IS NOT NULL
    ))) AS inputs
FROM classed c
LEFT JOIN word w ON w.kind = 'reason_ja' AND w.word = c.reason
LEFT JOIN word e ON e.kind = 'reason_en' AND e.word = c.reason;

-- Progress by all that is known. A table, made once in the build.
CREATE TABLE progress AS FROM progress_at(NULL::DATE) ORDER BY indicator_id;
