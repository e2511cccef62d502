"""What a learner knew before each report, so that a report can be taken back, without keeping a model for each.

A model is some ten thousand numbers, a step from one to the next a few words. So the steps are kept, and of the models
only the newest and fewer and fewer of those before; one that is asked for and gone is worked out again from the steps,
to the bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from feedback.band.model import GoodPainBand
from feedback.comfort import Report

Step: TypeAlias = Callable[[GoodPainBand], GoodPainBand]

NEWEST = 8
"""So many reports can be taken back, one after the other, without working anything out."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A report, how many steps had been taken before it, and the time under pressure until then, in s."""

    report: Report
    at: int
    felt_s: float


class Past:
    """The steps a model has taken since the learner began, and the reports among them."""

    def __init__(self, model: GoodPainBand) -> None:
        self._first = model
        self._steps: list[Step] = []
        self._told: list[_Told] = []
        self._kept: dict[int, GoodPainBand] = {}
        """The model before a report, by the report's index."""

    @property
    def models(self) -> int:
        """How many models are kept."""
        return 1 + len(self._kept)

    @property
    def newest(self) -> Report | None:
        """The newest report that can be taken back."""
        return self._told[-1].report if self._told else None

    def step(self, step: Step, model: GoodPainBand) -> GoodPainBand:
        """Take a step; returns the model after it."""
        after = step(model)
        self._steps.append(step)
        return after

    def hear(self, report: Report, step: Step, model: GoodPainBand, felt_s: float) -> GoodPainBand:
        """Take the step that a report is, and remember what was known before it; returns the model after it."""
        after = step(model)
        self._told.append(_Told(report, len(self._steps), felt_s))
        self._kept[len(self._told) - 1] = model
        self._kept = {index: kept for index, kept in self._kept.items() if self._is_kept(index)}
        self._steps.append(step)
        return after

    def take_back(self) -> tuple[GoodPainBand, float]:
        """Forget the newest report and all that came after it.

        Returns:
            What was known before it, and the time under pressure until then.
        """
        newest = len(self._told) - 1
        before = self._model_before(newest)
        told = self._told.pop()
        self._kept.pop(newest, None)
        del self._steps[told.at :]
        return before, told.felt_s

    def _is_kept(self, index: int) -> bool:
        """Whether the model before a report is worth its room now: of those twice as old half as many are."""
        age = len(self._told) - 1 - index
        return age < NEWEST or index % (1 << (age.bit_length() - 1)) == 0

    def _model_before(self, index: int) -> GoodPainBand:
        known = max((one for one in self._kept if one <= index), default=None)
        model, at = (self._first, 0) if known is None else (self._kept[known], self._told[known].at)
        # Who takes back one often takes back the ones before it too: some of those on the way are kept.
        for told in range(0 if known is None else known + 1, index + 1):
            for step in self._steps[at : self._told[told].at]:
                model = step(model)
            at = self._told[told].at
            if self._is_kept(told):
                self._kept[told] = model
        return model
