"""What the atlas holds: muscles, their points, caution sites, and the areas of the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from feedback.refusal import Refusal

Outline = tuple[tuple[float, float], ...]
"""Corners of a closed shape on the figure: (x, y) in body heights, x from the midline towards the client's left, y
from the crown downwards."""

View = Literal["front", "back"]
VIEWS: tuple[View, ...] = ("front", "back")
PAIRED = ("left", "right")
MIDDLE = ("middle",)


class AtlasError(Refusal, ValueError):
    """Data of the atlas that cannot be used; the message names the file, the key and the reason."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read.

    Attributes:
        url: the page's address.
        title: what it is called.
    """

    url: str
    title: str

    def __str__(self) -> str:
        return f"{self.title}, {self.url}"


@dataclass(frozen=True, slots=True)
class CautionSite:
    """A place on the body that asks for special care: a nerve or vessel lies near the surface, or an organ behind it.

    Attributes:
        key: what muscles and points refer to it by.
        name: for people.
        why: what lies there, in one sentence.
        where: how to find it, in words.
        ceiling_share: the part of the default ceiling to start from here, above 0 to 1. An assumption: no agreed
            figure was found; change it in your own atlas.
        areas: keys of the body areas it lies in.
        sources: where the list and the reason were read.
    """

    key: str
    name: str
    why: str
    where: str
    ceiling_share: float
    areas: tuple[str, ...]
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class AtlasPoint:
    """A usual trigger point of a muscle.

    Attributes:
        label: a few words that tell it from the others of its muscle; offered as the label of a client's point.
        where: how to find it, in words.
        refers: where its pain is usually felt, in words.
        area: key of the body area it lies in; empty when that is the muscle's.
        cautions: keys of caution sites near this point, besides those of the whole muscle.
    """

    label: str
    where: str
    refers: str
    area: str = ""
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Muscle:
    """A muscle in which trigger points are treated.

    Attributes:
        name: as in a client's points, lower case.
        other_names: what else people type: short forms, initials, names in everyday speech.
        region: the part of the body, in a therapist's words.
        area: key of the body area where it is mostly pressed.
        sides: the sides it comes in.
        points: usual trigger points.
        cautions: keys of caution sites that lie near all of it.
        pain_areas: keys of the body areas to which its points refer pain.
        sources: where the referred pain was read.
        checked: whether the referred pain was found in `sources`; otherwise it is common teaching, not verified.
        own: whether the user added it or added to it.
    """

    name: str
    other_names: tuple[str, ...]
    region: str
    area: str
    sides: tuple[str, ...] = PAIRED
    points: tuple[AtlasPoint, ...] = ()
    cautions: tuple[str, ...] = ()
    pain_areas: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    checked: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class BodyArea:
    """A part of the body's surface that can be picked on the figure.

    Attributes:
        key: short and stable: it is what is recorded.
        name: for people, without a side.
        part: the part of the body in a client's word ("neck", "low back", "knee"): areas in front and behind share it.
        view: on which figure it is seen.
        sides: (left, right), or (middle,).
        outline: on the client's left, mirrored for the right; whole for the middle. What lies outside the figure does
            not count, and where two outlines overlap the earlier area has it.
    """

    key: str
    name: str
    part: str
    view: View
    sides: tuple[str, ...]
    outline: Outline


@dataclass(frozen=True, slots=True)
class Found:
    """A muscle that fits what was typed.

    Attributes:
        muscle: which.
        by: what fitted: `name`, `other name`, `initials`, `region`, `referred pain` or `likeness`.
        words: the text that fitted, for example the other name.
    """

    muscle: Muscle
    by: str
    words: str
