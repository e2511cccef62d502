"""What a mirror says: the same moment for an observer, with figures, and for the client, in comfort words only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from feedback.guidance import Cue
from tui.mirror.gauge import Ink, Label, Picture, scale_for, words_of
from tui.mirror.reader import Seen, SeenState
from tui.texts import age_text
from tui.widgets.cue_panel import FACES, Face

if TYPE_CHECKING:
    from feedback.units import PressureUnit
    from tui.mirror.snapshot import CoachLine, Snapshot

JUST_NOW_S = 8.0
OLD_S = 30.0
"""What was said longer ago is shown as old."""


class FaceKind(StrEnum):
    """Whom a mirror is for."""

    OBSERVER = "observer"
    """Sees what the therapist sees."""
    CLIENT = "client"
    """Sees no figures but the 0-10 scale."""


CLIENT_FACES = {
    Cue.PRESS: Face("LITTLE", "▼", "v", -1, "below"),
    Cue.HOLD: Face("GOOD", "●", "o", 0, "in-band"),
    Cue.EASE_OFF: Face("MUCH", "▲", "^", 1, "above"),
    Cue.LET_GO: Face("REST", "○", "-", 0, "idle"),
    Cue.READY: Face("REST", "○", "-", 0, "idle"),
    Cue.NO_BAND: Face("SAY WHEN", "○", "-", 0, "idle"),
}
"""Cues are said to the hand; the client is told where the pressure stands, in the words of the reports."""
WAIT = Face("WAIT", "■", "X", 0, "idle")
NO_SESSION = Face("NO SESSION", "?", "?", 0, "stale")

CLIENT_PHASES = {
    "ready": "at rest",
    "ramp": "slowly more",
    "hold": "holding",
    "ease": "easing off",
    "rest": "resting",
    "release": "letting go",
    "done": "done",
}


@dataclass(frozen=True, slots=True)
class BigCue:
    """The cue of a moment; `whole`: nothing else is shown."""

    face: Face
    detail: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """Large words with a line below, of which as many parts are shown as fit, the first ones first.

    `old`: not of now. `share`: 0 to 1 of a time that is meant to pass. `short`: drawn large where the words are too
    long for it, which then begin the line below.
    """

    words: str = ""
    caption: tuple[str, ...] = ()
    old: bool = False
    share: float | None = None
    short: str = ""


def cue_of(seen: Seen, kind: FaceKind, unit: PressureUnit, wanted: str = "") -> BigCue:
    """The cue as a big word; without a fresh snapshot it says so and nothing else is shown."""
    now = seen.snapshot
    if seen.state is SeenState.NO_SESSION:
        return BigCue(NO_SESSION, seen.problem or _waiting(seen, wanted), whole=True)
    if now is None:
        return BigCue(FACES[Cue.NO_SIGNAL], seen.problem or "nothing new comes from the session", whole=True)
    client = kind is FaceKind.CLIENT
    who = "you" if client else "the client"
    if now.stopped:
        return BigCue(FACES[Cue.STOP], f"{who} said stop", whole=True)
    if not now.live:
        return BigCue(FACES[Cue.NO_SIGNAL], "waiting for the sensor" if now.waiting else "", whole=True)
    if now.alarm or now.cue is Cue.STOP:
        why = "the sensor is at its limit" if now.saturated else "as high as it may be: ease off"
        return BigCue(FACES[Cue.STOP], why, whole=True)
    if now.waits:
        return BigCue(WAIT, f"{who} said stop")
    return BigCue((CLIENT_FACES if client else FACES).get(now.cue, FACES[now.cue]), _detail(now, kind, unit))


def _waiting(seen: Seen, wanted: str) -> str:
    if not wanted:
        return "waiting for one to begin"
    others = f", {seen.running} other" if seen.running else ""
    return f"waiting for {wanted}{others}"


def _detail(now: Snapshot, kind: FaceKind, unit: PressureUnit) -> str:
    if now.cue is Cue.NO_BAND and kind is FaceKind.CLIENT:
        return "say “there” when it is good"
    if now.cue is Cue.NO_BAND and now.stay_below_kpa is not None:
        return f"stay below {unit.text(now.stay_below_kpa)}"
    return ""


def picture_of(now: Snapshot, kind: FaceKind, unit: PressureUnit, *, figure: bool) -> Picture:
    """The gauge of a moment; with `figure` the pressure stands at its end."""
    scale = scale_for(now)
    labels: list[Label] = []
    pointer = ""
    if kind is FaceKind.OBSERVER:
        if scale.band and now.lower_kpa is not None and now.upper_kpa is not None:
            labels.append(Label(scale.band[0], unit.text(now.lower_kpa, unit=False), Ink.EDGE))
            if scale.band[1] < 1:
                labels.append(Label(scale.band[1], unit.text(now.upper_kpa, unit=False), Ink.EDGE))
        elif now.stay_below_kpa is not None and scale.safe:
            labels.append(Label(scale.safe, unit.text(now.stay_below_kpa, unit=False), Ink.EDGE))
        labels.append(Label(1.0, f"stop {unit.text(now.ceiling_kpa, unit=False)}", Ink.END))
        labels.append(Label(0.0, "0"))
        if figure and now.pressure_kpa is not None:
            pointer = unit.text(max(0.0, now.pressure_kpa))
    labels += words_of(scale)
    return Picture(scale, now.pressure_kpa, now.target_kpa, tuple(labels), pointer)


def said_of(now: Snapshot, kind: FaceKind) -> Words:
    """What the client said last, and when; on the client's own face a rating stands on the scale instead."""
    if not now.said or now.said_ago_s is None:
        return Words("", ("nothing said yet",), old=True)
    old = now.said_ago_s > OLD_S
    if kind is FaceKind.OBSERVER:
        return Words(now.said, (f"said {age_text(now.said_ago_s)} ago",), old=old)
    if now.said[:1].isdigit():
        return Words()
    return Words(now.said, (f"said {_age_words(now.said_ago_s)}",), old=old)


def rated_of(now: Snapshot) -> str:
    """What stands below the scale."""
    if now.prompt:
        return "how is it, from 0 to 10?"
    if now.rating is None or now.rating_ago_s is None:
        return "say a number when you like"
    return f"you said {now.rating} {_age_words(now.rating_ago_s)}"


def _age_words(seconds: float) -> str:
    return "just now" if seconds < JUST_NOW_S else "a moment ago" if seconds <= OLD_S else "a while ago"


def coach_of(now: Snapshot, kind: FaceKind) -> Words:
    """The coach's phase and time; without a coach the time of the hold. The client sees no seconds."""
    coach = now.coach
    if coach is None:
        if now.hold_s is None:
            return Words("", ("nothing is pressed",), old=True)
        return Words("hold") if kind is FaceKind.CLIENT else Words(f"{now.hold_s:.0f} s", ("held",))
    share = None if not coach.of_s else min(1.0, coach.elapsed_s / coach.of_s)
    if kind is FaceKind.CLIENT:
        return Words(CLIENT_PHASES.get(coach.phase, coach.phase), share=share)
    return Words(coach.do, coach_caption(coach), share=share, short=coach.phase)


def coach_caption(coach: CoachLine) -> tuple[str, ...]:
    """`hold 34 of 60 s`, `round 2 of 3`, `then ease off`."""
    time = (
        f"{coach.elapsed_s:.0f} s" if coach.of_s is None else f"{coach.elapsed_s:.0f} of {coach.of_s:.0f} s"
    )
    rate = {"slower": "slower!", "faster": "faster!"}.get(coach.rate, "")
    rounds = f"round {coach.round} of {coach.rounds}" if coach.rounds > 1 else ""
    then = f"then {coach.then}" if coach.then else ""
    return tuple(part for part in (f"{coach.phase} {time}", rate, rounds, then) if part)


def place_of(seen: Seen, kind: FaceKind) -> str:
    """Who and where; the client is told only the region."""
    now = seen.snapshot
    if now is None:
        return ""
    if kind is FaceKind.CLIENT:
        return now.region
    return f"{now.client_code} · {now.point} · {now.applicator}"


def line_of(seen: Seen, kind: FaceKind, unit: PressureUnit, wanted: str = "") -> str:
    """A moment as one line of text, for screen readers and pipes."""
    cue = cue_of(seen, kind, unit, wanted)
    now = seen.snapshot
    parts = [cue.face.word, cue.detail]
    if now is not None and now.pressure_kpa is not None and kind is FaceKind.OBSERVER:
        at_least = "at least " if now.saturated else ""
        parts.insert(0, f"{at_least}{unit.text(max(0.0, now.pressure_kpa))}")
    if now is not None:
        said, coach = said_of(now, kind), coach_of(now, kind)
        parts += [f"“{said.words}” {', '.join(said.caption)}" if said.words else ""]
        parts += [coach.words, *coach.caption] if now.coach else []
    return ", ".join(part for part in parts if part)
