"""Trigger points: muscle, side and label, written the way people write them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SIDES = ("left", "right", "middle")

MUSCLES = (
    "abductor pollicis", "adductor longus", "adductor magnus", "anconeus", "anterior deltoid", "biceps brachii",
    "biceps femoris", "brachialis", "brachioradialis", "coracobrachialis", "deltoid", "digastric", "erector spinae",
    "extensor carpi radialis", "extensor carpi ulnaris", "extensor digitorum", "external oblique",
    "flexor carpi radialis", "flexor carpi ulnaris", "flexor digitorum", "forearm extensors", "forearm flexors",
    "gastrocnemius", "gluteus maximus", "gluteus medius", "gluteus minimus", "gracilis", "hamstrings", "iliacus",
    "iliocostalis", "iliopsoas", "infraspinatus", "lateral pterygoid", "latissimus dorsi", "levator scapulae",
    "longissimus", "lower trapezius", "masseter", "medial pterygoid", "middle trapezius", "multifidus", "occipitalis",
    "opponens pollicis", "palmaris longus", "pectineus", "pectoralis major", "pectoralis minor", "peroneus brevis",
    "peroneus longus", "piriformis", "plantaris", "popliteus", "posterior deltoid", "pronator teres",
    "quadratus lumborum", "quadratus plantae", "quadriceps", "rectus abdominis", "rectus femoris", "rhomboids",
    "sartorius", "scalenes", "semimembranosus", "semispinalis", "semitendinosus", "serratus anterior",
    "serratus posterior", "soleus", "splenius capitis", "splenius cervicis", "sternocleidomastoid", "suboccipitals",
    "subscapularis", "supinator", "supraspinatus", "temporalis", "tensor fasciae latae", "teres major", "teres minor",
    "tibialis anterior", "tibialis posterior", "trapezius", "triceps brachii", "upper trapezius", "vastus intermedius",
    "vastus lateralis", "vastus medialis",
)  # fmt: skip
"""Muscles in which trigger points are treated, by their usual English and Latin names."""

UNSPECIFIED = "unspecified"
"""The muscle of presses recorded without a point."""


class PointError(ValueError):
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
        return ", ".join(part for part in (self.muscle, self.side, self.label) if part)


def match_muscles(typed: str) -> list[str]:
    """Muscles that fit what was typed so far, best first: names that start with it, then any word, then likeness."""
    wanted = " ".join(typed.lower().split())
    if not wanted:
        return list(MUSCLES)
    starts = [name for name in MUSCLES if name.startswith(wanted)]
    words = [name for name in MUSCLES if name not in starts and f" {wanted}" in f" {name}"]
    initials = [
        name
        for name in MUSCLES
        if name not in starts and name not in words and _words_start(name.split(), wanted.split())
    ]
    found = starts + words + initials
    return found or difflib.get_close_matches(wanted, MUSCLES, n=5, cutoff=0.6)


def _words_start(name: Sequence[str], typed: Sequence[str]) -> bool:
    return len(typed) <= len(name) and all(n.startswith(t) for n, t in zip(name, typed, strict=False))


def find_muscle(name: str) -> str:
    """The muscle meant by `name`: exact, or a beginning that fits only one.

    Raises:
        PointError: no muscle or several fit; the message names the nearest.
    """
    wanted = " ".join(name.lower().split())
    if wanted in MUSCLES or wanted == UNSPECIFIED:
        return wanted
    found = match_muscles(wanted)
    exact_start = [m for m in found if m.startswith(wanted)] or [
        m for m in found if _words_start(m.split(), wanted.split())
    ]
    if len(exact_start) == 1:
        return exact_start[0]
    hint = f"did you mean {' or '.join(found[:3])}?" if found else "`goodpain muscles` lists those it knows."
    raise PointError(f"“{name}” is not a muscle that Goodpain knows: {hint}")


def parse_point(text: str) -> Point:
    """Read a point as people write it: `upper trapezius, left, 1` or `upper trapezius left 1`.

    Raises:
        PointError: an unknown muscle, or nothing at all.
    """
    if "," in text or "/" in text:
        parts = [part.strip() for part in text.replace("/", ",").split(",")]
        muscle, rest = parts[0], [part for part in parts[1:] if part]
    else:
        words = text.split()
        cut = next((i for i, word in enumerate(words) if i and _side(word)), None)
        if cut is None:
            cut = next(
                (i for i in range(len(words), 0, -1) if " ".join(words[:i]).lower() in MUSCLES), len(words)
            )
        muscle, rest = " ".join(words[:cut]), words[cut:]
    if not muscle:
        raise PointError("a point needs a muscle, for example “upper trapezius, left, 1”")
    side = ""
    if rest and _side(rest[0]):
        side, rest = _side(rest[0]), rest[1:]
    return Point(find_muscle(muscle), side, " ".join(rest))


def _side(word: str) -> str:
    lowered = word.lower().rstrip(".")
    if not lowered:
        return ""
    return next((side for side in SIDES if side == lowered or (lowered == side[0])), "")
