"""Muscles ranked by how well they fit what was typed."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedback.atlas.model import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.atlas.model import Muscle

_LEAST_LIKENESS = 0.72
"""Below this share of common letters (`difflib`) a name is not what was meant."""
_LEAST_LETTERS = 4
"""Of fewer letters any short form is a likeness."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one muscle is found by, in small letters."""

    muscle: Muscle
    name: str
    others: tuple[str, ...]
    initials: str
    region: str
    refers: str


def plain(text: str) -> str:
    """Small letters, words with one space between them; signs are spaces."""
    return " ".join(re.findall(r"[\w]+", text.lower()))


def starts_words(typed: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the words typed begin words of the text, in the same order ("up trap", "glut max")."""
    rest = iter(words)
    return all(any(word.startswith(beginning) for word in rest) for beginning in typed)


class Index:
    """Finds muscles; built once for an atlas.

    Args:
        muscles: all of them; equal fits keep this order.
    """

    def __init__(self, muscles: Sequence[Muscle]) -> None:
        self._entries = [
            _Entry(
                muscle,
                plain(muscle.name),
                tuple(plain(other) for other in muscle.other_names),
                "".join(word[0] for word in plain(muscle.name).split()),
                plain(muscle.region),
                f" {plain(' '.join(point.refers for point in muscle.points))}",
            )
            for muscle in muscles
        ]

    def search(self, typed: str) -> list[Found]:
        """Muscles that fit, best first; all of them when nothing is typed."""
        wanted = plain(typed)
        if not wanted:
            return [Found(entry.muscle, "name", entry.name) for entry in self._entries]
        words = wanted.split()
        ranked = [
            (rank, _unproven(entry, by), len(entry.name), place, Found(entry.muscle, by, text))
            for place, entry in enumerate(self._entries)
            for rank, by, text in [_fit(entry, wanted, words)]
            if rank is not None
        ]
        if not ranked and len(wanted) >= _LEAST_LETTERS:
            ranked = self._alike(wanted)
        return [found for *_, found in sorted(ranked, key=lambda one: one[:4])]

    def _alike(self, wanted: str) -> list[tuple[float, bool, int, int, Found]]:
        """Names spelt nearly like what was typed."""
        found: list[tuple[float, bool, int, int, Found]] = []
        for place, entry in enumerate(self._entries):
            for text in (entry.name, *entry.others):
                matcher = difflib.SequenceMatcher(None, text, wanted)
                if (
                    matcher.real_quick_ratio() >= _LEAST_LIKENESS
                    and matcher.quick_ratio() >= _LEAST_LIKENESS
                    and (likeness := matcher.ratio()) >= _LEAST_LIKENESS
                ):
                    hit = Found(entry.muscle, "likeness", text)
                    found.append((-likeness, False, len(text), place, hit))
                    break
        return found


def _unproven(entry: _Entry, by: str) -> bool:
    """Whether the muscle was found by referred pain that is not verified: it goes behind those that are."""
    return by == "referred pain" and not entry.muscle.checked


def _fit(entry: _Entry, wanted: str, words: Sequence[str]) -> tuple[float | None, str, str]:
    """How well a muscle fits (0 is best), by what, and the text that did; None when it does not."""
    if entry.name == wanted:
        return 0, "name", entry.name
    if wanted in entry.others:
        return 1, "other name", wanted
    if entry.name.startswith(wanted):
        return 2, "name", entry.name
    compact = wanted.replace(" ", "")
    if len(compact) > 1 and compact == entry.initials:
        return 3, "initials", entry.name
    if starts_words(words, entry.name.split()):
        return 4, "name", entry.name
    other = next((one for one in entry.others if one.startswith(wanted)), None) or next(
        (one for one in entry.others if starts_words(words, one.split())), None
    )
    if other is not None:
        return 5, "other name", other
    if starts_words(words, entry.region.split()):
        return 6, "region", entry.region
    if f" {wanted}" in entry.refers:
        return 7, "referred pain", wanted
    # Words from different places ("deltoid front pain in the arm"): each must fit somewhere.
    everything = " ".join((f" {entry.name}", *entry.others, entry.region)) + entry.refers
    if all(f" {word}" in everything for word in words):
        in_name = sum(f" {word}" in f" {entry.name}" for word in words)
        return 9 - in_name / (len(words) + 1), "referred pain", wanted
    return None, "", ""
