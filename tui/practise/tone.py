"""What is heard of an attempt: from the aim that its view shows, and from nothing else.

Where the view shows no aim - blind, hidden, before the go - there is silence by construction: nothing else of the view
is looked at but how fast the pressure that is shown changes.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from feedback.drills import Aim
from feedback.tones import APART_S, ON_ITS_WAY_SHARE, RHYTHMS, Tone
from tui.sound.sound import Sound

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedback.drills import AttemptView, Shown
    from tui.settings import Settings

WAY_OVER_S = 0.3
"""Whether the hand is on its way to the target is judged over this time."""


def tone_of_aim(view: AttemptView) -> Tone:
    """The tone that a view calls for, whatever was before; `SILENT` where no aim is shown."""
    shown = view.shown
    if shown is None or shown.aim is None or shown.aim is Aim.INSIDE:
        return Tone.SILENT
    if shown.rate_kpa_per_s is not None:
        return Tone.FASTER if shown.aim is Aim.LIGHT else Tone.SLOWER
    return Tone.TOO_LITTLE if shown.aim is Aim.LIGHT else Tone.TOO_MUCH


class AimTones:
    """Which tone begins now, from one view after the other; what bothers is said once and repeated slowly."""

    def __init__(self) -> None:
        self._standing = Tone.SILENT
        self._since_s = 0.0
        self._sounded = False
        self._began_s: dict[Tone, float] = {}
        self._seen: list[tuple[float, float]] = []

    def next(self, view: AttemptView, now_s: float) -> Tone:
        """The tone that begins at `now_s`, on the listener's clock; `SILENT` when none does."""
        standing = tone_of_aim(view)
        way = self._way(view.now_s, view.shown)
        if (standing is Tone.TOO_LITTLE and way > 0) or (standing is Tone.TOO_MUCH and way < 0):
            standing = Tone.SILENT
        if standing is not self._standing:
            self._standing, self._since_s, self._sounded = standing, now_s, False
        if standing is Tone.SILENT or not self._is_due(standing, now_s):
            return Tone.SILENT
        self._began_s[standing] = now_s
        return standing

    def _is_due(self, tone: Tone, now_s: float) -> bool:
        rhythm = RHYTHMS[tone]
        others = [at_s for other, at_s in self._began_s.items() if other is not tone]
        if now_s - self._since_s < rhythm.after_s or (others and now_s - max(others) < APART_S):
            return False
        pause_s = rhythm.every_s if self._sounded else rhythm.again_s
        if pause_s is None or now_s - self._began_s.get(tone, float("-inf")) < pause_s:
            return False
        self._sounded = True
        return True

    def _way(self, time_s: float, shown: Shown | None) -> int:
        """1 while the hand raises what is shown by much, -1 while it lowers it, else 0."""
        if shown is None:
            self._seen.clear()
            return 0
        self._seen = [one for one in self._seen if one[0] >= time_s - WAY_OVER_S]
        self._seen.append((time_s, shown.pressure_kpa))
        (first_s, first_kpa), took_s = self._seen[0], time_s - self._seen[0][0]
        if took_s < WAY_OVER_S / 2:
            return 0
        rate = (shown.pressure_kpa - first_kpa) / (time_s - first_s)
        if abs(rate) <= ON_ITS_WAY_SHARE * max(shown.pressure_kpa, 1.0):
            return 0
        return 1 if rate > 0 else -1


class PracticeTone:
    """A watcher of a run (`tui.practise.run.Watcher`) that sounds. The keys may be pressed from another thread.

    Attributes:
        sound: how loud, and what takes the place of a tone where nothing can play.
    """

    def __init__(self, sound: Sound, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.sound = sound
        self._tones = AimTones()
        self._clock = clock

    @classmethod
    def of(cls, settings: Settings) -> PracticeTone:
        """As it is set; what is changed is set in the settings' file at the end, if they have one."""
        return cls(Sound.of(settings))

    def follow(self, view: AttemptView) -> None:
        """Begin the tone that is due, if any."""
        now_s = self._clock()
        self.sound.begin(self._tones.next(view, now_s), now_s)

    def close(self) -> None:
        """The attempt is over: the next one begins with silence. The sound itself is closed with `shut`."""
        self._tones = AimTones()

    def shut(self) -> None:
        """End the playing process and keep what was changed; once, when practice is over."""
        self.sound.close()
