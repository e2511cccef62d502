"""What reports say: plain to the client, complete to the therapist, honest to all."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.comfort import ReportKind
from feedback.history import HistoryError, SessionStart, open_history
from feedback.measure import measure_press
from feedback.points import Point
from feedback.signal import ForceBlock, Quality
from feedback.units import KPA
from tests.report.courses import BEGIN, NOW, four_visits
from tests.review.past import LEFT, Pressed, learned, rating, visited
from tui.report import report_html
from tui.report.frame import Visited, runs
from tui.report.svg import Svg, tick_text, ticks
from tui.report.words import duration, listed

if TYPE_CHECKING:
    from pathlib import Path


def text(html: str) -> str:
    """The words of a page, without its style."""
    bare = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(bare).split())


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("record") / "history.db"
    four_visits(path)
    return path


def report(record: Path, audience: str, code: str = "A17", visit: int | None = None, **more) -> str:
    with open_history(record) as history:
        session_id = None if visit is None else history.sessions(code)[visit - 1].id
        return report_html(history, code, session_id, audience, now=NOW, **more)


def test_a_client_reads_plain_words_and_no_code_but_the_own_one(record):
    for visit in (None, 2):
        words = text(report(record, "client", visit=visit))
        assert "A17" in words
        assert not re.search(
            r"\bT1\b|GP-07|MDC|N·s|threshold|trigger point|trapezius|applicator|PMID|\bCV\b",
            words,
            re.IGNORECASE,
        )
        for part in (
            "Top of the shoulder (left)",
            "Chin tucks, ten a day",
            "When to call",
            "not a medical device",
        ):
            assert part in words


def test_a_client_is_told_that_a_small_change_can_be_chance_and_that_a_large_one_is_none(record):
    words = text(report(record, "client"))
    assert "It takes clearly more pressure than at first before it begins to hurt." in words
    assert "a small difference can be chance" in words
    assert "improve" not in words


def test_a_gain_of_one_session_is_never_sold_as_a_change(tmp_path):
    with open_history(tmp_path / "h.db") as history:
        for n, kpa in enumerate((200.0, 228.4)):
            visited(
                history, "A17", BEGIN + timedelta(days=7 * n), [Pressed(thresholds_kpa=(kpa - 5, kpa + 5))]
            )
    client, therapist = (text(report(tmp_path / "h.db", audience)) for audience in ("client", "therapist"))
    assert "can be chance, so it is not counted" in client
    assert "within error" in therapist
    assert "real: rose" not in therapist
    assert "no change beyond the error of measuring" in therapist


def test_a_therapist_finds_every_figure_its_source_and_what_is_known_against_it(record):
    words = text(report(record, "therapist"))
    for part in (
        "real: rose", "within error", "PMID 25925018", "Antonaci 1998", "an assumption", "calibrated on 2026-02-01",
        "goodpain sensor · GP-07", "Threshold, kg/cm²", "90 % of lower edge", "CV", "Dose, N·s", "Sore after",
        "Left against right", "sustained release", "taut band", "an exam in June", "Bears more in the morning",
        "Given: 4 of 4 planned visits",
    ):  # fmt: skip
        assert part in words, part


def test_what_was_corrected_or_is_void_is_said_and_void_presses_are_in_no_figure(tmp_path):
    with open_history(tmp_path / "h.db") as history:
        said = (rating(0.3, 9), rating(0.8, 4))
        session_id = visited(
            history, "A17", BEGIN, [Pressed(kpa=400, said=said), Pressed(kpa=200, said=said)]
        )
        session = history.session(session_id)
        history.review.void_press(session.presses[0].id, reason="the probe slipped")
        second = next(r for r in session.reports if r.press_id == session.presses[1].id)
        history.review.correct_report(second.id, ReportKind.RATING, 7)
    words = text(report(tmp_path / "h.db", "therapist"))
    assert "is void: the probe slipped" in words
    assert "“9” was corrected to “7”" in words
    assert "1 press," in words
    assert "Press 2" not in words


def test_a_letter_about_many_points_reads_as_a_sentence(tmp_path):
    path = tmp_path / "history.db"
    points = [Point(f"muscle {n}", "left", "1") for n in range(7)]
    with open_history(path) as history:
        for days in (0, 7):
            visited(
                history, "A17", BEGIN + timedelta(days=days), [Pressed(point, 200, 9) for point in points]
            )
    letter = text(report(path, "referrer"))
    assert "whom we saw at 2 visits from 2 March 2026 to 9 March 2026." in letter
    assert "Muscle 3, left, 1, Muscle 4, left, 1 and 2 more." in letter


def test_simulated_data_is_called_that_in_every_report(tmp_path):
    with open_history(tmp_path / "h.db") as history:
        visited(history, "A17", BEGIN, [Pressed()], sensor_url="sim://steady?seed=1")
        visited(history, "B2", BEGIN, [Pressed()])
        visited(history, "B2", BEGIN + timedelta(days=7), [Pressed()], sensor_url="sim://steady?seed=1")
    for audience in ("client", "therapist", "referrer"):
        assert "Simulated: this was recorded with a simulated sensor." in text(
            report(tmp_path / "h.db", audience)
        )
        assert "Part of this was recorded with a simulated sensor" in text(
            report(tmp_path / "h.db", audience, "B2")
        )
        assert "simulated sensor" not in text(report(tmp_path / "h.db", audience, "B2", 1))


def test_what_was_not_calibrated_has_no_pressure_anywhere(tmp_path):
    with open_history(tmp_path / "h.db") as history:
        journal = history.begin_session(SessionStart("A17", BEGIN, 100.0, "probe", 1.0))
        journal.point(history.point("A17", LEFT).id, 100.0)
        time_s = 100 + np.arange(800) / 80
        counts = np.full(800, 120_000)
        nothing = np.full(800, np.nan, np.float32)
        journal.samples(ForceBlock.of(time_s, nothing, counts, int(Quality.UNCALIBRATED)))
        force = np.full(800, 20.0, np.float32)
        press = measure_press(time_s, force, None, tip_area_cm2=1.0, quality=int(Quality.UNCALIBRATED))
        from dataclasses import replace
        from uuid import uuid4

        nan = float("nan")
        bare = replace(press, peak_n=nan, peak_kpa=nan, dose_ns=nan, hold_mean_kpa=None)
        journal.press(uuid4(), bare)
        journal.end(110.0, {})
    for audience in ("client", "therapist", "referrer"):
        html = report(tmp_path / "h.db", audience)
        assert re.findall(r".{30}\bnan\b.{10}", text(html)) == []
        assert 'class="trace"' not in html
    assert "not calibrated" in text(report(tmp_path / "h.db", "therapist"))


def test_a_report_of_a_visit_knows_nothing_of_later_ones(record):
    words = text(report(record, "therapist", visit=2))
    assert "visit 2" in words
    assert "10 Mar 2026" in words
    assert "21 Mar" not in words
    assert "4 Apr" not in words


def test_pressures_are_in_the_unit_that_was_asked_for(record):
    html = report(record, "therapist", unit=KPA)
    assert "160 kPa" in text(html)
    assert "kg/cm²" not in text(html).replace("threshold, 1 kg/cm² a second", "").replace(
        "1.23 kg/cm²: Antonaci", ""
    )


def test_different_applicators_are_shown_apart_and_not_compared(tmp_path):
    with open_history(tmp_path / "h.db") as history:
        visited(history, "A17", BEGIN, [Pressed(thresholds_kpa=(200.0, 210.0))])
        later = BEGIN + timedelta(days=7)
        visited(
            history, "A17", later, [Pressed(thresholds_kpa=(600.0, 610.0))], applicator="thumb", area_cm2=2.0
        )
    words = text(report(tmp_path / "h.db", "therapist"))
    assert "probe 1 cm²" in words
    assert "thumb 2 cm²" in words
    assert "never compared with each other" in words
    assert "real:" not in words


def test_a_session_of_somebody_else_is_refused(record):
    with open_history(record) as history:
        visited(history, "B2", BEGIN, [Pressed()])
        theirs = history.sessions("B2")[0].id
        with pytest.raises(HistoryError, match="somebody else"):
            report_html(history, "A17", theirs, "client", now=NOW)


def test_a_band_that_moved_within_a_press_is_drawn_as_it_was_then(tmp_path):
    with open_history(tmp_path / "h.db") as history:
        presses = [
            Pressed(kpa=250, hold_s=4, band=learned(100, 200)),
            Pressed(kpa=250, hold_s=4, band=learned(220, 330)),
        ]
        session_id = visited(history, "A17", BEGIN, presses)
        from feedback.atlas import load_atlas
        from feedback.care.shipped import rules
        from tui.report.facts import gather

        facts = gather(history, "A17", session_id, NOW, rules(), load_atlas(), "0")
    bands = [[stored.band.lower_kpa for stored in one.trace.bands] for one in facts.visit.presses]
    assert bands == [[100], [220]]


# The small parts.


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(1, 10))
def test_ticks_are_round_ascend_and_cover_the_range(one, other, about):
    low, high = sorted((one, other))
    found = ticks(low, high, about)
    assert found == sorted(set(found))
    assert found[0] <= low + 1e-6 * max(1, low)
    assert found[-1] >= high - 1e-6 * max(1, high)
    assert len(found) <= about + 4
    if high - low > 1e-3:
        assert len({tick_text(value, found) for value in found}) == len(found)


@given(st.lists(st.booleans(), max_size=30))
def test_runs_hold_exactly_what_is_there(present):
    held = [index for first, stop in runs(present) for index in range(first, stop)]
    assert held == [index for index, there in enumerate(present) if there]


@given(st.text(max_size=60))
def test_whatever_is_written_on_a_drawing_stays_words(words):
    from xml.etree import ElementTree

    clean = "".join(c for c in words if c.isprintable())
    svg = Svg(10, 10)
    svg.text(1, 1, clean)
    svg.dot(1, 1, 1, "mark", clean)
    tree = ElementTree.fromstring(str(svg.markup("a", clean, clean)))
    assert {child.tag for child in tree} == {"title", "desc", "text", "circle"}
    assert (tree.find("text").text or "") == clean


def test_lengths_and_lists_read_well():
    assert [duration(s) for s in (0.4, 59.6, 60, 200, 3600, 3900)] == [
        "0 s",
        "1 min",
        "1 min",
        "3 min 20 s",
        "1 h",
        "1 h 5 min",
    ]
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert Visited(1, "2 Mar").number == 1
    assert datetime(2026, 3, 2, tzinfo=UTC) == BEGIN - timedelta(hours=9)
