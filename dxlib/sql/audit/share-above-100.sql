-- A share of a whole above 100 %: it counts something that is not part of the whole.
SELECT
    x.indicator_id, [o.observation_id] AS inputs, [place(o.document_id, o.line, o.quote)] AS places, o.quote AS printed, NULL AS recomputed,
    [label(x.name, x.measure), o.quote] AS args
FROM observation o
JOIN profile x USING (indicator_id)
WHERE o.unit = '%' AND o.value > 100 AND o.relative_to IS NULL AND o.direction IS NULL
    AND (x.unit_facet = 'percent' OR x.unit_facet IS NULL) AND NOT regexp_matches(coalesce(x.name, ''), '比|増加|伸び率|達成率|成長率|充足|利用率|稼働|倍率|増減|上昇|進捗|就職|効果|ROI|利益|回転|対.*年度|消化|執行')
