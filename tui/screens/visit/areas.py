"""Which parts of the body may hurt, by the words of the body map, found by a few letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.care import PAIN_AREAS
from feedback.points import SIDES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feedback.atlas import Atlas
    from feedback.care import PainArea

Place = tuple[str, str]
"""A part of the body and a side, which may be empty."""
UNRATED = 0.5
"""Stands on the body map for an area without a number; no rating is a half."""


def part_names(atlas: Atlas) -> tuple[str, ...]:
    """Parts of the body as the body map names them, then those of the care list that it does not have."""
    parts = dict.fromkeys(area.part for area in atlas.areas)
    words = {word for part in parts for word in part.split()}
    return (*parts, *(name for name in PAIN_AREAS if not words & set(name.split())))


def sides_of(atlas: Atlas, part: str) -> tuple[str, ...]:
    """Sides in which a part comes, those in pairs first."""
    found = dict.fromkeys(side for area in atlas.areas if area.part == part for side in area.sides)
    return tuple(sorted(found or SIDES[:2], key=SIDES.index))


def offer_places(typed: str, atlas: Atlas, last: Sequence[Place] = (), limit: int = 6) -> list[Place]:
    """Places that fit what was typed ("ne l", "low b"), those of the last assessment first; those alone for nothing."""
    words = typed.lower().replace(",", " ").split()
    if not words:
        return list(last)[:limit]
    side = next((side for side in SIDES if len(words) > 1 and side.startswith(words[-1])), "")
    # “low b” is a beginning of “low back”, not its side: a name that holds every word goes before a side.
    whole = [part for part in part_names(atlas) if _fits(words, part)]
    with_side = [part for part in part_names(atlas) if side and _fits(words[:-1], part)]
    places = [place for place in last if _fits(words, " ".join(place))]
    places += [(part, side) for part in with_side]
    places += [(part, side) for part in whole for side in ("", *sides_of(atlas, part))]
    return list(dict.fromkeys(places))[:limit]


def on_map(atlas: Atlas, place: Place) -> Place | None:
    """Key and side of the body map's area for a place, from behind where it can be; None when it has none."""
    part, side = place
    fitting = [area for area in atlas.areas if area.part == part and (not side or side in area.sides)]
    area = next((one for one in fitting if one.view == "back"), fitting[0] if fitting else None)
    return None if area is None else (area.key, side or area.sides[0])


def map_number(value: float) -> str:
    """A rating as it is written on the body map."""
    return "·" if value == UNRATED else f"{value:g}"


def map_values(atlas: Atlas, areas: Sequence[PainArea]) -> Mapping[Place, float]:
    """Numbers for the body map, by key and side of its areas: pain now, else as usual, else `UNRATED`."""
    values: dict[Place, float] = {}
    for pain in areas:
        number = pain.usual if pain.now is None else pain.now
        number = UNRATED if number is None else float(number)
        for area in atlas.areas:
            if area.part == pain.area:
                for side in area.sides:
                    if pain.side in ("", side) or side == "middle":
                        values[area.key, side] = max(number, values.get((area.key, side), 0.0))
    return values


def _fits(words: Sequence[str], text: str) -> bool:
    """Every word begins a word of the text, in the same order."""
    rest = iter(text.split())
    return all(any(word.startswith(beginning) for word in rest) for beginning in words)
