from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.band import Band
from feedback.band.source import SetBand
from feedback.comfort import Report, ReportKind
from feedback.handset import report_of
from feedback.points import Point
from feedback.session import Session
from feedback.signal import Notice, NoticeKind
from feedback.view import Place
from tests.feedback.signals import blocks, trapezoid


class Written:
    """A journal that keeps the reports and events it is told."""

    def __init__(self):
        self.reports, self.events = [], []

    def report(self, report, pressure_kpa, press_id, quality):
        self.reports.append((report, pressure_kpa, press_id))
        return uuid4()

    def event(self, kind, time_s, text):
        self.events.append((kind, time_s))

    def __getattr__(self, _):
        return lambda *_: uuid4()


def pressed(time_s, value):
    return Notice(NoticeKind.BUTTON_PRESSED, time_s, "the client pressed the button", value)


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "too much"), (1, "too much"), (2, "too little"), (100, "0/10"), (107, "7/10"), (110, "10/10")],
)
def test_a_button_or_a_position_of_the_dial_is_the_client_s_word(value, words):
    report = report_of(pressed(4.25, value))
    assert report is not None
    assert report.words == words
    assert report.time_s == 4.25
    assert report.source == "client"


@given(st.sampled_from(NoticeKind), st.integers(-(2**31), 2**31 - 1))
def test_nothing_else_is_taken_for_a_word_of_the_client(kind, value):
    report = report_of(Notice(kind, 1.0, value=value))
    meant = kind is NoticeKind.BUTTON_PRESSED and (value in (0, 1, 2) or 100 <= value <= 110)
    assert (report is not None) == meant


def test_a_press_of_the_button_is_kept_and_shown_like_any_report_at_the_pressure_of_its_own_time():
    journal = Written()
    place = Place(uuid4(), "K-07", Point("upper trapezius", "left", "1"), "probe", 1.0)
    session = Session(place, journal, SetBand(Band(150.0, 250.0)), start_s=0.0, ceiling_kpa=300.0)
    time_s, force_n = trapezoid(level_n=20.0, ramp_s=2.0, hold_s=8.0)
    for block in blocks(time_s, force_n, 1):
        if block.time_s[-1] > 6.0:
            break
        session.feed(block)
    session.notice(pressed(5.8, 1))
    session.notice(Notice(NoticeKind.BUTTON_RELEASED, 5.9, "", 1))
    heard = session.view(6.0).heard
    assert [h.report for h in heard] == [Report(ReportKind.TOO_MUCH, 5.8, source="client")]
    assert heard[0].pressure_kpa == pytest.approx(200, abs=2)
    (kept,) = journal.reports
    assert kept[0] == heard[0].report
    assert kept[2] is not None
    assert journal.events == [("button pressed", 5.8), ("button released", 5.9)]
    assert session.undo(6.5).report == heard[0].report
