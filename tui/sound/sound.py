"""The sound of a session: which tones are played, how loud, and what takes their place where nothing can play."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from feedback.tones import Tone, Tones
from tui.sound.child import BY_CHOICE, Child

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedback.view import LiveView
    from tui.settings import Settings

STEP = 0.1
SOFTEST = 0.1
ALARM_AT_LEAST = 0.8
"""The alarm's volume is the others', but never below this share of full, also when muted."""
BELLS_APART_S = {
    Tone.STOP: 1.0,
    Tone.TOO_MUCH: 3.0,
    Tone.TOO_LITTLE: 3.0,
    Tone.PHASE_END: 3.0,
    Tone.SIGNAL_LOST: 3.0,
}
"""The terminal's bell has one sound for everything: it only says "look", and not often."""


class Output(Protocol):
    """Where tones go: `tui.sound.child.Child`."""

    problem: str

    @property
    def ready(self) -> bool:
        """Lines sent now are played."""
        ...

    def send(self, line: str, now_s: float) -> bool:
        """Hand over a line; False when nobody will hear it."""
        ...

    def close(self) -> None:
        """No more lines."""
        ...


class Sound:
    """A follower of the session (`tui.live_loop.Follower`). The keys may be pressed from another thread.

    Muting and turning down hold for everything but the alarm, which only easing off ends.
    """

    def __init__(
        self,
        *,
        on: bool = True,
        volume: float = 0.5,
        output: Output | None = None,
        keep: Callable[[bool, float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to start the playing process.

        Args:
            on: False: muted.
            volume: of all but the alarm, above 0 to 1.
            output: where tones go, which is closed at the end; None for our own player.
            keep: called at the end with `on` and `volume` when they were changed.
            clock: seconds on the listener's clock.
        """
        self._child: Output = output or Child()
        self._tones = Tones()
        self._on, self._volume = on, min(1.0, max(SOFTEST, volume))
        self._kept = (self._on, self._volume)
        self._keep = keep
        self._clock = clock
        self._bell = False
        self._rang_s: dict[Tone, float] = {}
        self._told = False

    @classmethod
    def of(cls, settings: Settings) -> Sound:
        """As it is set; what is changed is set in the settings' file at the end, if they have one."""
        return cls(on=settings.sound, volume=settings.volume, keep=cls.keeper(settings))

    @staticmethod
    def keeper(settings: Settings) -> Callable[[bool, float], None]:
        """Sets `sound` and `volume` in the settings' file; raises `SettingsError` when it cannot be written."""

        def keep(on: bool, volume: float) -> None:
            from tui.settings_file import write_values

            if settings.path is not None:
                write_values(settings.path, {"sound": on, "volume": volume})

        return keep

    def follow(self, view: LiveView) -> None:
        """Begin the tone that is due, if any."""
        now_s = self._clock()
        self.begin(self._tones.next(view, now_s), now_s)

    def begin(self, tone: Tone, now_s: float) -> None:
        """Begin a tone at `now_s` on the listener's clock, as loud as is set; `SILENT` is none."""
        if tone is Tone.SILENT or (not self._on and tone is not Tone.STOP):
            return
        if not self._child.send(f"{tone} {self.gain(tone):.2f} {now_s:.6f}", now_s):
            self._ring(tone, now_s)

    def close(self) -> None:
        """End the playing process and keep what was changed."""
        self._child.close()
        now = (self._on, self._volume)
        if self._keep and now != self._kept:
            self._kept = now
            self._keep(*now)

    def louder(self) -> str:
        """One step up, and on; returns the new state."""
        return self._turn(STEP)

    def softer(self) -> str:
        """One step down, never to nothing; returns the new state."""
        return self._turn(-STEP)

    def toggle_mute(self) -> str:
        """Everything but the alarm off, or on again; returns the new state."""
        self._on = not self._on
        return self.state

    @property
    def state(self) -> str:
        """For the screen, in a few words."""
        if not self._on:
            return "muted"
        if self._child.problem == BY_CHOICE:
            return "bell only"
        if self._child.problem:
            return f"bell only: {self._child.problem.partition(' (')[0]}"
        if not self._child.ready:
            return "sound starting"
        return f"sound on {self._volume * 100:.0f} %"

    def gain(self, tone: Tone) -> float:
        """How loud a tone is played now, 0 to 1."""
        if tone is Tone.STOP:
            return max(ALARM_AT_LEAST, self._volume)
        return self._volume if self._on else 0.0

    def take_bell(self) -> bool:
        """Whether the terminal's bell is to ring now, in place of a tone; asking takes it."""
        bell, self._bell = self._bell, False
        return bell

    def take_news(self) -> str:
        """Why there is no sound, as a sentence, once; else empty."""
        if self._told or not self._on or self._child.problem in ("", BY_CHOICE):
            return ""
        self._told = True
        return f"The terminal's bell rings in place of tones: {self._child.problem}"

    def _turn(self, by: float) -> str:
        self._on = True
        self._volume = min(1.0, max(SOFTEST, round(self._volume + by, 2)))
        return self.state

    def _ring(self, tone: Tone, now_s: float) -> None:
        apart_s = BELLS_APART_S.get(tone)
        if apart_s is not None and now_s - self._rang_s.get(tone, float("-inf")) >= apart_s:
            self._rang_s[tone] = now_s
            self._bell = True
