"""From a drill's settings to its target over time."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from feedback.drills.drill import (
    Contrast,
    Drill,
    Hold,
    Judged,
    Points,
    Ramp,
    Release,
    Reproduce,
    Steps,
    Threshold,
    Trapezoids,
    Wave,
)
from feedback.drills.trajectory import Piece, Trajectory

if TYPE_CHECKING:
    from feedback.drills.amounts import Amount

TOUCH = 0.25
"""The first way begins at this share of the level: the tip rests on it already."""
SLOWEST = 2.0
"""A threshold's ramp may take this many times as long as asked before time is up."""

LONGEST_S = 600.0
"""No attempt is longer: a hand has enough of it long before."""


def trajectory_of(
    drill: Drill,
    target: Amount | None,
    tip_area_cm2: float,
    tolerance_share: float,
    duration: float = 1.0,
    *,
    blind: bool = False,
) -> Trajectory:
    """The target over time.

    Args:
        drill: the exercise.
        target: which of the drill's targets, for kinds that have several; None for the others.
        tip_area_cm2: of the tip, above 0.
        tolerance_share: what counts as inside, above 0.
        duration: factor on what is held, for steady holds, steps and releases.
        blind: nothing will be shown: the first press of a reproduction or a contrast is then the trainee's own choice.

    Raises:
        ValueError: the settings make no line of targets.
    """
    pieces: list[Piece] = []
    at_s = 0.0
    for piece in _pieces(drill, target, tip_area_cm2, duration, blind=blind):
        end_s = at_s + piece.end_s
        pieces.append(replace(piece, start_s=at_s, end_s=end_s))
        at_s = end_s
    if at_s > LONGEST_S:
        raise ValueError(f"an attempt of {at_s:.0f} s is too long: at most {LONGEST_S:.0f} s")
    return Trajectory(tuple(pieces), tolerance_share)


def _pieces(
    drill: Drill, target: Amount | None, tip_area_cm2: float, duration: float, *, blind: bool
) -> list[Piece]:
    """Pieces that each start at 0; whoever asked puts them one behind the other."""

    def kpa(amount: Amount) -> float:
        return amount.kpa(tip_area_cm2)

    level = kpa(target) if target else 0.0
    match drill.settings:
        case Hold(reach_s=reach_s, hold_s=hold_s):
            # Finding a pressure is short whatever the difficulty.
            held_s = hold_s * duration if drill.judged is Judged.TIME else hold_s
            return [_way(reach_s, TOUCH * level, level), _hold(held_s, level)]
        case Ramp(rate, end):
            return [Piece(0.0, kpa(end) / kpa(rate), 0.0, kpa(end), scored=True, do="press steadily")]
        case Threshold(rate, end):
            up_s = kpa(end) / kpa(rate)
            return [
                Piece(0.0, up_s, 0.0, kpa(end), scored=True, do="press until “there”"),
                Piece(0.0, up_s * (SLOWEST - 1), kpa(end), kpa(end), scored=False, do="press until “there”"),
            ]
        case Steps():
            return _steps(drill.settings, [kpa(amount) for amount in drill.settings.levels], duration)
        case Trapezoids():
            return _trapezoids(drill.settings, kpa(drill.settings.low), kpa(drill.settings.high))
        case Wave(middle, swing, period_s, times, reach_s):
            if kpa(swing) >= kpa(middle):
                raise ValueError("swing must be less than middle, or the wave would leave the skin")
            return [
                _way(reach_s, TOUCH * kpa(middle), kpa(middle)),
                Piece(
                    0.0,
                    period_s * times,
                    kpa(middle),
                    kpa(middle),
                    scored=True,
                    do="follow",
                    swing_kpa=kpa(swing),
                    period_s=period_s,
                ),
            ]
        case Points(points, reach_s):
            levels = [(t_s, kpa(amount)) for t_s, amount in points]
            return [_way(reach_s, TOUCH * levels[0][1], levels[0][1])] + [
                Piece(0.0, end_s - start_s, low, high, scored=True, do="follow")
                for (start_s, low), (end_s, high) in pairwise(levels)
            ]
        case Reproduce():
            return _twice(drill.settings, level, blind=blind)
        case Contrast():
            return _contrast(drill.settings, level, blind=blind)
        case Release(_, reach_s, hold_s):
            return [
                Piece(0.0, reach_s, 0.0, 0.0, scored=False, do="find good pain"),
                Piece(0.0, hold_s * duration, 0.0, 0.0, scored=True, do="keep good pain"),
            ]


def _way(seconds: float, from_kpa: float, to_kpa: float, part: int = 0) -> Piece:
    do = "press" if to_kpa >= from_kpa else "ease off"
    return Piece(0.0, seconds, from_kpa, to_kpa, scored=False, do=do, part=part)


def _hold(seconds: float, level_kpa: float) -> Piece:
    return Piece(0.0, seconds, level_kpa, level_kpa, scored=True, do="hold")


def _steps(steps: Steps, levels: list[float], duration: float) -> list[Piece]:
    pieces: list[Piece] = []
    before = TOUCH * levels[0]
    for i, level in enumerate(levels):
        pieces.append(replace(_way(steps.reach_s if not i else steps.move_s, before, level), part=i))
        pieces.append(replace(_hold(steps.hold_s * duration, level), part=i))
        before = level
    return pieces


def _trapezoids(shape: Trapezoids, low: float, high: float) -> list[Piece]:
    def line(seconds: float, a: float, b: float) -> Piece:
        return Piece(0.0, seconds, a, b, scored=True, do="follow")

    one = [
        line(shape.rise_s, low, high),
        line(shape.hold_s, high, high),
        line(shape.fall_s, high, low),
        line(shape.rest_s, low, low),
    ]
    return [_way(shape.reach_s, TOUCH * low, low), *(one * shape.times)]


def _twice(again: Reproduce, level: float, *, blind: bool) -> list[Piece]:
    way = replace(_way(again.reach_s, TOUCH * level, level), free=blind)
    first = replace(_hold(again.hold_s, level), scored=False, reference=True, free=blind)
    pause = Piece(0.0, again.pause_s, 0.0, 0.0, scored=False, do="let go", part=1, hidden=True, off=True)
    back = Piece(
        0.0, again.reach_s, 0.0, level, scored=False, do="the same again", part=1, hidden=True, off=True
    )
    second = replace(_hold(again.hold_s, level), do="the same again", part=1, hidden=True, times=1.0)
    return [way, first, pause, back, second]


def _contrast(contrast: Contrast, level: float, *, blind: bool) -> list[Piece]:
    factor = 1 + contrast.more_share
    way = replace(_way(contrast.reach_s, TOUCH * level, level), free=blind)
    first = replace(_hold(contrast.hold_s, level), scored=False, reference=True, free=blind)
    move = Piece(
        0.0, contrast.move_s, level, level * factor, scored=False, do="a little more", part=1, hidden=True
    )
    more = replace(
        _hold(contrast.hold_s, level * factor), do="keep it there", part=1, hidden=True, times=factor
    )
    return [way, first, move, more]
