"""What ends a hold: a rating that fell by the rule, the client's word, or the time; never a mere sag of the hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.band.course import CourseKind
from feedback.coach import rules
from feedback.comfort import Report, ReportKind

if TYPE_CHECKING:
    from feedback.coach.technique import ReleaseSettings
    from feedback.hold import HoldNow

SPEAKS_OF_HOLD = frozenset({ReportKind.RATING, ReportKind.EASING, ReportKind.WORSENING})
"""Words about how the pain goes."""
STARTED_FALLING = 1.0
"""A rating one point lower is worth staying for, up to the longest hold."""


class HoldEnding:
    """Keeps what was said in one hold and applies the rules."""

    def __init__(self, settings: ReleaseSettings) -> None:
        self._set = settings
        self._words: list[Report] = []

    @property
    def silent(self) -> bool:
        """Nothing was said of this hold yet."""
        return not self._words

    def begin(self) -> None:
        """Another hold."""
        self._words = []

    def heard(self, report: Report) -> None:
        """The client said one of `SPEAKS_OF_HOLD`."""
        self._words.append(report)

    def unsaid(self, report: Report) -> None:
        """A report is taken back."""
        self._words = [word for word in self._words if word != report]

    def rule(self, lasted_s: float, hold: HoldNow | None) -> str:
        """The rule that ends a hold that has lasted so long, or empty."""
        if lasted_s < self._set.hold_min_s:
            return ""
        eases = hold is not None and hold.kind is CourseKind.EASING
        only_sag = hold is not None and hold.sagging and not eases
        if not only_sag and self._fell():
            return rules.RATING_FELL
        if not only_sag and any(report.kind is ReportKind.EASING for report in self._words):
            return rules.SAID_EASING
        worth_staying = eases or (not only_sag and self._fallen() >= STARTED_FALLING)
        longest_s = self._set.hold_max_s if worth_staying else self._set.hold_s
        return rules.TIME_UP if lasted_s >= longest_s else ""

    def in_words(self) -> str:
        """The rules, for people."""
        s = self._set
        drops: list[str] = []
        if s.rating_drop_points > 0:
            drops.append(f"{s.rating_drop_points:g} points")
        if s.rating_drop_to > 0:
            drops.append(f"to {s.rating_drop_to * 100:.0f} % of the first")
        rating = f"the rating falls {' or '.join(drops)}, or " if drops else ""
        return f"until {rating}{s.hold_s:g} s are up"

    def _ratings(self) -> list[int]:
        return [report.rating for report in self._words if report.rating is not None]

    def _fallen(self) -> float:
        """By how many points the rating is below the first of this hold."""
        ratings = self._ratings()
        return float(ratings[0] - ratings[-1]) if ratings else 0.0

    def _fell(self) -> bool:
        ratings, s = self._ratings(), self._set
        if len(ratings) < 2 or ratings[-1] >= ratings[0]:
            return False
        by_points = s.rating_drop_points > 0 and self._fallen() >= s.rating_drop_points
        return by_points or (s.rating_drop_to > 0 and ratings[-1] <= s.rating_drop_to * ratings[0])
