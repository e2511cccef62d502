"""Simulated hands for attempts without a hand and without keys: one follows the target, one follows a script.

For scripts, trials and tests. Both are watchers of a run (`tui.practise.run.Watcher`) on a sensor whose hand can be
steered.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedback.comfort import Report, ReportKind
from feedback.drills import Stage
from feedback.press import PressRules
from tui.wanted import WantedError, number_of

if TYPE_CHECKING:
    from feedback.drills import AttemptView, Task
    from feedback.units import PressureUnit
    from sim.steering import Steering
    from tui.practise.run import Watcher

TOUCH_N = 1.5 * PressRules().start_n
"""A light contact that counts as one."""
OFF_S = 0.6
"""So long the hand is away before it touches: the sensor must have seen that it is off."""
FEEL_KPA_PER_S = 25.0
"""How fast the hand looks for good pain."""


@dataclass(frozen=True, slots=True)
class HandWanted:
    """What a simulated hand shall do: follow the target, off by a share of it; or go through a script.

    Attributes:
        off_share: -0.1 presses 10 % light.
        script: (seconds from the beginning of the attempt, kPa); empty: follow.
    """

    off_share: float = 0.0
    script: tuple[tuple[float, float], ...] = ()

    def hand(self, steering: Steering, task: Task) -> Watcher:
        """The hand for one attempt."""
        if self.script:
            return ScriptedHand(steering, self.script)
        return FollowingHand(steering, task, self.off_share)


def hand_of(text: str, unit: PressureUnit) -> HandWanted:
    """Read `follow`, `follow:-10%`, or a script such as `1:0.4 3:1.0 20:0` (seconds:pressure, in the unit).

    Raises:
        WantedError: neither; the sentence says what it may be.
    """
    wrong = WantedError(
        f"“{text}” is no hand: write follow, follow:-10% (always 10 % light), or seconds and pressures in "
        f"{unit.label} such as “1:0.4 3:1.0 20:0”"
    )
    follow = re.fullmatch(r"\s*follow(?:\s*:\s*([+\-−]?\d+(?:[.,]\d+)?)\s*%)?\s*", text)
    if follow:
        off = number_of((follow[1] or "0").replace("−", "-")) / 100
        if not -1 < off < 2:
            raise wrong
        return HandWanted(off)
    points: list[tuple[float, float]] = []
    for part in text.split():
        seconds, colon, pressure = part.partition(":")
        try:
            at_s, kpa = number_of(seconds), unit.to_kpa(number_of(pressure))
        except ValueError:
            raise wrong from None
        early = points and at_s < points[-1][0]
        if not colon or early or not (0 <= at_s < math.inf and 0 <= kpa < math.inf):
            raise wrong
        points.append((at_s, kpa))
    if not points:
        raise wrong
    return HandWanted(script=tuple(points))


class ScriptedHand:
    """Goes to each pressure of a script when its time has come, as fast as a hand does.

    Args:
        steering: the hand.
        script: (seconds from the first view, kPa), times rising.
    """

    def __init__(self, steering: Steering, script: tuple[tuple[float, float], ...]) -> None:
        self._steering = steering
        self._script = list(script)
        self._begun_s: float | None = None

    def follow(self, view: AttemptView) -> None:
        """Take the next line of the script when it is due."""
        if self._begun_s is None:
            self._begun_s = view.now_s
        while self._script and self._script[0][0] <= view.now_s - self._begun_s:
            self._steering.aim_kpa(self._script.pop(0)[1])

    def close(self) -> None:
        """Let go."""
        self._steering.aim(0.0)


class FollowingHand:
    """Touches, waits for the go, and presses what is asked, off by a share of it; it mends its sag.

    Args:
        steering: the hand.
        task: what is asked: also where a view does not tell it.
        off_share: -0.1 presses 10 % light.
    """

    def __init__(self, steering: Steering, task: Task, off_share: float = 0.0) -> None:
        self._steering = steering
        self._task = task
        self._gain = 1 + off_share
        self._off_since_s: float | None = None
        self._stroke = 0
        self._heard = 0
        self._felt_kpa = 0.0
        self._easing = False
        self._before_s: float | None = None

    def follow(self, view: AttemptView) -> None:
        """Press what this moment asks."""
        step_s = 0.0 if self._before_s is None else max(0.0, view.now_s - self._before_s)
        self._before_s = view.now_s
        match view.stage:
            case Stage.WAITING:
                self._touch(view.now_s)
            case Stage.GET_SET:
                self._steering.aim(TOUCH_N)
            case Stage.RUNNING:
                self._press(view, step_s)
            case _:
                self._steering.aim(0.0)

    def close(self) -> None:
        """Let go."""
        self._steering.aim(0.0)

    def _touch(self, now_s: float) -> None:
        if self._off_since_s is None and self._steering.force_n < 0.1:
            self._off_since_s = now_s
        away = self._off_since_s is None or now_s - self._off_since_s < OFF_S
        self._steering.aim(0.0 if away else TOUCH_N)

    def _press(self, view: AttemptView, step_s: float) -> None:
        rate = self._task.rate_kpa_per_s
        if rate is not None:
            there = any(report.kind is ReportKind.THERE for report in view.heard)
            if there:
                self._steering.aim(0.0)
            else:
                self._steering.aim_kpa(2 * self._task.trajectory.highest_kpa, rate * self._gain)
            return
        if self._task.drill.client is not None:
            self._aim_kpa(self._by_words(view.heard, step_s))
            return
        piece = self._task.trajectory.piece_at(view.elapsed_s)
        if piece.off and piece.to_kpa <= 0:
            self._steering.aim(0.0)
            return
        target_kpa = self._task.trajectory.wanted_kpa(view.elapsed_s)[0]
        self._aim_kpa(target_kpa * self._gain)

    def _aim_kpa(self, pressure_kpa: float) -> None:
        # Never twice the same: a hand that is asked for another force mends what it has lost.
        self._stroke += 1
        self._steering.aim_kpa(pressure_kpa * (1 + 1e-6 * (self._stroke % 7)))

    def _by_words(self, heard: tuple[Report, ...], step_s: float) -> float:
        """Good pain by what the client says: up until it is there, down from too much."""
        for report in heard[self._heard :]:
            rating = report.rating
            light = report.kind is ReportKind.TOO_LITTLE or (rating is not None and rating < 4)
            heavy = report.kind in (ReportKind.TOO_MUCH, ReportKind.STOP, ReportKind.ENOUGH)
            if heavy or (rating is not None and rating > 7):
                self._felt_kpa *= 0.88
            elif light:
                self._felt_kpa *= 1.1
            elif report.kind is ReportKind.THERE and not self._easing:
                self._felt_kpa *= 1.2
            self._easing = self._easing or report.kind is ReportKind.THERE or heavy
        self._heard = len(heard)
        if not self._easing:
            self._felt_kpa += FEEL_KPA_PER_S * step_s
        return max(self._felt_kpa, 10 * TOUCH_N / self._task.tip_area_cm2)
