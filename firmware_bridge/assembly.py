"""From readings to force: times, losses, calibration and notices, in the order in which the sensor sent them."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from feedback.signal import NO_DEVICE_CLOCK, Calibration, ForceBlock, Notice, NoticeKind, Quality
from firmware_bridge.calibrator import Calibrator
from firmware_bridge.clock import ArrivalClock, DeviceClock
from firmware_bridge.dialects.base import Dialect, Event, Log, Message, Meta, Readings
from firmware_bridge.errors import TareError
from firmware_bridge.repeats import Repeats
from firmware_bridge.sequence import SequenceCounter
from firmware_bridge.talk import Talk
from firmware_bridge.wire import EventCode

Item: TypeAlias = ForceBlock | Notice

TARE_WINDOW_S = 0.6
TARE_SPAN_S = 0.35
TARE_SAMPLES = 4
"""A zero is the mean of the last `TARE_WINDOW_S`, which must hold so many samples over so long (10 Hz will do)."""
RATE_WINDOW_S = 5.0
EVENT_REACH_S = 2.0
"""An event further than this from the nearest sample, by the device's clock, is placed at its arrival."""

_RESTART = np.uint8(Quality.CLOCK_RESTART)
_EVENTS = {
    EventCode.BUTTON_PRESSED: (NoticeKind.BUTTON_PRESSED, "the client pressed the button"),
    EventCode.BUTTON_RELEASED: (NoticeKind.BUTTON_RELEASED, "the client released the button"),
    EventCode.TARE: (NoticeKind.TARED, "the zero was set at the sensor"),
}


class Assembler:
    """Turns the readings of one connection into blocks and notices; no thread, no port.

    Attributes:
        samples: samples delivered so far.
        lost: samples known to be lost so far.
    """

    def __init__(self, dialect: Dialect, calibrator: Calibrator, after: Assembler | None = None) -> None:
        """Begin a connection.

        Args:
            dialect: what the sensor speaks.
            calibrator: outlives the connection.
            after: the assembler of the connection that was lost, if there was one: its totals go on, and the first
                sample is marked CLOCK_RESTART.
        """
        self.samples = after.samples if after else 0
        self.lost = after.lost if after else 0
        self._last_sample_s = after.last_sample_s if after else None
        self._calibrator = calibrator
        clock = DeviceClock if dialect.has_clock else ArrivalClock
        self._clock = after._clock if after and type(after._clock) is clock else clock()
        self._clock.reset()
        self._sequence = SequenceCounter()
        self._repeats = Repeats()
        self._repeated_before = after.repeated if after else 0
        self._mark_first = after is not None
        self._flagged = False
        self._announced = after.announced if after else None
        self._warned = after._warned if after else ""
        self._talk = after._talk if after else Talk()
        self._last_t_us = NO_DEVICE_CLOCK
        self._recent: deque[ForceBlock] = deque()
        self._rates: deque[tuple[float, int]] = deque()

    @property
    def repeated(self) -> int:
        """Samples left out so far because they came twice or after younger ones."""
        return self._repeated_before + self._repeats.count

    @property
    def skew_ppm(self) -> float | None:
        """How much longer a second of the device's clock lasts than one of the host's; None when unknown."""
        return self._clock.skew_ppm

    @property
    def rate_hz(self) -> float:
        """Samples a second over the last seconds, by the device's clock where it has one; 0 when unknown."""
        if len(self._rates) < 2:
            return 0.0
        span_s = self._rates[-1][0] - self._rates[0][0]
        count = sum(n for _, n in self._rates) - self._rates[0][1]
        return count / span_s if span_s > 0 else 0.0

    @property
    def last_sample_s(self) -> float | None:
        """Time of the newest sample; None before the first."""
        return self._last_sample_s

    @property
    def announced(self) -> Calibration | None:
        """The calibration of the last `CALIBRATED` notice; None before the first."""
        return self._announced

    def feed(self, readings: Readings, arrival_s: float) -> list[Item]:
        """Blocks and notices of the readings that arrived at one instant, in order."""
        readings = self._repeats.without(readings)
        n = len(readings)
        time_s, t_us, restarts = self._stamp(readings, arrival_s)
        first_restart = min(restarts, default=-1)
        lost = self._sequence.lost_before(readings.seq, readings.t_us, first_restart)
        quality = readings.quality.copy()
        quality[list(restarts)] |= _RESTART
        if n and self._mark_first:
            quality[0] |= _RESTART
            self._mark_first = False
        said: dict[int, list[Message]] = {}
        for message in readings.messages:
            said.setdefault(message.before, []).append(message)
        cuts = sorted({0, n, *said, *restarts, *np.flatnonzero(lost).tolist()})
        items = self._warnings(arrival_s)
        for position, following in pairwise([*cuts, n]):
            for message in said.get(position, ()):
                items += self._notices(message, readings, time_s, arrival_s)
            if position in restarts:
                items.append(
                    Notice(
                        NoticeKind.CLOCK_RESTARTED, float(time_s[position]), "the sensor's clock began again"
                    )
                )
                self._recent.clear()
                self._rates.clear()
            if following > position:
                part = slice(position, following)
                force_n, flags = self._calibrator.apply(readings.counts[part], quality[part])
                self._announce(float(time_s[position]), items)
                block = ForceBlock(
                    time_s[part], force_n, readings.counts[part], flags, t_us[part], int(lost[position])
                )
                self._remember(block)
                items.append(block)
        if n:
            self._last_t_us = int(readings.t_us[-1])
        return items

    def tare(self, *, under_load: bool, now_s: float) -> tuple[Calibration, list[Item]]:
        """Set the zero from the newest samples; returns the calibration and the notices of it.

        Raises:
            TareError: there is no live signal, or `Calibrator.tare` refuses.
        """
        blocks = [block for block in self._recent if block.time_s[-1] >= now_s - TARE_WINDOW_S]
        times = np.concatenate([block.time_s for block in blocks]) if blocks else np.empty(0)
        recent = times >= now_s - TARE_WINDOW_S
        times = times[recent]
        if len(times) < TARE_SAMPLES or times[-1] - times[0] < TARE_SPAN_S:
            raise TareError(
                "There is no steady signal to set the zero from: wait until force is shown, then try again"
            )
        quality = np.concatenate([block.quality for block in blocks])[recent]
        if np.any(quality & np.uint8(Quality.SATURATED)):
            raise TareError(
                "The sensor is at the end of its range, so the zero was not set: take everything off the tip"
            )
        counts = np.concatenate([block.counts for block in blocks])[recent]
        calibration = self._calibrator.tare(counts, under_load=under_load)
        text = "the zero was set under load" if under_load else "the zero was set"
        items: list[Item] = [Notice(NoticeKind.TARED, now_s, text)]
        self._announce(now_s, items)
        return calibration, items

    def _stamp(
        self, readings: Readings, arrival_s: float
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], set[int]]:
        """Times and unwrapped device times (n,), and the indices at which the clock began again."""
        n = len(readings)
        time_s, t_us = np.empty(n, np.float64), np.empty(n, np.int64)
        restarts: set[int] = set()
        if n == 0:
            return time_s, t_us, restarts
        flagged = (readings.quality & _RESTART) != 0
        # The flag counts where it comes up: some firmware may leave it up for a while.
        edges = {i for i in np.flatnonzero(flagged).tolist() if not (flagged[i - 1] if i else self._flagged)}
        self._flagged = bool(flagged[-1])
        for start, stop in pairwise(sorted({0, n, *edges})):
            if start in edges and (start > 0 or self._last_sample_s is not None):
                self._clock.reset()
                restarts.add(start)
            stamps = self._clock.stamp(readings.t_us[start:stop], arrival_s)
            time_s[start:stop], t_us[start:stop] = stamps.time_s, stamps.t_us
            if stamps.restarted_at >= 0:
                restarts.add(start + stamps.restarted_at)
        if self._last_sample_s is not None:
            # Another dialect has another clock, which does not know how far the last one had come.
            np.maximum(time_s, self._last_sample_s, out=time_s)
        return time_s, t_us, restarts

    def _announce(self, time_s: float, items: list[Item]) -> None:
        """Say which calibration is in force, when it has changed."""
        calibration = self._calibrator.current
        if calibration != self._announced:
            self._announced = calibration
            text = f"calibration: {calibration.source}" if calibration else "no calibration"
            items.append(Notice(NoticeKind.CALIBRATED, time_s, text, calibration=calibration))

    def _warnings(self, time_s: float) -> list[Item]:
        """What is known against the calibration, when that has changed."""
        problem = self._calibrator.problem
        if problem == self._warned:
            return []
        self._warned = problem
        return [Notice(NoticeKind.MESSAGE, time_s, problem)] if problem else []

    def _remember(self, block: ForceBlock) -> None:
        self.samples += len(block)
        self.lost += block.lost
        last_s = float(block.time_s[-1])
        self._last_sample_s = last_s
        self._recent.append(block)
        while self._recent[0].time_s[-1] < last_s - 2 * TARE_WINDOW_S:
            self._recent.popleft()
        device_us = int(block.t_us[-1])
        self._rates.append((last_s if device_us == NO_DEVICE_CLOCK else device_us * 1e-6, len(block)))
        while self._rates[0][0] < self._rates[-1][0] - RATE_WINDOW_S:
            self._rates.popleft()

    def _notices(
        self, message: Message, readings: Readings, time_s: NDArray[np.float64], arrival_s: float
    ) -> list[Item]:
        match message:
            case Meta():
                self._calibrator.take_meta(message.values)
                return self._warnings(arrival_s)
            case Event(code=code) if code in _EVENTS:
                kind, text = _EVENTS[EventCode(code)]
                at_s = self._time_of(message, readings, time_s, arrival_s)
                return [Notice(kind, at_s, text, value=message.value)]
            case Log() if message.text.strip() and self._talk.takes(arrival_s):
                told = [text for text in (self._talk.told(), message.text.strip()) if text]
                return [Notice(NoticeKind.MESSAGE, arrival_s, text) for text in told]
            case _:
                pass
        return []

    def _time_of(
        self, event: Event, readings: Readings, time_s: NDArray[np.float64], arrival_s: float
    ) -> float:
        """When an event happened: as far from the nearest sample as the device's clock says."""
        if event.before > 0:
            near_us, near_s = int(readings.t_us[event.before - 1]), float(time_s[event.before - 1])
        elif self._last_t_us != NO_DEVICE_CLOCK and self._last_sample_s is not None:
            near_us, near_s = self._last_t_us, self._last_sample_s
        elif len(readings):
            near_us, near_s = int(readings.t_us[0]), float(time_s[0])
        else:
            return arrival_s
        if near_us == NO_DEVICE_CLOCK:
            return arrival_s
        # Signed difference of two 32-bit clocks.
        later_s = (((event.t_us - near_us + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)) * 1e-6
        return min(near_s + later_s, arrival_s) if abs(later_s) <= EVENT_REACH_S else arrival_s
