"""Trigger points: muscle, side and label, written the way people write them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedback.muscle_names import MUSCLE_NAMES
from feedback.refusal import Refusal

SIDES = ("left", "right", "middle")

MUSCLES = tuple(MUSCLE_NAMES)
"""Muscles in which trigger points are treated, by their usual English and Latin names: those of the shipped atlas."""

_OTHER_NAMES: Mapping[str, str] = {
    other.lower(): name for name, others in MUSCLE_NAMES.items() for other in others
}
_SHORT_SIDES = {"l": "left", "r": "right", "m": "middle", "lt": "left", "rt": "right"}
_HONEST_WORDS = frozenset(
    ("bright", "cleft", "eight", "eighth", "fight", "fright", "lift", "light", "night", "sight", "tight")
)
"""Words one letter away from a side that people do write as labels."""

UNSPECIFIED = "unspecified"
"""The muscle of presses recorded without a point."""


class PointError(Refusal, ValueError):
    """A point that names no known muscle or side."""


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """One trigger point of a client.

    Attributes:
        muscle: a name from `MUSCLES`, or any other name that was confirmed.
        side: `left`, `right`, `middle`, or empty.
        label: what tells it from its neighbours ("1", "below the scapular spine"); may be empty.
    """

    muscle: str
    side: str = ""
    label: str = ""

    def __str__(self) -> str:
        # Before a label that reads as a side stands an empty place for the side, so that the text reads back.
        gap = not self.side and bool(self.label.strip()) and _reads_as_side(self.label.split()[0])
        parts = (self.muscle, " " if gap else self.side, self.label)
        return ", ".join(part.strip() for part in parts if part)


def match_muscles(typed: str, muscles: Sequence[str] = MUSCLES) -> list[str]:
    """Muscles that fit what was typed so far, best first: names that start with it, then any word, then likeness."""
    wanted = " ".join(typed.lower().split())
    if not wanted:
        return list(muscles)
    starts = [name for name in muscles if name.startswith(wanted)]
    words = [name for name in muscles if name not in starts and f" {wanted}" in f" {name}"]
    initials = [
        name
        for name in muscles
        if name not in starts and name not in words and _words_start(name.split(), wanted.split())
    ]
    found = starts + words + initials
    return found or difflib.get_close_matches(wanted, muscles, n=5, cutoff=0.6)


def _words_start(name: Sequence[str], typed: Sequence[str]) -> bool:
    return len(typed) <= len(name) and all(n.startswith(t) for n, t in zip(name, typed, strict=False))


def find_muscle(
    name: str, muscles: Sequence[str] = MUSCLES, other_names: Mapping[str, str] = _OTHER_NAMES
) -> str:
    """The muscle meant by `name`: exact, another name of it, or a beginning that fits only one.

    Args:
        name: as typed.
        muscles: the names to choose from.
        other_names: other names in small letters, and the muscle that each means.

    Raises:
        PointError: no muscle or several fit; the message names the nearest.
    """
    wanted = " ".join(name.lower().split())
    if wanted in muscles or wanted == UNSPECIFIED:
        return wanted
    if wanted in other_names:
        return other_names[wanted]
    found = match_muscles(wanted, muscles)
    exact_start = [m for m in found if m.startswith(wanted)] or [
        m for m in found if _words_start(m.split(), wanted.split())
    ]
    if len(exact_start) == 1:
        return exact_start[0]
    hint = f"did you mean {' or '.join(found[:3])}?" if found else "`goodpain muscles` lists those it knows."
    raise PointError(f"“{name}” is not a muscle that Goodpain knows: {hint}")


def parse_point(
    text: str, muscles: Sequence[str] = MUSCLES, other_names: Mapping[str, str] = _OTHER_NAMES
) -> Point:
    """Read a point as people write it: `upper trapezius, left, 1` or `ut l 1`.

    A word where the side is expected that is one slip away from a side is refused; as a label it is written after
    a side, or after an empty place for one (`trapezius, , lft`).

    Args:
        text: as typed.
        muscles: the names to choose from.
        other_names: other names in small letters, and the muscle that each means.

    Raises:
        PointError: an unknown muscle, a misspelt side, or nothing at all.
    """
    if "," in text or "/" in text:
        muscle, *rest = (part.strip() for part in text.replace("/", ",").split(","))
        # “ut l, 1”: the side may stand before the first comma too.
        words = muscle.split()
        if len(words) > 1 and side_of(words[-1]):
            muscle, rest = " ".join(words[:-1]), [words[-1], *(part for part in rest if part)]
        rest = [*_side_apart(rest[0]), *rest[1:]] if rest else []
    else:
        words = text.split()
        cut = _end_of_muscle(words, muscles, other_names)
        muscle, rest = " ".join(words[:cut]), words[cut:]
    if not muscle:
        raise PointError("a point needs a muscle, for example “upper trapezius, left, 1”")
    side = side_of(rest[0]) if rest else ""
    if rest and not side and (meant := _slip_of(rest[0])):
        raise PointError(
            f"“{rest[0]}” is not a side: did you mean {meant}? "
            f"(As a label, leave the side empty: {muscle}, , {rest[0]})"
        )
    label = " ".join(part for part in rest[1 if side else 0 :] if part)
    return Point(find_muscle(muscle, muscles, other_names), side, label)


def _end_of_muscle(words: Sequence[str], muscles: Sequence[str], other_names: Mapping[str, str]) -> int:
    """How many of the words are the muscle, without commas: up to the side, else the longest known name."""
    for i, word in enumerate(words):
        if i and side_of(word):
            return i
    for i in range(len(words), 0, -1):
        name = " ".join(words[:i]).lower()
        if name in muscles or name in other_names:
            return i
    return next((i for i, word in enumerate(words) if i and _slip_of(word)), len(words))


def _side_apart(part: str) -> list[str]:
    """`left 1` as side and label; `left of the spine` is a label that only begins like a side."""
    first, _, more = part.partition(" ")
    return [first, more.strip()] if _reads_as_side(first) and not more.startswith(("of ", "to ")) else [part]


def side_of(word: str) -> str:
    """The side that a word means (`left`, `L`, `lt.`), or an empty text."""
    lowered = word.lower().rstrip(".")
    return lowered if lowered in SIDES else _SHORT_SIDES.get(lowered, "")


def _reads_as_side(word: str) -> bool:
    return bool(side_of(word) or _slip_of(word))


def _slip_of(word: str) -> str:
    """The side of which a word is one slip away: a letter too many, too few, wrong, or two of them exchanged."""
    lowered = word.lower().rstrip(".")
    if lowered in _HONEST_WORDS:
        return ""
    return next((side for side in SIDES if lowered != side and _one_slip(lowered, side)), "")


def _one_slip(typed: str, meant: str) -> bool:
    if len(typed) == len(meant):
        differing = [i for i, (a, b) in enumerate(zip(typed, meant, strict=True)) if a != b]
        if len(differing) == 2:
            i, j = differing
            return j == i + 1 and typed[i] == meant[j] and typed[j] == meant[i]
        return len(differing) == 1
    longer, shorter = (typed, meant) if len(typed) > len(meant) else (meant, typed)
    return len(longer) == len(shorter) + 1 and any(
        longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer))
    )
