"""Reports in a real browser: nothing is asked for, everything can be read by everybody, and it prints."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from feedback.history import open_history
from tests.report.browser import (
    OUTSIDE,
    OVERLAPS,
    Tab,
    chromium,
    needs_chromium,
    needs_poppler,
    violations,
)
from tests.report.courses import BEGIN, NASTY, NOW, four_visits, long_course, nasty
from tui.report import AUDIENCES, report_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every kind of report, of A17's course and second visit, of a long course and of one full of traps."""
    folder = tmp_path_factory.mktemp("reports")
    found: dict[str, Path] = {}

    def add(name: str, html: str) -> None:
        found[name] = folder / f"{name}.html"
        found[name].write_text(html, "utf-8")

    for name, fill, code in (("four", four_visits, "A17"), ("nasty", nasty, NASTY[:40])):
        fill(folder / f"{name}.db")
        with open_history(folder / f"{name}.db") as history:
            second = history.sessions(code)[1].id
            for audience in AUDIENCES:
                add(f"{name}-{audience}", report_html(history, code, None, audience, now=NOW))
                add(f"{name}-visit-{audience}", report_html(history, code, second, audience, now=NOW))
            if name == "four":
                add("new-client", report_html(history, "B2", None, "client", now=NOW))
                add("new-therapist", report_html(history, "B2", None, "therapist", now=NOW))
                add("new-referrer", report_html(history, "B2", None, "referrer", now=NOW))
    long_course(folder / "long.db", 30)
    with open_history(folder / "long.db") as history:
        for audience in AUDIENCES:
            now = BEGIN + timedelta(days=220)
            add(f"long-{audience}", report_html(history, "L60", None, audience, now=now))
    return found


def test_no_report_asks_for_anything_or_complains(tab, reports):
    for name, path in reports.items():
        tab.open(path)
        assert tab.requests == [path.as_uri()], name
        assert tab.said == [], name


@pytest.mark.parametrize(
    "name",
    [
        "nasty-therapist",
        "four-visit-therapist",
        "four-client",
        "four-visit-client",
        "four-referrer",
        "new-client",
    ],
)
def test_no_report_has_an_obstacle_for_anybody(tab, reports, name):
    assert violations(tab.open(reports[name])) == []


@pytest.mark.parametrize("name", ["four-visit-therapist", "four-client"])
def test_by_night_everything_can_be_told_from_its_ground(tab, reports, name):
    assert violations(tab.open(reports[name], scheme="dark"), "color-contrast") == []


def test_nothing_that_was_typed_becomes_part_of_the_page(tab, reports):
    for name in (name for name in reports if name.startswith("nasty")):
        tab.open(reports[name])
        assert tab.asks("document.scripts.length") == 0
        assert tab.asks("document.querySelectorAll('img, iframe, object, link, form, [onerror]').length") == 0
        words = tab.asks("document.body.textContent")
        assert "<script>alert(1)" in words
        assert "49" not in words.split("{{")[-1][:12]


def test_the_page_itself_forbids_whatever_would_leave_it(tab, reports):
    tab.open(reports["four-therapist"])
    assert tab.asks("fetch('http://127.0.0.1:9/').then(() => 'went out', () => 'held')") == "held"
    assert any("Content Security Policy" in said for said in tab.said)
    assert tab.requests == [reports["four-therapist"].as_uri()]


@pytest.mark.parametrize("width", [360, 1100])
def test_words_in_drawings_lie_beside_each_other_and_no_page_is_wider_than_the_window(tab, reports, width):
    for name in ("four-therapist", "four-visit-client", "long-therapist", "long-client", "four-referrer"):
        tab.open(reports[name], width=width)
        assert tab.asks("document.scrollingElement.scrollWidth") <= width, name
        assert tab.asks(OVERLAPS) == [], name
        assert tab.asks(OUTSIDE) == [], name


def test_by_night_the_page_is_dark_and_on_paper_it_is_light(tab, reports):
    ground = "getComputedStyle(document.body).backgroundColor"
    page = tab.open(reports["four-client"], scheme="dark")
    assert tab.asks(ground) == "rgb(18, 23, 31)"
    page.emulate_media(media="print", color_scheme="dark")
    assert tab.asks(ground) == "rgb(255, 255, 255)"


@needs_poppler
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_no_drawing_is_cut_by_the_end_of_a_page_and_pages_are_numbered(tab, reports, paper, tmp_path):
    pages = tab.print(reports["four-therapist"], tmp_path / "report.pdf", paper)
    for number, page in enumerate(pages, 1):
        assert re.search(rf"\b{number}\s*/\s*{len(pages)}\s*$", page)
    captions = [len(re.findall(r"Press \d+, \d\d:\d\d", page)) for page in pages]
    # The word under the axis of time is the last of each drawing.
    axes = [len(re.findall(r"(?<!two )\bseconds\b", page)) for page in pages]
    assert captions == axes
    assert sum(captions) == 7


@needs_poppler
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_letter_to_the_referrer_is_one_page(tab, reports, paper, tmp_path):
    for name in ("four-referrer", "four-visit-referrer", "new-referrer"):
        assert len(tab.print(reports[name], tmp_path / "letter.pdf", paper)) == 1, name
