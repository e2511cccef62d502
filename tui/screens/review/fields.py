"""What a list writes in its rows, and which rows fit what is typed. Pure, no screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One thing that a row says.

    Attributes:
        title: written above it.
        width: cells; of the flexible field, which takes what is left, the least.
        text: what a row says.
        rank: where there is no room, fields with the highest rank go first; rank 0 stays always.
        flexible: takes what is left.
        right: written to the right edge.
    """

    title: str
    width: int
    text: Callable[[T], str]
    rank: int = 0
    flexible: bool = False
    right: bool = False


@dataclass(frozen=True, slots=True)
class Level(Generic[T]):
    """What a column lists.

    Attributes:
        title: of the column, for example “Points”.
        empty: said where there is nothing to list.
        fields: of a row.
        key: what a row is known by when the list is read anew.
        search: what type-ahead looks in.
        faint: a row that counts less: void, or older than what counts.
    """

    title: str
    empty: str
    fields: tuple[Field[T], ...]
    key: Callable[[T], Hashable]
    search: Callable[[T], str]
    faint: Callable[[T], bool] = lambda _: False


def fitting(fields: Sequence[Field[T]], width: int) -> list[tuple[Field[T], int]]:
    """The fields for which there is room, each with its cells; one space stands between two."""
    kept = list(fields)
    while len(kept) > 1 and sum(field.width for field in kept) + len(kept) - 1 > width:
        worst = max(kept, key=lambda field: field.rank)
        if worst.rank == 0:
            break
        kept.remove(worst)
    spare = width - sum(field.width for field in kept) - len(kept) + 1
    return [(field, max(1, field.width + (spare if field.flexible else 0))) for field in kept]


def cell(text: str, width: int, *, right: bool) -> str:
    """Text in so many cells; what does not fit ends in an ellipsis."""
    if len(text) > width:
        text = text[: max(0, width - 1)] + "…"
    return text.rjust(width) if right else text.ljust(width)


def searchable(text: str) -> str:
    """What type-ahead looks in: small letters, a space before every word; parts of words with hyphens count too."""
    words = re.sub(r"[,;:/()]", " ", text.lower()).split()
    parts = [part for word in words if "-" in word for part in word.split("-")]
    return " " + " ".join(words + parts)


def fitting_rows(texts: Sequence[str], typed: str) -> list[int]:
    """Which of the `searchable` texts fit what was typed: every word typed begins a word; else it is within one."""
    wanted = typed.lower().split()
    begins = [i for i, text in enumerate(texts) if all(f" {word}" in text for word in wanted)]
    return begins or [i for i, text in enumerate(texts) if all(word in text for word in wanted)]
