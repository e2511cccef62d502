"""Free pressing: nothing is asked, the course of each hold is named.

ready ─► ramp ─► hold ─► ready
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.band.course import CourseKind
from feedback.coach import rules
from feedback.coach.phases import PhaseKind
from feedback.coach.procedure import Asking, Procedure, Said
from feedback.guidance import Cue

if TYPE_CHECKING:
    from feedback.coach.moment import Moment

SETTLED_S = 1.0
"""Pressure that has stayed within 20 % for this long, and no longer rises, is held."""


class Free(Procedure):
    """Names the phases of free pressing."""

    @property
    def asking(self) -> Asking:
        """Anything, at any time."""
        return Asking.ANYTHING

    def step(self, m: Moment) -> None:
        """A hold is what has settled."""
        if self._log.kind is PhaseKind.RAMP:
            if m.settled_s >= SETTLED_S and self._settled():
                self._log.go(PhaseKind.HOLD, m.now_s, rules.SETTLED)
        elif SETTLED_S <= m.settled_s < self._log.lasted_s(m.now_s):
            # The pressure has settled elsewhere since this hold began: that is another hold.
            self._ramp(m.now_s, rules.MOVED_ON)

    def saying(self, m: Moment | None, now_s: float) -> Said:
        """The course of the hold, and nothing to do that the band does not say."""
        if self._log.kind is PhaseKind.HOLD and m is not None:
            do = {Cue.EASE_OFF: "Ease a little", Cue.PRESS: "A little more"}.get(m.cue, "Hold as you like")
            known = m.hold is not None and (
                m.hold.not_easing or m.hold.sagging or m.hold.kind is not CourseKind.UNKNOWN
            )
            return Said(do, m.hold.sentence if m.hold is not None and known else "")
        return Said("Press as you like" if self._log.kind is not PhaseKind.RELEASE else "Let go")
