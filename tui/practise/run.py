"""One attempt on a sensor, in a thread of its own."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from feedback.drills import OVER, Stage, Void
from feedback.press import PressRules
from feedback.signal import ForceBlock, Notice, NoticeKind, Quality
from tui.practise.keeping import Keeping
from tui.practise.watchers import Watcher, Watchers
from tui.waking import wakes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from feedback.drills import Attempt, AttemptRecord, AttemptView, Outcome, Purpose, Task
    from feedback.history.training_journal import AttemptJournal
    from feedback.history.training_records import AttemptStart
    from feedback.signal import Calibration
    from firmware_bridge import Sensor, SensorInfo
    from tui.practise.clients import DrillClient

__all__ = ["PractiseRun", "Watcher"]

PATIENCE_S = 0.5
"""A silence must stand for so long, by the wall clock, before it is believed: this computer may have been busy."""
GRACE_S = 2.0
"""So long a sensor may take to say how it is calibrated."""

PRESSING = (Stage.GET_SET, Stage.RUNNING)


class PractiseRun:
    """Feeds an attempt from a sensor in a thread of its own; a screen may look, ask and answer at any time.

    Made by `PractiseStudio.begin`. Raw samples go to the record from the first contact on, while the attempt runs. One
    lock is held around everything; whoever asks for a view first takes over what the sensor has delivered.

    Attributes:
        task: what is asked.
        trainee: whose attempt; a code.
        purpose: what it is for.
        attempt_id: of the record that comes of it.
        simulated: no hand of flesh and blood presses.
        failure: what ended the thread, if it was not meant to end.
    """

    def __init__(
        self,
        sensor: Sensor,
        attempt: Attempt,
        journal: AttemptJournal,
        start_of: Callable[[SensorInfo], AttemptStart],
        *,
        trainee: str,
        purpose: Purpose,
        now: Callable[[], datetime],
        client: DrillClient | None = None,
        watchers: Sequence[Watcher] = (),
        simulated: bool = False,
        left: Sequence[ForceBlock] = (),
    ) -> None:
        """See `PractiseStudio.begin`.

        Args:
            sensor: where samples come from; it outlives the run.
            attempt: not begun.
            journal: what it is written to.
            start_of: what the record keeps of the beginning, with what the sensor says of itself by then.
            trainee: whose.
            purpose: what for.
            now: the time of day on the trainee's clock.
            client: who feels the pressure, of drills that need one.
            watchers: who is shown it.
            simulated: no hand of flesh and blood presses.
            left: samples that an attempt before this one did not take any more; only with `start(fresh=False)`.
        """
        self.task: Task = attempt.task
        self.trainee = trainee
        self.purpose = purpose
        self.attempt_id: UUID = journal.id
        self.simulated = simulated
        self.failure: BaseException | None = None
        self._sensor = sensor
        self._attempt = attempt
        self._journal = journal
        self._keeping = Keeping(journal, start_of, trainee=trainee, purpose=purpose, now=now)
        self._client = client
        self._watchers = Watchers(watchers, self._tell)
        self._rules = PressRules()
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="goodpain-practise", daemon=True)
        self._closed = self._deaf = False
        self._lift = True
        self._first_s: float | None = None
        self._newest_s: float | None = None
        self._silent_since_s: float | None = None
        self._quality = 0
        self._sensor_ended = False
        self._left: list[ForceBlock] = list(left)
        self._told: list[str] = []

    # -- for whoever shows it ----------------------------------------------------------------------------------

    def start(self, *, fresh: bool = True) -> None:
        """Begin to listen.

        Args:
            fresh: what the sensor said before is left out, so that nothing begins in the past. Without it nothing is
                lost between attempts: for recordings, which do not wait.
        """
        with self._lock:
            if fresh:
                self._left.clear()
                for item in self._sensor.take():
                    if isinstance(item, Notice):
                        self._hear(item)
            else:
                left, self._left = self._left, []
                for block in left:
                    self._take(block)
        self._thread.start()

    def view(self) -> AttemptView:
        """The attempt as of now: what a screen may show."""
        with self._lock:
            now_s = self._sensor.heard_until_s
            self._poll()
            return self._attempt.view(now_s)

    def look(self) -> bool:
        """The trainee asks to see the pressure; False where that is not offered now."""
        with self._lock:
            now_s = self._sensor.heard_until_s
            self._poll()
            return self._attempt.look(now_s)

    def estimate(self, pressure_kpa: float | None) -> None:
        """What the trainee thinks it was, in kPa; None for no idea.

        Raises:
            ValueError: it was not asked, or is no pressure.
        """
        with self._lock:
            self._attempt.estimate(pressure_kpa)
            self._keeping.end(self._attempt)

    def give_up(self) -> None:
        """The trainee wants no more of it."""
        with self._lock:
            now_s = self._sensor.heard_until_s
            self._poll()
            self._attempt.give_up(now_s)
            self._keeping.end(self._attempt)

    def close(self) -> None:
        """Stop listening; an attempt that is not over is given up. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self.give_up()
        # What comes from now on is for the next attempt, also when a screen still looks at this one.
        self._deaf = True
        self._watchers.close()

    def finish(self) -> AttemptRecord | None:
        """Close, and wait until all of it is on disk; None for an attempt that was never touched.

        Raises:
            UnwrittenError: part of it could not be written to the record; the sentence says where it is.
        """
        self.close()
        self._journal.close()
        if self.failure is not None:
            raise self.failure
        return self._keeping.record

    @property
    def over(self) -> bool:
        """It has ended or is void."""
        with self._lock:
            return self._attempt.stage in OVER

    @property
    def outcome(self) -> Outcome | None:
        """What came of it, for the record; None until it is over. A screen shows that of the view."""
        with self._lock:
            return self._attempt.outcome

    @property
    def listening(self) -> bool:
        """A sample came since the start."""
        with self._lock:
            return self._newest_s is not None

    @property
    def lift(self) -> bool:
        """The tip is still on from before (or the zero is off): nothing begins until it has been off."""
        with self._lock:
            return self._lift and self._newest_s is not None

    @property
    def touched(self) -> bool:
        """There was a first contact: it is in the record."""
        with self._lock:
            return self._keeping.touched

    @property
    def sensor_ended(self) -> bool:
        """No more samples will come: a recording is over."""
        with self._lock:
            return self._sensor_ended

    @property
    def recorded(self) -> tuple[ForceBlock, ...]:
        """The samples kept so far."""
        with self._lock:
            return tuple(self._keeping.blocks)

    @property
    def left(self) -> tuple[ForceBlock, ...]:
        """Samples that came after the end."""
        with self._lock:
            return tuple(self._left)

    @property
    def problem(self) -> str:
        """What is wrong with the sensor or the record now, in one sentence; empty when all is well."""
        with self._lock:
            quality, told = self._quality, self._told[-1:] or [""]
        if problem := self._journal.problem or self._sensor.health.problem:
            return problem
        if quality & Quality.TARED_UNDER_LOAD:
            return (
                "The zero was set while something pressed, so pressures read too low: set it with the tip off"
            )
        return told[0]

    @property
    def reason(self) -> str:
        """`problem` without how much waits in memory, which changes from second to second."""
        problem = self.problem
        return self._journal.reason if problem and problem == self._journal.problem else problem

    # -- from the sensor to the attempt ------------------------------------------------------------------------

    def _poll(self) -> None:
        """Take over what the sensor has delivered."""
        if self._deaf:
            return
        heard_until_s = self._sensor.heard_until_s
        for item in self._sensor.take():
            if isinstance(item, ForceBlock):
                self._take(item)
            else:
                self._hear(item)
        if not self._sensor_ended and self._sensor.health.state == "ended":
            # It was said while the attempt before this one listened.
            self._hear(Notice(NoticeKind.ENDED, heard_until_s))
        self._listen(heard_until_s)
        self._keeping.end(self._attempt)

    def _take(self, block: ForceBlock) -> None:
        attempt, keeping = self._attempt, self._keeping
        if attempt.stage not in (Stage.WAITING, *PRESSING):
            self._left.append(block)
            self._forget_left()
            return
        if not len(block):
            attempt.feed([], [], lost=block.lost)
            keeping.take(block)
            return
        kpa = (block.force_n.astype(float) * self.task.kpa_per_n).tolist()
        mark, lost = 0, block.lost
        for i, (time_s, flags) in enumerate(zip(block.time_s.tolist(), block.quality.tolist(), strict=True)):
            self._sample(time_s, kpa[i], flags, lost)
            lost, waiting = 0, attempt.stage is Stage.WAITING
            over = attempt.stage not in (Stage.WAITING, *PRESSING)
            if keeping.writing is waiting and self._pressed_on():
                keeping.take(_part(block, mark, i + 1))
                mark = i + 1
                if waiting:
                    keeping.lifted()
                else:
                    keeping.contact(self._sensor.info)
            if over:
                if mark <= i:
                    keeping.take(_part(block, mark, i + 1))
                if i + 1 < len(block):
                    self._left.append(_part(block, i + 1, len(block)))
                return
        if mark < len(block):
            keeping.take(_part(block, mark, len(block)))

    def _sample(self, time_s: float, kpa: float, flags: int, lost: int) -> None:
        self._first_s = time_s if self._first_s is None else self._first_s
        self._newest_s = time_s
        self._quality = flags
        waiting = self._attempt.stage is Stage.WAITING
        unknown = bool(flags & Quality.UNCALIBRATED) or kpa != kpa
        if waiting and unknown and time_s - self._first_s < GRACE_S:
            return
        if self._lift and not unknown:
            self._lift = kpa >= self._rules.end_n * self.task.kpa_per_n
        if self._lift and not unknown:
            return
        client = None
        if self._client is not None and not unknown:
            for report in self._client.feel(time_s, max(kpa, 0.0)):
                self._attempt.heard(report)
            client = self._client.good_kpa
        self._attempt.feed([time_s], [kpa], flags, lost=lost, client_kpa=client)

    def _hear(self, notice: Notice) -> None:
        pressing = self._attempt.stage in PRESSING
        if notice.kind is NoticeKind.ENDED:
            self._sensor_ended = True
            self._attempt.unplugged(self._newest(notice.time_s))
        elif notice.kind is NoticeKind.SIGNAL_LOST and pressing and self._sensor.health.state == "lost":
            self._attempt.unplugged(self._newest(notice.time_s))
        elif pressing and self._sets_zero(notice):
            self._attempt.spoil(self._newest(notice.time_s), Void.ZERO)
        elif notice.kind is NoticeKind.MESSAGE and notice.text:
            self._told.append(notice.text)

    def _listen(self, heard_until_s: float) -> None:
        """A silence makes the attempt void."""
        newest_s = self._newest_s
        silent = newest_s is not None and heard_until_s - newest_s > self._rules.signal_gap_s
        if not silent or self._attempt.stage not in PRESSING:
            self._silent_since_s = None
            return
        now_s = time.monotonic()
        if self._silent_since_s is None:
            self._silent_since_s = now_s
        elif now_s - self._silent_since_s >= PATIENCE_S:
            self._attempt.listened(heard_until_s)

    def _sets_zero(self, notice: Notice) -> bool:
        """Forces before and after it do not belong together."""
        if notice.kind is NoticeKind.CALIBRATED:
            return _differ(notice.calibration, self._keeping.calibration)
        return notice.kind is NoticeKind.TARED

    def _newest(self, otherwise_s: float) -> float:
        return otherwise_s if self._newest_s is None else self._newest_s

    def _pressed_on(self) -> bool:
        """There was contact: an attempt that is void before it is none."""
        outcome = self._attempt.outcome
        return outcome is None or len(outcome.pressed.time_s) > 0

    def _forget_left(self) -> None:
        """A screen that shows a result for long needs none of what comes meanwhile."""
        if len(self._left) > 20_000:
            del self._left[:10_000]

    # -- the thread --------------------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            for woke_s in wakes(self._sensor, self._stop):
                with self._lock:
                    self._poll()
                self._watchers.show(self.view, woke_s)
                if self._sensor_ended:
                    return
        except Exception as error:
            self.failure = error
            with self._lock:
                self._attempt.unplugged(self._newest(self._sensor.heard_until_s))

    def _tell(self, sentence: str) -> None:
        with self._lock:
            self._told.append(sentence)


def _part(block: ForceBlock, start: int, stop: int) -> ForceBlock:
    rows = slice(start, stop)
    return ForceBlock(
        block.time_s[rows],
        block.force_n[rows],
        block.counts[rows],
        block.quality[rows],
        block.t_us[rows],
        block.lost if start == 0 else 0,
    )


def _differ(one: Calibration | None, other: Calibration | None) -> bool:
    if one is None or other is None:
        return one is not other
    return (one.zero_counts, one.counts_per_n, one.curve) != (
        other.zero_counts,
        other.counts_per_n,
        other.curve,
    )
