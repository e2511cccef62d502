"""Presses of real treatment in the record, scored like drills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from feedback.drills.presses import PressTarget, press_scores
from feedback.units import pressure_kpa_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedback.drills import AttemptScores
    from feedback.history import History, SessionSummary
    from feedback.history.records import StoredPress

MOST = 100
"""So many of the newest presses are read: a hand is compared as it is now."""


@dataclass(frozen=True, slots=True)
class Treated:
    """Presses of one code.

    Attributes:
        scores: of those with a band and a hold, newest first.
        left_out: presses without either.
        simulated: how many of those scored were on a simulated sensor.
    """

    scores: tuple[AttemptScores, ...]
    left_out: int
    simulated: int


def treated_by(history: History, code: str, most: int = MOST) -> Treated:
    """The newest presses that somebody gave, or, where no therapist has this code, those that a client of it got.

    Args:
        history: the record.
        code: of a therapist or a client.
        most: presses that are read at most.

    Raises:
        HistoryError: the record cannot be read, or it is no code.
    """
    scores: list[AttemptScores] = []
    left_out = simulated = seen = 0
    for session in _sessions(history, code):
        if seen >= most:
            break
        newest = [stored for stored in reversed(session.presses) if not stored.void]
        for stored in newest[: most - seen]:
            seen += 1
            found = _scored(history, session, stored)
            if found is None:
                left_out += 1
            else:
                scores.append(found)
                simulated += session.sensor_url.startswith("sim:")
    return Treated(tuple(scores), left_out, simulated)


def _sessions(history: History, code: str) -> Iterator[SessionSummary]:
    """Newest first, each read only when it is wanted."""
    given = history.given_by(code)
    if given:
        yield from map(history.session, given)
    else:
        yield from reversed(history.sessions(code))


def _scored(history: History, session: SessionSummary, stored: StoredPress) -> AttemptScores | None:
    low, high = stored.lower_kpa, stored.upper_kpa
    if low is None or high is None or not 0 < low < high:
        return None
    blocks = list(history.samples(session.id, stored.press.start_s, stored.press.end_s))
    if not blocks:
        return None
    return press_scores(
        np.concatenate([block.time_s for block in blocks]),
        np.concatenate([block.force_n for block in blocks]) * pressure_kpa_of(1.0, session.tip_area_cm2),
        np.concatenate([block.quality for block in blocks]),
        target=PressTarget(low, high),
        tip_area_cm2=session.tip_area_cm2,
    )
