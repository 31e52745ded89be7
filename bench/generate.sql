-- Fills the tables of dxlib/sql/schema.sql with synthetic municipalities. Deterministic: all chance is integer arithmetic.
-- Beforehand generate.py makes the temporary tables city (m, code), decided (definition, theme_place, place, size, theme_id,
-- name, better, unit, counting) and decided_facet (definition, facet, value, position), and sets the variables
-- municipalities, indicators, years, seed. The plans run from fiscal year 2024 on; the baseline is of 2023.

-- A number from 0 to n - 1 that m, k, y and the salt decide (each use has its own salt).
CREATE TEMP MACRO mixed(x) AS (x * x + 1013904223) % 2147483647;
CREATE TEMP MACRO roll(salt, m, k, y, n) AS
    (mixed(mixed((mixed((getvariable('seed') * 7919 + salt * 104729 + m::BIGINT * 48271 + 12345) % 2147483647) + k::BIGINT * 69621 + y::BIGINT * 16807) % 2147483647)) // 64) % n;
CREATE TEMP MACRO number_text(x) AS
    CASE WHEN x = round(x) THEN format('{:,}', x::BIGINT) ELSE format('{:,.1f}', x::DOUBLE) END;

-- One row: one municipality and its document.
CREATE TEMP TABLE paper AS
SELECT
    m, code, format('市{:04d}', m) AS city, format('{}-city{:04d}/dx-plan', code, m) AS document_id,
    (getvariable('indicators') + 1) // 2 AS measures, 2 + 5 * ((getvariable('indicators') + 1) // 2) AS tail
FROM city ORDER BY m;

-- One row: one indicator k (from 0) of municipality m, with what its values are made from.
-- mode: 0, 1 yearly targets only; 2 actuals and a final target; 3 yearly targets, and actuals for the first two years.
-- dating: 0 the target has no year, 1 the targets count from launch, else fiscal years.
CREATE TEMP TABLE slot AS
WITH shape AS (
    SELECT count(DISTINCT theme_place) AS themes FROM decided
), numbered AS (
    SELECT p.*, k, k // 2 AS j, k % shape.themes AS theme_place, k // shape.themes AS shift
    FROM paper p, range(getvariable('indicators')) r(k), shape
)
SELECT
    n.m, n.k, n.j, n.document_id, format('{}/plan/m{:02d}', n.document_id, n.j + 1) AS measure_id,
    format('{}/plan/m{:02d}.{}', n.document_id, n.j + 1, n.k % 2 + 1) AS indicator_id, 5 + 5 * n.j + n.k % 2 AS line,
    -- every second name is worded as nowhere else
    CASE WHEN roll(24, n.m, n.k, 0, 2) = 0 THEN n.city || 'の' || d.name ELSE d.name END AS wording, coalesce(wording, '実施') AS quote,
    d.definition, d.theme_id, d.better, d.counting,
    CASE d.unit WHEN 'stage' THEN 'word' WHEN 'unknown' THEN 'word' WHEN 'fraction' THEN 'fraction' WHEN 'relative-change' THEN 'relative'
        WHEN 'percent' THEN 'percent' ELSE 'count' END AS kind,
    CASE d.unit WHEN 'percent' THEN '%' WHEN 'relative-change' THEN '%' WHEN 'hours' THEN '時間' WHEN 'days' THEN '日' WHEN 'area' THEN 'km²'
        WHEN 'points' THEN 'ポイント' WHEN 'count' THEN CASE WHEN regexp_matches(d.name, '(者|人|員)') THEN '人' ELSE '件' END END AS unit,
    CASE WHEN kind IN ('percent', 'fraction', 'relative') THEN 5 + roll(1, n.m, n.k, 0, 400) / 10 ELSE 10 + roll(1, n.m, n.k, 0, 5000) END AS low,
    CASE WHEN d.better = 'maintain' THEN 0 WHEN kind IN ('percent', 'fraction', 'relative') THEN 5 + roll(2, n.m, n.k, 0, 400) / 10
        ELSE 5 + roll(2, n.m, n.k, 0, 1000) END AS span,
    20 + roll(3, n.m, n.k, 0, 200) AS denominator, roll(4, n.m, n.k, 0, 4) AS mode, roll(5, n.m, n.k, 0, 33) AS dating
FROM numbered n
JOIN decided d
    ON d.theme_place = n.theme_place
    AND d.place = (n.shift + CASE WHEN n.m % 3 = 0 THEN 1 + (n.m // 3) % greatest(d.size - 1, 1) ELSE 0 END) % d.size
ORDER BY n.m, n.k;

-- One row: one value to print. y: years since the baseline.
CREATE TEMP TABLE cell AS
WITH wanted AS (
    SELECT *, 0 AS y, 'baseline' AS role FROM slot
    UNION ALL
    SELECT s.*, y, 'target' FROM slot s, range(1, getvariable('years') + 1) r(y)
    WHERE y = getvariable('years') OR (mode <> 2 AND dating <> 0 AND roll(6, m, k, y, 25) > 0)
    UNION ALL
    SELECT s.*, y, 'actual' FROM slot s, range(1, getvariable('years') + 1) r(y)
    WHERE (mode = 2 OR (mode = 3 AND y <= 2)) AND roll(7, m, k, y, 25) > 0
), valued AS (
    SELECT
        *, CASE role WHEN 'baseline' THEN 8 WHEN 'target' THEN 9 ELSE 10 END AS salt, roll(salt, m, k, y, 20) = 0 AS is_missing,
        round(low + span * CASE WHEN better = 'lower' THEN getvariable('years') - y ELSE y END / getvariable('years'), CASE kind WHEN 'count' THEN 0 ELSE 1 END) AS path,
        round(CASE role WHEN 'actual' THEN path * (80 + roll(11, m, k, y, 35)) / 100 ELSE path END, CASE kind WHEN 'count' THEN 0 ELSE 1 END) AS amount
    FROM wanted
), printed AS (
    SELECT
        * EXCLUDE (amount, denominator),
        CASE WHEN NOT is_missing AND kind IN ('count', 'percent', 'relative') THEN amount END AS value,
        CASE WHEN NOT is_missing AND kind = 'fraction' THEN least(denominator, round(denominator * amount / 100)) END AS numerator,
        CASE WHEN NOT is_missing AND kind = 'fraction' THEN denominator END AS denominator,
        CASE WHEN NOT is_missing AND kind = 'word' THEN CASE WHEN role = 'target' OR (role = 'actual' AND roll(12, m, k, y, 3) = 0) THEN '導入' ELSE '未導入' END END AS value_text,
        CASE WHEN is_missing THEN CASE WHEN role = 'baseline' THEN 'new' WHEN roll(13, m, k, y, 4) = 0 THEN 'under-study' ELSE 'none-printed' END END AS missing,
        CASE WHEN is_missing OR kind = 'word' THEN NULL WHEN role <> 'target' OR roll(14, m, k, 0, 8) > 0 THEN '=' WHEN better = 'lower' THEN '<=' ELSE '>=' END AS comparator,
        CASE WHEN role <> 'target' OR dating > 1 THEN 2023 + y END AS fiscal_year,
        CASE WHEN role = 'target' AND dating = 1 THEN y END AS relative_year
    FROM valued
)
SELECT
    *, row_number() OVER (PARTITION BY m, k ORDER BY y, role DESC) AS position,
    CASE missing WHEN 'new' THEN '新規事業のためなし' WHEN 'under-study' THEN '検討中' WHEN 'none-printed' THEN '－'
        ELSE coalesce(value_text, number_text(numerator) || '/' || number_text(denominator), number_text(value) || coalesce(unit, ''))
            || CASE comparator WHEN '>=' THEN '以上' WHEN '<=' THEN '以下' ELSE '' END END AS cell_quote
FROM printed
ORDER BY m, k, position;

-- One row: one printed verdict on an actual; one in fifty prints a wrong rate.
CREATE TEMP TABLE verdict_cell AS
WITH aimed AS (
    SELECT a.*, t.value AS target
    FROM cell a
    LEFT JOIN cell t ON t.m = a.m AND t.k = a.k AND t.role = 'target' AND t.y = CASE WHEN a.mode = 2 THEN getvariable('years') ELSE a.y END
    WHERE a.role = 'actual' AND a.missing IS NULL
), rated AS (
    SELECT
        *, CASE WHEN better = 'higher' AND target > 0 THEN round(100 * value / target + CASE WHEN roll(15, m, k, y, 50) = 0 THEN 10 ELSE 0 END, 1) END AS rate,
        CASE WHEN kind = 'word' THEN CASE value_text WHEN '導入' THEN '達成' ELSE '未達成' END
            WHEN CASE better WHEN 'lower' THEN value <= target ELSE value >= target END THEN '達成' WHEN target IS NOT NULL THEN '未達成' END AS status
    FROM aimed
)
SELECT m, k, y, position, status, rate, concat(status, '(' || number_text(rate) || '%)') AS quote
FROM rated
WHERE status IS NOT NULL
ORDER BY m, k, position;

INSERT INTO municipality BY NAME
SELECT code, city AS name, format('し{:04d}', m) AS kana, format('City{:04d}', m) AS romaji, '県' || code[1:2] AS prefecture,
    24 + roll(16, m, 0, 0, 2000) / 100 AS latitude, 123 + roll(17, m, 0, 0, 2000) / 100 AS longitude, 'synthetic' AS position_source
FROM paper ORDER BY m;

INSERT INTO reference_value BY NAME
SELECT code AS municipality_code, item, as_of, (as_of + INTERVAL 1 YEAR)::DATE::VARCHAR AS vintage, round(people * share / growth) AS value, CASE item WHEN 'households' THEN '世帯' ELSE '人' END AS unit, 'synthetic' AS source
FROM (SELECT code, m, 3000 + roll(18, m, 0, 0, 997) * roll(19, m, 0, 0, 997) AS people FROM paper),
    (VALUES (DATE '2020-10-01', 1.0), (DATE '2025-10-01', 1.02)) t(as_of, growth),
    (VALUES ('population', 1.0), ('households', 0.43), ('population_65_plus', 0.29)) i(item, share)
ORDER BY m, item, as_of;

INSERT INTO document BY NAME
SELECT document_id, code AS municipality_code, city || 'DX推進計画' AS title, city AS producer, CASE WHEN m % 50 = 0 THEN 'draft' ELSE 'adopted' END AS edition,
    CASE WHEN m % 20 > 0 THEN format('2024-{:02d}', 1 + m % 12) END AS published, sha256(document_id || getvariable('seed')) AS sha256, 'utf-8' AS encoding,
    tail + 16 AS line_count, 'synthetic' AS rights, 'A synthetic municipality of the bench; nothing in it is real.' AS note
FROM paper ORDER BY m;

INSERT INTO plan BY NAME
SELECT document_id || '/plan' AS plan_id, document_id, city || 'DX推進計画' AS title, 'plan' AS scope,
    2024 AS first_fiscal_year, 2023 + getvariable('years') AS last_fiscal_year
FROM paper ORDER BY m;

INSERT INTO measure BY NAME
SELECT
    format('{}/plan/m{:02d}', document_id, j + 1) AS measure_id, document_id || '/plan' AS plan_id, j + 1 AS position, 'measure' AS kind, (j + 1)::VARCHAR AS number,
    format('施策{:02d}の推進', j + 1) AS title, '第3章 施策' AS section, format('柱{}', j % 4 + 1) AS pillar, document_id, 2 + 5 * j AS line, title AS quote
FROM paper, range(measures) r(j)
ORDER BY m, j;

INSERT INTO measure_attribute BY NAME
SELECT measure_id, 1 AS position, 'department' AS kind, format('課{:02d}', position % 17 + 1) AS text, document_id, line + 1 AS line, text AS quote
FROM measure ORDER BY ALL;

INSERT INTO milestone BY NAME
SELECT
    measure_id, p AS position, phase AS text, format('R{}', 5 + p) AS period, 2023 + p AS fiscal_year, 'uncertain' AS alignment, document_id, line + 2 AS line, phase AS quote
FROM measure, (VALUES (1, '検討'), (2, 'システム構築'), (3, '運用開始')) s(p, phase)
WHERE measure.position % 2 = 1
ORDER BY measure_id, p;

INSERT INTO indicator BY NAME
SELECT indicator_id, measure_id, k % 2 + 1 AS position, wording AS name, document_id, line, quote FROM slot ORDER BY m, k;

INSERT INTO observation BY NAME
SELECT
    indicator_id || '.' || position AS observation_id, indicator_id, position, role, value, comparator, CASE kind WHEN 'word' THEN NULL ELSE unit END AS unit,
    numerator, denominator, fiscal_year, relative_year, CASE WHEN fiscal_year IS NOT NULL AND k % 10 = 0 THEN make_date(fiscal_year + 1, 3, 31) END AS as_of,
    CASE WHEN fiscal_year IS NULL THEN NULL WHEN role = 'baseline' AND m % 7 = 0 THEN 'before-first-target' ELSE 'header' END AS year_basis,
    CASE WHEN counting = 'cumulative' THEN true END AS cumulative, CASE WHEN kind = 'relative' AND role = 'target' THEN 'R5年度比' END AS relative_to,
    CASE WHEN kind = 'relative' AND role = 'target' THEN CASE better WHEN 'lower' THEN 'decrease' ELSE 'increase' END END AS direction,
    value_text, missing, CASE WHEN year_basis = 'before-first-target' THEN 0.8 ELSE 1.0 END AS confidence, document_id, line, cell_quote AS quote
FROM cell ORDER BY m, k, position;

INSERT INTO evaluation BY NAME
SELECT s.indicator_id || '.' || v.position AS observation_id, v.status, v.rate AS attainment_printed_pct, s.document_id, s.line, v.quote
FROM verdict_cell v
JOIN slot s USING (m, k)
ORDER BY v.m, v.k, v.position;

INSERT INTO recorded_actual BY NAME
SELECT
    indicator_id || '/2024/2026-06-01' AS recorded_id, indicator_id, low + 1 AS value, unit, 2024 AS fiscal_year, '議会答弁' AS source, DATE '2026-06-01' AS recorded_on
FROM slot
WHERE kind IN ('count', 'percent') AND roll(20, m, k, 0, 40) = 0
ORDER BY m, k;

INSERT INTO statistic BY NAME
SELECT
    format('{}/s{}.1', document_id, tail + n) AS statistic_id, document_id, subject, 1000 + roll(21, m, n, 0, 90000) AS value, '=' AS comparator, unit, 2023 AS fiscal_year,
    1.0 AS confidence, tail + n AS line, number_text(1000 + roll(21, m, n, 0, 90000)) || unit AS quote
FROM paper, (VALUES (0, '人口', '人'), (1, '世帯', '世帯'), (2, 'マイナンバーカードの交付', '枚'), (3, '職員', '人'), (4, '手続', '件')) s(n, subject, unit)
ORDER BY m, n;

INSERT INTO list_item BY NAME
SELECT document_id, '手続一覧' AS list_name, n AS position, CASE WHEN m % 50 = 1 THEN 11 ELSE 10 END AS stated_count, '手続' AS unit,
    format('手続{:02d}', n) AS text, n % 3 = 0 AS marked, tail + 4 + n AS line, text AS quote
FROM paper, range(1, 11) r(n)
ORDER BY m, n;

INSERT INTO unused_line BY NAME
SELECT document_id, tail + 15 + n AS line, 'contents' AS reason, format('{} ページ', n + 1) AS text
FROM paper, range(2) r(n)
ORDER BY m, n;

INSERT INTO source_line BY NAME
WITH printed AS (
    SELECT document_id, 1 AS line, title AS text FROM document
    UNION ALL BY NAME
    SELECT document_id, line, number || ' ' || quote AS text FROM measure
    UNION ALL BY NAME
    SELECT document_id, line, '担当課 ' || quote AS text FROM measure_attribute
    UNION ALL BY NAME
    SELECT document_id, line, string_agg(period || ' ' || quote, ' | ' ORDER BY position) AS text FROM milestone GROUP BY ALL
    UNION ALL BY NAME
    SELECT
        s.document_id, s.line,
        any_value(s.quote) || ' | ' || string_agg(
            CASE c.role WHEN 'baseline' THEN '現状値 ' WHEN 'target' THEN '目標値 ' ELSE '実績 ' END
            || coalesce('R' || (c.fiscal_year - 2018) || ' ', c.relative_year || '年目 ', '') || c.cell_quote || coalesce(' ' || v.quote, ''), ' | ' ORDER BY c.position
        ) AS text
    FROM slot s
    JOIN cell c USING (m, k)
    LEFT JOIN verdict_cell v ON v.m = c.m AND v.k = c.k AND v.position = c.position
    GROUP BY s.document_id, s.line
    UNION ALL BY NAME
    SELECT document_id, line, subject || 'は' || quote || '(令和5年度)' AS text FROM statistic
    UNION ALL BY NAME
    SELECT document_id, line, quote AS text FROM list_item
    UNION ALL BY NAME
    SELECT document_id, line, text FROM unused_line
)
FROM printed ORDER BY document_id, line;

INSERT INTO indicator_theme BY NAME
SELECT indicator_id, theme_id, better FROM slot ORDER BY m, k;

-- Three in a hundred indicators leave one facet unstated.
INSERT INTO facet BY NAME
SELECT
    s.indicator_id, f.facet,
    CASE WHEN roll(22, s.m, s.k, 0, 100) < 3 AND roll(23, s.m, s.k, 0, (SELECT max(position) FROM decided_facet)) + 1 = f.position THEN 'unknown' ELSE f.value END AS value
FROM slot s
JOIN decided_facet f USING (definition)
ORDER BY s.m, s.k, f.position;
