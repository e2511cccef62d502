"""The course of care, in a real record."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import pytest

from feedback.care import (
    Assessment,
    CareError,
    CareRules,
    Factor,
    Finding,
    FindingKind,
    HandsRule,
    PainArea,
    Plan,
    ResponseRule,
    answer,
)
from feedback.care.shipped import checks
from feedback.coach.phases import PhaseKind, PhaseRecord, ThresholdResult
from feedback.history import BadEntryError, History, SessionStart, open_history
from feedback.points import Point
from feedback.press import PressDetector

from .conftest import CALIBRATION, POINT, STARTED_AT, T0_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

    from feedback.signal import ForceBlock

    Blocks = Callable[..., list[ForceBlock]]

FULL = Assessment(
    (PainArea("neck", "left", 7, 8, "at night"), PainArea("head")),
    (
        Finding(FindingKind.TRIGGER_POINT, "neck", "taut band", POINT, "to the temple", "left"),
        Finding(FindingKind.GAIT, text="short steps"),
    ),
    (Factor("sleep", "five hours"), Factor("a new pillow")),
    "came by bicycle",
)

A_MOMENT = timedelta(milliseconds=1)
"""The record tells the times of its entries apart, by microseconds."""


class Clock:
    """A time of day that a test sets."""

    def __init__(self) -> None:
        self.now = STARTED_AT

    def __call__(self) -> datetime:
        return self.now

    def after(self, **passed: float) -> datetime:
        """Set it so long after the first session began."""
        self.now = STARTED_AT + timedelta(**passed)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history(place: Path | str, clock: Clock) -> Iterator[History]:
    with open_history(place, now=clock) as opened:
        yield opened


def visit(
    history: History,
    start: SessionStart,
    blocks: list[ForceBlock],
    *,
    days: float = 0,
    threshold_kpa: float | None = None,
    phases: tuple[PhaseKind, ...] = (),
    therapist: str = "",
) -> UUID:
    """A session with the presses that are in these forces."""
    began = dataclasses.replace(start, started_at=STARTED_AT + timedelta(days=days), therapist=therapist)
    point = history.point(start.client_code, POINT)
    journal = history.begin_session(began)
    journal.calibration(CALIBRATION, T0_S)
    journal.point(point.id, T0_S)
    detector = PressDetector(start.tip_area_cm2)
    for block in blocks:
        journal.samples(block)
        for press in detector.feed(block, None):
            press_id = uuid4()
            third = (press.end_s - press.start_s) / len(phases) if phases else 0.0
            for number, kind in enumerate(phases):
                at_s = press.start_s + number * third
                journal.phase(
                    PhaseRecord("sustained release", kind, 1, at_s, at_s + third, "let go", press_id, 150.0)
                )
            journal.press(press_id, press)
    if threshold_kpa is not None:
        values = (threshold_kpa - 40, threshold_kpa - 1, threshold_kpa + 1)
        rates, used = (30.0, None, 31.0), (False, True, True)
        journal.threshold(
            ThresholdResult("threshold", T0_S, T0_S + 60, values, rates, used, threshold_kpa, 0.5)
        )
    journal.end(T0_S + 600, {})
    return journal.id


def test_a_check_is_kept_with_the_words_that_were_read_out(history: History, clock: Clock) -> None:
    assert history.care.last_check("A17") is None
    first, second = checks()[:2]
    history.care.check("A17", [answer(first, True), answer(second, False)])
    clock.after(days=7)
    newer = [answer(second, True, "the left knee"), answer(first, False)]
    history.care.check("A17", newer)
    found = history.care.last_check("A17")
    assert found is not None
    assert (found.answers, found.at, found.session_id) == (tuple(newer), STARTED_AT + timedelta(days=7), None)
    assert [len(check.answers) for check in history.care.checks("A17")] == [2, 2]
    assert history.care.check("A17", []) is None
    assert history.care.checks("nobody") == []


def test_an_assessment_comes_back_as_it_was_and_the_newest_of_a_visit_counts(
    history: History,
    clock: Clock,
    start: SessionStart,
    force_blocks: Blocks,
    pressed: Callable[[float], np.ndarray],
) -> None:
    clock.after(minutes=-20)
    history.care.assess("A17", FULL)
    session_id = visit(history, start, force_blocks(pressed(12)))
    clock.after(minutes=15)
    corrected = dataclasses.replace(FULL, areas=(PainArea("neck", "left", 6, 8),))
    history.care.assess("A17", corrected, session_id)
    assert [a.assessment for a in history.care.assessments("A17")] == [FULL, corrected]
    [only] = history.care.visits("A17")
    assert only.pain == corrected.areas
    assert (only.pain_now, only.pain_usual) == (6, 8)
    assert history.care.assessments("nobody") == []


def test_an_assessment_without_pressure_stands_alone(history: History, clock: Clock) -> None:
    history.care.assess("A17", FULL)
    clock.after(hours=1)
    history.care.assess("A17", Assessment((PainArea("knee", now=3),)))
    [alone] = history.care.visits("A17")
    assert (alone.session_id, alone.pressed, alone.pain_now) == (None, False, 3)
    assert alone.at - STARTED_AT < A_MOMENT


def test_sessions_of_one_afternoon_are_one_visit(
    history: History, start: SessionStart, force_blocks: Blocks, pressed: Callable[[float], np.ndarray]
) -> None:
    blocks = force_blocks(pressed(12))
    ids = [visit(history, start, blocks, days=days) for days in (0, 0.1, 7)]
    empty = history.begin_session(dataclasses.replace(start, started_at=STARTED_AT + timedelta(days=3)))
    empty.end(T0_S + 60, {})
    first, second = history.care.visits("A17")
    assert first.session_ids == tuple(ids[:2])
    assert second.session_ids == (ids[2],)
    assert (first.presses, first.points) == (2, (POINT,))
    assert first.dose_ns == pytest.approx(2 * second.dose_ns)
    assert second.dose_ns == pytest.approx(30 * 12, rel=0.05)


def test_a_visit_knows_what_was_tried_and_what_was_measured(
    history: History, start: SessionStart, force_blocks: Blocks, pressed: Callable[[float], np.ndarray]
) -> None:
    visit(history, start, force_blocks(pressed(12)), threshold_kpa=200, phases=(PhaseKind.RAMP, PhaseKind.HOLD),
          therapist="T1")  # fmt: skip
    [only] = history.care.visits("A17", hands_for=1)
    assert only.techniques == ("threshold", "sustained release")
    assert only.thresholds_kpa == {POINT: 200}
    assert (only.thresholds[0].applicator, only.thresholds[0].tip_area_cm2) == ("thumb", 2.0)
    assert only.therapist == "T1"
    assert only.hands is not None
    assert only.hands.dose_ns == only.dose_ns
    assert history.care.visits("A17")[0].hands is None


def test_easing_on_purpose_is_no_sag(history: History, start: SessionStart, force_blocks: Blocks) -> None:
    # Twelve seconds held without any loss, then twelve at half of it: as a press it looks like 50 % of sag.
    force_n = np.concatenate([np.zeros(80), np.full(960, 30.0), np.full(960, 24.0), np.zeros(80)])
    blocks = force_blocks(force_n)
    plain = visit(history, start, blocks)
    coached = visit(history, start, blocks, days=7, phases=(PhaseKind.HOLD, PhaseKind.EASE))
    without, with_phases = history.care.visits("A17", hands_for=2)
    assert (without.session_ids, with_phases.session_ids) == ((plain,), (coached,))
    assert without.hands is not None
    assert with_phases.hands is not None
    assert without.hands.sag_pct_per_min == pytest.approx(20 / 22 * 60, rel=0.1)
    assert with_phases.hands.sag_pct_per_min == pytest.approx(0, abs=0.5)
    assert with_phases.hands.dose_ns == pytest.approx(without.hands.dose_ns)


def test_the_newest_plan_is_in_force_and_older_ones_stay(history: History, clock: Clock) -> None:
    assert history.care.plan("A17") is None
    history.care.set_plan("A17", Plan(homework=("chin tucks",), goal="sleep through"))
    clock.after(days=7)
    history.care.set_plan("A17", Plan(6, 3, 8, ("chin tucks", "walk")))
    assert history.care.plan("A17") == Plan(6, 3, 8, ("chin tucks", "walk"))
    assert [p.plan.visits for p in history.care.plans("A17")] == [4, 6]


def test_a_changed_plan_keeps_the_course_and_a_new_course_begins_now(history: History, clock: Clock) -> None:
    first = clock.after(days=1)
    history.care.set_plan("A17", Plan(), new_course=True)
    clock.after(days=9)
    history.care.set_plan("A17", Plan(5))
    again = clock.after(days=90)
    history.care.set_plan("A17", Plan(5), new_course=True)
    begun = [stored.plan.begun for stored in history.care.plans("A17")]
    assert begun[0] == begun[1]
    for found, wanted in zip(begun[1:], (first, again), strict=True):
        assert found is not None
        assert timedelta(0) <= found - wanted < A_MOMENT


def test_soreness_is_of_the_last_visit_unless_it_names_another(
    history: History,
    clock: Clock,
    start: SessionStart,
    force_blocks: Blocks,
    pressed: Callable[[float], np.ndarray],
) -> None:
    blocks = force_blocks(pressed(12))
    first, second = (visit(history, start, blocks, days=days) for days in (0, 7))
    clock.after(days=8)
    last = history.care.add_soreness("A17", 3, note="on the stairs")
    assert (last.session_id, last.rating) == (second, 3)
    assert last.hours_after == pytest.approx(24 - 600 / 3600, abs=0.01)
    named = history.care.add_soreness("A17", 5, session_id=first)
    assert named.session_id == first
    told = history.care.sorenesses("A17")
    assert told == [last, named]
    pairs = history.care.opening("A17", clock()).soreness
    assert [pair.rating for pair in pairs] == [5, 3]


def test_soreness_of_somebody_elses_session_is_refused(
    history: History, start: SessionStart, force_blocks: Blocks, pressed: Callable[[float], np.ndarray]
) -> None:
    session_id = visit(history, start, force_blocks(pressed(12)))
    with pytest.raises(BadEntryError, match="B2 has no visit with the session"):
        history.care.add_soreness("B2", 3, session_id=session_id)
    with pytest.raises(CareError, match="from 0 to 10"):
        history.care.add_soreness("A17", 11)


def test_soreness_of_a_client_who_was_never_pressed_is_kept_without_a_visit(history: History) -> None:
    told = history.care.add_soreness("A17", 2)
    assert (told.session_id, told.hours_after) == (None, None)


def test_the_opening_of_a_new_client_is_empty_and_makes_nobody(history: History, clock: Clock) -> None:
    opening = history.care.opening("A17", clock())
    assert opening.new
    assert (opening.plan_now.visit, opening.plan_set, opening.soreness_due) == (1, False, None)
    assert not opening.response.judged
    assert (opening.last_assessment, opening.last_check, opening.visits) == (None, (), ())
    assert history.clients() == []


def test_the_opening_of_the_third_visit_shows_the_course(
    history: History,
    clock: Clock,
    start: SessionStart,
    force_blocks: Blocks,
    pressed: Callable[[float], np.ndarray],
) -> None:
    blocks = force_blocks(pressed(12))
    for days, pain, kpa in ((0, 7, 200), (7, 7, 230)):
        clock.after(days=days)
        history.care.assess("A17", Assessment((PainArea("neck", "left", pain, 8),)))
        visit(history, start, blocks, days=days, threshold_kpa=kpa)
    history.care.check("A17", [answer(checks()[0], True)])
    history.care.set_plan("A17", Plan(homework=("chin tucks",)))
    now = clock.after(days=14)
    opening = history.care.opening("A17", now)
    assert (opening.plan_now.visit, opening.plan_now.visits, opening.plan_now.week) == (3, 4, 3)
    assert opening.plan.homework == ("chin tucks",)
    assert opening.last_visit is not None
    assert opening.soreness_due == opening.last_visit
    assert (opening.response.judged, opening.response.detectable) == (True, False)
    assert len(opening.response.changes) == 3
    assert opening.last_check[0].yes
    history.care.add_soreness("A17", 1)
    assert history.care.opening("A17", now).soreness_due is None
    # Told at the beginning of this visit, before anything is pressed.
    history.care.assess("A17", Assessment((PainArea("neck", "left", 4, 8),)))
    assert history.care.opening("A17", now + timedelta(minutes=5)).response.detectable


def test_the_response_is_of_this_course_alone(
    history: History,
    clock: Clock,
    start: SessionStart,
    force_blocks: Blocks,
    pressed: Callable[[float], np.ndarray],
) -> None:
    blocks = force_blocks(pressed(12))
    for days, pain in ((0, 9), (7, 3), (300, 8), (307, 8)):
        clock.after(days=days)
        history.care.assess("A17", Assessment((PainArea("neck", now=pain),)))
        visit(history, start, blocks, days=days)
    opening = history.care.opening("A17", clock.after(days=308))
    assert (opening.plan_now.done, len(opening.visits)) == (2, 4)
    assert (opening.response.judged, opening.response.detectable) == (True, False)
    assert opening.response.changes[0].before == 8


def test_the_rules_that_are_handed_in_are_used(
    history: History,
    clock: Clock,
    start: SessionStart,
    force_blocks: Blocks,
    pressed: Callable[[float], np.ndarray],
) -> None:
    visit(history, start, force_blocks(pressed(12)))
    rules = CareRules(Plan(9, 1, 3), ResponseRule(after_visits=1), HandsRule())
    opening = history.care.opening("A17", clock.after(days=7), rules)
    assert opening.plan_now.visits == 9
    assert "nothing was measured" in opening.response.sentence


def test_a_threshold_that_was_measured_on_counts_once(history: History, start: SessionStart) -> None:
    point = history.point("A17", POINT)
    journal = history.begin_session(start)
    journal.point(point.id, T0_S)
    for end_s, mean in ((40, 200.0), (70, 250.0)):
        journal.threshold(
            ThresholdResult("threshold", T0_S + 1, T0_S + end_s, (mean,), (None,), (True,), mean, None, True)
        )
    journal.threshold(
        ThresholdResult(
            "threshold", T0_S + 90, T0_S + 99, (float("nan"),), (None,), (True,), float("nan"), None
        )
    )
    journal.end(T0_S + 100, {})
    session = history.session(journal.id)
    assert [(s.threshold.mean_kpa, s.superseded) for s in session.thresholds[:2]] == [
        (200, True),
        (250, False),
    ]
    assert session.thresholds[1].threshold.at_least
    [only] = history.care.visits("A17")
    assert [(f.point, f.mean_kpa, f.at_least) for f in only.thresholds] == [(POINT, 250, True)]


def test_phases_and_thresholds_come_back_as_they_were(history: History, start: SessionStart) -> None:
    point = history.point("A17", Point("soleus", "right"))
    press_id = uuid4()
    told = [
        PhaseRecord(
            "sustained release", PhaseKind.RAMP, 1, 1.0, 3.5, "reached the band", press_id, 80.5, 61.25
        ),
        PhaseRecord("sustained release", PhaseKind.HOLD, 1, 3.5, 60.0, "rating fell", press_id, 180.0),
        PhaseRecord("sustained release", PhaseKind.REST, 2, 60.0, 75.25, "rested"),
    ]
    journal = history.begin_session(dataclasses.replace(start, therapist="T1"))
    journal.point(point.id, T0_S)
    for phase in told:
        journal.phase(dataclasses.replace(phase, start_s=T0_S + phase.start_s, end_s=T0_S + phase.end_s))
    result = ThresholdResult(
        "threshold", 80.0, 99.5, (200.0, 210.0), (30.5, None), (False, True), 210.0, None
    )
    journal.threshold(dataclasses.replace(result, start_s=T0_S + 80, end_s=T0_S + 99.5))
    journal.end(T0_S + 100, {})
    session = history.session(journal.id)
    assert [stored.phase for stored in session.phases] == told
    assert [stored.threshold for stored in session.thresholds] == [result]
    assert session.points == {point.id: Point("soleus", "right")}
    assert session.therapist == "T1"
    json = session.to_json()
    assert json["phases"][0]["phase"]["kind"] == "ramp"
    assert json["therapist"] == "T1"


@pytest.mark.parametrize("code", ["x" * 41, "T\x001"])
def test_a_therapists_code_is_short(start: SessionStart, code: str) -> None:
    with pytest.raises(BadEntryError, match="therapist's code"):
        dataclasses.replace(start, therapist=code)


def test_the_newest_counts_also_when_the_clock_was_set_back(
    history: History, clock: Clock, place: Path | str
) -> None:
    history.care.set_plan("A17", Plan(3))
    history.care.assess("A17", FULL)
    history.care.check("A17", [answer(checks()[0], False)])
    history.close()
    with open_history(place, now=lambda: datetime(2020, 1, 1, tzinfo=UTC)) as later:
        later.care.set_plan("A17", Plan(8))
        later.care.assess("A17", Assessment(note="newer"))
        later.care.check("A17", [answer(checks()[1], True)])
        assert later.care.plan("A17") == Plan(8)
        assert later.care.assessments("A17")[-1].assessment.note == "newer"
        check = later.care.last_check("A17")
        assert check is not None
        assert check.answers[0].yes
