-- A share of exactly N things (上位100手続) must be k / N for a whole k.
WITH shares AS (
    SELECT
        o.*, x.name, x.measure,
        try_cast(regexp_extract(x.name, '([0-9]{1,4})(手続|業務|施設|事業|部署|校|種類|システム|項目|サービス|団体|地区|課|拠点|データセット)', 1) AS INTEGER) AS n,
        pct_decimals(o.quote) AS places_printed
    FROM observation o
    JOIN profile x USING (indicator_id)
    WHERE o.role <> 'target' AND o.unit = '%' AND o.comparator = '=' AND o.relative_to IS NULL AND o.direction IS NULL
        AND NOT regexp_matches(x.name, '利用率|申請率|申請の割合|満足|平均|進捗|削減|達成率|決裁率|件数の割合|理解|受講')
)
SELECT
    indicator_id, [observation_id] AS inputs, [place(document_id, line, quote)] AS places, quote AS printed,
    shown(round(100.0 * floor(value * n / 100) / n, 2)) || '% / ' || shown(round(100.0 * ceil(value * n / 100) / n, 2)) || '%' AS recomputed,
    [label(name, measure), shown(value), n::VARCHAR, floor(value * n / 100)::INTEGER::VARCHAR, shown(round(100.0 * floor(value * n / 100) / n, 2)),
        ceil(value * n / 100)::INTEGER::VARCHAR, shown(round(100.0 * ceil(value * n / 100) / n, 2))] AS args
FROM shares
WHERE n BETWEEN 2 AND 2000
    AND NOT is_rounded(value, 100.0 * round(value * n / 100) / n, places_printed)
    AND NOT is_cut_off(value, 100.0 * ceil(value * n / 100) / n, places_printed)
