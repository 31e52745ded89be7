-- Formulas as macros, so that any DuckDB client computes what the reports print.
-- Notation: y0, t0 baseline; yi, ti latest; yt, tt target; d = 1 when higher is better, -1 when lower is.

-- Linear pace: change per year so far over the change per year that reaches the target in time.
CREATE MACRO pace_linear(y0, t0, yi, ti, yt, tt) AS
    CASE WHEN ti > t0 AND tt > t0 AND yt <> y0 THEN ((yi - y0) / (ti - t0)) / ((yt - y0) / (tt - t0)) END;

-- Growth pace (Statistics Canada, Open SDG: sdg/ProgressMeasure.py): growth per year so far over the growth per year
-- required. An option: with small baselines it calls slow starts fast, and zero baselines have none.
CREATE MACRO pace_growth(y0, t0, yi, ti, yt, tt) AS
    CASE WHEN ti > t0 AND tt > t0 AND y0 > 0 AND yi > 0 AND yt > 0 AND yt <> y0
        THEN (pow(yi / y0, 1.0 / (ti - t0)) - 1) / (pow(yt / y0, 1.0 / (tt - t0)) - 1) END;

-- Class of a pace; the target is tested first. 0.95, 0.60 and 0 are the thresholds of Statistics Canada and Open SDG.
-- A target equal to the baseline asks to maintain it.
CREATE MACRO pace_class(d, y0, yi, yt, pace) AS
    CASE
        WHEN y0 = yt THEN CASE WHEN d * yi >= d * yt THEN 'maintained' WHEN d * yi < d * yt THEN 'not maintained' END
        WHEN d * yi >= d * yt THEN 'achieved'
        WHEN pace >= 0.95 THEN 'on track'
        WHEN pace >= 0.60 THEN 'acceleration needed'
        WHEN pace >= 0 THEN 'limited'
        WHEN pace < 0 THEN 'deterioration'
    END;

-- Share of the way from baseline to target, in percent. ESCAP's current status index is a tenth of it.
CREATE MACRO share_of_path_pct(y0, yi, yt) AS CASE WHEN yt <> y0 THEN 100.0 * (yi - y0) / (yt - y0) END;

-- Change still required per remaining year.
CREATE MACRO required_per_year(yi, ti, yt, tt) AS CASE WHEN tt > ti THEN (yt - yi) / (tt - ti) END;

-- Year in which the target is reached if the pace so far goes on; NULL where it moves away or stands still.
CREATE MACRO arrival_year(y0, t0, yi, ti, yt) AS
    CASE WHEN ti > t0 AND (yt - yi) * (yi - y0) > 0 THEN ti + (yt - yi) * (ti - t0) / (yi - y0) WHEN yi = yt THEN ti END;

-- The day by which something published is known: the last day of the printed year, month or day.
CREATE MACRO published_day(published) AS
    CASE length(published)
        WHEN 4 THEN make_date(published::INTEGER, 12, 31)
        WHEN 7 THEN last_day((published || '-01')::DATE)
        WHEN 10 THEN published::DATE
    END;

-- The fiscal year (April to March) of a day.
CREATE MACRO fiscal_year_of(day) AS year(day::DATE - INTERVAL 3 MONTH);

-- The Western year of a printed base: R7年度, 令和6年度参加人数, 2025年度.
CREATE MACRO base_year(printed) AS
    coalesce(
        2018 + try_cast(regexp_extract(printed, '(?:R|令和) ?([0-9]{1,2})', 1) AS INTEGER),
        try_cast(regexp_extract(printed, '((?:19|20)[0-9]{2})', 1) AS INTEGER)
    );

-- A number as sentences print it: thousands separated, no trailing zeros.
CREATE MACRO shown(x) AS
    CASE WHEN x IS NULL THEN '' ELSE regexp_replace(format('{:,.4f}', x::DOUBLE), '\.?0+$', '') END;


-- Full-width digits, points and per cent signs as ASCII.
CREATE MACRO ascii_digits(quote) AS translate(quote, '０１２３４５６７８９．％，', '0123456789.%,');

-- Decimals of the per cent figure in a quote: 94.0% has 1.
CREATE MACRO pct_decimals(quote) AS length(regexp_extract(ascii_digits(quote), '[0-9][.]([0-9]+) *%', 1));

-- Whether a printed figure is the computed one rounded, or cut off, to its decimals.
CREATE MACRO is_rounded(printed, computed, places) AS abs(computed - printed) <= 0.5 * pow(10, -places) + 1e-9;
CREATE MACRO is_cut_off(printed, computed, places) AS computed - printed >= -1e-9 AND computed - printed < pow(10, -places);

-- Years as sentences print them.
CREATE MACRO year_ja(y) AS
    CASE WHEN y >= 2019 THEN '令和' || CASE WHEN y = 2019 THEN '元' ELSE (y - 2018)::VARCHAR END || '年度(' || y || '年度)' ELSE y || '年度' END;
CREATE MACRO year_en(y) AS 'FY' || y;

-- An indicator as sentences name it, and its name without a bracket at the end.
CREATE MACRO label(name, fallback) AS coalesce(CASE WHEN length(name) > 40 THEN left(name, 39) || '…' ELSE name END, fallback);
CREATE MACRO bare_name(name) AS regexp_replace(regexp_replace(name, '【.*?】|《.*?》', '', 'g'), '[（(][^（(]*[)）]$', '');

-- Where something stands.
CREATE MACRO place(document_id, line, quote) AS struct_pack(document_id := document_id, line := line, quote := quote);

-- A sentence with its blanks {0}, {1} … filled in.
CREATE MACRO sentence(template, args) AS
    format(template, coalesce(args[1], ''), coalesce(args[2], ''), coalesce(args[3], ''), coalesce(args[4], ''), coalesce(args[5], ''), coalesce(args[6], ''), coalesce(args[7], ''));
