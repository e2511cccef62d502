"""Soft tissue under a flat tip: stiffer the deeper, and giving way while held.

Fung's quasi-linear viscoelasticity: an elastic force `a (exp(b x) - 1)` of the indentation x, multiplied by a
relaxation that falls from 1 as exponentials (Fung, Biomechanics, 1993, ch. 7). No source gave these constants for
trigger points: they are assumptions, chosen so that 20-40 N press a 1 cm² tip 7-25 mm deep and that a held
indentation loses a fifth to a third of its force within a minute.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MAX_STEP_MM = 2.0
"""Largest step of the solver's guess; keeps it from leaping over the steep part of the curve."""


@dataclass(frozen=True, slots=True)
class TissueSettings:
    """One site.

    Attributes:
        scale_n: `a`, newtons; 0.5 to 3 for a 1 cm² tip.
        stiffening_per_mm: `b`; 0.12 (thick, soft) to 0.45 (thin, over bone).
        relaxing: (fraction of the force that goes, time constant in s); the fractions sum to less than 1.
    """

    scale_n: float
    stiffening_per_mm: float
    relaxing: tuple[tuple[float, float], ...] = ((0.12, 1.5), (0.15, 20.0))

    def __post_init__(self) -> None:
        if self.scale_n <= 0 or self.stiffening_per_mm <= 0 or sum(g for g, _ in self.relaxing) >= 1:
            raise ValueError(
                "a tissue needs a positive scale and stiffening, and relaxes by less than its whole force"
            )


class Tissue:
    """The tissue's state; one step at a time, the tip's rear end being held by a spring (the hand)."""

    def __init__(self, settings: TissueSettings, step_s: float) -> None:
        self.settings = settings
        self._a, self._b = settings.scale_n, settings.stiffening_per_mm
        # Each part moves towards its fraction of the elastic force; exact for a force constant over the step.
        self._moves = [(g, -math.expm1(-step_s / tau)) for g, tau in settings.relaxing]
        self._gone = [0.0] * len(self._moves)
        self._gone_n = 0.0
        self.indentation_mm = 0.0

    def press(self, drive_mm: float, spring_n_per_mm: float) -> float:
        """Force after the next step, newtons, 0 or more.

        Args:
            drive_mm: where the spring's other end is; 0 is the skin at rest, positive is deeper.
            spring_n_per_mm: the hand's stiffness, above 0.
        """
        a, b, gone_n, k = self._a, self._b, self._gone_n, spring_n_per_mm
        # Free tissue stands where its elastic force balances what it has not yet recovered.
        free_mm = math.log1p(gone_n / a) / b
        if drive_mm <= free_mm:
            self._relax(gone_n)
            self.indentation_mm = free_mm
            return 0.0
        # Balance a (exp(b x) - 1) - gone = k (drive - x): rising and convex, one root between free and drive.
        x = min(max(self.indentation_mm, free_mm), drive_mm)
        for _ in range(50):
            elastic = a * (math.exp(b * x) - 1.0)
            step = (elastic - gone_n - k * (drive_mm - x)) / (b * (elastic + a) + k)
            if step > MAX_STEP_MM:
                step = MAX_STEP_MM
            elif step < -MAX_STEP_MM:
                step = -MAX_STEP_MM
            x -= step
            if -1e-6 < step < 1e-6:
                break
        self.indentation_mm = x
        elastic = a * (math.exp(b * x) - 1.0)
        self._relax(elastic)
        return max(elastic - gone_n, 0.0)

    def _relax(self, elastic_n: float) -> None:
        total = 0.0
        for i, (fraction, move) in enumerate(self._moves):
            gone = self._gone[i] + (fraction * elastic_n - self._gone[i]) * move
            self._gone[i] = gone
            total += gone
        self._gone_n = total

    def stiffness_n_per_mm(self) -> float:
        """How much force a further millimetre would take now."""
        return self._b * self._a * math.exp(self._b * self.indentation_mm)
