"""The rules that stand outside the model, and hold whatever the model believes.

They speak of the upper edge as the screen shows it (and of "stay below" when there is no band):

* never above the ceiling;
* "too much", or a rating of 8 to 10, at P: at once no higher than P / 1.2, and no higher than it was; "enough" at P: no
  higher than P, and no higher than it was;
* from the first band on, it rises at most 10 % per report, after "too much" as well; time alone never raises
it;
* "stop": no pressure is advised until somebody resumes, and for the rest of the visit no higher than P / 1.2,
without any rise.

The posterior does not depend on the order of the reports; these rules do on purpose, for they are about what
was said last. They only ever lower the edge that the model gives.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

STEP = math.log(1.2)
"""Ln of the step: down from a "too much", up from the highest tolerated pressure while learning."""
RISE = math.log(1.1)
"""Ln of the largest rise of the upper edge per report."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What the rules remember, in ln kPa; it starts with every visit.

    Attributes:
        tolerated_ln: highest pressure at which the client did not say it was too much; -inf before any.
        cap_ln: the edge may not be above it, from "too much" and "enough"; rises with each report; +inf
            before any.
        shown_ln: the upper edge as it was last shown; +inf until there has been a band.
        stop_ln: the edge may not be above it for the rest of the visit, from "stop"; +inf before any.
        stopped: the client said stop and nobody has resumed.
    """

    tolerated_ln: float = -math.inf
    cap_ln: float = math.inf
    shown_ln: float = math.inf
    stop_ln: float = math.inf
    stopped: bool = False

    def tolerated(self, pressure_ln: float) -> Guard:
        """After a report that the client has borne this pressure."""
        return replace(
            self,
            tolerated_ln=max(self.tolerated_ln, pressure_ln),
            cap_ln=self.cap_ln + RISE,
            shown_ln=self.shown_ln + RISE,
        )

    def capped(self, at_ln: float, stay_below_ln: float) -> Guard:
        """After a report that sets a cap, `stay_below_ln` having been the limit before it: nothing rises."""
        return replace(self, cap_ln=min(self.cap_ln, at_ln, stay_below_ln))

    def stop(self, pressure_ln: float) -> Guard:
        """After "stop" at this pressure; +inf when the pressure is not known."""
        return replace(self, stopped=True, stop_ln=min(self.stop_ln, pressure_ln - STEP))

    def show(self, upper_ln: float) -> Guard:
        """After the upper edge has been shown."""
        return replace(self, shown_ln=upper_ln)

    @property
    def hard_ln(self) -> float:
        """The highest pressure that what the client said allows at all."""
        return min(self.cap_ln, self.stop_ln)
