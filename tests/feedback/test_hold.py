from __future__ import annotations

import numpy as np
import pytest

from feedback.band.course import CourseKind
from feedback.comfort import Report, ReportKind
from feedback.hold import HoldWatch


def held(watch: HoldWatch, start_s: float, end_s: float, first_kpa: float, last_kpa: float) -> None:
    time_s = np.arange(start_s, end_s, 1 / 80)
    tremor = 1 + 0.02 * np.sin(2 * np.pi * 10 * time_s)
    watch.feed(time_s, np.linspace(first_kpa, last_kpa, len(time_s)) * tremor)


def rated(watch: HoldWatch, time_s: float, rating: int, kpa: float) -> None:
    watch.heard(Report(ReportKind.RATING, time_s, rating), kpa)


def test_nothing_is_known_before_a_hold_begins() -> None:
    watch = HoldWatch()
    watch.feed(1.0, 200.0)
    assert watch.now(2.0) is None


def test_a_pressure_that_is_held_does_not_sag() -> None:
    watch = HoldWatch()
    watch.restart(0.0)
    held(watch, 0.0, 20.0, 200.0, 200.0)
    now = watch.now(20.0)
    assert not now.sagging
    assert now.sag_pct == pytest.approx(0.0, abs=0.5)


def test_a_hand_that_loses_a_tenth_sags_and_it_is_said() -> None:
    watch = HoldWatch()
    watch.restart(0.0)
    held(watch, 0.0, 3.0, 200.0, 200.0)
    held(watch, 3.0, 20.0, 200.0, 180.0)
    now = watch.now(20.0)
    assert now.sagging
    assert now.sag_pct == pytest.approx(9.0, abs=2.0)
    assert "sags" in now.sentence


def test_what_the_hand_was_asked_to_give_up_is_no_sag() -> None:
    watch = HoldWatch()
    watch.restart(0.0)
    held(watch, 0.0, 5.0, 300.0, 300.0)
    held(watch, 5.0, 7.0, 300.0, 200.0)
    watch.level_again(7.0)
    held(watch, 7.0, 20.0, 200.0, 199.0)
    now = watch.now(20.0)
    assert not now.sagging
    assert now.sag_pct == pytest.approx(0.5, abs=0.7)


def test_words_of_the_hold_stay_when_the_level_is_taken_again() -> None:
    watch = HoldWatch()
    watch.restart(0.0)
    held(watch, 0.0, 10.0, 200.0, 200.0)
    rated(watch, 5.0, 7, 200.0)
    watch.level_again(10.0)
    held(watch, 10.0, 20.0, 190.0, 190.0)
    rated(watch, 15.0, 6, 190.0)
    now = watch.now(20.0)
    assert (now.rating_first, now.rating_last) == (7.0, 6.0)


def test_a_rating_that_falls_at_the_same_pressure_is_easing_and_one_that_falls_with_it_is_not() -> None:
    eased, sagged = HoldWatch(), HoldWatch()
    for watch in (eased, sagged):
        watch.restart(0.0)
    for step, rating in enumerate((7, 6, 5, 4, 4, 3)):
        at_s, share = 5.0 + 8.0 * step, rating / 7
        rated(eased, at_s, rating, 200.0)
        rated(sagged, at_s, rating, 200.0 * share**0.55)
    held(eased, 0.0, 50.0, 200.0, 200.0)
    held(sagged, 0.0, 50.0, 200.0, 130.0)
    assert eased.now(50.0).kind is CourseKind.EASING
    assert sagged.now(50.0).kind is not CourseKind.EASING
    assert sagged.now(50.0).sagging


def test_pain_that_does_not_ease_at_held_pressure_is_said_after_30_s() -> None:
    watch = HoldWatch()
    watch.restart(0.0)
    held(watch, 0.0, 45.0, 200.0, 199.0)
    for at_s in (3.0, 12.0, 21.0, 30.0, 39.0):
        rated(watch, at_s, 5, 200.0)
    now = watch.now(45.0)
    assert now.not_easing
    assert "not easing after 30 s" in now.sentence
