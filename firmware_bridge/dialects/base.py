"""What every dialect gives: readings and messages out of bytes, with no port and no clock of the host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from feedback.units import STANDARD_GRAVITY

Evidence: TypeAlias = Literal[
    "own format", "hardware", "firmware in simulation", "driver source", "manual only", "unknown"
]
"""What a dialect was written from, best first: `own format` is ours; `hardware`: bytes captured from the device;
`firmware in simulation`: bytes that the maker's unmodified firmware sent on a simulated chip; `driver source`: a
published program that talks to the device; `manual only`: nothing but the printed word."""
NO_SEQ = -1
"""`Readings.seq` of a sample whose dialect does not number its samples."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What the sensor says about itself.

    Attributes:
        values: as sent, unparsed; the keys the native format knows are in docs/wire-protocol.md. The dialect
            `numbers` makes its own: `unit`, `resolution` (counts in one unit of the line) and, when the unit is
            one of force or mass, `counts_per_n` and `zero_counts`.
        before: index in `Readings` of the sample it stands before; the number of samples when it stands last.
    """

    values: dict[str, str]
    before: int = 0


def meta_of_kilograms(device: str, counts_per_kg: int) -> Meta:
    """What is known of a scale that sends kilograms: its counts are exact, so that it needs no calibration."""
    counts_per_n = repr(counts_per_kg / STANDARD_GRAVITY)
    return Meta({"device": device, "unit": "kg", "counts_per_n": counts_per_n, "zero_counts": "0"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened at the device: `wire.EventCode` names the codes; `t_us` as sent, 0..2^32-1."""

    code: int
    value: int
    t_us: int
    before: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """How the device itself is doing.

    Attributes:
        overruns: conversions the device was too late to read, since its start; u16, wraps.
        tx_drops: frames it could not send, since its start; u16, wraps.
        vcc_mv: its supply in millivolts; 0 when not measured.
        temp_centi_c: its temperature in hundredths of a degree Celsius.
        t_us: when, as sent, 0..2^32-1.
        before: index in `Readings` of the sample it stands before.
    """

    overruns: int
    tx_drops: int
    vcc_mv: int
    temp_centi_c: int
    t_us: int
    before: int = 0


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ping: the host's nonce, and the device's clock (0..2^32-1) when it answered."""

    nonce: int
    t_us: int
    before: int = 0


@dataclass(frozen=True, slots=True)
class Log:
    """Text for people."""

    text: str
    before: int = 0


Message: TypeAlias = Meta | Event | Status | Pong | Log


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """The samples and messages of one feed, oldest first; n may be 0.

    Attributes:
        t_us: int64 (n,), device microseconds as sent, 0..2^32-1, or `NO_DEVICE_CLOCK` (-1).
        seq: int32 (n,), sample number as sent, 0..65535, or `NO_SEQ` (-1).
        counts: int32 (n,), channel 0, which is force.
        extra: int32 (n, k), the further channels. k is that of the sample with most channels in this feed (0
            normally, 15 at most: more are left out); a sample with fewer has zeros there.
        quality: uint8 (n,), `feedback.signal.Quality` flags.
        messages: what was said besides samples, in order.
    """

    t_us: NDArray[np.int64]
    seq: NDArray[np.int32]
    counts: NDArray[np.int32]
    extra: NDArray[np.int32]
    quality: NDArray[np.uint8]
    messages: tuple[Message, ...] = ()

    def __len__(self) -> int:
        return len(self.counts)


class Decoder(Protocol):
    """An incremental decoder: the same bytes in any split give the same readings.

    `feed` raises nothing, whatever the bytes, and keeps a bounded number of them.
    """

    @property
    def checksum_errors(self) -> int:
        """Damaged frames or lines so far; none of them became a reading."""
        ...

    @property
    def garbage_bytes(self) -> int:
        """Bytes so far that belonged to no frame or line of this dialect: banners, noise, a partial beginning."""
        ...

    def feed(self, data: bytes) -> Readings:
        """Take the next bytes; return what has become complete."""
        ...


@runtime_checkable
class Answering(Protocol):
    """A decoder of answers that carry no mark of where they begin."""

    def asked(self) -> None:
        """The next byte that is fed begins an answer: the host is about to ask."""
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """A language that sensors speak.

    Attributes:
        name: as written on the command line and in the entry point.
        label: for people.
        has_clock: its samples carry device microseconds.
        has_seq: its samples are numbered, so that losses are counted.
        speaks_commands: the host may send the native commands (`wire.COMMAND_META` and the others).
        new_decoder: makes a decoder for one connection.
        likeness: 0..1, how much the first second of bytes (maybe beginning in mid-frame) looks like it.
        evidence: what it was written from.
        bauds: baud rates that such devices are delivered with; empty when there is none usual.
        start: sent once after opening (and again after a silence), when the user named the dialect.
        poll: the question that fetches one reading; None for a device that speaks unasked. Asked only when the
            user named the dialect: a byte sent to an unknown device might change its settings.
        poll_every_s: never asked more often than this, > 0; the next question also waits for the answer.
        stop: sent before closing, when `start` was sent.
        hint: one sentence for people: how the device has to be set, what the sign means.
    """

    name: str
    label: str
    has_clock: bool
    has_seq: bool
    speaks_commands: bool
    new_decoder: Callable[[], Decoder]
    likeness: Callable[[bytes], float]
    evidence: Evidence = "unknown"
    bauds: tuple[int, ...] = ()
    start: bytes = b""
    poll: bytes | None = None
    poll_every_s: float = 0.05
    stop: bytes = b""
    hint: str = ""
