"""What an ear is told: which tone a moment calls for, and when it sounds.

Silence is the good news: nothing sounds while the hand is in the band, while nothing is pressed and while nothing is
known. Of the rest only the alarm insists. People switch off what bothers them, so everything else is said once and
then repeated slowly; that the cue does not flicker at an edge is `feedback.guidance`'s care.

What a tone sounds like is not known here (`tui.sound.waves`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from feedback.coach import rules
from feedback.coach.phases import PhaseKind, RateCue
from feedback.coach.technique import TechniqueKind
from feedback.guidance import Cue

if TYPE_CHECKING:
    from feedback.coach.phases import CoachNow
    from feedback.view import LiveView


class Tone(StrEnum):
    """What can be heard."""

    SILENT = "silent"
    TOO_LITTLE = "too_little"
    TOO_MUCH = "too_much"
    STOP = "stop"
    """The ceiling, the sensor's limit or the client's stop: until the hand has eased off."""
    PHASE_END = "phase_end"
    SLOWER = "slower"
    """The pressure is raised too fast."""
    FASTER = "faster"
    """The pressure is raised too slowly."""
    SIGNAL_LOST = "signal_lost"

    @property
    def words(self) -> str:
        """The tone's name for people."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a tone sounds while a moment that calls for it lasts.

    Attributes:
        after_s: the moment must have lasted so long; what passes by itself needs no tone.
        every_s: time from one beginning to the next; None: only once.
        again_s: when the moment passes and comes back, the tone begins no sooner after its last beginning.
    """

    after_s: float
    every_s: float | None
    again_s: float


RHYTHMS: dict[Tone, Rhythm] = {
    Tone.STOP: Rhythm(after_s=0.0, every_s=0.5, again_s=0.0),
    Tone.TOO_MUCH: Rhythm(after_s=0.0, every_s=2.0, again_s=1.0),
    Tone.TOO_LITTLE: Rhythm(after_s=0.8, every_s=4.0, again_s=2.0),
    Tone.SLOWER: Rhythm(after_s=0.3, every_s=0.7, again_s=0.7),
    Tone.FASTER: Rhythm(after_s=0.3, every_s=0.7, again_s=0.7),
    Tone.SIGNAL_LOST: Rhythm(after_s=0.5, every_s=None, again_s=5.0),
}
"""Figures of our own, not yet tried on therapists; what matters is the order: stop, too much, too little."""
APART_S = 0.5
"""Two different tones begin no closer together, so that each is heard as itself; the alarm waits for none."""
LATEST_S = 1.0
"""The end of a phase that could not be told for so long is not news any more."""
ON_ITS_WAY_SHARE = 0.25
"""A hand that changes its pressure by more than this share a second is on its way, and is not told to set out."""

QUIET_RULES = frozenset(
    {rules.LET_GO, rules.MOVED_ON, rules.SESSION_END, rules.SIGNAL_LOST, rules.SAID_STOP, rules.CEILING}
)
"""Phases that the hand itself ended, or that an alarm ended, which sounds itself."""
ASKED_LESS = frozenset({PhaseKind.EASE, PhaseKind.REST, PhaseKind.RELEASE})
PATIENCE_S = 3.0
"""The bell at the end of a phase has told that less is asked for; a hand that is slow to follow is given this long."""


def tone_of(view: LiveView) -> Tone:
    """The tone that the moment calls for, whatever was before: the same cue that the screen shows; pure.

    Without a fresh signal it is `SIGNAL_LOST` (nothing before the first sample), at the alarm it is `STOP`.
    """
    if view.waiting:
        return Tone.SILENT
    if not view.live:
        return Tone.SIGNAL_LOST
    if view.alarm is not None or view.cue is Cue.STOP:
        return Tone.STOP
    asked = view.asked
    coach = view.coach if view.coach and view.coach.technique.kind is not TechniqueKind.FREE else None
    if asked is Cue.EASE_OFF or asked is Cue.LET_GO:
        slow = coach is None or coach.phase not in ASKED_LESS or coach.elapsed_s >= PATIENCE_S
        return Tone.TOO_MUCH if slow and not _on_its_way(view, -1) else Tone.SILENT
    if coach and coach.phase is PhaseKind.RAMP and coach.rate and view.press:
        return {RateCue.SLOWER: Tone.SLOWER, RateCue.FASTER: Tone.FASTER}.get(coach.rate.cue, Tone.SILENT)
    if asked is Cue.PRESS and not (coach and coach.technique.kind is TechniqueKind.THRESHOLD):
        on_its_way = _on_its_way(view, 1) or _on_its_way(view, -1)
        return Tone.SILENT if on_its_way else Tone.TOO_LITTLE
    return Tone.SILENT


def _on_its_way(view: LiveView, sign: int) -> bool:
    """The hand is raising (1) or lowering (-1) the pressure by much."""
    return (
        view.press is not None
        and view.pressure_kpa is not None
        and sign * view.press.ramp_kpa_per_s > ON_ITS_WAY_SHARE * max(0.0, view.pressure_kpa)
    )


class Tones:
    """Which tone begins now, from one view after the other.

    Times are those of the ear: a clock that never goes back and runs at the pace of the listener, also when the views
    are those of a simulation that runs faster.
    """

    def __init__(self) -> None:
        self._standing = Tone.SILENT
        self._since_s = 0.0
        self._sounded = False
        self._began_s: dict[Tone, float] = {}
        self._ended: int | None = None
        self._phase_end_s: float | None = None

    def next(self, view: LiveView, now_s: float) -> Tone:
        """The tone that begins at `now_s`, with this view; `SILENT` when none does."""
        standing = tone_of(view)
        if standing is not self._standing:
            self._standing, self._since_s, self._sounded = standing, now_s, False
        self._listen(view.coach, now_s)
        tone = self._due(now_s)
        if tone is not Tone.SILENT:
            self._began_s[tone] = now_s
        return tone

    def _listen(self, coach: CoachNow | None, now_s: float) -> None:
        """Notice that a phase ended."""
        if coach is None or coach.technique.kind is TechniqueKind.FREE:
            self._ended = self._phase_end_s = None
            return
        if self._ended is not None and coach.ended > self._ended and coach.rule not in QUIET_RULES:
            self._phase_end_s = now_s
        self._ended = coach.ended

    def _due(self, now_s: float) -> Tone:
        standing = self._standing
        if standing in (Tone.STOP, Tone.SIGNAL_LOST):
            self._phase_end_s = None
        if standing is Tone.STOP:
            return standing if self._is_due(standing, now_s) else Tone.SILENT
        if self._began_s and now_s - max(self._began_s.values()) < APART_S:
            return Tone.SILENT
        if self._phase_end_s is not None:
            late_s, self._phase_end_s = now_s - self._phase_end_s, None
            if late_s <= LATEST_S:
                return Tone.PHASE_END
        return standing if standing is not Tone.SILENT and self._is_due(standing, now_s) else Tone.SILENT

    def _is_due(self, tone: Tone, now_s: float) -> bool:
        rhythm = RHYTHMS[tone]
        if now_s - self._since_s < rhythm.after_s:
            return False
        pause_s = rhythm.every_s if self._sounded else rhythm.again_s
        if pause_s is None or now_s - self._began_s.get(tone, float("-inf")) < pause_s:
            return False
        self._sounded = True
        return True


FLASHING = frozenset({Tone.STOP, Tone.TOO_MUCH, Tone.TOO_LITTLE, Tone.PHASE_END, Tone.SIGNAL_LOST})
FLASH_S = 0.25
FLASHES_APART_S = 0.4
"""At most three begin in any second: WCAG 2.2, success criterion 2.3.1 "Three Flashes or Below Threshold"
(https://www.w3.org/TR/WCAG22/#three-flashes-or-below-threshold)."""


class Flash:
    """The same for the eye: the tone whose colour fills the screen's width now.

    It follows the rhythm of the tones, whether or not any sound is on; rate tones do not flash.
    """

    def __init__(self) -> None:
        self._tones = Tones()
        self._shown = Tone.SILENT
        self._began_s = float("-inf")

    def of(self, view: LiveView, now_s: float) -> Tone:
        """The tone whose flash is on at `now_s`, the time of the eye; `SILENT` when none is. Ask with every frame."""
        begins = self._tones.next(view, now_s)
        since_s = now_s - self._began_s
        if begins in FLASHING and since_s >= FLASHES_APART_S:
            self._shown, self._began_s, since_s = begins, now_s, 0.0
        return self._shown if since_s < FLASH_S else Tone.SILENT
