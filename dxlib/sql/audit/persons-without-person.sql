-- Counted in persons, but the name speaks of none.
SELECT
    x.indicator_id, [o.observation_id] AS inputs, [place(o.document_id, o.line, o.quote), place(x.document_id, x.line, x.quote)] AS places, o.unit AS printed,
    NULL AS recomputed, [label(x.name, x.measure), o.unit] AS args
FROM profile x
JOIN observation o ON o.observation_id = (x.g).id
JOIN word u ON u.kind = 'person_unit' AND u.word = o.unit
WHERE regexp_matches(bare_name(x.name), '(計画|件数|システム|手続|施設|書類|データ|サービス|事業|端末|機器|入力|作成|整備|設置)(の?(数|作成|入力|整備|設置|導入))*$') AND NOT EXISTS (FROM word w WHERE w.kind = 'person_word' AND contains(x.name, w.word))
