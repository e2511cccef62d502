import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest

from feedback.band import Band
from feedback.coach.phases import PhaseKind, PhaseRecord, ThresholdResult
from feedback.comfort import Report, ReportKind
from feedback.history import BadEntryError, History, HistoryError, SessionStart
from feedback.measure import Press
from feedback.points import Point
from feedback.signal import ForceBlock
from tests.history.conftest import CALIBRATION, T0_S

LEFT, RIGHT = Point("upper trapezius", "left", "1"), Point("upper trapezius", "right", "1")
BLANK = {
    "hold_start_s": None,
    "hold_end_s": None,
    "hold_mean_kpa": None,
    "ramp_kpa_per_s": None,
    "sag_pct": None,
}


def press(start_s: float, end_s: float, dose_ns: float = 100.0, **more: object) -> Press:
    values: dict[str, object] = {
        "peak_n": 30.0,
        "peak_kpa": 150.0,
        "time_in_band_s": 2.0,
        "lost": 0,
        "quality": 0,
        "ended": "release",
        **BLANK,
    }
    return Press(start_s=T0_S + start_s, end_s=T0_S + end_s, dose_ns=dose_ns, **{**values, **more})  # type: ignore[arg-type]


class Visit:
    """A session with two presses on the left, one on the right, and all that is said of them."""

    def __init__(self, history: History, code: str, started_at: datetime, url: str = "sim://test") -> None:
        self.start = SessionStart(code, started_at, T0_S, "thumb", 2.0, sensor_url=url, therapist="T1")
        self.left, self.right = history.point(code, LEFT), history.point(code, RIGHT)
        self.first, self.second, self.third = uuid4(), uuid4(), uuid4()
        journal = history.begin_session(self.start)
        self.id = journal.id
        journal.calibration(CALIBRATION, T0_S)
        journal.point(self.left.id, T0_S)
        journal.band(Band(100, 200), 400, T0_S)
        time_s = T0_S + np.arange(40 * 80) / 80
        counts = np.arange(len(time_s))
        journal.samples(ForceBlock.of(time_s, np.zeros(len(time_s)), counts, 0, counts * 12_500))
        self.rating = journal.report(Report(ReportKind.RATING, T0_S + 4, 7), 150.0, self.first, 0)
        journal.phase(PhaseRecord("release", PhaseKind.HOLD, 1, T0_S + 3, T0_S + 7, "time is up", self.first))
        journal.band(Band(110, 210), 390, T0_S + 5)
        journal.press(self.first, press(2, 8))
        journal.note("tender", T0_S + 9)
        self.good = journal.report(Report(ReportKind.GOOD, T0_S + 12), 140.0, self.second, 0)
        self.last = journal.report(Report(ReportKind.RATING, T0_S + 13, 4), 140.0, self.second, 0)
        taken_back = journal.report(Report(ReportKind.RATING, T0_S + 13.5, 9), 140.0, self.second, 0)
        journal.correct(taken_back, T0_S + 14)
        journal.press(self.second, press(11, 16, 200.0, lost=1, quality=1, ended="stop"))
        journal.threshold(
            ThresholdResult("threshold", T0_S + 11, T0_S + 15, (250.0,), (None,), (True,), 250.0, None)
        )
        journal.point(self.right.id, T0_S + 20)
        journal.press(self.third, press(22, 27, 50.0, time_in_band_s=None))
        journal.end(T0_S + 40, {})


@pytest.fixture
def visits(history: History) -> list[Visit]:
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    history.client("Z9")
    return [
        Visit(history, "A17", at),
        Visit(history, "A17", at + timedelta(days=7), "/dev/ttyUSB0"),
        Visit(history, "b2", at + timedelta(days=1)),
    ]


def client_id(history: History, code: str = "A17") -> UUID:
    return history.known_client(code).id


def test_clients_are_listed_by_code_with_what_they_have(history: History, visits: list[Visit]) -> None:
    rows = history.review.clients()
    assert [(r.code, r.visits, r.points, r.presses) for r in rows] == [
        ("A17", 2, 2, 6),
        ("b2", 1, 2, 3),
        ("Z9", 0, 0, 0),
    ]
    assert [r.last_at for r in rows] == [visits[1].start.started_at, visits[2].start.started_at, None]
    assert [r.code for r in history.review.clients(" a1")] == ["A17"]
    assert [r.code for r in history.review.clients("B")] == ["b2"]
    assert history.review.clients("no") == []


def test_points_are_listed_last_pressed_first(history: History, visits: list[Visit]) -> None:
    never = history.point("A17", Point("soleus", "left"))
    history.set_band(never.id, "elbow", 6.0, Band(1, 2), 3)
    rows = history.review.points(client_id(history))
    assert [(r.point, r.presses, r.visits) for r in rows] == [
        (LEFT, 4, 2),
        (RIGHT, 2, 2),
        (never.point, 0, 0),
    ]
    left = rows[0]
    assert (left.lower_kpa, left.upper_kpa, left.ceiling_kpa, left.last_threshold_kpa) == (110, 210, 390, 250)
    assert left.last_at == visits[1].start.started_at
    assert (rows[2].applicator, rows[2].tip_area_cm2, rows[2].last_at) == ("elbow", 6.0, None)


def test_visits_are_listed_newest_first(history: History, visits: list[Visit]) -> None:
    newer, older = history.review.visits(client_id(history))
    assert [newer.session_id, older.session_id] == [visits[1].id, visits[0].id]
    assert (older.duration_s, older.therapist, older.applicator, older.tip_area_cm2) == (
        40,
        "T1",
        "thumb",
        2.0,
    )
    assert (older.points, older.presses, older.time_in_band_s, older.dose_ns) == (
        (LEFT, RIGHT),
        3,
        4.0,
        350.0,
    )
    assert (older.rating_first, older.rating_last, older.simulated, newer.simulated) == (7, 4, True, False)
    right = history.review.visits(client_id(history), visits[0].right.id)
    assert [(v.presses, v.dose_ns, v.time_in_band_s, v.rating_first) for v in right] == [
        (1, 50.0, None, None)
    ] * 2
    assert history.review.visits(client_id(history), uuid4()) == []
    assert history.review.visits(uuid4()) == []


def test_presses_are_listed_by_session_by_point_and_by_both(history: History, visits: list[Visit]) -> None:
    visit = visits[0]
    rows = history.review.presses(visit.id)
    assert [(r.id, r.point, r.ratings) for r in rows] == [
        (visit.first, LEFT, (7,)),
        (visit.second, LEFT, (4,)),
        (visit.third, RIGHT, ()),
    ]
    assert rows[0].started_at == visit.start.started_at + timedelta(seconds=2)
    assert [r.kind for r in rows[1].reports] == [ReportKind.GOOD, ReportKind.RATING]
    assert (rows[1].lower_kpa, rows[1].upper_kpa, rows[1].ceiling_kpa) == (110, 210, 390)
    at_point = history.review.presses(point_id=visit.left.id)
    assert [r.session_id for r in at_point] == [visit.id] * 2 + [visits[1].id] * 2
    assert [r.id for r in history.review.presses(visit.id, visit.right.id)] == [visit.third]
    with pytest.raises(BadEntryError, match="say which"):
        history.review.presses()


def test_a_press_is_shown_with_all_that_belongs_to_it(history: History, visits: list[Visit]) -> None:
    visit = visits[0]
    first, second = history.review.press(visit.first), history.review.press(visit.second)
    assert (first.client_code, first.point, first.session.session_id) == ("A17", LEFT, visit.id)
    assert first.band is not None
    assert (first.band.band, first.band.ceiling_kpa) == (Band(100, 200), 400)
    assert [b.band for b in first.bands] == [Band(110, 210)]
    assert [p.phase.rule for p in first.phases] == ["time is up"]
    assert ([n.text for n in first.notes], second.notes) == (["tender"], ())
    assert [(r.kind, r.undone) for r in second.reports] == [
        (ReportKind.GOOD, False),
        (ReportKind.RATING, False),
        (ReportKind.RATING, True),
    ]
    assert second.band is not None
    assert (second.band.band, second.bands) == (Band(110, 210), ())
    assert [m.threshold.mean_kpa for m in second.thresholds] == [250.0]
    assert second.flags == ("saturated", "1 sample lost", "ended by stop")
    assert (first.before_id, first.after_id, second.before_id) == (None, visit.second, visit.first)
    assert second.to_json()["press"]["id"] == str(visit.second)
    with pytest.raises(HistoryError, match="there is no press"):
        history.review.press(uuid4())


def test_a_trace_is_the_press_and_a_margin(history: History, visits: list[Visit]) -> None:
    def span(margin_s: float) -> tuple[float, float]:
        blocks = history.review.trace(visits[0].first, margin_s)
        return float(blocks[0].time_s[0]), float(blocks[-1].time_s[-1])

    assert span(3.0) == (0.0, 11.0)
    assert span(0.5) == (1.5, 8.5)
    [block] = history.review.window(visits[0].id, 10, 20)
    assert (len(block), block.counts[0]) == (801, 800)
    assert history.review.window(visits[0].id, 50, 60) == []
    with pytest.raises(HistoryError, match="there is no press"):
        history.review.trace(uuid4())
    with pytest.raises(HistoryError, match="there is no session"):
        history.review.window(uuid4(), 0, 1)


def test_a_running_session_is_among_the_visits(history: History, start: SessionStart) -> None:
    journal = history.begin_session(start)
    journal.press(uuid4(), press(1, 5))
    journal.report(Report(ReportKind.GOOD, T0_S + 2), 150.0, None, 0)
    while not history.review.presses(journal.id):
        pass
    [visit] = history.review.visits(client_id(history))
    assert (visit.running, visit.duration_s, visit.presses) == (True, 5.0, 1)
    journal.end(T0_S + 6, {})
    assert not history.review.visits(client_id(history))[0].running


def test_lists_of_an_empty_record_are_empty(history: History) -> None:
    assert (history.review.clients(), history.review.points(uuid4()), history.review.visits(uuid4())) == (
        [],
        [],
        [],
    )
    assert history.review.presses(uuid4()) == []
    assert history.review.corrections(uuid4()) == []
    assert not math.isnan(len(history.review.presses(point_id=uuid4())))


def test_two_programs_review_and_correct_one_record(
    place: object, history: History, visits: list[Visit], clock: Callable[[], datetime]
) -> None:
    from feedback.history import open_history

    with open_history(place) as other:  # type: ignore[arg-type]
        other.review.void_press(visits[0].first, reason="slipped")
        history.review.correct_report(visits[0].rating, ReportKind.RATING, 3)
        assert history.review.visits(client_id(history))[-1].presses == 2
        assert other.review.visits(client_id(other))[-1].rating_first == 3
        with pytest.raises(BadEntryError, match="void already"):
            history.review.void_press(visits[0].first, reason="again")
