-- An era year with a Western year beside it that is another one: 令和8年度（2025年度）.
WITH found AS (
    SELECT document_id, line, unnest(regexp_extract_all(text,
        '(?:令和|平成|昭和) ?(?:元|[0-9０-９]{1,2}) ?(?:年度?)? ?[（(〔【] ?[12１２][0-9０-９]{3} ?(?:年度?)? ?[)）〕】]|[12１２][0-9０-９]{3} ?(?:年度?)? ?[（(〔【] ?(?:令和|平成|昭和) ?(?:元|[0-9０-９]{1,2}) ?(?:年度?)? ?[)）〕】]'
    )) AS quote
    FROM source_line
    WHERE contains(text, '令和') OR contains(text, '平成') OR contains(text, '昭和')
), parsed AS (
    SELECT
        *, CASE WHEN contains(quote, '令和') THEN 2018 WHEN contains(quote, '平成') THEN 1988 ELSE 1925 END
            + coalesce(try_cast(regexp_extract(ascii_digits(quote), '(?:令和|平成|昭和) ?([0-9]{1,2})', 1) AS INTEGER), 1) AS era_western,
        try_cast(regexp_extract(ascii_digits(quote), '(?:19|20)[0-9]{2}') AS INTEGER) AS western,
        regexp_matches(quote, '度.*年[)）〕】]|年 ?[（(〔【].*度') AND NOT regexp_matches(quote, '度.*度') AS mixes_kinds
    FROM found
)
SELECT
    NULL AS indicator_id, [] AS inputs, [place(document_id, line, quote)] AS places, quote AS printed, era_western::VARCHAR AS recomputed,
    [quote, era_western::VARCHAR] AS args
FROM parsed
-- A fiscal year beside a calendar year may be one apart (January to March).
WHERE western IS NOT NULL AND western <> era_western AND NOT (mixes_kinds AND abs(western - era_western) = 1)
