"""Makes sense of the bytes of a port: which dialect, is anything coming, is it understood."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace

from feedback.signal import Calibration, Notice, NoticeKind
from firmware_bridge.assembly import Assembler, Item
from firmware_bridge.calibrator import Calibrator
from firmware_bridge.dialects import Decoder, Dialect, Pong, recognise
from firmware_bridge.dialects.base import Answering
from firmware_bridge.errors import TareError
from firmware_bridge.forms import Forms
from firmware_bridge.health import SensorInfo, SensorState
from firmware_bridge.polling import Asker
from firmware_bridge.ports import Chunk
from firmware_bridge.wire import COMMAND_BINARY, COMMAND_META

RECOGNISE_BYTES = 256
"""Recognition is first tried with so many bytes, or after `RECOGNISE_S`."""
RECOGNISE_S = 1.0
RETRY_RECOGNISE_S = 0.5
KEPT_BYTES = 16384
"""The most bytes that are kept while no dialect is recognised; the oldest go."""
SILENT_S = 3.0
"""A sensor from which no byte comes for this long is silent; a board that restarts needs up to 2 s."""
NOT_UNDERSTOOD_S = 2.0
"""Bytes without a sample for this long are not understood: the device may have changed its dialect in a restart."""


class Listener:
    """Turns the chunks of one port, over all its connections, into blocks and notices; no thread.

    Attributes:
        bytes_heard: bytes so far.
        reconnects: how often the signal came back after the port was lost.
        state: as in `SensorHealth`, but for what only the port knows.
        problem: likewise.
        pong: the nonce of the newest answer to a ping, and when it arrived; None before the first.
    """

    def __init__(self, url: str, calibrator: Calibrator, given: Dialect | None, now_s: float) -> None:
        """Begin with an open port.

        Args:
            url: its address.
            calibrator: which calibration applies.
            given: the dialect that the user named; None to find out.
            now_s: the port's clock.
        """
        self.bytes_heard = 0
        self.reconnects = 0
        self.state: SensorState = "opening"
        self.problem = ""
        self.pong: tuple[int, float] | None = None
        self._url = url
        self._calibrator = calibrator
        self._given = given
        self._dialect: Dialect | None = None
        self._decoder: Decoder | None = None
        self._assembler: Assembler | None = None
        self._finished_errors = 0
        self._finished_garbage = 0
        self._kept: deque[Chunk] = deque()
        self._kept_bytes = 0
        self._port_was_lost = False
        self._told_lost = False
        self._begin(now_s)
        if given is not None:
            self._speak(given)

    def _begin(self, now_s: float) -> None:
        """A port has just been opened."""
        self._kept.clear()
        self._kept_bytes = 0
        self._byte_at_s = now_s
        self._understood_at_s = now_s
        self._bytes_since_understood = 0
        self._try_at_s: float | None = None
        self._tried_bytes = 0
        self._asked = False
        self._forms = Forms()
        asks = self._given is not None and (self._given.poll is not None or self._given.start)
        self._asker = Asker(self._given, now_s, self.samples) if self._given is not None and asks else None

    def _speak(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._decoder = dialect.new_decoder()
        self._assembler = Assembler(dialect, self._calibrator, self._assembler)

    def _finish_decoder(self) -> None:
        """Add what the decoder counted to the totals."""
        if self._decoder is not None:
            self._finished_errors += self._decoder.checksum_errors
            self._finished_garbage += self._decoder.garbage_bytes
        self._decoder = None

    def _forget_dialect(self) -> None:
        """Begin anew."""
        self._finish_decoder()
        if self._given is not None:
            self._speak(self._given)

    def hear(self, chunk: Chunk) -> list[Item]:
        """Blocks and notices of what was read; call it for an empty read as well."""
        if self.state == "opening":
            self.state = "recognising"
        items: list[Item] = []
        if chunk.data:
            self.bytes_heard += len(chunk.data)
            self._byte_at_s = chunk.arrival_s
            self._bytes_since_understood += len(chunk.data)
            if self._decoder is None:
                self._keep(chunk)
            else:
                self._decode_forms(chunk, items)
        if self._decoder is None:
            self._recognise(chunk.until_s, items)
        self._judge(chunk.until_s, items)
        return items

    def _keep(self, chunk: Chunk) -> None:
        self._kept.append(chunk)
        self._kept_bytes += len(chunk.data)
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            dropped = len(self._kept.popleft().data)
            self._kept_bytes -= dropped
            self._finished_garbage += dropped

    def _recognise(self, now_s: float, items: list[Item]) -> None:
        if not self._kept:
            return
        if self._try_at_s is None:
            self._try_at_s = self._kept[0].arrival_s + RECOGNISE_S
        if self._kept_bytes < max(RECOGNISE_BYTES, 2 * self._tried_bytes) and now_s < self._try_at_s:
            return
        self._tried_bytes = self._kept_bytes
        self._try_at_s = now_s + RETRY_RECOGNISE_S
        dialect = recognise(b"".join(chunk.data for chunk in self._kept))
        if dialect is None:
            return
        self._speak(dialect)
        # The bytes it was recognised by are samples too, each with its own time of arrival.
        for chunk in self._kept:
            self._decode(chunk, items)
        self._kept.clear()
        self._kept_bytes = self._tried_bytes = 0

    def _decode_forms(self, chunk: Chunk, items: list[Item]) -> None:
        """Decode, following a sensor that changes its form: numbers and clock go on, and so does the assembler."""
        assert self._dialect is not None
        for dialect, data in self._forms.split(self._dialect, chunk.data, chunk.arrival_s):
            if dialect is not self._dialect:
                self._finish_decoder()
                self._dialect, self._decoder = dialect, dialect.new_decoder()
            self._decode(replace(chunk, data=data), items)

    def _decode(self, chunk: Chunk, items: list[Item]) -> None:
        assert self._decoder is not None
        assert self._assembler is not None
        readings = self._decoder.feed(chunk.data)
        if len(readings) == 0 and not readings.messages:
            return
        self._understood_at_s = chunk.arrival_s
        self._bytes_since_understood = 0
        for message in readings.messages:
            if isinstance(message, Pong):
                self.pong = (message.nonce, chunk.arrival_s)
        said = self._assembler.feed(readings, chunk.arrival_s)
        if len(readings):
            if self._told_lost:
                items.append(Notice(NoticeKind.SIGNAL_BACK, chunk.arrival_s, "the signal is back"))
                self._told_lost = False
            if self._port_was_lost:
                self.reconnects += 1
                self._port_was_lost = False
            self.state = "live"
            self.problem = ""
        items += said

    def _judge(self, now_s: float, items: list[Item]) -> None:
        """Notice that nothing comes, or nothing that is understood."""
        if now_s - self._byte_at_s > SILENT_S:
            self._no_signal("silent", self.silent_sentence(), now_s, items)
        elif now_s - self._understood_at_s > NOT_UNDERSTOOD_S and (
            self._bytes_since_understood >= RECOGNISE_BYTES or now_s - self._understood_at_s > SILENT_S
        ):
            self._no_signal("recognising", self.unknown_sentence(), now_s, items)
            if (
                self._decoder is not None
                and self._given is None
                and self._bytes_since_understood >= RECOGNISE_BYTES
            ):
                self._forget_dialect()
                self._begin(now_s)

    def _no_signal(self, state: SensorState, sentence: str, now_s: float, items: list[Item]) -> None:
        if self.state == "live":
            items.append(Notice(NoticeKind.SIGNAL_LOST, now_s, sentence))
            self._told_lost = True
        self.state = state
        self.problem = sentence

    def should_ask_meta(self) -> bool:
        """Whether to send the command for META now: once a connection, and only to a sensor known to take it."""
        if self._asked or self.state != "live" or self._dialect is None:
            return False
        self._asked = True
        return self._dialect.speaks_commands

    def to_send(self, now_s: float) -> bytes:
        """Command bytes that are due now; a device is only asked what the user or its own words say that it takes."""
        if self.should_ask_meta():
            return COMMAND_META
        if (
            self._given is None
            and self.state == "live"
            and self._forms.may_ask(self._dialect, self._calibrator.meta)
        ):
            self._forms.asked(now_s)
            return COMMAND_BINARY
        if self._asker is None:
            return b""
        question = self._asker.due(now_s, self.samples)
        if question and isinstance(self._decoder, Answering):
            self._decoder.asked()
        return question

    @property
    def farewell(self) -> bytes:
        """What to send before the port is closed."""
        return self._asker.farewell if self._asker else b""

    @property
    def answers_pings(self) -> bool:
        """Whether the sensor speaks the form of the native dialect that has an answer to a ping."""
        return (
            self._dialect is not None
            and self._dialect.speaks_commands
            and self._dialect.name == "native-binary"
        )

    def lose_port(self, now_s: float) -> list[Item]:
        """The port is gone: what is left of a frame is worth nothing."""
        self._forget_dialect()
        self._port_was_lost = True
        self.state = "opening"
        if self._told_lost:
            return []
        self._told_lost = True
        return [Notice(NoticeKind.SIGNAL_LOST, now_s, "the port is gone")]

    def port_is_back(self, now_s: float) -> None:
        """The port was opened again."""
        self.problem = ""
        self._begin(now_s)

    def tare(self, *, under_load: bool, now_s: float) -> tuple[Calibration, list[Item]]:
        """Set the zero from the newest samples; returns the calibration and the notices of it.

        Raises:
            TareError: see `Sensor.tare`.
        """
        if self._assembler is None or self.state != "live":
            raise TareError(
                "There is no signal to set the zero from: check that the sensor is connected and sends"
            )
        return self._assembler.tare(under_load=under_load, now_s=now_s)

    def silent_sentence(self) -> str:
        """What to do about a sensor that sends nothing."""
        return (
            f"{self._url} sends nothing: check the cable and the sensor's power, and the baud rate (--baud), "
            "or press the reset button of the board; a gauge that only answers when asked must be named "
            "(--dialect, see `goodpain sensors --dialects`)"
        )

    def unknown_sentence(self) -> str:
        """What to do about bytes that are not understood."""
        if self._given is not None:
            return (
                f"{self._url} sends bytes, but nothing in the dialect {self._given.name}: "
                "try without --dialect, or another baud rate (--baud 9600, 38400, 57600, 115200)"
            )
        if self._dialect is not None:
            return (
                f"{self._url} speaks {self._dialect.label}, but no number that can be a force has come yet: "
                "calibrate it by its own means, or wait until it has started up"
            )
        return (
            f"{self._url} sends bytes that are no dialect known here: try another baud rate "
            "(--baud 9600, 38400, 57600, 115200) or name the dialect (--dialect NAME, see "
            "`goodpain sensors --dialects`)"
        )

    @property
    def samples(self) -> int:
        """Samples so far."""
        return self._assembler.samples if self._assembler else 0

    @property
    def lost(self) -> int:
        """Samples known to be lost so far."""
        return self._assembler.lost if self._assembler else 0

    @property
    def repeated(self) -> int:
        """Samples left out so far because they came twice or too late."""
        return self._assembler.repeated if self._assembler else 0

    @property
    def last_sample_s(self) -> float | None:
        """Time of the newest sample."""
        return self._assembler.last_sample_s if self._assembler else None

    @property
    def rate_hz(self) -> float:
        """Samples a second over the last seconds; 0 when unknown."""
        return self._assembler.rate_hz if self._assembler else 0.0

    @property
    def skew_ppm(self) -> float | None:
        """How much longer a second of the device's clock lasts than one of the host's."""
        return self._assembler.skew_ppm if self._assembler else None

    @property
    def checksum_errors(self) -> int:
        """Damaged frames or lines so far."""
        return self._finished_errors + (self._decoder.checksum_errors if self._decoder else 0)

    @property
    def garbage_bytes(self) -> int:
        """Bytes that belonged to nothing so far."""
        return self._finished_garbage + (self._decoder.garbage_bytes if self._decoder else 0)

    def info(self) -> SensorInfo:
        """What the sensor is, as far as it is known."""
        meta = self._calibrator.meta
        dialect = self._dialect
        return SensorInfo(
            url=self._url,
            dialect=dialect.name if dialect else None,
            dialect_label=dialect.label if dialect else "",
            device=meta.get("device", ""),
            serial=meta.get("serial", ""),
            firmware=meta.get("fw", ""),
            rate_hz=_positive(meta.get("rate_hz", "")),
            clock="device" if dialect and dialect.has_clock else "arrival",
            calibration=self._calibrator.current,
            meta=dict(meta),
            calibration_warning=self._calibrator.problem,
        )


def _positive(text: str) -> float | None:
    """A finite number above 0, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < math.inf else None
