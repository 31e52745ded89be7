-- Table macro progress_at(day): one row an indicator, how far it is on its way as known on a day (NULL: all that is known).
-- The plan's own target for the year of the latest result is compared first (path_result), then the linear pace.
-- class: achieved, maintained, not maintained, on track, acceleration needed, limited, deterioration, missed (the target's
-- year is over); NULL with a reason where it cannot be computed. A missed path is never better than acceleration needed.
-- A baseline is no result. revised_by: the indicator of a later edition of the plan, where there is one. A target relative
-- to a base (R7年度比) is turned into the base's own unit where the base is printed as baseline. inputs: ids of every value used, the roadmap's milestone included.
CREATE MACRO progress_at(as_known_on) AS TABLE
WITH related AS (
    -- Like with like: a rate or an amount of change whose baseline or result is one too is compared as it is printed.
    SELECT
        *, base_year(g.relative_to) AS base_t,
        (g).is_relative AND NOT coalesce(
            (l.is_relative AND (l).unit IS NOT DISTINCT FROM (g).unit AND (l).direction IS NOT DISTINCT FROM (g).direction AND b IS NULL AND (g).relative_to IS NULL)
            OR (g.unit = '%' AND (b).unit = '%' AND (g).relative_to IS NULL AND contains(name, '率')), false) AS is_change,
        coalesce(g.unit = '%' AND (l).unit = '%' AND b IS NULL AND base_year(g.relative_to) IS NOT NULL, false) AS from_zero
    FROM profile_at(as_known_on)
), aimed AS (
    SELECT
        *, CASE WHEN better = 'lower' THEN -1 WHEN better IS NOT NULL THEN 1 END AS better_sign,
        is_change AND NOT from_zero AND (b).y IS NOT NULL AND NOT (b).is_relative AND coalesce(base_t, (b).t) IS NOT DISTINCT FROM (b).t
            AND NOT coalesce(regexp_matches(g.relative_to, '前年|前期|前回|毎年'), false) AS has_base,
        CASE
            WHEN NOT is_change THEN NULL
            WHEN coalesce(regexp_matches(g.relative_to, '前年|前期|前回|毎年'), false) THEN 'base_moves'
            WHEN (g).direction IS NULL AND (g).y >= 0 AND (g).y < 50 AND NOT regexp_matches(g.quote, '[+＋±]') THEN 'relative_ambiguous'
        END AS unclear
    FROM related
), based AS (
    SELECT
        *,
        CASE
            WHEN NOT is_change OR from_zero THEN (g).y
            WHEN unclear IS NOT NULL OR NOT has_base THEN NULL
            WHEN (g).unit = '%' AND (b).unit IS DISTINCT FROM '%' THEN
                CASE
                    WHEN (g).direction = 'decrease' THEN (b).y * (100 - abs(g.y)) / 100
                    WHEN (g).direction = 'increase' THEN (b).y * (100 + abs(g.y)) / 100
                    WHEN (g).y < 0 OR regexp_matches(g.quote, '[+＋±]') THEN (b).y * (100 + (g).y) / 100
                    ELSE (b).y * (g).y / 100
                END
            WHEN (g).unit IS NOT DISTINCT FROM (b).unit AND (g).direction IS NOT NULL THEN (b).y + CASE (g).direction WHEN 'decrease' THEN -abs(g.y) ELSE abs(g.y) END
        END AS y_aim
    FROM aimed
), values_used AS (
    SELECT
        * EXCLUDE (unclear), coalesce(is_change AND NOT from_zero AND y_aim IS NOT NULL, false) AS is_resolved,
        CASE WHEN from_zero AND (g).direction IS NULL AND (g).y >= 50 THEN 'relative_ambiguous' ELSE unclear END AS unclear,
        CASE WHEN is_change AND NOT from_zero AND y_aim IS NOT NULL THEN CASE WHEN y_aim < (b).y THEN -1 ELSE 1 END ELSE better_sign END AS d,
        CASE WHEN from_zero THEN 0.0 ELSE (b).y END AS y0, CASE WHEN from_zero THEN base_t ELSE (b).t END AS t0,
        (l).y AS yi, (l).t AS ti, (g).t AS tt,
        CASE WHEN from_zero THEN true
            WHEN is_change THEN (l).unit IS NULL OR (b).unit IS NULL OR (l).unit = (b).unit
            ELSE (b.unit IS NULL OR (g).unit IS NULL OR (b).unit = (g).unit) AND (l.unit IS NULL OR (g).unit IS NULL OR (l).unit = (g).unit)
                AND (b.unit IS NULL OR (l).unit IS NULL OR (b).unit = (l).unit) END AS units_agree
    FROM based
), bounded AS (
    -- A range is reached at its nearer end. The same target for several years running is due in each of them.
    SELECT *, coalesce((g1).y = (g).y AND (g1).t < (g).t AND NOT is_change, false) AS is_due_each_year, CASE WHEN (g).comparator = 'range' AND d = 1 AND NOT is_resolved THEN (g).low ELSE CASE WHEN unclear IS NULL THEN y_aim END END AS yt FROM values_used
), judged AS (
    SELECT
        *, coalesce(units_agree AND ti > t0 AND tt > t0 AND yt IS NOT NULL AND y0 IS NOT NULL AND yi IS NOT NULL AND d * yt >= d * y0, false) AS has_pace,
        CASE
            WHEN as_known_on IS NOT NULL AND known_from IS NULL THEN 'document_undated'
            WHEN as_known_on IS NOT NULL AND known_from > as_known_on THEN 'not_yet_published'
            WHEN NOT coalesce(has_target, false) THEN 'no_target'
            WHEN g IS NULL AND has_target_text THEN 'target_in_words'
            WHEN (g).t IS NULL AND has_launch_years THEN CASE launch_status WHEN 'several' THEN 'launch_several' ELSE 'launch_unplaced' END
            WHEN unclear = 'base_moves' THEN unclear
            WHEN is_change AND NOT from_zero AND NOT has_base THEN 'base_unprinted'
            WHEN unclear IS NOT NULL THEN unclear
            WHEN yt IS NULL THEN 'base_unprinted'
            WHEN (g.comparator = '<=' AND d = 1) OR (g.comparator = '>=' AND d = -1) THEN 'comparator_against_direction'
            WHEN yi IS NULL THEN CASE WHEN scope = 'review' THEN 'no_result_in_review' ELSE 'no_result' END
            WHEN NOT units_agree THEN 'units_differ'
            WHEN d IS NULL THEN 'no_direction'
            WHEN (g).t IS NULL THEN 'target_undated'
            WHEN y0 IS NULL THEN 'no_baseline'
            WHEN t0 IS NULL THEN 'baseline_undated'
            WHEN ti IS NULL OR ti <= t0 OR tt <= t0 THEN 'years_out_of_order'
            WHEN y0 = yt THEN 'maintain'
            WHEN d * yt < d * y0 THEN 'target_behind_baseline'
        END AS reason
    FROM bounded
), paced AS (
    SELECT
        *, CASE WHEN has_pace THEN pace_linear(y0, t0, yi, ti, yt, tt) END AS pace,
        CASE WHEN has_pace THEN pace_growth(y0, t0, yi, ti, yt, tt) END AS pace_growth,
        CASE WHEN p IS NOT NULL AND units_agree AND NOT is_change AND NOT (p).is_relative AND (p).unit IS NOT DISTINCT FROM (l).unit THEN
            CASE WHEN d * yi >= d * CASE WHEN (p).comparator = 'range' AND d = 1 THEN (p).low ELSE (p).y END THEN 'met' ELSE 'missed' END END AS path_result,
        coalesce(units_agree AND yi IS NOT NULL AND yt IS NOT NULL AND d IS NOT NULL AND reason IS DISTINCT FROM 'comparator_against_direction', false) AS is_judgeable
    FROM judged
), classed AS (
    SELECT
        *,
        CASE
            WHEN NOT is_judgeable THEN NULL
            WHEN y0 = yt AND has_pace THEN pace_class(d, y0, yi, yt, NULL)
            WHEN d * yi >= d * yt THEN 'achieved'
            WHEN ti >= tt THEN 'missed'
            WHEN reason = 'target_behind_baseline' THEN 'deterioration'
            WHEN path_result = 'met' THEN 'on track'
            WHEN path_result = 'missed' AND (pace >= 0.95) THEN 'acceleration needed'
            WHEN has_pace THEN pace_class(d, y0, yi, yt, pace)
        END AS class
    FROM paced
)
SELECT
    c.indicator_id, v.revised_by, c.theme_id, c.municipality_code, c.plan_id, c.name AS indicator, c.better,
    (b).id AS baseline_id, y0 AS baseline_value, t0 AS baseline_year,
    (l).id AS latest_id, yi AS latest_value, ti AS latest_year,
    (g).id AS target_id, (g).y AS target_printed, yt AS target_value, tt AS target_year,
    CASE WHEN is_resolved THEN (b).unit ELSE coalesce(g.unit, (b).unit, (l).unit) END AS unit,
    is_resolved AS target_from_base, (g).launch_id IS NOT NULL AS year_from_launch,
    (p).id AS path_id, CASE WHEN path_result IS NOT NULL THEN (p).y END AS path_value, path_result,
    CASE WHEN is_judgeable AND d = 1 AND yt > 0 AND yi >= 0 AND NOT from_zero THEN 100.0 * yi / yt END AS attainment_pct,
    CASE WHEN units_agree AND d * yt >= d * y0 THEN share_of_path_pct(y0, yi, yt) END AS share_of_path_pct,
    pace, pace_growth, class,
    CASE WHEN class IS NULL THEN NULL WHEN class IN ('achieved', 'missed', 'maintained', 'not maintained') OR reason = 'target_behind_baseline' THEN 'final target'
        WHEN path_result = 'met' OR (path_result = 'missed' AND pace >= 0.95) THEN 'yearly target of the plan' ELSE 'linear pace' END AS class_basis,
    CASE WHEN units_agree AND coalesce(class, '') <> 'achieved' AND NOT is_due_each_year THEN required_per_year(coalesce(yi, y0), coalesce(ti, t0), yt, tt) END AS required_per_year,
    CASE WHEN has_pace THEN arrival_year(y0, t0, yi, ti, yt) END AS arrival_year,
    CASE WHEN units_agree THEN yt - y0 END AS ambition,
    CASE WHEN units_agree AND tt > t0 THEN (yt - y0) / (tt - t0) END AS ambition_per_year,
    CASE WHEN units_agree AND y0 <> 0 AND NOT from_zero THEN 100.0 * (yt - y0) / abs(y0) END AS ambition_pct,
    reason, w.means AS reason_ja, e.means AS reason_en,
    list_sort(list_distinct(list_filter(
        [(b).id, (l).id, (g).id, (g).launch_id, CASE WHEN path_result IS NOT NULL THEN (p).id END], lambda x: x IS NOT NULL
    ))) AS inputs
FROM classed c
LEFT JOIN (
    SELECT indicator_id, arg_max(revised_by, known_from) AS revised_by FROM revision WHERE as_known_on IS NULL OR known_from <= as_known_on GROUP BY indicator_id
) v ON v.indicator_id = c.indicator_id
LEFT JOIN word w ON w.kind = 'reason_ja' AND w.word = c.reason
LEFT JOIN word e ON e.kind = 'reason_en' AND e.word = c.reason;

-- Progress by all that is known. A table, made once in the build.
CREATE TABLE progress AS FROM progress_at(NULL::DATE) ORDER BY indicator_id;
