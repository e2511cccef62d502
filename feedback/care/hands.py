"""The hand that gives: how much it has done in this visit, how long it rested, and whether it tires.

Hands lose pressure during a hold: 8.7 % within 15 s, 12.4 % on average over 80 s (Pérez-Palomares 2021). That a *tired*
hand shows as more loss per minute than at the start of the visit is an assumption; so are all numbers of `HandsRule`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from feedback.care.errors import CareError
from feedback.measure import SAG_WINDOW_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.press import Press

STEADY, MORE, LESS, UNKNOWN = "steady", "more sag", "less sag", "too few holds"
"""How the sag goes over the visit."""
TIRED = "Your hand gives way sooner than at the start: rest it, change hands, or take a tool."


@dataclass(frozen=True, slots=True)
class HandsRule:
    """When a hand counts as tired; assumptions, all of them.

    Attributes:
        compare: so many first holds are compared with so many last ones, >= 2; below twice as many nothing is said.
        min_hold_s: shorter holds are not used: the first seconds of a hold always lose most.
        growth: sag per minute has grown to so many times that of the first holds, > 1.
        more_pct_per_min: and by at least so many per cent a minute, >= 0.
    """

    compare: int = 3
    min_hold_s: float = 8.0
    growth: float = 1.5
    more_pct_per_min: float = 5.0

    def __post_init__(self) -> None:
        if self.compare < 2:
            raise CareError(f"at least 2 holds are compared, not {self.compare}")
        if not (self.min_hold_s > 2 * SAG_WINDOW_S and math.isfinite(self.min_hold_s)):
            raise CareError(f"a hold that is used lasts longer than {2 * SAG_WINDOW_S:g} s")
        if not (self.growth > 1 and math.isfinite(self.growth)):
            raise CareError("the growth of sag that means a tired hand must be larger than 1")
        if not (self.more_pct_per_min >= 0 and math.isfinite(self.more_pct_per_min)):
            raise CareError("the rise of sag that means a tired hand cannot be below 0")

    @property
    def words(self) -> str:
        """The rule, and that it is an assumption."""
        return (
            f"Assumed: a hand is tired when the last {self.compare} holds of {self.min_hold_s:g} s or more lose at "
            f"least {self.growth:g} times as much pressure a minute as the first {self.compare}, and "
            f"{self.more_pct_per_min:g} % a minute more."
        )


@dataclass(frozen=True, slots=True)
class HandsNow:
    """What the hands have done so far in this visit.

    Attributes:
        presses: how many.
        press_s: time under pressure.
        rest_s: the rest of the time.
        rest_share: of the whole time, 0 to 1; 1 before the first press.
        dose_ns: integral of force over time, N·s.
        sag_pct_per_min: median loss of pressure over the holds that were used, per cent a minute; None without any.
        trend: `steady`, `more sag`, `less sag` or `too few holds`.
        tired: the rule applies.
        sentence: for people; empty when there is nothing to say.
        rule: the rule in words.
        first_pct_per_min: median of the first holds; None with too few.
        last_pct_per_min: median of the last holds; None with too few.
    """

    presses: int
    press_s: float
    rest_s: float
    rest_share: float
    dose_ns: float
    sag_pct_per_min: float | None
    trend: str
    tired: bool
    sentence: str
    rule: str
    first_pct_per_min: float | None = None
    last_pct_per_min: float | None = None


def hands_of(
    presses: Sequence[Press],
    start_s: float,
    now_s: float,
    rule: HandsRule | None = None,
    holds: Sequence[Press] | None = None,
) -> HandsNow:
    """Look at the hands of a visit.

    Args:
        presses: of the visit so far, in order.
        start_s: begin of the visit, on the clock of the presses.
        now_s: now, or the end of the visit.
        rule: when a hand is tired.
        holds: what sag is taken from, in order, each measured as a press of its own; None for the presses. Pressure
            that was eased on purpose within a press is no sag: then its holds tell, and not the whole of it.
    """
    rule = rule or HandsRule()
    press_s = sum(max(0.0, press.duration_s) for press in presses)
    rest_s = max(0.0, now_s - start_s - press_s)
    whole_s = press_s + rest_s
    doses = [press.dose_ns for press in presses if math.isfinite(press.dose_ns)]
    sags = [
        sag
        for press in (presses if holds is None else holds)
        if (sag := sag_pct_per_min(press, rule.min_hold_s)) is not None
    ]
    first, last = (
        (median(sags[: rule.compare]), median(sags[-rule.compare :]))
        if len(sags) >= 2 * rule.compare
        else (None, None)
    )
    trend = _trend(first, last, rule)
    tired = trend == MORE
    return HandsNow(
        presses=len(presses),
        press_s=press_s,
        rest_s=rest_s,
        rest_share=rest_s / whole_s if whole_s > 0 else 1.0,
        dose_ns=math.fsum(doses),
        sag_pct_per_min=median(sags) if sags else None,
        trend=trend,
        tired=tired,
        sentence="Your hand gives way sooner than at the start: rest it, change hands, or take a tool."
        if tired
        else "",
        rule=rule.words,
        first_pct_per_min=first,
        last_pct_per_min=last,
    )


def sag_pct_per_min(press: Press, min_hold_s: float = 0.0) -> float | None:
    """Loss of pressure a minute during the hold of a press, per cent of its start; None for one too short to tell."""
    if press.sag_pct is None or press.hold_start_s is None or press.hold_end_s is None:
        return None
    held_s = press.hold_end_s - press.hold_start_s
    # The loss is told from the middle of the hold's first seconds to the middle of its last ones.
    between_s = held_s - SAG_WINDOW_S
    if held_s < min_hold_s or between_s <= 0 or not math.isfinite(press.sag_pct):
        return None
    return press.sag_pct / between_s * 60


def _trend(first: float | None, last: float | None, rule: HandsRule) -> str:
    if first is None or last is None:
        return UNKNOWN
    if _grown(first, last, rule):
        return MORE
    return LESS if _grown(last, first, rule) else STEADY


def _grown(before: float, after: float, rule: HandsRule) -> bool:
    # A hand that pressed on at first has no loss to multiply: then only the rise counts.
    return (
        after >= rule.growth * max(before, 0.0) and after - before >= rule.more_pct_per_min and after > before
    )
