"""The loop of a live session: from the sensor to the session and its journal, whatever shows it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from feedback.comfort import Report, ReportKind
from feedback.signal import NOT_A_FORCE, ForceBlock, Notice, NoticeKind, Quality
from firmware_bridge.errors import BridgeError
from tui.waking import FOLLOW_EVERY_S, wakes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feedback.band.source import BandSource
    from feedback.guidance import Cue
    from feedback.press import Press
    from feedback.session import Session
    from feedback.trace import Trace
    from feedback.view import Heard, LiveView, Place
    from firmware_bridge import Sensor, SensorHealth, SensorInfo

T = TypeVar("T")

LONGEST_STEP_S = 1.0
"""A longer step between deliveries is a silence."""


class Companion(Protocol):
    """Someone who feels the pressure and speaks: the simulated client."""

    def feel(self, time_s: float, pressure_kpa: float) -> list[Report]:
        """What is said up to `time_s` while the pressure is `pressure_kpa`."""
        ...


class Follower(Protocol):
    """Someone who is shown the running session: the sound, another face of it."""

    def follow(self, view: LiveView) -> None:
        """The session as of now.

        Called from the loop's own thread about 25 times a second, and at once when the alarm or the cue changes. It
        must not wait for anything. When it raises, it is closed and told once, and the session goes on without it.
        """
        ...

    def close(self) -> None:
        """The session is over."""
        ...


@dataclass(frozen=True, slots=True)
class Totals:
    """What a session amounted to so far; `peak_n`, of what is a measured force, is None while there is none."""

    samples: int
    saturated: int
    peak_n: float | None
    first_s: float | None
    last_s: float | None


class LiveLoop:
    """Feeds a session from a sensor in a thread of its own, and lets a screen look at it at any time.

    One lock is held around everything that touches the session. A screen that asks for a view first takes over what
    the sensor has delivered, so that a view is never behind the sensor because a thread had to wait. The thread wakes
    with every delivery, whoever took it over, and shows the followers what has changed.
    """

    def __init__(
        self,
        sensor: Sensor,
        session: Session,
        companion: Companion | None = None,
        on_sensor: Callable[[SensorInfo], None] | None = None,
        followers: Sequence[Follower] = (),
    ) -> None:
        self._sensor = sensor
        self._session = session
        self._companion = companion
        self._on_sensor = on_sensor
        self._followers = list(followers)
        self._followed: tuple[bool, Cue] | None = None
        self._followed_s = 0.0
        self._info: SensorInfo | None = None
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="goodpain-live", daemon=True)
        self._samples = 0
        self._saturated = 0
        self._peak_n: float | None = None
        self._counted, self._counted_s = 0, 0.0
        self._newest_n = float("nan")
        self._first_s: float | None = None
        self._last_s: float | None = None
        self._told: list[Notice] = []
        self.failure: BaseException | None = None
        """What ended the loop, if it was not meant to end."""

    def start(self) -> None:
        """Start feeding."""
        self._thread.start()

    def close(self) -> None:
        """Stop feeding and let the followers go; what the sensor delivered until now is taken in. Call once."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self.poll()
        for follower in list(self._followers):
            self._let_go(follower)

    @property
    def lock(self) -> threading.RLock:
        """Hold it around anything that touches what the session holds, such as its learner."""
        return self._lock

    @property
    def sensor(self) -> Sensor:
        """The sensor that feeds the session."""
        return self._sensor

    @property
    def ended(self) -> bool:
        """No more samples will come."""
        return self._ended.is_set()

    @property
    def totals(self) -> Totals:
        """What the session amounted to so far."""
        with self._lock:
            return Totals(self._samples, self._saturated, self._peak_n, self._first_s, self._last_s)

    @property
    def presses(self) -> tuple[Press, ...]:
        """All presses of the session, at all its points."""
        with self._lock:
            return self._session.presses

    @property
    def heard(self) -> tuple[Heard, ...]:
        """All reports of the session, at all its points."""
        with self._lock:
            return self._session.heard

    @property
    def rate_hz(self) -> float | None:
        """Samples a second over the session, silences left out; None until known."""
        with self._lock:
            return self._counted / self._counted_s if self._counted_s > 0 else None

    def poll(self) -> None:
        """Take over what the sensor has delivered."""
        with self._lock:
            for item in self._sensor.take():
                if isinstance(item, ForceBlock):
                    self._take(item)
                else:
                    self._told.append(item)
                    self._session.notice(item)
                    if item.kind is NoticeKind.ENDED:
                        if self._sensor.failure and self.failure is None:
                            self.failure = BridgeError(self._sensor.failure)
                        self._ended.set()

            if self._on_sensor and self._info != self._sensor.info:
                self._info = self._sensor.info
                self._on_sensor(self._info)

    def newest_n(self) -> float:
        """The newest force, for a look between two views; NaN when there is none."""
        with self._lock:
            self.poll()
            return self._newest_n

    def fresh_for_s(self) -> float:
        """So much longer the newest sample may be shown, if nothing follows; below 0 when it may not."""
        with self._lock:
            heard_until_s = self._sensor.heard_until_s
            self.poll()
            return self._session.fresh_for_s(heard_until_s)

    def view(self) -> LiveView:
        """The session as of now."""
        with self._lock:
            heard_until_s = self._sensor.heard_until_s
            self.poll()
            return self._session.view(heard_until_s)

    def trace(self, position: int) -> Trace:
        """Samples after `position`, for a chart."""
        with self._lock:
            return self._session.trace(position)

    def told(self, position: int) -> list[Notice]:
        """What the sensor said besides force, after `position`."""
        with self._lock:
            return self._told[position:]

    def health(self) -> SensorHealth:
        """The sensor's health."""
        return self._sensor.health

    def report(self, kind: ReportKind, rating: int | None = None) -> Heard:
        """The client said this, now."""
        return self._with_time(lambda now_s: self._session.report(Report(kind, now_s, rating)))

    def undo(self) -> Heard | None:
        """Take the last report back."""
        return self._with_time(lambda now_s: self._session.undo(now_s))

    def resume(self) -> bool:
        """Go on after the client's stop; False when none stands."""
        return self._with_time(lambda now_s: self._session.resume(now_s))

    def move_on(self) -> bool:
        """Go on to the next phase of the technique; False when none is coached."""

        def act(now_s: float) -> bool:
            self._session.move_on(now_s)
            return self._session.technique is not None

        return self._with_time(act)

    def note(self, text: str) -> None:
        """Keep a note."""
        self._with_time(lambda now_s: self._session.note(text, now_s))

    def set_band(self, source: BandSource, ceiling_kpa: float) -> None:
        """Put another band in force."""
        self._with_time(lambda now_s: self._session.set_band(source, ceiling_kpa, now_s))

    def go_to(self, place: Place, source: BandSource, ceiling_kpa: float) -> None:
        """Move on to another point."""
        self._with_time(lambda now_s: self._session.go_to(place, source, ceiling_kpa, now_s))

    def end(self) -> None:
        """Close the session in the journal, with the sensor's figures."""
        with self._lock:
            health = self._sensor.health
            figures = {
                "samples": self._samples,
                "lost": health.lost,
                "checksum_errors": health.checksum_errors,
                "reconnects": health.reconnects,
                "rate_hz": self.rate_hz,
                "clock_skew_ppm": health.clock_skew_ppm,
            }
            self._session.end(self._sensor.now_s(), figures)

    def _with_time(self, act: Callable[[float], T]) -> T:
        with self._lock:
            # Not the time on the clock: what is said now is said about the newest sample, however late we are.
            heard_until_s = self._sensor.heard_until_s
            self.poll()
            return act(heard_until_s)

    def _take(self, block: ForceBlock) -> None:
        self._session.feed(block)
        if not len(block):
            return
        self._samples += len(block)
        self._count(block)
        self._first_s = float(block.time_s[0]) if self._first_s is None else self._first_s
        self._last_s = float(block.time_s[-1])
        self._newest_n = float(block.force_n[-1])
        good = (block.quality & np.uint8(NOT_A_FORCE)) == 0
        self._saturated += int(np.count_nonzero(block.quality & np.uint8(Quality.SATURATED)))
        if good.any():
            peak = float(block.force_n[good].max())
            self._peak_n = peak if self._peak_n is None else max(self._peak_n, peak)
        if self._companion:
            place = self._session.place
            force_n = float(block.force_n[-1])
            pressure_kpa = 0.0 if force_n != force_n else max(0.0, force_n * 10 / place.tip_area_cm2)
            for report in self._companion.feel(self._last_s, pressure_kpa):
                self._session.report(report)

    def _count(self, block: ForceBlock) -> None:
        """For the rate: the steps between samples and how long they took; a silence is no step."""
        steps, before_s = len(block), self._last_s
        if before_s is None or not 0 < float(block.time_s[0]) - before_s <= LONGEST_STEP_S:
            steps, before_s = steps - 1, float(block.time_s[0])
        took_s = float(block.time_s[-1]) - before_s
        if steps and took_s > 0:
            self._counted, self._counted_s = self._counted + steps, self._counted_s + took_s

    def _run(self) -> None:
        try:
            for woke_s in wakes(self._sensor, self._stop):
                self.poll()
                self._show_followers(woke_s)
                if self._ended.is_set():
                    return
        except Exception as error:
            self.failure = error
            self._ended.set()

    def _show_followers(self, now_s: float) -> None:
        if not self._followers:
            return
        with self._lock:
            changed = (self._session.alarm is not None, self._session.cue)
            if changed == self._followed and now_s - self._followed_s < FOLLOW_EVERY_S:
                return
            view = self.view()
        self._followed, self._followed_s = changed, now_s
        for follower in list(self._followers):
            try:
                follower.follow(view)
            except Exception as error:
                self._tell_failed(follower, error)
                self._let_go(follower)

    def _let_go(self, follower: Follower) -> None:
        self._followers.remove(follower)
        try:
            follower.close()
        except Exception as error:
            self._tell_failed(follower, error)

    def _tell_failed(self, follower: Follower, error: Exception) -> None:
        what = type(follower).__name__.lower()
        with self._lock:
            notice = Notice(
                NoticeKind.MESSAGE,
                self._sensor.heard_until_s,
                f"the {what} failed ({error!r}): the session goes on without it",
            )
            self._told.append(notice)
            self._session.notice(notice)
