"""What a mirror may show of a session: figures and words, and nothing of how it was learned or stored."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from types import NoneType
from typing import TYPE_CHECKING, Any

from feedback.comfort import ReportKind
from feedback.guidance import Cue

if TYPE_CHECKING:
    from feedback.coach.phases import CoachNow
    from feedback.view import Heard, LiveView

FORMAT = 1
TEXT_MAX = 120
"""Longer words are cut: they have to fit on a screen and into a record."""


class SnapshotError(ValueError):
    """Bytes that are no snapshot of this version."""


@dataclass(frozen=True, slots=True)
class CoachLine:
    """What the coach shows, as words and times.

    Attributes:
        technique: its title.
        phase: ready, ramp, hold, ease, rest, release or done.
        do: what to do now.
        then: what comes next; may be empty.
        round: which round, from 1.
        rounds: how many; 0 when there is no set number.
        elapsed_s: of this phase.
        of_s: how long it is meant to last; None when time does not end it.
        rate: while ramping `slower`, `good` or `faster`; else empty.
    """

    technique: str
    phase: str
    do: str
    then: str
    round: int
    rounds: int
    elapsed_s: float
    of_s: float | None
    rate: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of a session.

    Attributes:
        client_code: a code, never a name.
        point: muscle, side and label in words.
        region: the same without its label.
        applicator: what presses, with its area in words.
        waiting: no sample has come yet.
        live: the newest sample was fresh when this was made.
        calibrated: it is in newtons.
        saturated: the sensor is at its limit.
        suspect: words for what is known against the sample, or empty.
        pressure_kpa: steadied for reading; None unless live and calibrated.
        cue: what the hand should do.
        lower_kpa: the band's lower edge; None while there is no band.
        upper_kpa: its upper edge.
        target_kpa: the pressure to try next.
        stay_below_kpa: while there is no band, how far it is safe to go.
        ceiling_kpa: never above it.
        alarm: the ceiling was reached and pressure is not back below it.
        stopped: the client said stop and the tip is not let go yet.
        waits: the client's stop stands.
        said: the last report that still stands, in words; empty when there is none.
        said_ago_s: how long ago.
        rating: the last rating that still stands, 0 to 10.
        rating_ago_s: how long ago.
        prompt: what to ask the client now, or empty.
        press_s: how long the press has lasted; None when nothing is pressed.
        hold_s: how long it has been held.
        coach: what the coach shows; None without one.
    """

    client_code: str
    point: str
    region: str
    applicator: str
    waiting: bool
    live: bool
    calibrated: bool
    saturated: bool
    suspect: str
    pressure_kpa: float | None
    cue: Cue
    lower_kpa: float | None
    upper_kpa: float | None
    target_kpa: float | None
    stay_below_kpa: float | None
    ceiling_kpa: float
    alarm: bool
    stopped: bool
    waits: bool
    said: str
    said_ago_s: float | None
    rating: int | None
    rating_ago_s: float | None
    prompt: str
    press_s: float | None
    hold_s: float | None
    coach: CoachLine | None = None

    def later(self, seconds: float) -> Snapshot:
        """The same, with what was said so much longer ago."""
        return replace(
            self,
            said_ago_s=None if self.said_ago_s is None else self.said_ago_s + seconds,
            rating_ago_s=None if self.rating_ago_s is None else self.rating_ago_s + seconds,
        )


def snapshot_of(view: LiveView) -> Snapshot:
    """Take from a view what a mirror may show; nothing of a signal that is not live."""
    band = view.bounds.band
    place, press = view.place, view.press if view.live else None
    said = view.last_heard
    rated = next(
        (h for h in reversed(view.heard) if h.report.kind is ReportKind.RATING and not h.undone), None
    )
    return Snapshot(
        client_code=place.client_code[:TEXT_MAX],
        point=str(place.point)[:TEXT_MAX],
        region=str(replace(place.point, label=""))[:TEXT_MAX],
        applicator=f"{place.applicator} {place.tip_area_cm2:g} cm²"[:TEXT_MAX],
        waiting=view.waiting,
        live=view.live,
        calibrated=view.calibrated,
        saturated=view.saturated,
        suspect=view.suspect[:TEXT_MAX],
        pressure_kpa=_finite(view.shown_kpa) if view.live and view.calibrated else None,
        cue=view.asked,
        lower_kpa=band.lower_kpa if band else None,
        upper_kpa=band.upper_kpa if band else None,
        target_kpa=_finite(view.bounds.target_kpa),
        stay_below_kpa=_finite(view.bounds.stay_below_kpa),
        ceiling_kpa=view.ceiling_kpa,
        alarm=view.alarm is not None,
        stopped=view.stopped,
        waits=view.waits,
        said=said.report.words if said else "",
        said_ago_s=_ago(said, view.now_s),
        rating=rated.report.rating if rated else None,
        rating_ago_s=_ago(rated, view.now_s),
        prompt=view.prompt[:TEXT_MAX],
        press_s=press.elapsed_s if press else None,
        hold_s=press.hold_s if press else None,
        coach=_coach_line(view.coach) if view.coach else None,
    )


def to_bytes(snapshot: Snapshot) -> bytes:
    """A snapshot as compact JSON."""
    return json.dumps({"format": FORMAT, **asdict(snapshot)}, separators=(",", ":"), allow_nan=False).encode()


def from_bytes(data: bytes) -> Snapshot:
    """A snapshot out of its bytes.

    Raises:
        SnapshotError: the bytes were written by another version, or are none.
    """
    try:
        values: Any = json.loads(data)
        if values.pop("format") != FORMAT:
            raise SnapshotError("the session is one of another version of Goodpain")
        coach = values.pop("coach")
        if set(values) != {field.name for field in fields(Snapshot)} - {"coach"}:
            raise SnapshotError("the session is one of another version of Goodpain")
        values["cue"] = Cue(values["cue"])
        snapshot = Snapshot(**values, coach=CoachLine(**coach) if coach else None)
        _check(snapshot)
        if snapshot.coach is not None:
            _check(snapshot.coach)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise SnapshotError("the session is one of another version of Goodpain") from error
    return snapshot


_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "int | None": (int, NoneType),
    "float": (int, float),
    "float | None": (int, float, NoneType),
}


def _check(line: Snapshot | CoachLine) -> None:
    """Raise a ValueError where a value is not of its kind, or no number that can be drawn."""
    for field in fields(line):
        value, kinds = getattr(line, field.name), _KINDS.get(str(field.type))
        if kinds is None:
            continue
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds != (bool,)):
            raise SnapshotError(field.name)
        if isinstance(value, int | float) and not math.isfinite(value):
            raise SnapshotError(field.name)


def _coach_line(now: CoachNow) -> CoachLine:
    return CoachLine(
        technique=now.technique.title[:TEXT_MAX],
        phase=now.phase.value,
        do=now.do[:TEXT_MAX],
        then=now.then[:TEXT_MAX],
        round=now.round,
        rounds=now.rounds,
        elapsed_s=now.elapsed_s,
        of_s=_finite(now.of_s),
        rate=now.rate.cue.value if now.rate else "",
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _ago(heard: Heard | None, now_s: float) -> float | None:
    return None if heard is None else max(0.0, now_s - heard.report.time_s)
