-- The warehouse. One statement of what each table and column means; docs/data-dictionary.md is made from it.

CREATE TABLE municipality (
    code VARCHAR PRIMARY KEY CHECK (regexp_full_match(code, '[0-9]{6}')),
    name VARCHAR NOT NULL,
    kana VARCHAR NOT NULL,
    romaji VARCHAR NOT NULL,
    prefecture VARCHAR NOT NULL,
    latitude DOUBLE CHECK (latitude BETWEEN 20 AND 46),
    longitude DOUBLE CHECK (longitude BETWEEN 122 AND 154),
    position_source VARCHAR
);
COMMENT ON TABLE municipality IS 'A municipality whose plans are in the workbench. Kept by hand in data/curated/municipality.csv.';
COMMENT ON COLUMN municipality.code IS '全国地方公共団体コード: six digits as text, check digit verified.';
COMMENT ON COLUMN municipality.name IS 'Official name in Japanese.';
COMMENT ON COLUMN municipality.kana IS 'Name in hiragana.';
COMMENT ON COLUMN municipality.romaji IS 'Name in Latin letters, without 市; from the kana (Hepburn) until someone sets it.';
COMMENT ON COLUMN municipality.prefecture IS 'Prefecture in Japanese.';
COMMENT ON COLUMN municipality.latitude IS 'City hall, degrees north (WGS 84); NULL until someone enters it.';
COMMENT ON COLUMN municipality.longitude IS 'City hall, degrees east (WGS 84); NULL until someone enters it.';
COMMENT ON COLUMN municipality.position_source IS 'Source of the position.';

CREATE TABLE reference_value (
    municipality_code VARCHAR NOT NULL CHECK (regexp_full_match(municipality_code, '[0-9]{6}')),
    area_kind VARCHAR NOT NULL DEFAULT 'municipality' CHECK (area_kind IN ('country', 'prefecture', 'municipality', 'ward', 'other')),
    area VARCHAR,
    item VARCHAR NOT NULL,
    detail VARCHAR NOT NULL DEFAULT '',
    as_of DATE NOT NULL,
    vintage VARCHAR NOT NULL CHECK (regexp_full_match(vintage, '[0-9]{4}(-[0-9]{2}){0,2}')),
    value DOUBLE,
    unit VARCHAR NOT NULL,
    printed VARCHAR,
    note VARCHAR,
    place VARCHAR,
    source VARCHAR NOT NULL,
    PRIMARY KEY (municipality_code, item, detail, as_of, vintage)
);
COMMENT ON TABLE reference_value IS 'An official statistic about a municipality, prefecture or the country, in every vintage that is known. Kept by hand in data/curated/reference_value.csv, imported into data/curated/reference/*.csv. The view reference_now has the newest vintage of each.';
COMMENT ON COLUMN reference_value.municipality_code IS 'Six-digit code of the municipality, ward or prefecture; 000000 for the whole country. Not only municipalities that have a plan here.';
COMMENT ON COLUMN reference_value.area_kind IS 'country, prefecture, municipality (the special wards of Tokyo included), ward (of a designated city), other (such as 特別区部).';
COMMENT ON COLUMN reference_value.area IS 'Name as the source prints it.';
COMMENT ON COLUMN reference_value.item IS 'What the figure is about: an item of reference_item.';
COMMENT ON COLUMN reference_value.detail IS 'Which of several things it is about, as printed (a procedure); empty for most items.';
COMMENT ON COLUMN reference_value.as_of IS 'Reference date of the statistic.';
COMMENT ON COLUMN reference_value.vintage IS 'Day, month or year in which this figure was published. A correction is a row of a newer vintage; the older one stays.';
COMMENT ON COLUMN reference_value.value IS 'The figure, in the unit beside it; yes is 1 and no is 0. NULL where the source prints no figure, which is not zero.';
COMMENT ON COLUMN reference_value.unit IS 'Unit.';
COMMENT ON COLUMN reference_value.printed IS 'The cell as printed, where it is no plain number: 72%, 実施, -.';
COMMENT ON COLUMN reference_value.note IS 'What is special about the figure, e.g. 不詳補完値.';
COMMENT ON COLUMN reference_value.place IS 'Sheet and cell, or line, of the file it was imported from.';
COMMENT ON COLUMN reference_value.source IS 'Citation.';

CREATE TABLE document (
    document_id VARCHAR PRIMARY KEY,
    municipality_code VARCHAR NOT NULL REFERENCES municipality (code),
    title VARCHAR NOT NULL,
    producer VARCHAR NOT NULL,
    edition VARCHAR NOT NULL CHECK (edition IN ('adopted', 'draft')),
    published VARCHAR,
    sha256 VARCHAR NOT NULL UNIQUE,
    encoding VARCHAR NOT NULL,
    line_count INTEGER NOT NULL CHECK (line_count > 0),
    rights VARCHAR NOT NULL,
    note VARCHAR,
    inferred VARCHAR
);
COMMENT ON TABLE document IS 'A plan document as received, in data/raw.';
COMMENT ON COLUMN document.document_id IS 'Folder and file name without its ending.';
COMMENT ON COLUMN document.municipality_code IS 'Whose document it is.';
COMMENT ON COLUMN document.title IS 'Printed title.';
COMMENT ON COLUMN document.producer IS 'Who published it.';
COMMENT ON COLUMN document.edition IS 'adopted, or draft (案).';
COMMENT ON COLUMN document.published IS 'YYYY, YYYY-MM or YYYY-MM-DD; NULL where the document leaves it blank.';
COMMENT ON COLUMN document.sha256 IS 'SHA-256 of the raw file.';
COMMENT ON COLUMN document.encoding IS 'What the raw file was decoded from (utf-8, utf-16, cp932 …), or its format: pdf, docx, xlsx.';
COMMENT ON COLUMN document.line_count IS 'Raw lines in the file.';
COMMENT ON COLUMN document.rights IS 'Note on rights.';
COMMENT ON COLUMN document.note IS 'What is known about how the text was made.';
COMMENT ON COLUMN document.inferred IS 'Keys of the origin that were inferred from the text and not confirmed yet, apart by spaces; NULL when there is none.';

CREATE TABLE source_line (
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    line INTEGER NOT NULL CHECK (line > 0),
    text VARCHAR NOT NULL,
    page INTEGER CHECK (page > 0),
    sheet VARCHAR,
    sheet_row INTEGER CHECK (sheet_row > 0),
    PRIMARY KEY (document_id, line)
);
COMMENT ON TABLE source_line IS 'The raw text, line by line, so that every quote can be read and checked in its place.';
COMMENT ON COLUMN source_line.document_id IS 'Document.';
COMMENT ON COLUMN source_line.line IS 'Line number from 1; of a PDF, DOCX, XLSX or HTML file in its text.';
COMMENT ON COLUMN source_line.text IS 'The raw line, untouched; of a PDF, DOCX, XLSX or HTML file the line of its text, with tabs between the cells of a table row.';
COMMENT ON COLUMN source_line.page IS 'Page of a PDF from 1, counted from its first page; NULL for other formats.';
COMMENT ON COLUMN source_line.sheet IS 'Sheet of an XLSX workbook; NULL for other formats.';
COMMENT ON COLUMN source_line.sheet_row IS 'Row of the sheet or of the CSV from 1; NULL for other formats, and for the name of the sheet and blanks between tables.';

CREATE TABLE plan (
    plan_id VARCHAR PRIMARY KEY,
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    title VARCHAR NOT NULL,
    scope VARCHAR NOT NULL CHECK (scope IN ('plan', 'review')),
    first_fiscal_year INTEGER NOT NULL,
    last_fiscal_year INTEGER NOT NULL,
    CHECK (first_fiscal_year <= last_fiscal_year)
);
COMMENT ON TABLE plan IS 'A plan that a document sets out, or a finished plan that it looks back on.';
COMMENT ON COLUMN plan.plan_id IS 'Document and key of the plan.';
COMMENT ON COLUMN plan.document_id IS 'Document that speaks of the plan.';
COMMENT ON COLUMN plan.title IS 'Title of the plan.';
COMMENT ON COLUMN plan.scope IS 'plan: set out here; review: a finished plan looked back on here.';
COMMENT ON COLUMN plan.first_fiscal_year IS 'First year of the plan (Western year of the 年度, April to March).';
COMMENT ON COLUMN plan.last_fiscal_year IS 'Last year of the plan.';

CREATE TABLE measure (
    measure_id VARCHAR PRIMARY KEY,
    plan_id VARCHAR NOT NULL REFERENCES plan (plan_id),
    position INTEGER NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('measure', 'training')),
    number VARCHAR,
    title VARCHAR NOT NULL,
    section VARCHAR,
    pillar VARCHAR,
    theme_group VARCHAR,
    summary VARCHAR,
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    line INTEGER NOT NULL CHECK (line > 0),
    quote VARCHAR NOT NULL
);
COMMENT ON TABLE measure IS 'A measure (施策, 事業, 取組) of a plan, or a row of its training programme.';
COMMENT ON COLUMN measure.measure_id IS 'Plan and position in the document.';
COMMENT ON COLUMN measure.plan_id IS 'Plan.';
COMMENT ON COLUMN measure.position IS 'Order in the document, from 1 within the plan.';
COMMENT ON COLUMN measure.kind IS 'measure, or training for a row of a training programme.';
COMMENT ON COLUMN measure.number IS 'Number as printed (also from the list of measures); NULL where none is printed.';
COMMENT ON COLUMN measure.title IS 'Title, line wraps closed.';
COMMENT ON COLUMN measure.section IS 'Chapter heading it stands under.';
COMMENT ON COLUMN measure.pillar IS 'Pillar (柱, 方針, 分類) it belongs to.';
COMMENT ON COLUMN measure.theme_group IS 'Group below the pillar.';
COMMENT ON COLUMN measure.summary IS 'Summary (概要, 取組内容, 目的) as printed.';
COMMENT ON COLUMN measure.document_id IS 'Document.';
COMMENT ON COLUMN measure.line IS 'Raw line of the title.';
COMMENT ON COLUMN measure.quote IS 'Verbatim title.';

CREATE TABLE measure_attribute (
    measure_id VARCHAR NOT NULL REFERENCES measure (measure_id),
    position INTEGER NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('department', 'tool', 'flag', 'issue', 'purpose', 'approach')),
    text VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    line INTEGER NOT NULL CHECK (line > 0),
    quote VARCHAR NOT NULL,
    PRIMARY KEY (measure_id, position)
);
COMMENT ON TABLE measure_attribute IS 'A labelled part of a measure: one department, tool or flag a row; issue, purpose and approach as text.';
COMMENT ON COLUMN measure_attribute.measure_id IS 'Measure.';
COMMENT ON COLUMN measure_attribute.position IS 'Order within the measure.';
COMMENT ON COLUMN measure_attribute.kind IS 'department (担当課), tool (活用するツール), flag (新規, 利便性UP, a grant), issue (現状と課題), purpose (目的), approach (今後の取組).';
COMMENT ON COLUMN measure_attribute.text IS 'The text, repaired.';
COMMENT ON COLUMN measure_attribute.document_id IS 'Document.';
COMMENT ON COLUMN measure_attribute.line IS 'Raw line.';
COMMENT ON COLUMN measure_attribute.quote IS 'Verbatim text.';

CREATE TABLE milestone (
    measure_id VARCHAR NOT NULL REFERENCES measure (measure_id),
    position INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    period VARCHAR,
    fiscal_year INTEGER,
    alignment VARCHAR NOT NULL CHECK (alignment IN ('uncertain', 'unplaced')),
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    line INTEGER NOT NULL CHECK (line > 0),
    quote VARCHAR NOT NULL,
    PRIMARY KEY (measure_id, position)
);
COMMENT ON TABLE milestone IS 'A phase of a roadmap (ロードマップ, スケジュール). The bars were images, so the column is only a hint.';
COMMENT ON COLUMN milestone.measure_id IS 'Measure.';
COMMENT ON COLUMN milestone.position IS 'Order within the measure.';
COMMENT ON COLUMN milestone.text IS 'Text of the phase.';
COMMENT ON COLUMN milestone.period IS 'Heading of the column the text stands in; NULL when unplaced.';
COMMENT ON COLUMN milestone.fiscal_year IS 'Year of that column. Not a promise: see alignment.';
COMMENT ON COLUMN milestone.alignment IS 'uncertain: the column may not be the true start; unplaced: no column is known.';
COMMENT ON COLUMN milestone.document_id IS 'Document.';
COMMENT ON COLUMN milestone.line IS 'Raw line.';
COMMENT ON COLUMN milestone.quote IS 'Verbatim text.';

CREATE TABLE indicator (
    indicator_id VARCHAR PRIMARY KEY,
    measure_id VARCHAR NOT NULL REFERENCES measure (measure_id),
    position INTEGER NOT NULL,
    name VARCHAR,
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    line INTEGER NOT NULL CHECK (line > 0),
    quote VARCHAR NOT NULL
);
COMMENT ON TABLE indicator IS 'An indicator (指標, KPI, KGI, 評価指標) of a measure.';
COMMENT ON COLUMN indicator.indicator_id IS 'Measure and position.';
COMMENT ON COLUMN indicator.measure_id IS 'Measure.';
COMMENT ON COLUMN indicator.position IS 'Order within the measure.';
COMMENT ON COLUMN indicator.name IS 'Name without value, unit and year; NULL where only the label or a word (実施) is printed.';
COMMENT ON COLUMN indicator.document_id IS 'Document.';
COMMENT ON COLUMN indicator.line IS 'Raw line of the name.';
COMMENT ON COLUMN indicator.quote IS 'Verbatim name or cell.';

CREATE TABLE observation (
    observation_id VARCHAR PRIMARY KEY,
    indicator_id VARCHAR NOT NULL REFERENCES indicator (indicator_id),
    position INTEGER NOT NULL,
    role VARCHAR NOT NULL CHECK (role IN ('baseline', 'target', 'actual', 'evaluation')),
    value DOUBLE,
    comparator VARCHAR CHECK (comparator IN ('=', '>=', '<=', 'approx', 'range')),
    value_low DOUBLE,
    unit VARCHAR,
    numerator DOUBLE,
    denominator DOUBLE CHECK (denominator <> 0),
    fiscal_year INTEGER CHECK (fiscal_year BETWEEN 1926 AND 2100),
    calendar_year INTEGER CHECK (calendar_year BETWEEN 1926 AND 2100),
    relative_year INTEGER CHECK (relative_year > 0),
    as_of DATE,
    year_basis VARCHAR CHECK (year_basis IN ('cell', 'header', 'label', 'before-first-target', 'sentence', 'shared')),
    cumulative BOOLEAN,
    relative_to VARCHAR,
    direction VARCHAR CHECK (direction IN ('increase', 'decrease')),
    value_text VARCHAR,
    missing VARCHAR CHECK (missing IN ('new', 'none-printed', 'under-study')),
    confidence DOUBLE NOT NULL CHECK (confidence > 0 AND confidence <= 1),
    doubts VARCHAR,
    review VARCHAR CHECK (review IN ('accepted', 'changed')),
    fact_key VARCHAR UNIQUE,
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    line INTEGER NOT NULL CHECK (line > 0),
    quote VARCHAR NOT NULL,
    CHECK (value IS NOT NULL OR numerator IS NOT NULL OR value_text IS NOT NULL OR missing IS NOT NULL),
    CHECK ((numerator IS NULL) = (denominator IS NULL))
);
COMMENT ON TABLE observation IS 'One printed value of an indicator in one role and year. Unknown is NULL, never 0.';
COMMENT ON COLUMN observation.observation_id IS 'Indicator and position.';
COMMENT ON COLUMN observation.indicator_id IS 'Indicator.';
COMMENT ON COLUMN observation.position IS 'Order within the indicator.';
COMMENT ON COLUMN observation.role IS 'baseline (現状値, 基準値), target (目標値), actual (実績); evaluation: a printed verdict (達成, A) where no value is printed.';
COMMENT ON COLUMN observation.value IS 'The printed number with its printed sign, in the unit beside it; NULL for fractions, words and blanks.';
COMMENT ON COLUMN observation.comparator IS '= exactly, >= 以上, <= 以下, approx 約, range 80~90.';
COMMENT ON COLUMN observation.value_low IS 'Lower bound of a printed range.';
COMMENT ON COLUMN observation.unit IS 'Unit as printed (NFKC); NULL where none is printed.';
COMMENT ON COLUMN observation.numerator IS 'Numerator of a printed fraction.';
COMMENT ON COLUMN observation.denominator IS 'Denominator of a printed fraction.';
COMMENT ON COLUMN observation.fiscal_year IS 'Western year of the 年度 the value is for (April to March).';
COMMENT ON COLUMN observation.calendar_year IS 'Western calendar year, where the value is for a 年 (暦年).';
COMMENT ON COLUMN observation.relative_year IS 'Year counted from launch (1年目 = 1); no fiscal year follows from it.';
COMMENT ON COLUMN observation.as_of IS 'Reference day; 31 March for 年度末.';
COMMENT ON COLUMN observation.year_basis IS 'Where the year is printed: cell, header, label; before-first-target: inferred for a 現状値 right before unbroken target years; sentence: in the same sentence; shared: once for several values.';
COMMENT ON COLUMN observation.cumulative IS 'TRUE where 累計 is printed; NULL where nothing is said.';
COMMENT ON COLUMN observation.relative_to IS 'Printed base of a relative value (R7年度比, 導入前).';
COMMENT ON COLUMN observation.direction IS 'What a word beside the number says: 増 increase, 削減 decrease. The sign of value is untouched.';
COMMENT ON COLUMN observation.value_text IS 'A value that is a word or sentence (導入, 移行完了); of an evaluation the verdict.';
COMMENT ON COLUMN observation.missing IS 'Why there is no value: new (新規事業のためなし), none-printed (—, 未設定), under-study (検討中).';
COMMENT ON COLUMN observation.confidence IS '1 where role and year are printed; less where they were inferred.';
COMMENT ON COLUMN observation.doubts IS 'What was inferred, as codes apart by spaces: the reasons of a confidence below 1; NULL when there is none.';
COMMENT ON COLUMN observation.review IS 'What a person decided about the reading: accepted as read, or changed (see correction); NULL while nobody has.';
COMMENT ON COLUMN observation.fact_key IS 'Document, line, role as read, digest of the quote and position among equals: the same after a rebuild, and when the readers find more.';
COMMENT ON COLUMN observation.document_id IS 'Document.';
COMMENT ON COLUMN observation.line IS 'Raw line.';
COMMENT ON COLUMN observation.quote IS 'Verbatim text of the value.';

CREATE TABLE recorded_actual (
    recorded_id VARCHAR PRIMARY KEY,
    indicator_id VARCHAR NOT NULL REFERENCES indicator (indicator_id),
    value DOUBLE,
    unit VARCHAR,
    numerator DOUBLE,
    denominator DOUBLE CHECK (denominator <> 0),
    value_text VARCHAR,
    fiscal_year INTEGER CHECK (fiscal_year BETWEEN 1989 AND 2100),
    calendar_year INTEGER CHECK (calendar_year BETWEEN 1989 AND 2100),
    as_of DATE,
    source VARCHAR NOT NULL,
    recorded_on DATE NOT NULL,
    note VARCHAR,
    CHECK (value IS NOT NULL OR numerator IS NOT NULL OR value_text IS NOT NULL),
    CHECK ((numerator IS NULL) = (denominator IS NULL)),
    CHECK (fiscal_year IS NOT NULL OR calendar_year IS NOT NULL)
);
COMMENT ON TABLE recorded_actual IS 'A result that an analyst recorded after the plan was printed. From data/curated/actuals.csv.';
COMMENT ON COLUMN recorded_actual.recorded_id IS 'Indicator, year and day of recording.';
COMMENT ON COLUMN recorded_actual.indicator_id IS 'Indicator.';
COMMENT ON COLUMN recorded_actual.value IS 'The number, in the unit beside it; NULL for fractions and words.';
COMMENT ON COLUMN recorded_actual.unit IS 'Unit.';
COMMENT ON COLUMN recorded_actual.numerator IS 'Numerator, where a fraction was recorded.';
COMMENT ON COLUMN recorded_actual.denominator IS 'Denominator of that fraction.';
COMMENT ON COLUMN recorded_actual.value_text IS 'A result that is a word (導入).';
COMMENT ON COLUMN recorded_actual.fiscal_year IS 'Western year of the 年度 the result is for.';
COMMENT ON COLUMN recorded_actual.calendar_year IS 'Western calendar year, where it is for a 年 (暦年).';
COMMENT ON COLUMN recorded_actual.as_of IS 'Day it was measured, where one is given.';
COMMENT ON COLUMN recorded_actual.source IS 'Where the figure is from.';
COMMENT ON COLUMN recorded_actual.recorded_on IS 'Day it was entered. A later entry for the same year replaces an earlier one; both are kept.';
COMMENT ON COLUMN recorded_actual.note IS 'Note.';

CREATE TABLE evaluation (
    observation_id VARCHAR PRIMARY KEY REFERENCES observation (observation_id),
    status VARCHAR,
    attainment_printed_pct DOUBLE,
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    line INTEGER NOT NULL CHECK (line > 0),
    quote VARCHAR NOT NULL,
    CHECK (status IS NOT NULL OR attainment_printed_pct IS NOT NULL)
);
COMMENT ON TABLE evaluation IS 'A printed verdict on an observation (達成, 未達成) and the printed 達成率, kept as printed even where wrong.';
COMMENT ON COLUMN evaluation.observation_id IS 'The value it judges: the actual, or the target where no actual is printed.';
COMMENT ON COLUMN evaluation.status IS 'Verdict, line wraps closed.';
COMMENT ON COLUMN evaluation.attainment_printed_pct IS 'Printed 達成率 in percent.';
COMMENT ON COLUMN evaluation.document_id IS 'Document.';
COMMENT ON COLUMN evaluation.line IS 'Raw line.';
COMMENT ON COLUMN evaluation.quote IS 'Verbatim verdict cell.';

CREATE TABLE statistic (
    statistic_id VARCHAR PRIMARY KEY,
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    measure_id VARCHAR REFERENCES measure (measure_id),
    subject VARCHAR NOT NULL,
    value DOUBLE,
    comparator VARCHAR CHECK (comparator IN ('=', '>=', '<=', 'approx', 'range')),
    value_low DOUBLE,
    unit VARCHAR,
    numerator DOUBLE,
    denominator DOUBLE CHECK (denominator <> 0),
    fiscal_year INTEGER CHECK (fiscal_year BETWEEN 1926 AND 2100),
    calendar_year INTEGER CHECK (calendar_year BETWEEN 1926 AND 2100),
    as_of DATE,
    direction VARCHAR CHECK (direction IN ('increase', 'decrease')),
    value_text VARCHAR,
    missing VARCHAR CHECK (missing IN ('new', 'none-printed', 'under-study')),
    confidence DOUBLE NOT NULL CHECK (confidence > 0 AND confidence <= 1),
    doubts VARCHAR,
    review VARCHAR CHECK (review IN ('accepted', 'changed')),
    fact_key VARCHAR UNIQUE,
    line INTEGER NOT NULL CHECK (line > 0),
    quote VARCHAR NOT NULL
);
COMMENT ON TABLE statistic IS 'A number of the running text worth keeping (role context): population, card holders, head-counts.';
COMMENT ON COLUMN statistic.statistic_id IS 'Document, line and position in the line.';
COMMENT ON COLUMN statistic.document_id IS 'Document.';
COMMENT ON COLUMN statistic.measure_id IS 'Measure it belongs to (training head-counts); else NULL.';
COMMENT ON COLUMN statistic.subject IS 'The clause the number stands in.';
COMMENT ON COLUMN statistic.value IS 'The printed number, in the unit beside it.';
COMMENT ON COLUMN statistic.comparator IS 'As in observation.';
COMMENT ON COLUMN statistic.value_low IS 'Lower bound of a printed range.';
COMMENT ON COLUMN statistic.unit IS 'Unit as printed.';
COMMENT ON COLUMN statistic.numerator IS 'Numerator of a printed fraction.';
COMMENT ON COLUMN statistic.denominator IS 'Denominator of a printed fraction.';
COMMENT ON COLUMN statistic.fiscal_year IS 'Fiscal year printed before the number in its sentence.';
COMMENT ON COLUMN statistic.calendar_year IS 'Calendar year printed before the number in its sentence.';
COMMENT ON COLUMN statistic.as_of IS 'Printed reference day.';
COMMENT ON COLUMN statistic.direction IS 'As in observation.';
COMMENT ON COLUMN statistic.value_text IS 'A word instead of a number (全員).';
COMMENT ON COLUMN statistic.missing IS 'As in observation.';
COMMENT ON COLUMN statistic.confidence IS 'How sure the reading is.';
COMMENT ON COLUMN statistic.doubts IS 'What was inferred, as codes apart by spaces: the reasons of a confidence below 1; NULL when there is none.';
COMMENT ON COLUMN statistic.review IS 'What a person decided about the reading: accepted as read, or changed (see correction); NULL while nobody has.';
COMMENT ON COLUMN statistic.fact_key IS 'Document, line, role as read, digest of the quote and position among equals: the same after a rebuild, and when the readers find more.';
COMMENT ON COLUMN statistic.line IS 'Raw line.';
COMMENT ON COLUMN statistic.quote IS 'Verbatim number with its unit.';

CREATE TABLE list_item (
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    list_name VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    stated_count INTEGER NOT NULL,
    unit VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    marked BOOLEAN NOT NULL,
    line INTEGER NOT NULL CHECK (line > 0),
    quote VARCHAR NOT NULL,
    PRIMARY KEY (document_id, list_name, position)
);
COMMENT ON TABLE list_item IS 'An entry of a printed list whose heading states its length, e.g. 子育て関係（15手続）.';
COMMENT ON COLUMN list_item.document_id IS 'Document.';
COMMENT ON COLUMN list_item.list_name IS 'Heading without its count.';
COMMENT ON COLUMN list_item.position IS 'Place in the list, from 1.';
COMMENT ON COLUMN list_item.stated_count IS 'How many entries the heading says there are.';
COMMENT ON COLUMN list_item.unit IS 'What the heading counts.';
COMMENT ON COLUMN list_item.text IS 'The entry.';
COMMENT ON COLUMN list_item.marked IS 'TRUE where the entry carries the mark (※).';
COMMENT ON COLUMN list_item.line IS 'Raw line.';
COMMENT ON COLUMN list_item.quote IS 'Verbatim entry.';

CREATE TABLE unused_line (
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    line INTEGER NOT NULL CHECK (line > 0),
    reason VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    PRIMARY KEY (document_id, line)
);
COMMENT ON TABLE unused_line IS 'A line that holds numbers and gave no fact, and why: the list to read when a figure seems to be missing.';
COMMENT ON COLUMN unused_line.document_id IS 'Document.';
COMMENT ON COLUMN unused_line.line IS 'Raw line.';
COMMENT ON COLUMN unused_line.reason IS 'Why no fact was taken.';
COMMENT ON COLUMN unused_line.text IS 'The line, white space trimmed.';

CREATE TABLE theme (
    theme_id VARCHAR PRIMARY KEY,
    name_ja VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    definition_ja VARCHAR NOT NULL,
    definition_en VARCHAR NOT NULL,
    direction VARCHAR NOT NULL CHECK (direction IN ('higher', 'lower', 'maintain')),
    not_to_confuse_ja VARCHAR,
    not_to_confuse_en VARCHAR
);
COMMENT ON TABLE theme IS 'A question asked of all municipalities. From data/curated/themes.toml.';
COMMENT ON COLUMN theme.theme_id IS 'Stable key.';
COMMENT ON COLUMN theme.name_ja IS 'Name in Japanese.';
COMMENT ON COLUMN theme.name_en IS 'Name in English.';
COMMENT ON COLUMN theme.definition_ja IS 'What belongs to it, in Japanese.';
COMMENT ON COLUMN theme.definition_en IS 'What belongs to it, in English.';
COMMENT ON COLUMN theme.direction IS 'What is better: higher, lower, maintain.';
COMMENT ON COLUMN theme.not_to_confuse_ja IS 'National figures that are not this, in Japanese.';
COMMENT ON COLUMN theme.not_to_confuse_en IS 'National figures that are not this, in English.';

CREATE TABLE topic (
    version VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    topic_id VARCHAR NOT NULL,
    name_ja VARCHAR NOT NULL,
    published VARCHAR NOT NULL CHECK (regexp_full_match(published, '[0-9]{4}(-[0-9]{2}){0,2}')),
    source VARCHAR NOT NULL,
    confirmed VARCHAR NOT NULL CHECK (confirmed IN ('yes', 'third-party', 'no')),
    PRIMARY KEY (version, position)
);
COMMENT ON TABLE topic IS 'A 重点取組事項 of one version of the national 自治体DX推進計画. From data/curated/topics.csv.';
COMMENT ON COLUMN topic.version IS 'Version of the national plan.';
COMMENT ON COLUMN topic.position IS 'Order as printed.';
COMMENT ON COLUMN topic.topic_id IS 'Key that stays the same across versions where the topic does.';
COMMENT ON COLUMN topic.name_ja IS 'Name in that version.';
COMMENT ON COLUMN topic.published IS 'When the version was published: YYYY, YYYY-MM or YYYY-MM-DD.';
COMMENT ON COLUMN topic.source IS 'Where the list was read.';
COMMENT ON COLUMN topic.confirmed IS 'yes: read in a primary or trade source; third-party: in a description of it; no: not confirmed.';

CREATE TABLE theme_topic (
    theme_id VARCHAR NOT NULL REFERENCES theme (theme_id),
    topic_id VARCHAR NOT NULL,
    PRIMARY KEY (theme_id, topic_id)
);
COMMENT ON TABLE theme_topic IS 'Which national topics a theme belongs to. From data/curated/themes.toml.';
COMMENT ON COLUMN theme_topic.theme_id IS 'Theme.';
COMMENT ON COLUMN theme_topic.topic_id IS 'Topic, in whichever versions have it.';

CREATE TABLE indicator_theme (
    indicator_id VARCHAR PRIMARY KEY REFERENCES indicator (indicator_id),
    theme_id VARCHAR REFERENCES theme (theme_id),
    better VARCHAR NOT NULL CHECK (better IN ('higher', 'lower', 'maintain'))
);
COMMENT ON TABLE indicator_theme IS 'The theme an indicator answers. A human decision, from data/curated/facets.csv.';
COMMENT ON COLUMN indicator_theme.indicator_id IS 'Indicator.';
COMMENT ON COLUMN indicator_theme.theme_id IS 'Theme; NULL for an indicator that answers none.';
COMMENT ON COLUMN indicator_theme.better IS 'What is better for this indicator, as its values are signed.';

CREATE TABLE facet_value (
    facet VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    is_required BOOLEAN NOT NULL,
    facet_ja VARCHAR NOT NULL,
    facet_en VARCHAR NOT NULL,
    name_ja VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    PRIMARY KEY (facet, value)
);
COMMENT ON TABLE facet_value IS 'The vocabulary of facets. From data/curated/facet_values.toml.';
COMMENT ON COLUMN facet_value.facet IS 'Facet: what decides whether two numbers may be compared.';
COMMENT ON COLUMN facet_value.value IS 'Allowed value; unknown means that the plan does not say.';
COMMENT ON COLUMN facet_value.position IS 'Order of the facet in reasons.';
COMMENT ON COLUMN facet_value.is_required IS 'TRUE for a facet that must be known before anything is comparable.';
COMMENT ON COLUMN facet_value.facet_ja IS 'The facet in Japanese.';
COMMENT ON COLUMN facet_value.facet_en IS 'The facet in English.';
COMMENT ON COLUMN facet_value.name_ja IS 'The value in Japanese.';
COMMENT ON COLUMN facet_value.name_en IS 'The value in English.';

CREATE TABLE facet (
    indicator_id VARCHAR NOT NULL REFERENCES indicator (indicator_id),
    facet VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY (indicator_id, facet),
    FOREIGN KEY (facet, value) REFERENCES facet_value (facet, value)
);
COMMENT ON TABLE facet IS 'What an indicator measures, facet by facet. A human decision, from data/curated/facets.csv.';
COMMENT ON COLUMN facet.indicator_id IS 'Indicator.';
COMMENT ON COLUMN facet.facet IS 'Facet.';
COMMENT ON COLUMN facet.value IS 'Value of the facet.';

CREATE TABLE transformation (
    transformation_id VARCHAR PRIMARY KEY,
    formula VARCHAR NOT NULL CHECK (formula IN ('fraction', 'per_10k', 'share_of', 'annual_change', 'growth', 'stage', 'same')),
    item VARCHAR,
    name_ja VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    unit_ja VARCHAR NOT NULL,
    unit_en VARCHAR NOT NULL
);
COMMENT ON TABLE transformation IS 'A computation that makes facets agree. From data/curated/themes.toml; computed by the table macro basis_at.';
COMMENT ON COLUMN transformation.transformation_id IS 'Stable key.';
COMMENT ON COLUMN transformation.formula IS 'fraction: 100 × numerator / denominator; per_10k and share_of: against an item of reference_value; annual_change: change since the baseline per year; growth: change since the baseline in percent of it; stage: 1 where there is any, 0 where there is none; same: the value itself.';
COMMENT ON COLUMN transformation.item IS 'Item of reference_value that per_10k and share_of divide by; NULL for the others.';
COMMENT ON COLUMN transformation.name_ja IS 'Name in Japanese.';
COMMENT ON COLUMN transformation.name_en IS 'Name in English.';
COMMENT ON COLUMN transformation.unit_ja IS 'Unit of the result in Japanese; {unit} stands for the printed unit.';
COMMENT ON COLUMN transformation.unit_en IS 'Unit of the result in English; {unit} stands for the printed unit.';

CREATE TABLE transformation_change (
    transformation_id VARCHAR NOT NULL REFERENCES transformation (transformation_id),
    facet VARCHAR NOT NULL,
    from_value VARCHAR NOT NULL,
    to_value VARCHAR NOT NULL,
    PRIMARY KEY (transformation_id, facet, from_value),
    FOREIGN KEY (facet, to_value) REFERENCES facet_value (facet, value)
);
COMMENT ON TABLE transformation_change IS 'How a transformation changes the facets. It applies to an indicator whose facets all have one of the values before.';
COMMENT ON COLUMN transformation_change.transformation_id IS 'Transformation.';
COMMENT ON COLUMN transformation_change.facet IS 'Facet it changes.';
COMMENT ON COLUMN transformation_change.from_value IS 'Value before; * for any that is known.';
COMMENT ON COLUMN transformation_change.to_value IS 'Value after.';

CREATE TABLE theme_transformation (
    theme_id VARCHAR NOT NULL REFERENCES theme (theme_id),
    transformation_id VARCHAR NOT NULL REFERENCES transformation (transformation_id),
    PRIMARY KEY (theme_id, transformation_id)
);
COMMENT ON TABLE theme_transformation IS 'Which transformations are meaningful for a theme.';
COMMENT ON COLUMN theme_transformation.theme_id IS 'Theme.';
COMMENT ON COLUMN theme_transformation.transformation_id IS 'Transformation.';

CREATE TABLE correction (
    correction_id VARCHAR PRIMARY KEY,
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    line INTEGER CHECK (line > 0),
    quote VARCHAR,
    field VARCHAR,
    expected VARCHAR,
    corrected VARCHAR,
    reason VARCHAR,
    status VARCHAR NOT NULL CHECK (status IN ('open', 'reported', 'acknowledged', 'fixed-upstream', 'decided', 'withdrawn')),
    action VARCHAR NOT NULL CHECK (action IN ('change', 'accept', 'reject')),
    role VARCHAR,
    occurrence INTEGER CHECK (occurrence > 0),
    decided_by VARCHAR,
    decided_on DATE,
    applies BOOLEAN NOT NULL,
    fact_key VARCHAR,
    indicator_id VARCHAR
);
COMMENT ON TABLE correction IS 'A human decision about a reading, with its guard. From data/curated/corrections.csv; changes and rejections are listed in every report they touch.';
COMMENT ON COLUMN correction.correction_id IS 'Stable key.';
COMMENT ON COLUMN correction.document_id IS 'Document.';
COMMENT ON COLUMN correction.line IS 'Raw line of the value; NULL for a decision about the origin of a document.';
COMMENT ON COLUMN correction.quote IS 'Quote of the value it is about (guard); NULL for a decision about an origin.';
COMMENT ON COLUMN correction.field IS 'What it changes: a column of observation, indicator for its name, a key of the origin; NULL where it is about the whole value.';
COMMENT ON COLUMN correction.expected IS 'What the reading must say for the decision to apply (guard): the value of the field, or the whole value; NULL for a blank field.';
COMMENT ON COLUMN correction.corrected IS 'What the field is changed to; NULL for a blank.';
COMMENT ON COLUMN correction.reason IS 'Why; may be NULL where the reading was accepted.';
COMMENT ON COLUMN correction.status IS 'open, reported, acknowledged, fixed-upstream; decided: a decision of the review; withdrawn: kept, but applied no more.';
COMMENT ON COLUMN correction.action IS 'change one field, accept the value as read, or reject it.';
COMMENT ON COLUMN correction.role IS 'Role as read (guard); context for a number of the running text, origin for a key of the origin; NULL where the quote alone tells the value.';
COMMENT ON COLUMN correction.occurrence IS 'Position among the values of this line with the same quote and role, from 1.';
COMMENT ON COLUMN correction.decided_by IS 'Who decided.';
COMMENT ON COLUMN correction.decided_on IS 'Day of the decision.';
COMMENT ON COLUMN correction.applies IS 'FALSE for a decision that a later one replaced, or that was withdrawn.';
COMMENT ON COLUMN correction.fact_key IS 'The value it is about; NULL for an origin, and where it does not apply.';
COMMENT ON COLUMN correction.indicator_id IS 'Indicator of the value; NULL for numbers of the running text, and where it does not apply.';

CREATE TABLE decided_fact (
    fact_key VARCHAR PRIMARY KEY,
    outcome VARCHAR NOT NULL CHECK (outcome IN ('accepted', 'changed', 'rejected')),
    reason VARCHAR,
    correction_id VARCHAR NOT NULL REFERENCES correction (correction_id),
    document_id VARCHAR NOT NULL REFERENCES document (document_id),
    measure_id VARCHAR,
    indicator_id VARCHAR,
    indicator VARCHAR,
    role VARCHAR NOT NULL,
    value DOUBLE,
    comparator VARCHAR,
    value_low DOUBLE,
    unit VARCHAR,
    numerator DOUBLE,
    denominator DOUBLE,
    fiscal_year INTEGER,
    calendar_year INTEGER,
    relative_year INTEGER,
    as_of DATE,
    value_text VARCHAR,
    missing VARCHAR,
    confidence DOUBLE NOT NULL,
    doubts VARCHAR,
    line INTEGER NOT NULL CHECK (line > 0),
    quote VARCHAR NOT NULL
);
COMMENT ON TABLE decided_fact IS 'A value about which a person decided, as it was read before the decision. A rejected one stands only here.';
COMMENT ON COLUMN decided_fact.fact_key IS 'As in observation.';
COMMENT ON COLUMN decided_fact.outcome IS 'accepted: kept as read; changed: kept with other content (see correction); rejected: taken out of observation and statistic.';
COMMENT ON COLUMN decided_fact.reason IS 'Why, in the words of the last decision.';
COMMENT ON COLUMN decided_fact.correction_id IS 'The last decision that applies.';
COMMENT ON COLUMN decided_fact.document_id IS 'Document.';
COMMENT ON COLUMN decided_fact.measure_id IS 'Measure it belongs to; NULL for numbers outside a measure.';
COMMENT ON COLUMN decided_fact.indicator_id IS 'Indicator; NULL for numbers of the running text. The table indicator lacks it where all its values were rejected.';
COMMENT ON COLUMN decided_fact.indicator IS 'Name of the indicator as read, or the clause a number of the running text stands in.';
COMMENT ON COLUMN decided_fact.role IS 'Role as read; context for a number of the running text.';
COMMENT ON COLUMN decided_fact.value IS 'As read; so are the columns below.';
COMMENT ON COLUMN decided_fact.comparator IS 'As in observation.';
COMMENT ON COLUMN decided_fact.value_low IS 'As in observation.';
COMMENT ON COLUMN decided_fact.unit IS 'As in observation.';
COMMENT ON COLUMN decided_fact.numerator IS 'As in observation.';
COMMENT ON COLUMN decided_fact.denominator IS 'As in observation.';
COMMENT ON COLUMN decided_fact.fiscal_year IS 'As in observation.';
COMMENT ON COLUMN decided_fact.calendar_year IS 'As in observation.';
COMMENT ON COLUMN decided_fact.relative_year IS 'As in observation.';
COMMENT ON COLUMN decided_fact.as_of IS 'As in observation.';
COMMENT ON COLUMN decided_fact.value_text IS 'As in observation.';
COMMENT ON COLUMN decided_fact.missing IS 'As in observation.';
COMMENT ON COLUMN decided_fact.confidence IS 'As in observation.';
COMMENT ON COLUMN decided_fact.doubts IS 'As in observation.';
COMMENT ON COLUMN decided_fact.line IS 'Raw line.';
COMMENT ON COLUMN decided_fact.quote IS 'Verbatim text of the value.';

CREATE TABLE rule (
    rule_id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL CHECK (kind IN ('quality', 'audit')),
    severity VARCHAR NOT NULL CHECK (severity IN ('error', 'inconsistent definition', 'rounding', 'suspicious', 'editorial')),
    position INTEGER NOT NULL,
    name_ja VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    about_ja VARCHAR NOT NULL,
    about_en VARCHAR NOT NULL,
    sentence_ja VARCHAR NOT NULL,
    sentence_en VARCHAR NOT NULL
);
COMMENT ON TABLE rule IS 'A rule that plans are read against: KPI quality, or audit of what is printed. From dxlib/rules.toml.';
COMMENT ON COLUMN rule.rule_id IS 'Stable key.';
COMMENT ON COLUMN rule.kind IS 'quality: how well an indicator is made; audit: whether what is printed holds.';
COMMENT ON COLUMN rule.severity IS 'error: it cannot be right; inconsistent definition: two figures that look alike are not; rounding: right up to the last digit; suspicious: ask; editorial: wording.';
COMMENT ON COLUMN rule.position IS 'Order in lists.';
COMMENT ON COLUMN rule.name_ja IS 'Name in Japanese.';
COMMENT ON COLUMN rule.name_en IS 'Name in English.';
COMMENT ON COLUMN rule.about_ja IS 'What the rule asks and why, in Japanese.';
COMMENT ON COLUMN rule.about_en IS 'What the rule asks and why, in English.';
COMMENT ON COLUMN rule.sentence_ja IS 'Sentence of a finding in Japanese; {0}, {1} … are filled in.';
COMMENT ON COLUMN rule.sentence_en IS 'Sentence of a finding in English.';

CREATE TABLE word (
    kind VARCHAR NOT NULL,
    word VARCHAR NOT NULL,
    means VARCHAR NOT NULL,
    PRIMARY KEY (kind, word)
);
COMMENT ON TABLE word IS 'Words and patterns that rules look for. From dxlib/vocabulary/rules.toml.';
COMMENT ON COLUMN word.kind IS 'verdict: a printed verdict; reason: why something cannot be computed; unit: a pattern of an indicator name and the units that fit it; contrast: two terms that are easily taken for one another.';
COMMENT ON COLUMN word.word IS 'The word or pattern (regular expression).';
COMMENT ON COLUMN word.means IS 'What it stands for.';

CREATE TABLE reference_item (
    item VARCHAR PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,
    name_ja VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('amount', 'share', 'yes-no')),
    has_detail BOOLEAN NOT NULL,
    national_by VARCHAR CHECK (national_by IN ('share', 'ratio', 'median')),
    numerator_item VARCHAR,
    denominator_item VARCHAR,
    theme_id VARCHAR REFERENCES theme (theme_id)
);
COMMENT ON TABLE reference_item IS 'What official statistics may be about. From data/curated/reference_items.toml.';
COMMENT ON COLUMN reference_item.item IS 'Stable key.';
COMMENT ON COLUMN reference_item.position IS 'Order in the file.';
COMMENT ON COLUMN reference_item.name_ja IS 'Name in Japanese.';
COMMENT ON COLUMN reference_item.name_en IS 'Name in English.';
COMMENT ON COLUMN reference_item.unit IS 'Unit of its figures.';
COMMENT ON COLUMN reference_item.kind IS 'amount: a number; share: percent; yes-no: 1 done, 0 not done.';
COMMENT ON COLUMN reference_item.has_detail IS 'TRUE where there is a figure for each of several things, named in reference_value.detail.';
COMMENT ON COLUMN reference_item.national_by IS 'How the figure of a prefecture or the country comes from the municipalities where none is printed: share of those that say yes, ratio of two sums, median.';
COMMENT ON COLUMN reference_item.numerator_item IS 'Item whose sum is the numerator of that ratio.';
COMMENT ON COLUMN reference_item.denominator_item IS 'Item whose sum is its denominator.';
COMMENT ON COLUMN reference_item.theme_id IS 'Theme whose reports mention it; NULL for denominators and the like.';

CREATE TABLE reference_facet (
    item VARCHAR NOT NULL REFERENCES reference_item (item),
    facet VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY (item, facet),
    FOREIGN KEY (facet, value) REFERENCES facet_value (facet, value)
);
COMMENT ON TABLE reference_facet IS 'A facet of the definition of an official statistic, by which the same verdict is computed as between indicators of plans.';
COMMENT ON COLUMN reference_facet.item IS 'Item.';
COMMENT ON COLUMN reference_facet.facet IS 'Facet.';
COMMENT ON COLUMN reference_facet.value IS 'Its value.';

CREATE TABLE content (
    scope VARCHAR PRIMARY KEY,
    sha256 VARCHAR NOT NULL CHECK (regexp_full_match(sha256, '[0-9a-f]{64}'))
);
COMMENT ON TABLE content IS 'One hash for each municipality and two for what all share, by which a report sees whether rows that it can see changed. Computed in the build from all other tables; the same rows give the same hashes, whatever their order.';
COMMENT ON COLUMN content.scope IS 'A municipality code: the rows about it, its documents and their indicators. shared: the rows about no municipality (themes, facet values, transformations, topics, rules, words, items, figures of prefectures and the country). municipalities: the table municipality, official figures below the prefecture, and who has a document and indicators of which theme.';
COMMENT ON COLUMN content.sha256 IS 'SHA-256 over those rows.';

CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY
);
COMMENT ON TABLE schema_version IS 'One row: the version of the tables, views and macros of this file. Another dxlib refuses to read it; a build makes it anew.';
COMMENT ON COLUMN schema_version.version IS 'Raised when a released table, view or macro changes (docs/upkeep.md). 1: files that have no such table.';
INSERT INTO schema_version VALUES (2);
