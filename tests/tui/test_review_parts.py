"""The parts of the review that need no screen: playhead, type-ahead, fields, words, traces."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.care import Plan, shipped
from feedback.comfort import ReportKind
from feedback.history import open_history, utc_now
from feedback.history.courses import client_course, latest_course
from feedback.signal import ForceBlock, Quality
from feedback.units import KG_PER_CM2
from tests.review.past import Pressed, visited
from tui.screens.review.comparing import Line
from tui.screens.review.correct import SaidError, parse_said
from tui.screens.review.course import course_text
from tui.screens.review.fields import Field, fitting, fitting_rows, searchable
from tui.screens.review.playback import SPEEDS, Playback
from tui.screens.review.traces import axis_for, thinned, trace_of, troubles


@given(
    st.lists(
        st.tuples(st.sampled_from(["toggle", "advance", "move", "go_to", "faster"]), st.floats(-1e4, 1e4))
    )
)
def test_a_playhead_never_leaves_the_recording_whatever_is_done_to_it(done):
    play, now_s = Playback(3.0, 40.0), 0.0
    for what, amount in done:
        if what in ("toggle", "advance"):
            now_s += abs(amount)
            getattr(play, what)(now_s)
        elif what == "faster":
            play.faster(1 if amount > 0 else -1)
        else:
            getattr(play, what)(amount)
        assert 3.0 <= play.at_s <= 40.0
        assert 0.0 <= play.share <= 1.0
        assert play.speed in SPEEDS


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_second_of_the_wall_is_as_many_seconds_of_the_recording_as_the_speed_says(speed):
    play = Playback(0.0, 100.0, 10.0)
    while play.speed < speed:
        play.faster()
    play.toggle(50.0)
    play.advance(51.0)
    assert play.at_s == pytest.approx(10.0 + speed)


@given(st.integers(0, 10), st.sampled_from(["{}", " {} ", "{}/10", "{} / 10"]))
def test_a_rating_reads_back_however_it_is_typed(rating, form):
    assert parse_said(form.format(rating)) == (ReportKind.RATING, rating)


@pytest.mark.parametrize("kind", [kind for kind in ReportKind if kind is not ReportKind.RATING])
def test_a_word_is_known_by_itself_and_what_fits_several_is_asked_about(kind):
    assert parse_said(kind.words) == (kind, None)
    assert parse_said(kind.words.upper()) == (kind, None)


@pytest.mark.parametrize("typed", ["", "11", "nice", "too", "e", "-1"])
def test_what_no_client_says_is_refused_with_what_may_be_typed(typed):
    with pytest.raises(SaidError):
        parse_said(typed)


def test_words_typed_are_beginnings_first_and_parts_of_words_where_no_beginning_fits():
    texts = [
        searchable(text) for text in ("all points", "upper trapezius, left, 1", "upper trapezius, right, 1")
    ]
    assert fitting_rows(texts, "t") == [1, 2]
    assert fitting_rows(texts, "up r") == [2]
    assert fitting_rows(texts, "pez") == [1, 2]
    codes = [searchable(text) for text in ("K-0500", "A17")]
    assert fitting_rows(codes, "0500") == [0]
    assert fitting_rows(codes, "k-0") == [0]
    assert fitting_rows(codes, "7") == [1]


@given(st.integers(1, 200))
def test_fields_fill_the_width_exactly_and_the_most_important_one_is_always_there(width):
    fields = (
        Field("name", 10, str, flexible=True),
        Field("a", 6, str, 2),
        Field("b", 8, str, 1),
        Field("c", 4, str, 3),
    )
    found = fitting(fields, width)
    assert found[0][0].title == "name"
    if width >= 10:
        assert sum(cells for _, cells in found) + len(found) - 1 == width
    ranks = [field.rank for field, _ in found]
    assert max(ranks) <= min([f.rank for f in fields if f.rank not in ranks], default=9)


def block(quality=0, lost=0, at_s=0.0, force=20.0):
    times = at_s + np.arange(80) / 80
    return ForceBlock.of(times, np.full(80, force), quality=quality, lost=lost)


def test_what_is_wrong_with_a_signal_is_told_once_with_its_time():
    trace = trace_of(
        [block(), block(Quality.SATURATED, at_s=1.0), block(lost=3, at_s=2.0), block(at_s=4.0)], 1.0
    )
    told = troubles(trace)
    assert [words.split(":")[0] for _, words in told] == [
        "saturated",
        "3 samples lost",
        "no signal for 1.0 s",
    ]
    assert told[0][0] == pytest.approx(1.0)


def test_without_a_calibration_there_are_counts_and_no_pressure():
    trace = trace_of([block(Quality.UNCALIBRATED, force=float("nan"))], 1.0)
    assert not trace.calibrated
    assert not axis_for([trace], KG_PER_CM2).from_zero


def test_a_pressure_is_never_older_than_a_lost_signal():
    trace = trace_of([block(), block(at_s=3.0)], 1.0)
    assert trace.at(0.5) == pytest.approx(200.0)
    assert trace.at(2.0) is None


@given(st.integers(1, 500), st.integers(1, 60))
def test_a_thinned_trace_keeps_its_peak_and_every_doubt(n, most):
    values = np.random.default_rng(n).uniform(0, 30, n)
    quality = (np.arange(n) % 7 == 3).astype(np.uint8) * np.uint8(Quality.SATURATED)
    trace = trace_of([ForceBlock.of(np.arange(n) / 80, values, quality=quality)], 1.0)
    small = thinned(trace, most)
    assert len(small.time_s) <= max(most, 1)
    assert small.highest == pytest.approx(trace.highest)
    assert small.suspect.any() == trace.suspect.any()


def test_a_difference_that_is_not_seen_has_no_sign():
    assert Line("Sag", 6.1, 6.3, "{:.0f} %".format).texts == ("Sag", "6 %", "6 %", "±0 %")
    assert Line("Sag", 8.0, 6.0, "{:.0f} %".format).texts[3] == "−2 %"
    assert Line("Sag", None, 6.0, "{:.0f} %".format).texts[3] == "–"


def test_before_the_first_visit_no_visit_of_the_plan_is_called_beyond_it(tmp_path):
    with open_history(tmp_path / "history.db") as history:
        history.care.set_plan("A17", Plan(visits=3))
        course = client_course(history, "A17", utc_now(), shipped.rules())
    rows = [line for line in course_text(course, KG_PER_CM2).plain.splitlines() if "not given yet" in line]
    assert [row.split(maxsplit=2)[2].removesuffix("not given yet").strip() for row in rows] == [
        "first visit", "counted from the first", "counted from the first"
    ]  # fmt: skip


def test_what_became_of_a_course_is_still_there_when_it_is_over(tmp_path):
    past = utc_now() - timedelta(weeks=60)
    with open_history(tmp_path / "history.db") as history:
        for days in (0, 7, 14):
            visited(history, "A17", past + timedelta(days=days), [Pressed()])
        course = latest_course(history, "A17", utc_now())
        before = latest_course(history, "A17", past + timedelta(days=15))
    assert (course.over, before.over) == (True, False)
    assert [visit.given for visit in course.planned][:3] == [visit.given for visit in before.planned][:3]
    assert None not in [visit.given for visit in course.planned][:3]
    words = course_text(course, KG_PER_CM2).plain
    assert words.startswith("This course is over: ")
    assert not course_text(before, KG_PER_CM2).plain.startswith("This course is over")
