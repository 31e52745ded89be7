"""Every kind of page in a real browser without a network: requests, accessibility, keyboard, paper, zoom, links, hostile text.

Most pages are written straight from the notebooks' calls; papermill, which takes longer, runs once (the tour).
The conversation with the browser is at the end of the file.
"""

from __future__ import annotations

import io
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import nbformat
import pytest
from conftest import ROOT, copy_project
from small import change_source

from dxlib.blocks import Block
from dxlib.indicators import Workbench
from dxlib.project import Project
from dxlib.report import Options, make_report
from dxlib.report.changes import advance, differences, snapshots
from dxlib.report.changes import render as render_changes
from dxlib.report.html import page as render_page
from dxlib.report.html import source_pages
from dxlib.report.index import write_index
from dxlib.report.run import Manifest, Output
from dxlib.show.briefing import Briefing
from dxlib.show.comparison import Comparison
from dxlib.show.municipality import Municipality
from dxlib.show.quality import Quality
from dxlib.show.topics import Topics
from dxlib.warehouse import build

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = '<script>alert(1)</script>{{7*7}}"\'=HYPERLINK("x")</style><img src=x onerror=alert(2)>javascript:alert(3)'
PAPER = {"width": 703, "height": 1047}  # A4 less the margins, at 96 dpi

MAKERS: dict[str, Callable[[Workbench, str, str], Any]] = {
    "comparison": lambda bench, about, lang: Comparison(bench, about, [], lang, ""),
    "municipality": lambda bench, about, lang: Municipality(bench, about, lang),
    "briefing": lambda bench, about, lang: Briefing(bench, *about.split("-"), [], lang),
    "quality": lambda bench, about, lang: Quality(bench, about, lang),
    "topics": lambda bench, about, lang: Topics(bench, about, [], lang),
}
REPORTS = {
    "comparison-online_procedures": ("ja", "en"),
    "municipality-242039": ("ja",),
    "municipality-222259": ("en",),
    "briefing-online_procedures-242039": ("ja", "en"),
    "briefing-certificates-242161": ("ja", "en"),
    "quality-242039": ("ja",),
    "quality-242161": ("en",),
    "topics-": ("ja", "en"),
}
TOUR = "tour-online_procedures-ja"
WRITTEN = [f"{name}-{lang}".replace("--", "-") for name, languages in REPORTS.items() for lang in languages]
PAGES = [*(f"{name}/{name}.html" for name in [*WRITTEN, TOUR]), "index.html", "changes.html"]
SOURCES = [f"comparison-online_procedures-{lang}/sources/242039-ise-digital-vision-2.html" for lang in ("ja", "en")]
ONE_OF_EACH = [
    *(f"{name}/{name}.html" for name in ("comparison-online_procedures-ja", "municipality-242039-ja", "quality-242161-en")),
    *(f"{name}/{name}.html" for name in ("briefing-online_procedures-242039-en", "topics-ja", TOUR)),
    *("index.html", "changes.html", SOURCES[0]),
]
# One page of each kind always, the others in the long run.
LOOKED_AT = [name if name in ONE_OF_EACH else pytest.param(name, marks=pytest.mark.long) for name in [*PAGES, *SOURCES]]
SOME_OF_EACH = [name if name in ONE_OF_EACH[::2] else pytest.param(name, marks=pytest.mark.long) for name in ONE_OF_EACH]
SMALL = [ONE_OF_EACH[0], ONE_OF_EACH[3], "index.html", "changes.html", SOURCES[0]]


# The pages.


def calls(notebook: str) -> list[str]:
    """The pieces that a notebook shows, by the methods it calls."""
    (path,) = (ROOT / "notebooks").glob(f"??_{notebook}.ipynb")
    source = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    return re.findall(r"^\w+\.(\w+)\(\)$", source, re.M)


def blocks_of(bench: Workbench, name: str, lang: str) -> list[Block]:
    kind, about = name.split("-", 1)
    shown = MAKERS[kind](bench, about, lang)
    return [block for call in calls(kind) for block in getattr(shown, call)().blocks]


def write_report(bench: Workbench, out: Path, name: str, lang: str, title: str = "") -> list[Block]:
    """A report's HTML and its record, as a run writes them."""
    shown, name = blocks_of(bench, name, lang), f"{name}-{lang}".replace("--", "-")
    folder = out / name
    (folder / "sources").mkdir(parents=True)
    (folder / f"{name}.html").write_text(render_page(shown, lang, stamp=name), encoding="utf-8")
    for file, content in source_pages(bench, shown, lang, home=f"../{name}.html").items():
        (folder / "sources" / file).write_text(content, encoding="utf-8")
    record = Manifest(
        report_id=name,
        title=title or name,
        notebook=name.split("-")[0],
        notebook_sha256="0",
        parameters={"about": title},
        lang=lang,
        formats=["html"],
        outputs=[Output(f"{name}.html", 1, "0")],
        inputs={"warehouse": "f" * 64, "vintage": "2026-07-01", "documents": []},
        versions={},
        started_at="2026-08-01T00:00:00+00:00",
        seconds={},
    )
    (folder / "run.json").write_bytes(msgspec.json.encode(record))
    return shown


@pytest.fixture(scope="module")
def hostile(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A workbench whose plans hold markup: in a title of an indicator with a theme, and in words around numbers."""
    project = copy_project(tmp_path_factory.mktemp("hostile"), like=built)
    document = "222259-izunokuni/dx-action-plan"
    facets = project.curated / "facets.csv"
    lines = facets.read_text(encoding="utf-8").splitlines(keepends=True)
    (row,) = [line for line in lines if "action-plan/m01.2,オンライン申請化された手続件数," in line]
    quoted = HOSTILE.replace('"', '""')
    facets.write_text("".join(lines).replace(row, row.replace("オンライン申請化された手続件数", f'"{quoted}"')), encoding="utf-8")
    for _ in range(2):
        change_source(project, document, "オンライン申請化された手続件数", HOSTILE)
    build(project)
    return project


@pytest.fixture(scope="module")
def out(built: Project, hostile: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of reports, its name as people name folders."""
    folder = tmp_path_factory.mktemp("browser") / "令和8年度 DX レポート（案） #1 100%"
    folder.mkdir()
    with Workbench(built) as bench:
        for name, languages in REPORTS.items():
            for lang in languages:
                write_report(bench, folder, name, lang)
        state = advance(None, [], {"document": 5, "value": 100, "finding": 10}, {}, "2026-07-01T00:00:00+00:00")
    make_report(built, "tour", {}, folder, options=Options(formats=("html",)))
    with Workbench(hostile) as bench:
        codes = bench.check_municipalities()
        pairs = [
            (before, found) for (_, before), (_, found) in zip(snapshots(bench, codes), snapshots(bench, codes), strict=True)
        ]
    for before, _ in pairs:
        for record in before["value"].values():
            if "script" in record.get("title", "") and "value" in record:
                record["value"] += 1
    changes = [change for before, found in pairs for change in differences(before, found)]
    assert changes
    for month in ("08", "09"):
        state = advance(state, changes, state.counts, {}, f"2026-{month}-01T00:00:00+00:00")
    (folder / "changes.html").write_text(render_changes(state), encoding="utf-8")
    write_index(folder)
    return folder


# Nothing from outside.


@pytest.mark.parametrize("name", LOOKED_AT)
def test_axe_finds_no_violation_and_the_page_asks_for_nothing(visit: Visit, name: str) -> None:
    page = visit(name, width=1000)
    assert axe(page) == []
    assert contrast_below(page, 4.5) == []
    lang = page.evaluate("document.documentElement.lang")
    assert f"-{lang}/" in name or name in PAGES[-2:]


@pytest.mark.parametrize("name", [*SMALL[:2], *(pytest.param(name, marks=pytest.mark.long) for name in SMALL[2:])])
def test_axe_finds_no_violation_on_a_phone(visit: Visit, name: str) -> None:
    assert axe(visit(name, width=360)) == []


@pytest.mark.parametrize("name", LOOKED_AT[: len(PAGES)])
def test_headings_languages_and_figures_are_in_order(visit: Visit, name: str) -> None:
    page = visit(name)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for figure in page.locator("figure.dx-figure").all():
        assert len(figure.locator("[role=img]").get_attribute("aria-label")) > 20
        assert figure.locator("svg").bounding_box()["height"] > 50
        table = figure.evaluate(
            "e => (e.nextElementSibling?.matches('details') ? e.nextElementSibling"
            " : document.querySelector(e.querySelector('figcaption a')?.hash)).querySelectorAll('tbody tr').length"
        )
        assert table >= 1


def test_the_figures_of_a_report_are_looked_at(out: Path) -> None:
    found = {name: (out / name).read_text(encoding="utf-8").count("<figure") for name in PAGES}
    assert found[PAGES[0]] >= 3
    assert sum(found.values()) > 20


# The keyboard.


@pytest.mark.parametrize("name", SOME_OF_EACH)
def test_tab_reaches_everything_in_order_with_visible_focus_and_leaves(visit: Visit, name: str) -> None:
    page = visit(name)
    wanted = page.evaluate(WATCH_FOCUS)
    assert wanted >= 1
    for _ in range(wanted + 2):
        page.keyboard.press("Tab")
    reached, unseen = page.evaluate("[window.reached, window.unseen]")
    assert unseen == []
    assert reached[:wanted] == list(range(wanted))


def test_the_data_table_opens_with_the_keyboard(visit: Visit) -> None:
    page = visit(PAGES[0])
    details = page.locator("details.dx-details").first
    assert not details.locator("table").is_visible()
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    assert details.locator("table").is_visible()


def test_the_skip_link_leads_to_the_content(visit: Visit) -> None:
    for name in (PAGES[0], SOURCES[0]):
        page = visit(name)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"


def test_the_list_of_reports_is_searched_by_typing(visit: Visit) -> None:
    page = visit("index.html")
    everything = page.locator("#reports > li:visible").count()
    page.get_by_role("searchbox").press_sequentially("ＢＲＩＥＦＩＮＧ certificates")
    assert everything == len(WRITTEN) + 1
    assert page.locator("#reports > li:visible").count() == 2
    assert "2" in page.get_by_role("status").inner_text()


# Paper.


@pytest.mark.parametrize("name", SOME_OF_EACH)
def test_paper_cuts_no_figure_and_no_row(visit: Visit, name: str) -> None:
    page = visit(name)
    count = page.evaluate(MARK_EDGES, "tr, figure, .dx-places > li, .dx-cited, .box")
    pages, at = sheets(page)
    assert pages >= 1
    assert set(at) == {f"{n}{edge}" for n in range(count) for edge in "ab"}
    assert [n for n in range(count) if not at[f"{n}a"] & at[f"{n}b"]] == []


@pytest.mark.parametrize("name", LOOKED_AT)
def test_paper_is_wide_enough_and_shows_the_data_tables(visit: Visit, name: str) -> None:
    page = visit(name, width=PAPER["width"])
    page.emulate_media(media="print")
    assert page.evaluate(BEYOND_RIGHT_EDGE) == []
    hidden = page.evaluate(
        "[...document.querySelectorAll('details tbody tr')].filter(e => !e.getBoundingClientRect().height).length"
    )
    assert hidden == 0
    tall = page.evaluate("[...document.querySelectorAll('figure')].map(e => e.getBoundingClientRect().height)")
    assert all(height < PAPER["height"] - 30 for height in tall)
    assert contrast_below(page, 4.5) == []


@pytest.mark.parametrize(
    ("name", "lang"),
    [
        ("briefing-online_procedures-242039", "ja"),
        pytest.param("briefing-online_procedures-242039", "en", marks=pytest.mark.long),
        pytest.param("briefing-dx_staff-242039", "ja", marks=pytest.mark.long),
        pytest.param("briefing-dx_staff-242039", "en", marks=pytest.mark.long),
        ("briefing-followers-242039", "en"),
        pytest.param("briefing-telework-242039", "ja", marks=pytest.mark.long),
        ("briefing-certificates-242161", "en"),
        ("briefing-core_systems-242039", "ja"),
    ],
)
def test_the_briefing_is_one_sheet(browser: Any, built: Project, name: str, lang: str) -> None:
    with Workbench(built) as bench:
        briefing = Briefing(bench, *name.split("-")[1:], [], lang)
        shown = [*briefing.front().blocks, *briefing.back().blocks]
    page = browser.new_page(offline=True)
    page.set_content(render_page(shown, lang))
    assert page.evaluate(MARK_EDGES, ".dx-sheet > *, .dx-page-break + h2") > 4
    _, at = sheets(page)
    last = max(int(key[:-1]) for key in at)
    assert {frozenset(at[f"{n}{edge}"]) for n in range(last) for edge in "ab"} == {frozenset({0})}
    assert min(at[f"{last}a"]) == 1
    page.close()


# Zoom, colours, movement.


@pytest.mark.parametrize("name", LOOKED_AT)
def test_zoom_needs_no_sideways_scrolling_and_nothing_overlaps(visit: Visit, name: str) -> None:
    page = visit(name, width=640, device_scale_factor=2)
    for width in (640, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("innerWidth") == width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OVERLAPPING) == []
        assert page.evaluate(NARROW) == []


@pytest.mark.parametrize("name", SMALL)
def test_own_colours_and_dark_mode_lose_nothing(visit: Visit, name: str) -> None:
    page = visit(name, forced_colors="active", color_scheme="dark", reduced_motion="reduce")
    assert page.evaluate(
        "matchMedia('(forced-colors: active)').matches && matchMedia('(prefers-reduced-motion: reduce)').matches"
    )
    colour = "e => getComputedStyle(e).color"
    link = page.locator("main a").first.evaluate(colour)
    assert link != page.locator("main").evaluate(colour)
    marked = page.locator("mark")
    if marked.count():
        behind = "e => getComputedStyle(e).backgroundColor"
        assert marked.first.evaluate(behind) not in {
            page.locator(part).evaluate(behind) for part in ("html", "main", ".dx-cited >> nth=0")
        }
    assert contrast_below(page, 4.5, "mark, .dx-drawing") == []
    moving = "[...document.querySelectorAll('*')].filter(e => getComputedStyle(e).animationName !== 'none' || getComputedStyle(e).transitionDuration !== '0s').length"
    assert page.evaluate(moving) == 0


def test_dark_mode_keeps_the_page_light(visit: Visit) -> None:
    page = visit(PAGES[0], color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert contrast_below(page, 4.5) == []


# Links.


def test_a_number_leads_to_its_marked_line_and_back(visit: Visit) -> None:
    for name, (number, words) in zip(
        [PAGES[0], PAGES[1], PAGES[0]], [("142件", "142行"), ("24/26", "line"), ("53.3%", "701行")], strict=True
    ):
        page = visit(name)
        page.locator("td a.dx-value", has_text=number).first.click()
        line = page.locator(":target")
        assert any(number in marked for marked in line.locator("mark").all_inner_texts())
        beside = line.locator(".dx-beside").first.inner_text()
        assert words in beside
        assert page.locator("h1").inner_text() in beside
        assert any(edition in beside for edition in ("確定版", "案", "adopted"))
        assert "ページ番号なし" in beside or "no page number" in beside
        box = line.bounding_box()
        assert 0 <= box["y"] <= 900 - box["height"]
        line.locator("a").first.click()
        assert page.locator(":target > .dx-lines").count() == 1  # the place in the report's list of sources
        page.go_back()
        page.locator("main a").first.click()
        assert unquote(page.url).endswith(name)


class Addresses(HTMLParser):
    """The ids and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.ids += [found["id"]] if found.get("id") else []
        self.links += [found[key] or "" for key in ("href", "src") if key in found]


def test_every_link_of_the_folder_has_its_target(out: Path) -> None:
    read = {path.resolve(): Addresses(path.read_text(encoding="utf-8")) for path in out.rglob("*.html")}
    assert len(read) > 30
    dangling, checked = [], 0
    for path, found in read.items():
        assert len(found.ids) == len(set(found.ids)), path
        for link in found.links:
            file, _, anchor = link.partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path
            checked += 1
            if not target.exists() or (anchor and anchor not in read[target].ids):
                dangling.append((path.name, link))
    assert dangling == []
    assert checked > 1000


# Plan text stays text.


def assert_inert(page: Any) -> None:
    """What is hostile stands there to be read."""
    scripts = page.evaluate(
        "[...document.scripts].filter(e => e.parentElement.localName !== 'main' || e.textContent.includes('alert')).length"
    )
    assert scripts == 0
    assert page.evaluate("document.querySelectorAll('img, [onerror], a[href^=\"javascript\" i]').length") == 0
    text = page.evaluate("document.body.textContent")
    for part in ("<script>alert(1)</script>", "{{7*7}}", '=HYPERLINK("x")', "</style>", "<img src=x onerror=alert(2)>"):
        assert part in text, part


def test_hostile_plan_text_is_shown_as_text(browser: Any, hostile: Project, tmp_path: Path) -> None:
    names = ("comparison-online_procedures", "municipality-222259", "briefing-online_procedures-222259", "quality-222259")
    with Workbench(hostile) as bench:
        for name in names:
            write_report(bench, tmp_path, name, "ja", title=HOSTILE)
    write_index(tmp_path)
    shown = sorted(path for path in tmp_path.rglob("*.html") if "script&gt;" in path.read_text(encoding="utf-8"))
    assert {path.stem.split("-")[0] for path in shown} >= {"comparison", "municipality", "briefing", "222259", "index"}
    for path in shown:
        with opened(browser, path) as page:
            if path.name != "index.html":
                assert page.evaluate("document.scripts.length") == 0
            if path.parent.name != "quality-222259-ja":  # quotes only what a rule found
                assert_inert(page)


def test_the_page_of_changes_shows_hostile_plan_text_as_text(visit: Visit) -> None:
    assert_inert(visit("changes.html"))


def with_text(value: Any, text: str) -> Any:
    """A block's content with a text at the end of each of its own texts."""
    if isinstance(value, dict):
        kept = ("svg", "html", "block", "kind", "document_id", "key", "mark")
        return {key: part if key in kept else with_text(part, text) for key, part in value.items()}
    if isinstance(value, list):
        return [with_text(part, text) for part in value]
    return value + text if isinstance(value, str) else value


@pytest.mark.parametrize("name", ["comparison-online_procedures", "briefing-online_procedures-242039"])
def test_every_text_of_every_block_is_escaped(browser: Any, built: Project, tmp_path: Path, name: str) -> None:
    with Workbench(built) as bench:
        plain = blocks_of(bench, name, "ja")
    shown = msgspec.convert(with_text(msgspec.to_builtins(plain), f"\n{HOSTILE}"), list[Block])
    path = tmp_path / "page.html"
    path.write_text(render_page(shown, "ja", stamp=HOSTILE), encoding="utf-8")
    with opened(browser, path) as page:
        assert page.evaluate("document.scripts.length") == 0
        assert_inert(page)
        assert HOSTILE in page.evaluate("document.querySelector('[role=img]').getAttribute('aria-label')")
        assert HOSTILE in page.title()


def test_a_script_that_came_in_anyway_does_not_run(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(render_page([], "ja").replace("</main>", "<script>document.title = 'ran'</script></main>"), encoding="utf-8")
    with pytest.raises(AssertionError, match="Content Security Policy"), opened(browser, path) as page:
        assert page.title() == ""


# The browser.

Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        # .ci/run installs it: in CI its absence is a failure, not a reason to look away.
        assert not os.environ.get("CI"), "no Chromium in CI"
        pytest.skip("no Chromium on this machine: install the package 'chromium' to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield started
        started.close()


class opened:
    """A page that may ask for nothing but the files of its own folder that were opened, and say nothing on the console."""

    def __init__(self, browser: Any, path: Path, width: int = 1100, **context: Any) -> None:
        self.context = browser.new_context(offline=True, viewport={"width": width, "height": 900}, **context)
        self.page, self.path = self.context.new_page(), path
        self.requests: list[str] = []
        self.navigations: set[str] = set()
        self.messages: list[str] = []

    def __enter__(self) -> Any:
        self.page.on("request", self._requested)
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.messages.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.goto(self.path.as_uri())
        return self.page

    def _requested(self, request: Any) -> None:
        (self.navigations.add if request.is_navigation_request() else self.requests.append)(request.url)

    def __exit__(self, kind: Any, *_: Any) -> None:
        self.context.close()
        if kind is None:
            assert self.requests == []
            assert {url[:8] for url in self.navigations} == {"file:///"}
            assert self.messages == []


@pytest.fixture
def visit(browser: Any, out: Path) -> Iterator[Visit]:
    """Opens a page of the folder; afterwards nothing may have been requested or said."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda name, **context: stack.enter_context(opened(browser, out / name, **context))


def axe(page: Any) -> list[str]:
    """What axe-core finds with every rule it has, the experimental and AAA ones too; data tables opened."""
    from axe_playwright_python.base import AXE_SCRIPT

    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(
        "axe.run(document, {rules: Object.fromEntries(axe.getRules().map(r => [r.ruleId, {enabled: true}])), resultTypes: ['violations']})"
    )
    assert len(found["passes"]) > 15
    return [f"{v['id']}: {node['html'][:200]}" for v in found["violations"] for node in v["nodes"]]


def contrast_below(page: Any, ratio: float, within: str = "body") -> list[str]:
    """Texts of HTML that are too pale; axe leaves table cells undecided."""
    return page.evaluate(PALE, [ratio, within])


def sheets(page: Any) -> tuple[int, dict[str, set[int]]]:
    """How many sheets of A4 a page takes, and on which each marked edge is printed."""
    from pypdf import PdfReader

    printed = PdfReader(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))
    found: dict[str, set[int]] = defaultdict(set)
    for number, sheet in enumerate(printed.pages):
        for annotation in sheet.get("/Annots", []):
            link = annotation.get_object()
            address, (left, bottom, *_) = str(link.get("/A", {}).get("/URI", "")), map(float, link["/Rect"])
            # The browser lists a mark at the edge of a sheet on its neighbour, too, in the margin.
            if address.startswith("mark:") and 20 < bottom < 822 and 0 < left < 595:
                found[address.removeprefix("mark:")].add(number)
    return len(printed.pages), found


MARK_EDGES = """chosen => {
  const found = [...document.querySelectorAll(chosen)];
  const mark = (e, name, edge) => {
    const link = document.createElement('a');
    link.href = 'mark:' + name;
    link.textContent = '.';
    link.style.cssText = 'position:absolute;left:2px;font-size:2px;line-height:2px;min-width:0;' + edge;
    e.append(link);
  };
  found.forEach((e, n) => {
    const holder = e.tagName === 'TR' ? e.cells[0] : e;
    holder.style.position = 'relative';
    mark(holder, n + 'a', 'top:2px');
    mark(holder, n + 'b', 'bottom:2px');
  });
  return found.length;
}"""

BEYOND_RIGHT_EDGE = """() => [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('svg g') && e.getBoundingClientRect().width && e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 120))"""

WATCH_FOCUS = """() => {
  const places = [...document.querySelectorAll('a[href], summary, [tabindex="0"], input, button')]
    .filter(e => e.checkVisibility({contentVisibilityAuto: true}) && !e.closest('details:not([open]) > :not(summary)'));
  window.reached = [];
  window.unseen = [];
  document.addEventListener('focusin', event => {
    const style = getComputedStyle(event.target), box = event.target.getBoundingClientRect();
    window.reached.push(places.indexOf(event.target));
    const isSeen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 0 && box.right > 0;
    if (!isSeen) window.unseen.push(event.target.outerHTML.slice(0, 120));
  });
  return places.length;
}"""

OVERLAPPING = """() => {
  const leaves = [...document.querySelectorAll('h1,h2,h3,p,li,dt,dd,th,td,summary,figcaption,label,input,caption')]
    .filter(e => e.getBoundingClientRect().height && !e.querySelector('p,li,dt,dd,th,td'))
    .filter(e => !e.closest('details:not([open]) > :not(summary)'));  // what is closed has boxes, and is not drawn
  const found = [];
  leaves.slice(1).forEach((e, n) => {
    const a = leaves[n].getBoundingClientRect(), b = e.getBoundingClientRect();
    const isOver = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
    if (isOver) found.push(e.outerHTML.slice(0, 120));
    if (e.scrollWidth > e.clientWidth + 2 && e.clientWidth && getComputedStyle(e).overflowX !== 'visible') found.push('clipped ' + e.outerHTML.slice(0, 120));
  });
  return found;
}"""

# Cells with more than six characters in lines of one or two.
NARROW = """() => [...document.querySelectorAll(':is(.dx-table, .dx-foreign, section) :is(td, th)')]
  .filter(e => e.getBoundingClientRect().height && e.textContent.trim().length > 6 && e.clientWidth < 3.2 * parseFloat(getComputedStyle(e).fontSize))
  .map(e => e.outerHTML.slice(0, 120))"""

PALE = """([least, within]) => {
  const parts = colour => (colour.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = colour => {
    const [r, g, b] = parts(colour).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = new Set();
  for (const root of document.querySelectorAll(within)) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const e = texts.currentNode.parentElement;
      if (!texts.currentNode.textContent.trim() || e.closest('svg, script, style') || !e.getClientRects().length) continue;
      const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
      if ((a + 0.05) / (b + 0.05) < least) found.add(e.outerHTML.slice(0, 120));
    }
  }
  return [...found];
}"""
