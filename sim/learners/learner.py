"""A simulated learner: what is wrong with the hand is known, and how it gets better and worse.

Errors are shares of the target. An attempt's aim is drawn once: bias and spread are between attempts; wander, tremor
and sag are within one. Every number is assumed but for sag (Pérez-Palomares 2021, PMC8623383: hands lose 8.7 % within
15 s) and tremor's 8-12 Hz.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback.drills import DrillKind, Piece, Task
from sim.seeds import stream

RATE_HZ = 80.0
LEAD_S = 0.3
TAIL_S = 0.5
WANDER_S = 2.0
"""Memory of the slow wander."""
SHOT_S, SHOT_FADES_S = 0.3, 0.3
APPROACH = 0.6
"""Share of the time for reaching a level in which the learner is there."""


@dataclass(frozen=True, slots=True)
class Ability:
    """One learner before any practice.

    Attributes:
        bias: mean error of aim when blind; above 0 is heavy.
        spread: standard deviation of the aim from attempt to attempt, when blind.
        wander: standard deviation of the slow wander within an attempt.
        tremor: standard deviation of a tremor of 10 Hz.
        sag_per_min: lost in a minute of holding.
        rate_bias, rate_spread: the same of the rate of a ramp.
        estimate_bias, estimate_spread: of the learner's own guess, around what was pressed.
        overshoot: how far past the level it shoots on arriving, kept for 0.3 s and gone a second later.
        preload: light contact before the go, as a share of the target.
        seen: factor on bias and spread while the pressure is shown.
        learn: share of what is left to learn that one attempt with any feedback teaches; 0 never learns.
        floor: factor on bias and spread once everything is learnt.
        forget_days: time constant with which what was learnt goes; inf never forgets.
    """

    bias: float = 0.0
    spread: float = 0.08
    wander: float = 0.015
    tremor: float = 0.008
    sag_per_min: float = 0.0
    rate_bias: float = 0.0
    rate_spread: float = 0.10
    estimate_bias: float = 0.0
    estimate_spread: float = 0.05
    overshoot: float = 0.0
    preload: float = 0.15
    seen: float = 1.0
    learn: float = 0.0
    floor: float = 0.4
    forget_days: float = math.inf


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Samples of a simulated attempt, as a sensor of 80 Hz gives them; arrays (n,).

    Attributes:
        time_s: from a moment before the first contact.
        pressure_kpa: under the tip.
    """

    time_s: NDArray[np.float64]
    pressure_kpa: NDArray[np.float64]


class SimulatedLearner:
    """One learner; the same ability and seed press the same."""

    def __init__(self, ability: Ability, seed: int) -> None:
        self.ability = ability
        self._chance = stream(seed, "learner", "aim")
        self._noise = stream(seed, "learner", "hand")
        self.skill = 0.0
        """What of all there is to learn is learnt, 0 to 1."""

    @property
    def factor(self) -> float:
        """What practice has left of bias and spread."""
        return 1 - (1 - self.ability.floor) * self.skill

    def learn(self) -> None:
        """One attempt with feedback is over."""
        self.skill += self.ability.learn * (1 - self.skill)

    def rest(self, days: float) -> None:
        """Days without practice."""
        self.skill *= math.exp(-days / self.ability.forget_days)

    def rate_kpa_per_s(self, asked: float, *, seen: bool) -> float:
        """The rate of this attempt's ramp."""
        a, f = self.ability, self._factor(seen)
        return asked * max(1 + f * (a.rate_bias + a.rate_spread * self._normal()), 0.1)

    def press(self, task: Task) -> Trace:
        """One attempt at a task without a client."""
        line, a = task.trajectory, self.ability
        contact_kpa = 3.0 * task.kpa_per_n
        preload = max(a.preload * line.highest_kpa, contact_kpa)
        seen = task.feedback.value == "always"
        set_s = task.drill.set_s + 1 / RATE_HZ
        n = round((LEAD_S + set_s + line.end_s + TAIL_S) * RATE_HZ)
        time_s = np.arange(n) / RATE_HZ
        # The attempt's go is the first sample that is `set_s` after the first contact.
        t = time_s - (math.ceil(LEAD_S * RATE_HZ) + math.ceil(task.drill.set_s * RATE_HZ)) / RATE_HZ
        if task.drill.kind is DrillKind.RAMP and task.rate_kpa_per_s:
            rate = self.rate_kpa_per_s(task.rate_kpa_per_s, seen=seen)
            wish = preload + rate * np.maximum(t, 0.0)
        else:
            on_the_way = t < line.pieces[0].end_s
            wish = np.maximum(self._wishes(task, t, seen=seen), np.where(on_the_way, preload, 0.0))
        kpa = wish * (1 + self._wander(n) + self._tremor(time_s))
        off = (time_s < LEAD_S) | (t > line.end_s + 0.1)
        for piece in line.pieces:
            if piece.off and piece.do == "let go":
                off |= (t >= piece.start_s + 0.3) & (t < piece.end_s)
        return Trace(time_s, np.where(off, 0.0, np.maximum(kpa, 0.0)))

    def estimate_kpa(self, felt_kpa: float | None) -> float | None:
        """The learner's guess of what was pressed."""
        if felt_kpa is None:
            return None
        a = self.ability
        return max(felt_kpa * (1 + a.estimate_bias + a.estimate_spread * self._normal()), 0.0)

    def aim(self, *, seen: bool) -> float:
        """The error of aim of one attempt."""
        a, f = self.ability, self._factor(seen)
        return f * (a.bias + a.spread * self._normal())

    def _factor(self, seen: bool) -> float:
        return self.factor * (self.ability.seen if seen else 1.0)

    def _normal(self) -> float:
        return float(self._chance.standard_normal())

    def _wishes(self, task: Task, t: NDArray[np.float64], *, seen: bool) -> NDArray[np.float64]:
        line = task.trajectory
        aim = self.aim(seen=seen)
        at = line.index_at(t)
        wish = np.zeros(len(t))
        chosen = 1 + 0.1 * self._normal()
        for i, piece in enumerate(line.pieces):
            here = at == i
            first = piece.reference or any(p.reference for p in line.pieces if p.part == piece.part)
            # The first of two presses is the reference: the error is in the second, against the first.
            error = (chosen if piece.free else 1.0) if first else 1 + aim
            follows = any(p.reference for p in line.pieces) and not first
            if follows:
                error *= chosen if any(p.free for p in line.pieces) else 1.0
            wish[here] = self._followed(piece, t[here]) * error
        return wish

    def _followed(self, piece: Piece, t: NDArray[np.float64]) -> NDArray[np.float64]:
        length_s = piece.end_s - piece.start_s
        if not piece.scored and not piece.reference:
            arrived_s = t - piece.start_s - APPROACH * length_s
            fading = np.exp(-np.maximum(arrived_s - SHOT_S, 0.0) / SHOT_FADES_S)
            shot = np.where(arrived_s >= 0, self.ability.overshoot * fading, 0.0)
            way = piece.value_kpa(piece.start_s + np.clip((t - piece.start_s) / APPROACH, 0.0, length_s))
            return way * (1 + shot)
        held = piece.from_kpa == piece.to_kpa and not piece.swing_kpa
        sag = self.ability.sag_per_min * (t - piece.start_s) / 60 if held else 0.0
        return piece.value_kpa(t) * (1 - sag)

    def _wander(self, n: int) -> NDArray[np.float64]:
        keep = math.exp(-1 / RATE_HZ / WANDER_S)
        drive = self._noise.standard_normal(n) * math.sqrt(1 - keep * keep)
        out = np.empty(n)
        value = float(self._noise.standard_normal())
        for i, kick in enumerate(drive.tolist()):
            out[i] = value
            value = keep * value + kick
        return self.ability.wander * out

    def _tremor(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        phase = 2 * math.pi * float(self._noise.random())
        hz = 8 + 4 * float(self._noise.random())
        return self.ability.tremor * math.sqrt(2) * np.sin(2 * math.pi * hz * time_s + phase)
