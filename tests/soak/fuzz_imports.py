"""What people hand in and decide, as targets: sheets, decisions, official statistics, origins, lists of reports, state files."""

from __future__ import annotations

import io
import json
import math
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import fuzz_inputs as inputs
from fuzz_targets import Given, Target

from dxlib.project import Project

_CODES = ("242039", "242161", "102041", "222259", "131016")
_DECIDED = (
    "themes.toml",
    "facet_values.toml",
    "reference_items.toml",
    "clues.toml",
    "facets.csv",
    "topics.csv",
    "municipality.csv",
)
_DECIDED_BY_HAND = (*_DECIDED, "reference_value.csv", "corrections.csv", "actuals.csv")


class Bench:
    """A small workbench of the worker's own, with a built warehouse, that is put back after each input."""

    def __init__(self, folder: Path) -> None:
        from desk import small_desk

        from dxlib.indicators import Workbench
        from dxlib.warehouse import build

        self.project = small_desk(folder / "desk", more='inferred = ["title", "plans"]\n')
        for name in ("clues.toml",):
            shutil.copy(inputs.ROOT / "data/curated" / name, self.project.curated / name)
        shutil.copytree(inputs.ROOT / "notebooks", self.project.notebooks)
        build(self.project)
        self.opened = Workbench(self.project)
        self.kept = {path: path.read_bytes() for path in self.project.curated.glob("*.*") if path.suffix in (".toml", ".csv")}
        self.reports = self.project.reports / "small"
        self.reports.mkdir(parents=True)

    @contextmanager
    def put_back(self) -> Iterator[Project]:
        """The workbench; what an input changed in it is undone."""
        try:
            yield self.project
        finally:
            for path, content in self.kept.items():
                if path.read_bytes() != content:
                    path.write_bytes(content)
            shutil.rmtree(self.project.curated / "reference", ignore_errors=True)

    def unchanged(self, but: str = "") -> None:
        """Fail when anything but one file was changed."""
        for path, content in self.kept.items():
            assert path.name == but or path.read_bytes() == content, f"{path.name} was changed"


_BENCH: dict[Path, Bench] = {}


def bench(scratch: Path) -> Bench:
    """The workbench of this worker."""
    if scratch not in _BENCH:
        shutil.rmtree(scratch / "desk", ignore_errors=True)
        _BENCH[scratch] = Bench(scratch)
    return _BENCH[scratch]


def _written(given: Given, scratch: Path, name: str = "input") -> Path:
    path = scratch / f"{name}{given.ending}"
    path.write_bytes(given.kept())
    return path


# Sheets that come back


def check_actuals(given: Given, scratch: Path) -> None:
    """Results are added whole or not at all, and what was added is read again."""
    from dxlib.actuals import Indicators, import_actuals, recorded_rows
    from dxlib.decisions import read_actuals

    desk = bench(scratch)
    with desk.put_back() as project:
        added, _ = import_actuals(project, _written(given, scratch), desk.opened.connection)
        rows = recorded_rows(read_actuals(project), _indicators(Indicators, desk))
        assert len(rows) == added
        assert all(row["value"] is None or math.isfinite(row["value"]) for row in rows)
        desk.unchanged("actuals.csv")


def _indicators(kind: Any, desk: Bench) -> Any:
    run = desk.opened.connection.execute
    return kind.of(
        run("SELECT indicator_id, name FROM indicator").fetchall(),
        run("SELECT DISTINCT indicator_id, unit FROM observation").fetchall(),
    )


def check_review(given: Given, scratch: Path) -> None:
    """Decisions are understood or refused; now and then they are recorded, and read again."""
    from dxlib.corrections import check_corrections
    from dxlib.decisions import read_corrections
    from dxlib.review_sheet import COLUMNS, SHOWN, decisions_of, import_review
    from dxlib.sheet import read_sheet

    desk = bench(scratch)
    path = _written(given, scratch)
    if given.also != "record":
        entries = read_sheet(path, COLUMNS, optional=(*SHOWN, "by", "on"))
        decisions_of(entries, _listed(scratch))
        return
    with desk.put_back() as project:
        import_review(desk.opened, path)
        check_corrections(read_corrections(project))
        desk.unchanged("corrections.csv")


@cache
def _listed(scratch: Path) -> Any:
    from dxlib.review import items

    return {item.key: item for item in items(bench(scratch).opened, everything=True)}


def check_facets(given: Given, scratch: Path) -> None:
    """Themes and facets are added whole or not at all, and all decisions are read again."""
    from dxlib.confirm import import_facets
    from dxlib.decisions import read_decisions

    desk = bench(scratch)
    with desk.put_back() as project:
        import_facets(project, _written(given, scratch), desk.opened.connection)
        read_decisions(project)
        desk.unchanged("facets.csv")


_SHEETS: dict[str, list[tuple[bytes, str]]] = {}


def _sheet(kind: str) -> Callable[[random.Random, int], Given]:
    def make(rng: random.Random, index: int) -> Given:
        data, ending = rng.choice(_sheets(kind))
        also = "record" if kind == "review" and index % 40 == 0 else ""
        if ending == ".xlsx":
            return Given(inputs.repacked(rng, data), rng.choice((".xlsx", ".csv")), also)
        if rng.random() < 0.15:
            return Given(inputs.damaged(rng, data), ending, also)
        found = inputs.table_text(rng, data.decode("utf-8-sig"))
        return Given(found.encode("utf-8", "ignore") if rng.random() < 0.7 else inputs.encoded(rng, found), ending, also)

    return make


def _sheets(kind: str) -> list[tuple[bytes, str]]:
    if kind not in _SHEETS:
        rows = {"actuals": _actuals_rows, "review": _review_rows, "facets": _facets_rows}[kind]()
        _SHEETS[kind] = [(_csv(rows), ".csv"), (_book(rows), ".xlsx")]
    return _SHEETS[kind]


def _csv(rows: list[list[Any]]) -> bytes:
    import csv

    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _book(rows: list[list[Any]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


_INDICATOR = "131016-chiyoda/plan/plan/m01.1"


def _actuals_rows() -> list[list[Any]]:
    from dxlib.decisions import ACTUAL_COLUMNS

    rows: list[list[Any]] = [list(ACTUAL_COLUMNS)]
    for year, value in ((2024, "12"), (2025, "1,300"), (2026, "▲2.0"), (2027, "24/26")):
        rows.append(
            [
                _INDICATOR,
                "オンライン申請の件数",
                value,
                "件" if "/" not in value else "",
                str(year),
                "",
                "窓口課",
                "2028-04-20",
                "備考",
            ]
        )
    return rows


def _review_rows() -> list[list[Any]]:
    """A sheet as the workbench writes it for its plan, filled in."""
    import csv
    import tempfile

    from dxlib.review import items
    from dxlib.review_sheet import to_csv

    with tempfile.TemporaryDirectory() as folder:
        desk = Bench(Path(folder))
        data = to_csv(items(desk.opened, everything=True), "en")
        desk.opened.close()
    rows = [list(row) for row in csv.reader(io.StringIO(data.decode("utf-8-sig")))]
    for number, row in enumerate(rows[1:]):
        row[:4] = [("accept", "change", "reject", "採用", "")[number % 5], "理由", "私", "2026-08-31"]
    return rows


def _facets_rows() -> list[list[Any]]:
    import tomllib

    facets = tomllib.loads((inputs.ROOT / "data/curated/facet_values.toml").read_text(encoding="utf-8"))
    head = ["indicator_id", "indicator", "theme", "better", *facets, "suggestion", "confidence", "reasons", "decision"]
    values = [next(iter(facet["values"])) for facet in facets.values()]
    row = [
        _INDICATOR,
        "オンライン申請の件数",
        "online_procedures",
        "higher",
        *values,
        "online_procedures",
        "0.9",
        "名前",
        "accept",
    ]
    return [head, row, ["131016-chiyoda/plan/plan/m02.1", "研修を受けた職員数", "", "higher", *values, "", "0.2", "", "change"]]


# Decisions that lie in data/curated


def check_decisions(given: Given, scratch: Path) -> None:
    """A file of decisions is read or refused."""
    from dxlib.clues import read_clues
    from dxlib.corrections import check_corrections
    from dxlib.decisions import read_decisions
    from dxlib.official.items import read_items

    with bench(scratch).put_back() as project:
        (project.curated / given.also).write_bytes(given.kept())
        decisions = read_decisions(project)
        read_items(project, decisions.themes, decisions.facets)
        read_clues(project, decisions.themes, {name: facet.values for name, facet in decisions.facets.items()})
        check_corrections(decisions.corrections)


def _decision(rng: random.Random, index: int) -> Given:
    name = _DECIDED_BY_HAND[index % len(_DECIDED_BY_HAND)]
    text = (inputs.ROOT / "data/curated" / name).read_text(encoding="utf-8")
    rows = text.split("\n")
    if name.endswith(".csv") and len(rows) > 30:
        start = rng.randrange(1, len(rows) - 20)
        text = "\n".join([rows[0], *rows[start : start + 20], ""])
    found = inputs.table_text(rng, text)
    return Given(found.encode("utf-8", "ignore") if rng.random() < 0.8 else inputs.encoded(rng, found), Path(name).suffix, name)


def check_origin(given: Given, scratch: Path) -> None:
    """The origin of a document is read or refused."""
    from dxlib.origin import details, read_origin

    origin = read_origin(_written(given, scratch), "input.toml")
    assert all(isinstance(text, str) for text in details(origin).values())


def _origin(rng: random.Random, index: int) -> Given:
    paths = sorted((inputs.ROOT / "data/raw").glob("*/*.toml"))
    found = inputs.table_text(rng, rng.choice(paths).read_text(encoding="utf-8"))
    return Given(found.encode("utf-8", "ignore") if rng.random() < 0.8 else inputs.encoded(rng, found), ".toml")


def check_config(given: Given, scratch: Path) -> None:
    """A list of reports is read or refused."""
    from dxlib.report.config import read_config

    config = read_config(bench(scratch).project, _written(given, scratch))
    assert config.jobs


_CONFIG = """formats = ["html", "xlsx"]
out = "reports"
csv_encoding = "cp932"
max_seconds = 60

[[report]]
notebook = "comparison"
parameters = { theme = "online_procedures", lang = "ja", year = 2026 }

[[report]]
notebook = "municipality"
each = { municipality = "all", lang = ["ja", "en"] }

[[report]]
notebook = "briefing"
parameters.theme = "online_procedures"
parameters.municipality = "東京都千代田区"
each.lang = ["ja"]
"""


def _config(rng: random.Random, index: int) -> Given:
    found = inputs.table_text(rng, _CONFIG)
    return Given(found.encode("utf-8", "ignore") if rng.random() < 0.8 else inputs.encoded(rng, found), ".toml")


def check_state(given: Given, scratch: Path) -> None:
    """A file in which the workbench remembers something is read, or is as if it were not there, or refused."""
    from dxlib.readings import key_of, take
    from dxlib.report.batch import Manifest
    from dxlib.report.changes import read_state
    from dxlib.report.index import _read
    from dxlib.report.parameters import _defaults
    from dxlib.report.run import Failure

    folder = scratch / "state"
    folder.mkdir(exist_ok=True)
    path = folder / given.also
    path.write_bytes(given.kept())
    if given.also == "state.json":
        read_state(folder)
    elif given.also.endswith(".ipynb"):
        _defaults(path, "x.ipynb")
    elif given.also.endswith(".reading"):
        assert take(folder, path.stem) is None or path.stem == key_of("a", Path("x.txt"), "p")
    else:
        _read(path, Manifest if given.also == "run.json" else Failure)


def _state(rng: random.Random, index: int) -> Given:
    name, data = rng.choice(_states())
    if name.endswith((".json", ".ipynb")) and rng.random() < 0.8:
        return Given(inputs.table_text(rng, data.decode()).encode("utf-8", "ignore"), ".json", name)
    return Given(inputs.damaged(rng, data), Path(name).suffix, name)


@cache
def _states() -> tuple[tuple[str, bytes], ...]:
    import hashlib
    import zlib

    import msgspec

    from dxlib.document import parse
    from dxlib.readers import read
    from dxlib.readings import Kept, key_of
    from dxlib.report.changes import State

    state = State("2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00", {"document": 1}, {"131016": "a"}, 2)
    run = {
        "report_id": "a",
        "title": "b",
        "notebook": "c",
        "notebook_sha256": "0",
        "parameters": {"theme": "x"},
        "lang": "ja",
        "formats": ["html"],
        "outputs": [{"name": "a.html", "bytes": 3, "sha256": "0"}],
        "started_at": "2026-01-01T00:00:00+00:00",
        "inputs": {"warehouse": "0", "vintage": None, "documents": []},
        "versions": {"dxlib": "1"},
        "seconds": {"html": 1.5},
    }
    failed = {
        "report_id": "a",
        "notebook": "c",
        "parameters": {},
        "lang": "ja",
        "code": "x",
        "message": "m",
        "at": "t",
        "since": "s",
    }
    document = parse("# 施策\n\n指標\t目標値\n件数\t5件\n")
    key = key_of("a", Path("x.txt"), "p")
    packed = zlib.compress(msgspec.msgpack.encode(Kept(key, "utf-8", document.raw, document.places, read(document))))
    return (
        ("state.json", json.dumps(msgspec.to_builtins(state), indent=1).encode()),
        ("run.json", json.dumps(run, indent=1).encode()),
        ("failed.json", json.dumps(failed, indent=1).encode()),
        ("02_comparison.ipynb", (inputs.ROOT / "notebooks/02_comparison.ipynb").read_bytes()),
        (f"{key}.reading", hashlib.sha256(packed).digest() + packed),
    )


# Official statistics


def _figures_hold(figures: Any) -> None:
    from dxlib.municipality import check_digit
    from dxlib.official.figures import COUNTRY

    for figure in figures:
        assert figure.municipality_code == COUNTRY or check_digit(figure.municipality_code[:5]) == figure.municipality_code[5], (
            figure
        )
        assert figure.value == "" or math.isfinite(float(figure.value)), figure


def check_official(given: Given, scratch: Path) -> None:
    """Figures are read and hold; now and then they are stored, and read again."""
    from dxlib.official.figures import read_figures, store
    from dxlib.official.importing import _read
    from dxlib.official.items import read_items

    kind, _, more = given.also.partition(" ")
    path = _written(given, scratch, "20240712_input" if kind == "dashboard" else "input")
    desk = bench(scratch)
    options: dict[str, Any] = {"vintage": "2024-07-12", "as_of": ["2023-04-01"], "mapping": scratch / "mapping.toml"}
    if kind == "statistics":
        rows = (scratch / "input.csv", scratch / "mapping.toml")
        rows[0].write_bytes(_LONG.encode() if more == "mapping" else given.kept())
        rows[1].write_bytes(given.kept() if more == "mapping" else _MAPPING.encode())
        path = rows[0]
    with desk.put_back() as project:
        items = read_items(project)
        name, figures, _ = _read(kind, path, options, items)
        _figures_hold(figures)
        if more == "store":
            store(project, name, figures, read_figures(project, items), str(path))
            read_figures(project, items)


_LONG = """コード,名称,項目,値,時点
131016,東京都千代田区,population,"66,680",2020-10-01
13101,,households,37011,2020年10月1日
000000,全国,population,126146099,2020/10/01
東京都府中市,,population,-,20201001
"""
_MAPPING = """name = "population"
encoding = "utf-8"
blank = ["-", "…"]

[columns]
area = "コード"
item = "項目"
value = "値"
as_of = "時点"

[constants]
vintage = "2021-11-30"
source = "総務省統計局 令和2年国勢調査"

[items]
"人口" = "population"
"""


def _official(kind: str) -> Callable[[random.Random, int], Given]:
    def make(rng: random.Random, index: int) -> Given:
        also = " store" if index % 40 == 0 else ""
        if kind == "statistics":
            which = index % 2
            found = inputs.table_text(rng, (_LONG, _MAPPING)[which])
            data = found.encode("utf-8", "ignore") if rng.random() < 0.8 else inputs.encoded(rng, found)
            return Given(data, (".csv", ".toml")[which], f"statistics{' mapping' if which else also}")
        if kind == "map":
            text = inputs.table_text(rng, _topology().decode())
            return Given(
                text.encode("utf-8", "ignore") if rng.random() < 0.8 else inputs.damaged(rng, _topology()), ".json", "map"
            )
        data = _statistical(kind)
        if kind == "dashboard" and rng.random() < 0.7:
            return Given(_inner(rng, data), ".zip", f"dashboard{also}")
        return Given(
            inputs.repacked(rng, data) if kind == "census" else inputs.damaged(rng, data),
            ".xlsx" if kind == "census" else ".zip",
            f"{kind}{also}",
        )

    return make


def _inner(rng: random.Random, data: bytes) -> bytes:
    """The zip with one of its workbooks damaged, doubled, or replaced by a zip of zips."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(list(parts))
    kind = rng.random()
    if kind < 0.8:
        parts[name] = inputs.repacked(rng, parts[name])
    elif kind < 0.9:
        parts[name] = inputs.zipped({"a.xlsx": data, "b.zip": data})
    else:
        parts = {f"{rng.choice(inputs.STRANGE)}{rng.randrange(9)}/../{old}": content for old, content in parts.items()}
    return inputs.zipped(parts)


@cache
def _statistical(kind: str) -> bytes:
    import tempfile

    import official_files

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        if kind == "census":
            return official_files.census(path.with_suffix(".xlsx")).read_bytes()
        heads = ["", "", "東京都", "東京都", "千葉県"]
        rows = [heads, ["区分", "項目", "千代田区", "府中市", "千葉市"], ["手続", _dashboard_label(), "72%", "0.5%", "-"]]
        return official_files.dashboard(path.with_suffix(".zip"), rows, rows).read_bytes()


def _dashboard_label() -> str:
    import tomllib

    items = tomllib.loads((inputs.ROOT / "data/curated/reference_items.toml").read_text(encoding="utf-8"))
    return next(
        item["dashboard"][0]
        for item in items.values()
        if item.get("dashboard") and item["kind"] == "share" and not item.get("detail")
    )


@cache
def _topology() -> bytes:
    import tempfile

    import official_files

    with tempfile.TemporaryDirectory() as folder:
        squares = [("131016", "千代田区", "東京都", 139.0, 35.0), ("242039", "伊勢市", "三重県", 136.0, 34.0)]
        text = official_files.topojson(Path(folder) / "x.json", squares).read_text(encoding="utf-8")
    return json.dumps(json.loads(text), indent=1, ensure_ascii=False).encode()


def check_map(given: Given, scratch: Path) -> None:
    """A map is kept when every outline in it can be drawn."""
    from dxlib.official.outlines import import_map, read_outlines

    project = Project(scratch)
    import_map(project, _written(given, scratch))
    for outline in read_outlines(project, ["13", "24"]) or ():
        assert all(math.isfinite(x) and math.isfinite(y) for part in outline.polygons for ring in part for x, y in ring), (
            outline.code
        )


IMPORTS = (
    Target("results people record", 3_000, _sheet("actuals"), check_actuals),
    Target("the review sheet", 3_000, _sheet("review"), check_review),
    Target("the sheet of facets", 2_000, _sheet("facets"), check_facets),
    Target("files of decisions", 4_000, _decision, check_decisions),
    Target("origins", 8_000, _origin, check_origin),
    Target("lists of reports", 2_000, _config, check_config),
    Target("remembered state", 5_000, _state, check_state),
    Target("the census workbook", 1_000, _official("census"), check_official),
    Target("the dashboard zip", 1_000, _official("dashboard"), check_official),
    Target("long statistics and their mapping", 3_000, _official("statistics"), check_official),
    Target("outlines of the map", 3_000, _official("map"), check_map),
)
