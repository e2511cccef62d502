"""A sensor as the rest of the program sees it: blocks of force, notices, health, a zero.

One daemon thread reads the port, finds out the dialect, decodes, times and calibrates. When the plug is pulled it
says so and tries again until the sensor is back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from feedback.signal import Calibration, ForceBlock, Notice, NoticeKind
from firmware_bridge import calibration as files
from firmware_bridge.calibrator import Calibrator
from firmware_bridge.dialects import Dialect
from firmware_bridge.dialects import dialect as dialect_of
from firmware_bridge.errors import DialectError, PortError, PortNotFoundError, SilentSensorError
from firmware_bridge.health import SensorHealth, SensorInfo
from firmware_bridge.listener import Listener
from firmware_bridge.mailbox import Mailbox
from firmware_bridge.ports import PORT_FAILURES, Chunk, Port, open_port
from firmware_bridge.replay import RawWriter
from firmware_bridge.wire import COMMAND_PING

RETRY_S = 0.5
"""A lost port is tried again this often, by the wall clock."""
LOOKED_S = 0.25
"""A reader that has not looked at its port for this long (by the wall clock) is not to be relied on."""
JOIN_S = 2.0

_log = logging.getLogger(__name__)


def open_sensor(
    url: str,
    *,
    calibration: Calibration | Path | None = None,
    dialect: str | None = None,
    baud: int = 115200,
    raw: Path | None = None,
    calibration_folder: Path | None = None,
    calibration_max_age_days: float = files.MAX_AGE_DAYS,
) -> Sensor:
    """Open a sensor and begin to read it.

    Args:
        url: a device name, a pyserial URL, `socket://host:port`, `sim://…` or `replay://FILE?speed=1`.
        calibration: goes before the sensor's own; a path is that of a calibration file.
        dialect: name of what the sensor speaks; recognised from its bytes when None.
        baud: bits per second, for serial ports.
        raw: a file, not there yet, to which every byte is recorded with its time of arrival.
        calibration_folder: holds calibration files by serial number (`calibration.find`); one for this sensor goes
            before what the sensor says itself.
        calibration_max_age_days: an older calibration file is warned about in `SensorInfo.calibration_warning`.

    Raises:
        PortError: the port cannot be opened, or `raw` not be written.
        DialectError: there is no such dialect.
        CalibrationError: the calibration file cannot be used.
    """
    spoken = dialect_of(dialect) if dialect is not None else None
    if isinstance(calibration, Path):
        given: Calibration | files.CalibrationFile | None = files.load(calibration)
        source = calibration.name
    else:
        given, source = calibration, ""
    calibrator = Calibrator(given, calibration_folder, source, max_age_days=calibration_max_age_days)
    port = open_port(url, baud)
    try:
        writer = RawWriter(raw, url=url, baud=baud) if raw is not None else None
    except BaseException:
        port.close()
        raise
    return Sensor(port, calibrator, spoken, writer)


class Sensor:
    """An open sensor; a context manager. Every method may be called from any thread.

    Iterating gives blocks until the sensor is closed or a recording is over. `take` gives blocks and notices. Both
    remove what they give: use one or the other.
    """

    def __init__(
        self, port: Port, calibrator: Calibrator, dialect: Dialect | None = None, raw: RawWriter | None = None
    ) -> None:
        """Begin to read an open port; the port and `raw` belong to the sensor from now on.

        Args:
            port: where bytes come from.
            calibrator: which calibration applies.
            dialect: what the sensor speaks; None to find out.
            raw: where to record what comes; None for nowhere.
        """
        self._port = port
        self._raw = raw
        self._calibrator = calibrator
        self._mailbox = Mailbox()
        self._changed = threading.Condition(threading.RLock())
        self._listener = Listener(port.url, calibrator, dialect, port.now_s())
        self._lost_reason = ""
        self._raw_problem = ""
        self._failure = ""
        self._heard_s = port.now_s()
        self._looked_s = time.monotonic()
        self._connected = True
        self._ended = False
        self._nonce = 0
        self._ping_due = b""
        self._ping_sent_s = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"sensor {port.url}", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[ForceBlock]:
        while (block := self._mailbox.take_block()) is not None:
            yield block

    def take(self) -> list[ForceBlock | Notice]:
        """The blocks and notices that wait, in order; empty when none do."""
        return self._mailbox.take()

    def wait(self, timeout_s: float) -> bool:
        """Wait until `take` would give something; False when it still would not after `timeout_s` (wall clock)."""
        return self._mailbox.wait(timeout_s)

    def wait_for_more(self, seen: int, timeout_s: float) -> int:
        """Wait until more was delivered than `seen`, also when another thread takes it; for a thread that follows.

        Args:
            seen: what the last call returned; 0 at first.
            timeout_s: wait no longer, by the wall clock.

        Returns:
            Deliveries so far; `seen` when there were none meanwhile.
        """
        return self._mailbox.wait_for_more(seen, timeout_s)

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until the first sample is there, at most `timeout_s` by the wall clock.

        Raises:
            SilentSensorError: nothing came.
            DialectError: something came, but nothing that is understood.
            PortError: the port was lost and is not back.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._listener.samples > 0 or self._ended, timeout_s)
            if self._listener.samples > 0:
                return
            if not self._connected:
                raise PortNotFoundError(self._lost_sentence())
            if self._listener.bytes_heard == 0:
                raise SilentSensorError(self._listener.silent_sentence())
            raise DialectError(self._listener.unknown_sentence())

    @property
    def failure(self) -> str:
        """Why reading ended although nobody wished it, as a sentence; empty when all is well."""
        with self._changed:
            return self._failure

    @property
    def health(self) -> SensorHealth:
        """How well the sensor is heard now."""
        with self._changed:
            listener = self._listener
            state = "ended" if self._ended else listener.state if self._connected else "lost"
            return SensorHealth(
                state=state,
                rate_hz=listener.rate_hz if state == "live" else 0.0,
                samples=listener.samples,
                lost=listener.lost + self._mailbox.dropped,
                checksum_errors=listener.checksum_errors,
                repeated=listener.repeated,
                garbage_bytes=listener.garbage_bytes,
                reconnects=listener.reconnects,
                clock_skew_ppm=listener.skew_ppm,
                last_sample_s=listener.last_sample_s,
                problem=self._problem(),
            )

    @property
    def info(self) -> SensorInfo:
        """What the sensor is, as far as it is known now."""
        with self._changed:
            return self._listener.info()

    def tare(self, *, under_load: bool = False) -> Calibration:
        """Set the zero to the mean of the last half second; the sensor itself is not told.

        Args:
            under_load: set it although something presses; then every sample is marked TARED_UNDER_LOAD until the
                zero is set without load.

        Returns:
            The calibration that applies from the next sample on.

        Raises:
            TareError: no signal, no calibration, the force moves, or something presses; the zero stays.
        """
        with self._changed:
            calibration, items = self._listener.tare(under_load=under_load, now_s=self.heard_until_s)
            self._mailbox.put(items)
            return calibration

    def ping(self, timeout_s: float) -> float | None:
        """Seconds from a ping to its answer; half of it bounds the latency that arrival times cannot show.

        None when nothing answers within `timeout_s` (wall clock), or the sensor's dialect has no pings.
        """
        with self._changed:
            if not self._listener.answers_pings or self._ended:
                return None
            self._nonce = (self._nonce + 1) & 0x7F7F7F7F
            # No byte of a nonce is a letter: firmware that knows no pings takes none of them for a command.
            nonce = self._nonce | 0x80808080
            self._ping_due = COMMAND_PING + nonce.to_bytes(4, "little")
            self._changed.wait_for(lambda: self._ended or self._answered(nonce), timeout_s)
            pong = self._listener.pong
            return pong[1] - self._ping_sent_s if pong is not None and pong[0] == nonce else None

    @property
    def answers_pings(self) -> bool:
        """Whether what the sensor speaks has an answer to a ping."""
        with self._changed:
            return self._listener.answers_pings

    def _answered(self, nonce: int) -> bool:
        return self._listener.pong is not None and self._listener.pong[0] == nonce

    def now_s(self) -> float:
        """The clock of the samples: `time.monotonic`, or the virtual clock of a simulation or a replay."""
        return self._port.now_s()

    @property
    def heard_until_s(self) -> float:
        """The time up to which everything that arrived has been delivered: read it, then `take`.

        A sample that is missing at this instant really did not come. When the reader has not looked at its port for
        longer than `LOOKED_S`, this is `now_s()`.
        """
        if time.monotonic() - self._looked_s > LOOKED_S:
            return self._port.now_s()
        return self._heard_s

    def close(self) -> None:
        """Stop reading and give the port back; what was read can still be taken. A second call does nothing."""
        self._stop.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(JOIN_S)

    def _run(self) -> None:
        reason = "the sensor was closed"
        try:
            while not self._stop.is_set():
                if not self._connected:
                    self._try_again()
                elif not self._listen():
                    reason = "the recording is over"
                    break
        except Exception as error:
            # A dialect of somebody else may raise anything; the program must be told rather than left waiting.
            _log.exception("reading %s failed", self._port.url)
            reason = f"Reading {self._port.url} failed ({error!r}): open the sensor again, and report this"
            self._failure = reason
        finally:
            self._take_leave()
            self._port.close()
            if self._raw is not None:
                self._raw.close()
            with self._changed:
                self._ended = True
                self._mailbox.put([Notice(NoticeKind.ENDED, self._port.now_s(), reason)], end=True)
                self._changed.notify_all()

    def _listen(self) -> bool:
        """Read once and deliver; False when nothing will ever come again."""
        try:
            chunk = self._port.read()
        except PORT_FAILURES as error:
            self._lose(error)
            return True
        if chunk is None:
            return False
        self._record(chunk)
        with self._changed:
            self._mailbox.put(self._listener.hear(chunk))
            self._look(chunk.until_s)
            commands = self._listener.to_send(chunk.until_s)
            ping, self._ping_due = self._ping_due, b""
            self._changed.notify_all()
        try:
            if commands:
                self._port.write(commands)
            if ping:
                self._ping_sent_s = self._port.now_s()
                self._port.write(ping)
        except PORT_FAILURES as error:
            self._lose(error)
        return True

    def _take_leave(self) -> None:
        """Tell a device that was made to speak to be quiet again."""
        if self._connected and (farewell := self._listener.farewell):
            try:
                self._port.write(farewell)
            except PORT_FAILURES:
                return

    def _record(self, chunk: Chunk) -> None:
        if chunk.data:
            self._raw_write(lambda raw: raw.write(chunk.arrival_s, chunk.data))

    def _raw_write(self, write: Callable[[RawWriter], None]) -> None:
        if self._raw is None:
            return
        try:
            write(self._raw)
        except OSError as error:
            # The signal matters more than its recording.
            sentence = f"The raw recording {self._raw.path} stopped ({error.strerror}): make room on the disk"
            self._raw.close()
            self._raw = None
            with self._changed:
                self._raw_problem = sentence
                self._mailbox.put([Notice(NoticeKind.MESSAGE, self._port.now_s(), sentence)])

    def _problem(self) -> str:
        if self._ended:
            return self._failure
        if not self._connected:
            return self._lost_sentence()
        return self._listener.problem or self._calibrator.problem or self._raw_problem

    def _lost_sentence(self) -> str:
        return (
            f"{self._port.url} is gone ({self._lost_reason}): plug the sensor in again, "
            "it is taken up by itself as soon as it is back"
        )

    def _look(self, heard_s: float) -> None:
        self._heard_s = max(heard_s, self._heard_s)
        self._looked_s = time.monotonic()

    def _lose(self, error: Exception) -> None:
        now_s = self._port.now_s()
        self._lost_reason = str(error)
        self._raw_write(lambda raw: raw.lost(now_s))
        with self._changed:
            self._connected = False
            self._mailbox.put(self._listener.lose_port(now_s))
            self._look(now_s)
            self._changed.notify_all()

    def _try_again(self) -> None:
        with self._changed:
            self._look(self._port.now_s())
        try:
            self._port.reopen()
        except PortError as error:
            self._lost_reason = str(error)
        except PORT_FAILURES as error:
            self._lost_reason = str(error)
        else:
            now_s = self._port.now_s()
            self._raw_write(lambda raw: raw.back(now_s))
            with self._changed:
                self._connected = True
                self._listener.port_is_back(now_s)
            return
        self._wait_looking(RETRY_S)

    def _wait_looking(self, wait_s: float) -> None:
        """Wait, staying awake enough for `heard_until_s`."""
        end_s = time.monotonic() + wait_s
        while (left_s := end_s - time.monotonic()) > 0 and not self._stop.wait(min(left_s, LOOKED_S / 3)):
            with self._changed:
                self._look(self._port.now_s())
