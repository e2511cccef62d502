"""Courses from a real record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from feedback.atlas import load_atlas
from feedback.care import Assessment, PainArea, Plan
from feedback.comfort import ReportKind
from feedback.history import History, open_history
from feedback.history.courses import body_values, client_course, point_courses
from feedback.review import Measure, Verdict
from tests.review.past import LEFT, RIGHT, Pressed, learned, rating, visited

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with open_history(tmp_path / "history.db", now=lambda: BEGIN) as opened:
        yield opened


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


def two_visits(history: History) -> None:
    for n, (threshold, low, high) in enumerate([(200, 150, 250), (400, 330, 520)]):
        presses = [
            Pressed(LEFT, thresholds_kpa=(threshold - 10, threshold + 10)),
            Pressed(LEFT, (low + high) / 2, 8, (rating(0.1, 6 - 2 * n), rating(0.9, 3)), learned(low, high)),
            Pressed(RIGHT, 250, 5, (rating(0.5, 5),)),
        ]
        visited(history, "A17", day(7 * n), presses, seed=n)


def test_a_point_over_time_has_all_its_figures(history):
    two_visits(history)
    left, right = sorted(point_courses(history, "A17"), key=lambda one: one.point)
    assert (left.point, right.point) == (LEFT, RIGHT)
    first, last = left.visits
    assert (first.visit, last.visit) == (1, 2)
    assert first.threshold_mean_kpa == pytest.approx(200)
    assert first.threshold_cv_pct == pytest.approx(7.07, abs=0.01)
    assert (first.threshold_repeats, first.presses) == (2, 3)
    assert (first.lower_kpa, first.upper_kpa, first.lower_interval) == (150, 250, (130, 170))
    assert (first.rating_before, first.rating_after) == (6, 3)
    assert first.ceiling_kpa == 500
    assert 0.5 < first.time_in_band_share <= 1
    assert first.dose_ns > 100
    assert first.therapist == "T1"
    verdicts = {one.measure: one.verdict for one in left.changes}
    assert verdicts[Measure.THRESHOLD] is Verdict.ROSE
    assert verdicts[Measure.LOWER_EDGE] is Verdict.ROSE
    assert right.visits[0].rating_after is None


def test_what_two_sessions_of_one_visit_gave_is_one_visit(history):
    visited(history, "A17", day(0), [Pressed()])
    visited(history, "A17", day(0.05), [Pressed()])
    visited(history, "A17", day(0.1), [Pressed()], applicator="thumb", area_cm2=2.0)
    (course,) = point_courses(history, "A17")
    assert [(v.visit, v.presses, str(v.tip)) for v in course.visits] == [
        (1, 2, "probe 1 cm²"),
        (1, 1, "thumb 2 cm²"),
    ]
    assert len(course.visits[0].session_ids) == 2


def test_simulated_visits_are_told_apart(history):
    visited(history, "A17", day(0), [Pressed(thresholds_kpa=(200.0, 200.0))])
    visited(
        history, "A17", day(7), [Pressed(thresholds_kpa=(500.0, 500.0))], sensor_url="sim://steady?seed=1"
    )
    (course,) = point_courses(history, "A17")
    assert [visit.simulated for visit in course.visits] == [False, True]
    assert not course.changes


def test_a_void_press_counts_nowhere_and_neither_does_what_was_said_in_it(history):
    said = (rating(0.2, 9), (0.5, ReportKind.STOP, None))
    session_id = visited(
        history, "A17", day(0), [Pressed(kpa=400, said=said), Pressed(kpa=200, said=(rating(0.5, 4),))]
    )
    before = point_courses(history, "A17")[0].visits[0]
    first = history.session(session_id).presses[0]
    history.review.void_press(first.id, reason="the probe slipped")
    after = point_courses(history, "A17")[0].visits[0]
    assert (before.presses, before.rating_before) == (2, 9)
    assert (after.presses, after.rating_before) == (1, 4)
    assert after.dose_ns < before.dose_ns / 2
    history.review.restore_press(first.id)
    assert point_courses(history, "A17")[0].visits[0] == before


def test_a_corrected_rating_counts_as_corrected(history):
    session_id = visited(history, "A17", day(0), [Pressed(said=(rating(0.2, 9), rating(0.8, 3)))])
    report = history.session(session_id).reports[0]
    history.review.correct_report(report.id, ReportKind.RATING, 6, reason="a slip of the key")
    assert point_courses(history, "A17")[0].visits[0].rating_before == 6
    history.review.correct_report(report.id, ReportKind.GOOD, reason="it was a word")
    assert point_courses(history, "A17")[0].visits[0].rating_before == 3


def test_a_course_has_its_plan_its_soreness_and_only_its_own_changes(history):
    two_visits(history)
    visited(history, "A17", day(400), [Pressed(LEFT, thresholds_kpa=(210.0, 215.0))])
    history.care.set_plan("A17", Plan(3, 1, 4, ("walk",)))
    course = client_course(history, "A17", day(401))
    assert course.since == day(400)
    assert [one.given is not None for one in course.planned] == [True, False, False]
    assert len(course.soreness) == 3
    assert all(not point.changes for point in course.points)
    assert len(course.points[0].visits) == 3


def test_a_course_rests_on_the_same_visits_as_the_card_of_a_visit(history):
    two_visits(history)
    session_id = visited(
        history, "A17", day(20), [Pressed(LEFT), Pressed(RIGHT, thresholds_kpa=(200.0, 220.0))]
    )
    history.care.assess("A17", Assessment((PainArea("neck", "left", 4),)), session_id)
    history.care.add_soreness("A17", 3)
    history.review.void_press(history.session(session_id).presses[0].id, reason="the probe slipped")
    now = day(21)
    assert client_course(history, "A17", now).opening == history.care.opening("A17", now)


def test_a_client_nobody_knows_has_an_empty_course(history):
    assert point_courses(history, "B2") == []
    course = client_course(history, "B2", BEGIN)
    assert (course.points, course.visits, course.since) == ((), (), None)
    assert not course.response.judged


def test_a_body_map_shows_presses_dose_and_the_last_threshold(history):
    two_visits(history)
    atlas = load_atlas()
    area = atlas.area_of(LEFT).key
    assert body_values(history, "A17", "presses", atlas).values == {(area, "left"): 6, (area, "right"): 2}
    assert body_values(history, "A17", "threshold", atlas).values == {(area, "left"): pytest.approx(400)}
    assert set(body_values(history, "A17", "dose", atlas).values) == {(area, "left"), (area, "right")}
