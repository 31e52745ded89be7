-- An era year with a Western year beside it that is another one: 令和8年度（2025年度）.
WITH found AS (
    SELECT document_id, line, unnest(regexp_extract_all(text, '(?:令和|平成) ?(?:元|[0-9０-９]{1,2}) ?年?度? ?[（(] ?[12０-９][0-9０-９]{3} ?(?:年|[)）])|[12][0-9]{3} ?年?度? ?[（(] ?(?:令和|平成) ?(?:元|[0-9０-９]{1,2}) ?(?:年|[)）])')) AS quote
    FROM source_line
    WHERE contains(text, '令和') OR contains(text, '平成')
), parsed AS (
    SELECT *, CASE WHEN contains(quote, '令和') THEN 2018 ELSE 1988 END
            + coalesce(try_cast(regexp_extract(ascii_digits(quote), '(?:令和|平成) ?([0-9]{1,2})', 1) AS INTEGER), 1) AS era_western,
        try_cast(regexp_extract(ascii_digits(quote), '((?:19|20)[0-9]{2})', 1) AS INTEGER) AS western
    FROM found
)
SELECT
    NULL AS indicator_id, [] AS inputs, [place(document_id, line, quote)] AS places, quote AS printed, era_western::VARCHAR AS recomputed,
    [quote, era_western::VARCHAR] AS args
FROM parsed
WHERE western IS NOT NULL AND western <> era_western
