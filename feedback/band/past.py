"""What a learner knew before each report, so that a report can be taken back, without keeping a model for each.

A model is some ten thousand numbers, a step from one to the next a few words. So the steps are kept, and of the models
only the newest and one in `MILESTONE`; one that is asked for and gone is worked out again from the steps, to the bit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from feedback.band.model import GoodPainBand
from feedback.comfort import Report

Step: TypeAlias = Callable[[GoodPainBand], GoodPainBand]

NEWEST = 8
"""So many reports can be taken back, one after the other, without working anything out."""
MILESTONE = 128
"""Of the reports before those, the model before every so many is kept."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A report, how many steps had been taken before it, and the time under pressure until then, in s."""

    report: Report
    at: int
    felt_s: float


class Past:
    """The steps a model has taken since the learner began, and the reports among them."""

    def __init__(self, model: GoodPainBand) -> None:
        self._steps: list[Step] = []
        self._told: list[_Told] = []
        self._kept: dict[int, GoodPainBand] = {0: model}
        """Models by the number of steps before them; in the order of these."""

    @property
    def models(self) -> int:
        """How many models are kept."""
        return len(self._kept)

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
        self._keep(len(self._told) - 1, model)
        old = len(self._told) - 1 - NEWEST
        if old >= 0 and old % MILESTONE:
            self._kept.pop(self._told[old].at, None)
        self._steps.append(step)
        return after

    def take_back(self) -> tuple[GoodPainBand, float]:
        """Forget the newest report and all that came after it.

        Returns:
            What was known before it, and the time under pressure until then.
        """
        told = self._told[-1]
        before = self._model_before(len(self._told) - 1)
        self._told.pop()
        del self._steps[told.at :]
        for at in [at for at in self._kept if at > told.at]:
            del self._kept[at]
        return before, told.felt_s

    def _keep(self, index: int, model: GoodPainBand) -> None:
        self._kept[self._told[index].at] = model

    def _model_before(self, index: int) -> GoodPainBand:
        wanted = self._told[index].at
        known = sorted(self._kept)
        at = known[bisect_right(known, wanted) - 1]
        model = self._kept[at]
        # Who takes back one often takes back the ones before it too: those are kept on the way.
        wayside = {told.at for told in self._told[max(0, index - NEWEST) : index]}
        while at < wanted:
            model = self._steps[at](model)
            at += 1
            if at in wayside:
                self._kept[at] = model
        return model
