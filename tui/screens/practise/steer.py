"""The simulated hand, moved by keys: for practising with no sensor.

Keys are not a hand: there is nothing to feel. So that in a blind attempt counting keys tells not much more than a hand
feels, a key moves the hand by an amount that nobody is told: each attempt has a strength of its own, each stroke
varies, and the hand itself sags, wanders and trembles. What such attempts show is how an attempt goes, not a skill.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from textual.binding import Binding

from feedback.press import PressRules

if TYPE_CHECKING:
    from sim.steering import Steering

FINE_N, COARSE_N = 0.4, 2.0
"""What a stroke adds on the whole."""
TOUCH_N = 1.5 * PressRules().start_n
"""The first stroke: a light contact that counts as one."""
STRENGTH_SD = 0.15
"""Of the strength of an attempt's strokes, as ln; a hand's own gain differs by about as much from day to day
(assumption: between-attempt errors of trained hands are 10-20 %)."""
STROKE_SD = 0.25
"""Of one stroke to the next, as ln."""
MOST_N = 150.0
"""More than any drill asks and any hand should press."""

KEYS_LINE = "Simulated hand: ↑ ↓ press a little more or less, PgUp PgDn much more or less, L lets go."
KEYS_LINE_SHORT = "Simulated hand: ↑ ↓ a little, PgUp PgDn much, L lets go"


def steer_keys() -> list[Binding]:
    """Bindings of a screen with a simulated hand; its actions are `steer(amount)` and `let_go`."""
    return [
        Binding("up", "steer('up')", "A little more", id="hand-up", show=False),
        Binding("down", "steer('down')", "A little less", id="hand-down", show=False),
        Binding("pageup,shift+up", "steer('far_up')", "Much more", id="hand-far-up", show=False),
        Binding("pagedown,shift+down", "steer('far_down')", "Much less", id="hand-far-down", show=False),
        Binding("l,delete", "let_go", "Let go", id="hand-let-go", show=False),
    ]


STROKES = {"up": FINE_N, "down": -FINE_N, "far_up": COARSE_N, "far_down": -COARSE_N}


class SteeredHand:
    """Turns strokes of keys into what the simulated hand aims at.

    Args:
        steering: of the address that the attempt's sensor has.
        rng: what is not told comes from here; another one for each sitting.
    """

    def __init__(self, steering: Steering, rng: np.random.Generator | None = None) -> None:
        self._steering = steering
        self._rng = rng or np.random.default_rng()
        self._strength = 1.0
        self.renew()

    def renew(self) -> None:
        """Another attempt: off the skin, with another strength."""
        self._strength = math.exp(STRENGTH_SD * float(self._rng.standard_normal()))
        self.let_go()

    def stroke(self, which: str) -> None:
        """One key, a name of `STROKES`; the first one up touches, down from a touch lets go.

        Raises:
            KeyError: no such stroke.
        """
        step_n = STROKES[which]
        now_n = self._steering.aimed_n or 0.0
        if now_n <= 0:
            if step_n > 0:
                self._steering.aim(TOUCH_N)
            return
        varied = step_n * self._strength * math.exp(STROKE_SD * float(self._rng.standard_normal()))
        aimed_n = now_n + varied
        self._steering.aim(min(aimed_n, MOST_N) if aimed_n > 0 else 0.0)

    def let_go(self) -> None:
        """Off the skin."""
        self._steering.aim(0.0)
