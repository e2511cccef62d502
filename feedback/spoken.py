"""What the client said in a session: the pressure it was said of, and what is taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from feedback.comfort import MARKS, Report, ReportKind
from feedback.press import PressRules, is_force
from feedback.view import Heard

if TYPE_CHECKING:
    from feedback.band.source import BandSource
    from feedback.trace import Ring

MARK_WINDOW_S = 0.5
REPORT_WINDOW_S = 2.0
"""A verdict or rating speaks of the seconds before it; a mark while pressure rises, of the moment."""
THERAPIST = "therapist"
CLIENT = "client"
"""Sources of a report (`Report.source`); a simulated client has another."""
SLIP_S = 10.0
"""A slip is seen within this time."""


def force_said_of(report: Report, ring: Ring, rules: PressRules) -> tuple[float | None, int]:
    """Median force, N, of the measured samples in contact before a report; for stop the largest.

    Returns:
        The force, None without any such sample, and the `Quality` flags of the samples looked at.
    """
    before = ring.seconds_before(report.time_s, MARK_WINDOW_S if report.kind in MARKS else REPORT_WINDOW_S)
    contact = is_force(before.quality) & (before.force_n >= rules.end_n)
    quality = int(np.bitwise_or.reduce(before.quality)) if len(before.quality) else 0
    if not contact.any():
        return None, quality
    force_n = before.force_n[contact].astype(np.float64)
    if report.kind is ReportKind.STOP:
        return float(force_n.max()), quality
    return float(np.median(force_n[-5:] if report.kind in MARKS else force_n)), quality


class Spoken:
    """The reports of a session, oldest first.

    Taking back is for slips, and a slip is seen at once. So it takes the therapist's own newest report if that was
    typed just now; else what the client's button or dial said just now, if nothing was said after it; else the
    therapist's newest. What the client said longer ago stands, and so does every word of a simulated client.
    """

    def __init__(self) -> None:
        self._heard: list[Heard] = []
        self._ramps_kpa_per_s: list[float] = []
        self._here = 0

    @property
    def all(self) -> tuple[Heard, ...]:
        """At all points."""
        return tuple(self._heard)

    @property
    def here(self) -> tuple[Heard, ...]:
        """At this point."""
        return tuple(self._heard[self._here :])

    def arrive(self) -> None:
        """At another point from here on; what was said before it is no longer taken back."""
        self._here = len(self._heard)

    def add(self, heard: Heard, ramp_kpa_per_s: float) -> None:
        """Keep what was said while the pressure rose by the ramp."""
        self._heard.append(heard)
        self._ramps_kpa_per_s.append(ramp_kpa_per_s)

    def meant(self, time_s: float) -> int | None:
        """The index of the report that is taken back now, if there is one."""
        standing = [i for i in range(self._here, len(self._heard)) if not self._heard[i].undone]
        typed = next((i for i in reversed(standing) if self._heard[i].report.source == THERAPIST), None)
        if typed is not None and self._just_now(typed, time_s):
            return typed
        newest = standing[-1] if standing else None
        if (
            newest is not None
            and self._heard[newest].report.source == CLIENT
            and self._just_now(newest, time_s)
        ):
            return newest
        return typed

    def _just_now(self, i: int, time_s: float) -> bool:
        return time_s - self._heard[i].report.time_s <= SLIP_S

    def take_back(self, i: int, source: BandSource) -> Heard:
        """Mark a report as taken back, and let the band forget it but not what was said after it."""
        self._heard[i] = taken = replace(self._heard[i], undone=True)
        later = [j for j in range(i + 1, len(self._heard)) if not self._heard[j].undone]
        for j in reversed([i, *later]):  # a source forgets newest first
            source.took_back(self._heard[j].report)
        for j in later:
            source.heard(self._heard[j].report, self._heard[j].pressure_kpa, self._ramps_kpa_per_s[j])
        return taken
