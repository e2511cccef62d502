"""One go at a drill: samples go in, a view comes out, at the end an outcome.

    waiting ─ contact ─► get set ─ go ─► running ─ time ─► ended            with feedback
                                            │       └────► estimate ─► ended    blind: “what do you think it was?”
                                            └────────────► void             kept too, and said why

When things happen hangs on contact and on time alone (and on a simulated client's words), never on how hard is pressed:
a change on the screen, or the end itself, would otherwise tell a blind trainee that the target is reached. Only the
ceiling and the sensor's limit end an attempt by pressure: safety goes before the exercise.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from feedback.comfort import Report, ReportKind
from feedback.drills.attempt_view import (
    OVER,
    Aim,
    AttemptView,
    Clock,
    Shown,
    Stage,
    Void,
    hidden_view,
    seen_view,
)
from feedback.drills.drill import Threshold
from feedback.drills.errors import TaskError
from feedback.drills.outcome import Outcome
from feedback.drills.samples import AttemptSamples
from feedback.drills.scoring import scores_of
from feedback.drills.task import FeedbackMode, Task, refusal_of
from feedback.press import PressRules
from feedback.signal import ForceBlock, Quality

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

LOOK_S = 2.0
"""How long the pressure is shown when the trainee asks."""
MOST_MISSING = 0.25
"""An attempt of which more than this share was not measured does not count."""


class Attempt:
    """Not thread-safe: one lock around feeding, asking and viewing.

    Args:
        task: what is asked.
        ceiling_kpa: never above it; `math.inf` for none, on foam.
        sensor_range_kpa: the largest pressure that the sensor can measure under this tip; None if not known.
        rules: when the tip counts as pressed on and let go, and how long a silence may be.

    Raises:
        TaskError: the task is refused (`feedback.drills.task.refusal_of` says why beforehand).
    """

    def __init__(
        self,
        task: Task,
        *,
        ceiling_kpa: float,
        sensor_range_kpa: float | None = None,
        rules: PressRules | None = None,
    ) -> None:
        self._rules = rules or PressRules()
        refusal = refusal_of(
            task, ceiling_kpa=ceiling_kpa, sensor_range_kpa=sensor_range_kpa, rules=self._rules
        )
        if refusal:
            raise TaskError(refusal.sentence)
        self.task = task
        self._ceiling_kpa = ceiling_kpa
        self._contact_kpa = self._rules.start_n * task.kpa_per_n
        self._away_kpa = self._rules.end_n * task.kpa_per_n
        self._stage = Stage.WAITING
        self._stage_s = -math.inf
        self._go_s: float | None = None
        self._last_s: float | None = None
        self._off_since_s: float | None = None
        self._word_s: float | None = None
        self._looking_until_s = -math.inf
        self._looks = 0
        self._lost = 0
        self._heard: list[Report] = []
        self._samples = AttemptSamples()
        self._scored = self._inside = 0
        self._outcome: Outcome | None = None
        self._pending: Outcome | None = None

    # -- what goes in ----------------------------------------------------------------------------------------

    def feed(
        self,
        time_s: ArrayLike,
        pressure_kpa: ArrayLike,
        quality: ArrayLike | int = 0,
        *,
        lost: int = 0,
        client_kpa: tuple[float, float] | None = None,
    ) -> None:
        """Take the next samples.

        Args:
            time_s: (n,), on one clock, not falling.
            pressure_kpa: (n,), under the tip; NaN where uncalibrated.
            quality: (n,) or one for all, `feedback.signal.Quality` flags.
            lost: samples known to be lost before these.
            client_kpa: the simulated client's hidden range of good pain now, of drills that need one.

        Raises:
            ValueError: the arrays differ in length.
        """
        times = np.asarray(time_s, np.float64)
        pressures = np.asarray(pressure_kpa, np.float64)
        flags = np.broadcast_to(np.asarray(quality, np.uint8), times.shape)
        if times.ndim != 1 or pressures.shape != times.shape:
            raise ValueError("an attempt is fed one-dimensional arrays of one length")
        if self._stage in (Stage.GET_SET, Stage.RUNNING):
            self._lost += lost
        client = client_kpa or (math.nan, math.nan)
        for at_s, kpa, flag in zip(times.tolist(), pressures.tolist(), flags.tolist(), strict=True):
            if self._stage not in (Stage.WAITING, Stage.GET_SET, Stage.RUNNING):
                return
            self._sample(at_s, kpa, flag, client)

    def feed_block(self, block: ForceBlock, *, client_kpa: tuple[float, float] | None = None) -> None:
        """Take a block of a sensor, in newtons."""
        pressure_kpa = block.force_n.astype(np.float64) * self.task.kpa_per_n
        self.feed(block.time_s, pressure_kpa, block.quality, lost=block.lost, client_kpa=client_kpa)

    def listened(self, now_s: float) -> None:
        """The sensor has been listened to until now: a silence that is too long makes the attempt void."""
        last_s = self._last_s
        going = self._stage in (Stage.GET_SET, Stage.RUNNING)
        if going and last_s is not None and now_s - last_s > self._rules.signal_gap_s:
            self._end(last_s, Void.SIGNAL)

    def unplugged(self, time_s: float) -> None:
        """The sensor is gone."""
        self.spoil(time_s, Void.SIGNAL)

    def spoil(self, time_s: float, why: Void) -> None:
        """Something from elsewhere makes it void, unless all is pressed: the sensor is gone, its zero was set."""
        if self._stage in (Stage.WAITING, Stage.GET_SET, Stage.RUNNING):
            self._end(time_s, why)

    def heard(self, report: Report) -> None:
        """The simulated client said something."""
        if self._stage is not Stage.RUNNING:
            return
        self._heard.append(report)
        settings = self.task.drill.settings
        ends = isinstance(settings, Threshold) or report.kind is ReportKind.STOP
        if ends and self._word_s is None and report.kind is not ReportKind.RATING:
            self._word_s = report.time_s

    def look(self, time_s: float) -> bool:
        """The trainee asks to see the pressure; False where feedback is not on demand, or hidden at this moment."""
        if not self.view(time_s).can_look:
            return False
        self._looks += 1
        self._looking_until_s = time_s + LOOK_S
        return True

    def estimate(self, pressure_kpa: float | None) -> None:
        """What the trainee thinks it was, in kPa; None for no idea. Ends a blind attempt.

        Raises:
            ValueError: it was not asked, or the number is below 0 or none.
        """
        if self._stage is not Stage.ESTIMATE or self._pending is None:
            raise ValueError("what it was is asked only at the end of a blind attempt")
        if pressure_kpa is not None and not 0 <= pressure_kpa < math.inf:
            raise ValueError("an estimate is a pressure of 0 or more")
        self._close(self._pending, pressure_kpa)

    def give_up(self, time_s: float) -> None:
        """The trainee wants no more of it; of an attempt that only waits for an estimate, none is given."""
        if self._stage is Stage.ESTIMATE and self._pending is not None:
            self._close(self._pending, None)
        elif self._stage not in OVER:
            self._end(time_s, Void.GIVEN_UP)

    # -- what comes out --------------------------------------------------------------------------------------

    @property
    def stage(self) -> Stage:
        """Where it is."""
        return self._stage

    @property
    def felt_kpa(self) -> float | None:
        """What an estimate will be held against, for a simulated trainee who knows what it felt; never for a screen."""
        scores = self._pending.scores if self._pending else None
        return scores.felt_kpa if scores else None

    @property
    def go_s(self) -> float | None:
        """When the go was; None before it."""
        return self._go_s

    @property
    def pending(self) -> Outcome | None:
        """What was pressed while only the estimate is missing, for the record; never for a screen."""
        return self._pending if self._stage is Stage.ESTIMATE else None

    @property
    def outcome(self) -> Outcome | None:
        """What came of it, for the record; None until it is over. A screen shows that of the view."""
        return self._outcome

    def view(self, now_s: float) -> AttemptView:
        """The attempt at a time on the clock of the samples."""
        void = self._outcome.void if self._outcome else None
        clock = Clock(now_s, self._stage, self._go_s, self._stage_s, self._looks, tuple(self._heard), void)
        if self._is_hidden(now_s):
            return hidden_view(self.task, clock)
        return seen_view(self.task, clock, self._shown(now_s), self._outcome)

    # -- how it goes -----------------------------------------------------------------------------------------

    def _is_hidden(self, now_s: float) -> bool:
        if self._stage in OVER:
            return not self.task.reveal
        if self._go_s is not None and self.task.trajectory.piece_at(now_s - self._go_s).hidden:
            return True
        if self.task.feedback is FeedbackMode.ALWAYS:
            return False
        return self.task.feedback is not FeedbackMode.ON_DEMAND or now_s >= self._looking_until_s

    def _shown(self, now_s: float) -> Shown | None:
        pressure = self._samples.calm_kpa(now_s)
        if self._stage in OVER or pressure is None:
            return None
        share = self._inside / self._scored if self._scored else None
        line = self.task.trajectory
        elapsed_s = 0.0 if self._go_s is None else min(max(now_s - self._go_s, 0.0), line.end_s)
        if self._word_s is not None:
            return Shown(pressure, None, None, None, None)
        if self.task.rate_kpa_per_s and self._go_s is not None:
            rate = self._samples.rate_kpa_per_s(now_s)
            return Shown(pressure, None, None, self._aim_of(rate), None, rate)
        if self.task.target_kpa is None or self._go_s is None:
            return Shown(pressure, None, None, None, share)
        target, tolerance = line.wanted_kpa(elapsed_s)
        error = pressure - target
        aim = Aim.INSIDE if abs(error) <= tolerance else Aim.HEAVY if error > 0 else Aim.LIGHT
        return Shown(pressure, error, 100 * error / target if target > 0 else None, aim, share)

    def _aim_of(self, rate: float | None) -> Aim | None:
        asked = self.task.rate_kpa_per_s
        if rate is None or not asked:
            return None
        if abs(rate - asked) <= self.task.tolerance_share * asked:
            return Aim.INSIDE
        return Aim.HEAVY if rate > asked else Aim.LIGHT

    def _sample(self, at_s: float, kpa: float, flags: int, client_kpa: tuple[float, float]) -> None:
        silent = self._last_s is not None and at_s - self._last_s > self._rules.signal_gap_s
        if silent and self._stage is not Stage.WAITING and self._last_s is not None:
            self._end(self._last_s, Void.SIGNAL)
            return
        self._last_s = at_s
        if flags & Quality.UNCALIBRATED or kpa != kpa:
            self._end(at_s, Void.UNCALIBRATED)
            return
        if self._stage is Stage.WAITING and kpa >= self._contact_kpa:
            self._samples.clear()
            self._lost = 0
            self._off_since_s = None
            self._enter(Stage.GET_SET, at_s)
        if self._stage is Stage.WAITING:
            return
        self._samples.add(at_s, kpa, flags, client_kpa)
        if flags & Quality.SATURATED:
            self._end(at_s, Void.SATURATED)
        elif kpa >= self._ceiling_kpa:
            self._end(at_s, Void.CEILING)
        elif self._stage is Stage.GET_SET:
            self._get_set(at_s, kpa)
        else:
            self._run(at_s, kpa)

    def _get_set(self, at_s: float, kpa: float) -> None:
        if self._off_for(at_s, kpa):
            self._enter(Stage.WAITING, at_s)
        elif at_s - self._stage_s >= self.task.drill.set_s:
            self._go_s = at_s
            self._enter(Stage.RUNNING, at_s)

    def _run(self, at_s: float, kpa: float) -> None:
        line = self.task.trajectory
        t_s = at_s - (self._go_s or 0.0)
        piece = line.piece_at(t_s)
        off = self._off_for(at_s, kpa)
        settings = self.task.drill.settings
        if t_s >= line.end_s or (off and self._word_s is not None):
            self._end(at_s, None)
        elif isinstance(settings, Threshold) and self._word_s is not None:
            if at_s - self._word_s > settings.let_go_s + 1.0:
                self._end(at_s, None)
        elif off and not piece.off:
            self._end(at_s, Void.LET_GO)
        elif piece.scored and self.task.target_kpa is not None:
            self._scored += 1
            target, tolerance = line.wanted_kpa(t_s)
            self._inside += abs(kpa - target) <= tolerance

    def _off_for(self, at_s: float, kpa: float) -> bool:
        """The tip has been off for long enough to count as let go."""
        if kpa >= self._away_kpa:
            self._off_since_s = None
            return False
        if self._off_since_s is None:
            self._off_since_s = at_s
        return at_s - self._off_since_s >= self._rules.release_s

    def _enter(self, stage: Stage, at_s: float) -> None:
        self._stage, self._stage_s = stage, at_s

    def _end(self, at_s: float, void: Void | None) -> None:
        first_s = self._samples.first_s
        start_s = self._go_s if self._go_s is not None else at_s if first_s is None else first_s
        pressed = self._samples.pressed(start_s, client=self.task.drill.client is not None)
        heard = self._heard_from(start_s)
        scores = None if void else scores_of(self.task, pressed, heard=heard)
        if scores is not None and scores.missing_share > MOST_MISSING:
            void, scores = Void.SIGNAL, None
        outcome = Outcome(
            task=self.task,
            start_s=start_s,
            end_s=at_s,
            pressed=pressed,
            scores=scores,
            void=void,
            looks=self._looks,
            estimate_kpa=None,
            heard=tuple(self._heard),
            lost=self._lost,
            quality=self._samples.quality,
        )
        self._enter(Stage.VOID if void else Stage.ESTIMATE, at_s)
        if void:
            self._outcome = outcome
        elif self.task.blind:
            self._pending = outcome
        else:
            self._close(outcome, None)

    def _close(self, outcome: Outcome, estimate_kpa: float | None) -> None:
        if estimate_kpa is not None:
            heard = self._heard_from(outcome.start_s)
            scores = scores_of(self.task, outcome.pressed, estimate_kpa=estimate_kpa, heard=heard)
            outcome = replace(outcome, estimate_kpa=estimate_kpa, scores=scores)
        self._outcome = outcome
        self._enter(Stage.ENDED, outcome.end_s)

    def _heard_from(self, start_s: float) -> list[Report]:
        return [Report(r.kind, r.time_s - start_s, r.rating, r.source) for r in self._heard]
