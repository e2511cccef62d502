"""Whole points offered while one is typed: muscle, then side, then label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.atlas.search import plain
from feedback.points import Point, side_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feedback.atlas.model import Found

    Search = Callable[[str], list[Found]]


def offer_points(typed: str, known: Sequence[Point], search: Search, limit: int) -> list[Point]:
    """Points that fit what was typed so far, those known of the client first.

    Args:
        typed: for example "ut l", "infraspinatus, right, be", or nothing.
        known: points of the client, best first.
        search: finds muscles by what is typed.
        limit: at most so many.
    """
    muscle_text, side, label = split_typed(typed)
    if not muscle_text and not side:
        return list(dict.fromkeys(known))[:limit]
    muscles = {found.muscle.name: found for found in search(muscle_text)}
    # By the pain it refers a muscle is found, but not meant: its known points stay out of the way.
    meant = {name for name, found in muscles.items() if found.by != "referred pain"}
    fitting = [
        point
        for point in known
        if _words_in(plain(typed).split(), plain(str(point)).split())
        or (
            point.muscle in meant
            and side in ("", point.side)
            and plain(point.label).startswith(plain(label))
            and muscle_text
        )
    ]
    offered = dict.fromkeys(fitting)
    # A side alone ("left") offers what is known only: every muscle has one.
    for name in muscles if muscle_text else ():
        if len(offered) >= limit:
            break
        offered.update(dict.fromkeys(_of_muscle(muscles[name], side, label, alone=len(muscles) == 1)))
    return list(offered)[:limit]


def split_typed(typed: str) -> tuple[str, str, str]:
    """What was typed as (muscle, side, label); a side is recognised after the first word, whole or as its letter."""
    words = typed.replace(",", " , ").replace("/", " , ").split()
    parts = [word for word in words if word != ","]
    for place, word in enumerate(parts):
        if (place or len(parts) == 1) and (side := side_of(word)) and (place or len(word) > 1):
            return " ".join(parts[:place]), side, " ".join(parts[place + 1 :])
    return " ".join(parts), "", ""


def _of_muscle(found: Found, side: str, label: str, *, alone: bool) -> list[Point]:
    """Points of one muscle: its sides; with its usual labels when it is the only one, or when a label is begun."""
    muscle = found.muscle
    points: list[Point] = []
    for one in (side,) if side else muscle.sides:
        usual = [point.label for point in muscle.points]
        if label:
            # A usual label that was begun goes before the bare beginning, which may be a label of the therapist's own.
            labels = [*(text for text in usual if plain(text).startswith(plain(label))), label]
        else:
            labels = ["", *(usual if alone and side else ())]
        points += [Point(muscle.name, one, text) for text in labels]
    return points


def _words_in(typed: Sequence[str], words: Sequence[str]) -> bool:
    return all(any(word.startswith(beginning) for word in words) for beginning in typed)
