"""What is heard of an attempt."""

from __future__ import annotations

import numpy as np
import pytest

from feedback.drills import Attempt, FeedbackMode, Stage, task_of
from feedback.drills.library import shipped_drills
from feedback.tones import Tone
from tui.practise.tone import AimTones

RATE_HZ = 80
DRILLS = shipped_drills()


def heard(drill: str, feedback: FeedbackMode, kpa, *, looks: bool = False) -> list[tuple[float, Tone]]:
    """Tones of an attempt pressed with `kpa(seconds since the contact)`, with the time at which each begins."""
    task = task_of(DRILLS[drill], tip_area_cm2=1.0, feedback=feedback)
    attempt, tones = Attempt(task, ceiling_kpa=5000.0), AimTones()
    found: list[tuple[float, Tone]] = []
    for step in range(0, round((task.drill.set_s + task.trajectory.end_s + 1) * RATE_HZ), 4):
        time_s = (step + np.arange(4)) / RATE_HZ
        attempt.feed(time_s, np.array([35.0 if t < task.drill.set_s else kpa(t) for t in time_s]))
        now_s = float(time_s[-1])
        if looks and attempt.stage is Stage.RUNNING:
            attempt.look(now_s)
        view = attempt.view(now_s)
        if (tone := tones.next(view, now_s)) is not Tone.SILENT:
            assert not view.hidden
            found.append((now_s, tone))
    return found


@pytest.mark.parametrize("kpa", [20.0, 98.0, 250.0])
@pytest.mark.parametrize("feedback", [FeedbackMode.NONE, FeedbackMode.AFTER, FeedbackMode.ON_DEMAND])
def test_what_is_not_shown_is_not_heard(feedback: FeedbackMode, kpa: float) -> None:
    assert heard("short-hold", feedback, lambda t: kpa) == []


def test_light_and_heavy_are_told_at_once_and_then_slowly() -> None:
    light = heard("short-hold", FeedbackMode.ALWAYS, lambda t: 40.0)
    assert {tone for _, tone in light} == {Tone.TOO_LITTLE}
    assert 2 <= len(light) <= 5
    assert np.diff([at_s for at_s, _ in light]).min() >= 3.9
    heavy = heard("short-hold", FeedbackMode.ALWAYS, lambda t: 200.0)
    assert {tone for _, tone in heavy} == {Tone.TOO_MUCH}
    assert heavy[0][0] < 1.5
    assert heard("short-hold", FeedbackMode.ON_DEMAND, lambda t: 200.0, looks=True) != []


def test_inside_there_is_silence_and_on_the_way_there_too() -> None:
    assert heard("short-hold", FeedbackMode.ALWAYS, lambda t: 35 + 63.0 * min(1.0, (t - 1) / 1.5)) == []


def test_a_ramp_is_told_faster_and_slower() -> None:
    slow = heard("ramp-1-kg", FeedbackMode.ALWAYS, lambda t: 35 + 40.0 * (t - 1))
    assert {tone for _, tone in slow} == {Tone.FASTER}
    fast = heard("ramp-1-kg", FeedbackMode.ALWAYS, lambda t: 35 + 250.0 * (t - 1))
    assert Tone.SLOWER in {tone for _, tone in fast}


def test_the_second_press_of_two_is_silent_whatever_the_feedback() -> None:
    found = heard(
        "reproduce", FeedbackMode.ALWAYS, lambda t: 300.0 if t < 8 else 0.0 if t < 13 else 5.0 + 300.0
    )
    assert found
    assert max(at_s for at_s, _ in found) < 9.0
