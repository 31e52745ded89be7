"""The report in a real browser: nothing is requested from outside, links lead to the quoted line, A4 holds the tables."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dxlib.project import Project
from dxlib.report import make_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        # .ci/run installs it: in CI its absence is a failure, not a reason to look away.
        assert not os.environ.get("CI"), "no Chromium in CI"
        pytest.skip("no Chromium on this machine: install the package 'chromium' to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module", params=["ja", "en"])
def report(request: pytest.FixtureRequest, built: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_report(built, "comparison", {"lang": request.param}, tmp_path_factory.mktemp("browser"))


@pytest.fixture
def page(browser: Any, report: Path) -> Iterator[Any]:
    context = browser.new_context(offline=True, viewport={"width": 1100, "height": 900})
    opened = context.new_page()
    opened.requests, opened.messages = [], []
    opened.on("request", lambda request: opened.requests.append(request.url))
    opened.on("console", lambda message: opened.messages.append(message.text))
    opened.on("pageerror", lambda error: opened.messages.append(str(error)))
    opened.goto(report.as_uri())
    opened.wait_for_load_state("networkidle")
    yield opened
    context.close()


def test_nothing_is_requested_beyond_the_file_itself(page: Any, report: Path) -> None:
    assert page.requests == [report.as_uri()]
    assert page.messages == []


def test_a_number_leads_to_its_highlighted_source_line(page: Any) -> None:
    link = page.locator("a.dx-value", has_text="260").first
    target = link.get_attribute("href")
    link.click()
    article = page.locator(f"article{target}")
    assert article.is_visible()
    assert "260件" in article.locator("mark").all_inner_texts()
    assert "第2期伊勢市デジタル行政推進ビジョン" in article.locator("h3").inner_text()


def test_every_link_has_its_target(page: Any) -> None:
    dangling = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.getElementById(a.hash.slice(1))).length"
    )
    assert dangling == 0


def test_the_page_needs_no_sideways_scrolling(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_figures_are_drawn_and_have_text(page: Any) -> None:
    figure = page.locator("figure.dx-figure [role=img]")
    assert figure.count() == 1
    assert "142" in figure.get_attribute("aria-label")
    assert page.locator("figure svg").bounding_box()["height"] > 100


def test_it_prints_on_a4(page: Any) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 less the margins, at 96 dpi
    wide = page.evaluate(
        "[...document.querySelectorAll('table, svg')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert wide == 0
    assert page.pdf(format="A4").startswith(b"%PDF")
