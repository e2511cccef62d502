"""The virtual sensor: an Arduino that reads the electronics and speaks the native wire format.

Time is handed in: `advance(to_s)` gives the bytes that have arrived by then, so it runs as fast as asked. The bytes
depend on the scenario, the seed, the options and the commands with their times, never on how often it is asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from firmware_bridge import wire
from firmware_bridge.wire import EventCode, FrameFlag
from sim.electronics import ADC_MAX, ADC_MIN, Electronics
from sim.faults import BOOT_S, BYTES_PER_S, Faults, Line, Tally
from sim.schedule import PHYSICS_HZ, Pressing
from sim.seeds import stream

CHUNK = 16
"""Grid points computed at a time: 0.1 s, so a steered hand answers within that."""
META_EVERY_S = 5.0
STATUS_EVERY_S = 10.0
TARE_SAMPLES = 16
WRAP_US = 2**32
SHORTEST_S = 17 / BYTES_PER_S
"""The shortest frame's (a SAMPLE's, a PONG's) time on the wire: nothing arrives sooner after its cause."""
BANNER = b"HX711 force sensor\r\nboot ok\r\n"


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """How the device speaks.

    Attributes:
        dialect: `binary` or `text`, which it starts with after each boot.
        batch: samples in a frame; 0 or 1 for SAMPLE frames. The text dialect always sends one line per sample.
        serial: its serial number.
        skew_ppm: by how much a second of its clock lasts longer than a true one, parts per million.
    """

    dialect: str = "binary"
    batch: int = 0
    serial: str = "SIM0001"
    skew_ppm: float = 0.0

    def __post_init__(self) -> None:
        if self.dialect not in ("binary", "text"):
            raise ValueError(f"the virtual sensor speaks binary or text, not “{self.dialect}”")
        if not 0 <= self.batch <= 50:
            raise ValueError("batch must be 0 to 50 samples a frame")


@dataclass(slots=True)
class _Run:
    """What the device forgets when its power goes."""

    boot_s: float
    clock_from_us: int
    binary: bool
    zero_counts: float
    seq: int = 0
    fresh: bool = True
    tared: bool = False
    overflow: bool = False
    drops: int = 0
    meta_s: float = math.inf
    status_s: float = math.inf
    command: bytes = b""
    tare_left: int = 0
    tare_sum: int = 0
    batch: list[tuple[float, int, int]] = field(default_factory=list)


class VirtualSensor:
    """One device, from the moment it is first opened (time 0, when it has just been plugged in)."""

    def __init__(
        self,
        pressing: Pressing,
        electronics: Electronics,
        settings: DeviceSettings,
        faults: Faults,
        seed: int,
    ) -> None:
        self.pressing = pressing
        self.electronics = electronics
        self.settings = settings
        self.faults = faults
        self.tally = Tally()
        self._line = Line(faults, self.tally, seed)
        self._garbage = stream(seed, "device", "garbage")
        self._outages = faults.outages()
        self._off_until = -math.inf
        self._next_s = 0.0
        self._chunk = 0
        self._times: list[float] = []
        self._counts: list[int] = []
        self._saturated: list[bool] = []
        self._at = 0
        skew = settings.skew_ppm if faults.skew is None else faults.skew
        self._us_per_s = 1e6 / (1 + skew / 1e6)
        start = 0 if faults.wrap_at is None else WRAP_US - round(faults.wrap_at * self._us_per_s)
        self._run = self._boot(0.0, start % WRAP_US)

    # -- for the host ----------------------------------------------------------------------------------------

    def advance(self, to_s: float) -> bytes:
        """Every byte that has arrived by `to_s` (seconds since plugged in) and was not given before."""
        if to_s < self._next_s:
            return b""
        self._work(to_s)
        data = self._line.take(to_s)
        self._next_s = min(self._line.next_s, self._next_event_s() + SHORTEST_S)
        return data

    def write(self, data: bytes, at_s: float) -> None:
        """Commands from the host, reaching the device at `at_s`; unknown ones are ignored, as firmware does."""
        self._work(at_s)
        self._next_s = at_s
        if at_s < self._off_until:
            return
        pending = self._run.command + data
        while pending:
            if pending[:1] == wire.COMMAND_PING:
                if len(pending) < 5:
                    break
                self._pong(at_s, int.from_bytes(pending[1:5], "little"))
                pending = pending[5:]
            else:
                self._obey(pending[:1], at_s)
                pending = pending[1:]
        self._run.command = pending

    @property
    def next_s(self) -> float:
        """A time before which no further byte arrives."""
        return self._next_s

    def t_us(self, at_s: float) -> int:
        """The device's clock, 0 to 2^32-1, at a time since plugged in."""
        run = self._run
        return (run.clock_from_us + round((at_s - run.boot_s) * self._us_per_s)) % WRAP_US

    def meta(self) -> dict[str, str]:
        """What its META says now."""
        settings = self.electronics.settings
        return {
            "proto": "1",
            "fw": "goodpain-sim",
            "device": "simulated load cell",
            "serial": self.settings.serial,
            "rate_hz": str(settings.rate_hz),
            "channels": "1",
            "counts_per_n": f"{settings.counts_per_n:.10g}",
            "zero_counts": f"{self._run.zero_counts:.10g}",
            "adc_min": str(ADC_MIN),
            "adc_max": str(ADC_MAX),
        }

    # -- the device's own work, in order of time --------------------------------------------------------------

    def _next_event_s(self) -> float:
        sample = self._times[self._at] if self._at < len(self._times) else (self._chunk - 1) / PHYSICS_HZ
        outage = self._outages[0][0] if self._outages else math.inf
        return min(sample, self._run.meta_s, self._run.status_s, outage)

    def _work(self, to_s: float) -> None:
        while True:
            if self._at == len(self._times) and (self._chunk - 1) / PHYSICS_HZ <= to_s:
                self._compute()
                continue
            at_s = self._next_event_s()
            if at_s > to_s:
                return
            run = self._run
            if self._outages and at_s == self._outages[0][0]:
                self._power_off()
            elif at_s == run.meta_s:
                run.meta_s += META_EVERY_S
                self._say_meta(at_s)
            elif at_s == run.status_s:
                run.status_s += STATUS_EVERY_S
                self._say_status(at_s)
            else:
                self._sample(at_s)

    def _compute(self) -> None:
        grid = np.arange(self._chunk, self._chunk + CHUNK) / PHYSICS_HZ
        self._chunk += CHUNK
        new = self.electronics.convert(grid, self.pressing.force_n(grid))
        self._times, self._counts = new.time_s.tolist(), new.counts.tolist()
        self._saturated = new.saturated.tolist()
        self._at = 0

    def _power_off(self) -> None:
        off_s, on_s = self._outages.pop(0)
        if off_s == self.faults.unplug_at:
            self._line.cut(off_s)
        self._off_until = on_s
        if on_s == math.inf:
            self._run.meta_s = self._run.status_s = math.inf
            return
        self._run = self._boot(on_s, round(BOOT_S * self._us_per_s))
        self.tally.boots += 1

    def _boot(self, at_s: float, clock_us: int) -> _Run:
        if self.faults.garbage:
            noise = self._garbage.integers(0, 256, self.faults.garbage, dtype=np.uint8).tobytes()
            self._line.send(at_s, BANNER + noise)
        zero = self.electronics.settings.zero_counts
        run = _Run(at_s, clock_us, self.settings.dialect == "binary", zero)
        run.meta_s, run.status_s = at_s, at_s + STATUS_EVERY_S / 2
        return run

    def _sample(self, at_s: float) -> None:
        index = self._at
        self._at += 1
        if at_s < self._off_until:
            return
        run = self._run
        self.tally.samples += 1
        counts = self._counts[index]
        flags = int(self._saturated[index])
        if run.tared:
            flags |= FrameFlag.TARED
        if run.fresh:
            flags |= FrameFlag.CLOCK_RESTARTED
            run.fresh = False
        if self.settings.batch > 1 and run.binary:
            if run.batch and run.batch[0][2] != flags:
                # A frame's flags hold for all its samples.
                self._flush_batch(at_s)
            run.batch.append((at_s, counts, flags))
            if len(run.batch) >= self.settings.batch:
                self._flush_batch(at_s)
        elif self._gets_through(at_s, 1):
            if run.overflow:
                flags |= FrameFlag.TX_OVERFLOW
                run.overflow = False
            encode = wire.encode_sample if run.binary else wire.encode_text_sample
            self._line.send(at_s, encode(run.seq, self.t_us(at_s), (counts,), flags))
            run.seq += 1
        else:
            run.seq += 1
        if run.tare_left:
            self._tare(at_s, counts)

    def _flush_batch(self, at_s: float) -> None:
        run = self._run
        rows, run.batch = run.batch, []
        if not rows:
            return
        if self._gets_through(at_s, len(rows)):
            flags = rows[0][2]
            if run.overflow:
                flags |= FrameFlag.TX_OVERFLOW
                run.overflow = False
            dt_us = round(self._us_per_s / self.electronics.settings.true_rate_hz)
            counts = [(row[1],) for row in rows]
            self._line.send(at_s, wire.encode_batch(run.seq, self.t_us(rows[0][0]), dt_us, counts, flags))
        run.seq += len(rows)

    def _gets_through(self, at_s: float, samples: int) -> bool:
        if self.faults.stall == "loss" and self.faults.stalled(at_s):
            self.tally.stalled += samples
            self._run.overflow = True
            self._run.drops += samples
            return False
        return not self._line.loses(samples)

    # -- words besides samples ---------------------------------------------------------------------------------

    def _muted(self, at_s: float) -> bool:
        return self.faults.stall == "loss" and self.faults.stalled(at_s)

    def _say_meta(self, at_s: float) -> None:
        if self._muted(at_s):
            return
        meta, run = self.meta(), self._run
        flags = FrameFlag.TARED if run.tared else 0
        data = wire.encode_meta(self.t_us(at_s), meta, flags) if run.binary else wire.encode_text_meta(meta)
        self._line.send(at_s, data)

    def _say_status(self, at_s: float) -> None:
        if self._muted(at_s):
            return
        drops, vcc_mv, centi_c = self._run.drops & 0xFFFF, 4980, 2450
        if self._run.binary:
            self._line.send(at_s, wire.encode_status(self.t_us(at_s), 0, drops, vcc_mv, centi_c))
        else:
            self._line.send(at_s, f"# status overruns=0 tx_drops={drops} vcc_mv={vcc_mv}\r\n".encode())

    def _pong(self, at_s: float, nonce: int) -> None:
        if self._run.binary and not self._muted(at_s):
            self._line.send(at_s, wire.encode_pong(self.t_us(at_s), nonce))

    def _obey(self, command: bytes, at_s: float) -> None:
        run = self._run
        if command == wire.COMMAND_META:
            self._say_meta(at_s)
        elif command in (wire.COMMAND_BINARY, wire.COMMAND_TEXT):
            self._flush_batch(at_s)
            run.binary = command == wire.COMMAND_BINARY
            if not run.binary and not self._muted(at_s):
                # Ends the line that the frames before it look like.
                self._line.send(at_s, b"\r\n")
            self._say_meta(at_s)
        elif command == wire.COMMAND_TARE:
            run.tare_left, run.tare_sum = TARE_SAMPLES, 0

    def _tare(self, at_s: float, counts: int) -> None:
        run = self._run
        run.tare_left -= 1
        run.tare_sum += counts
        if run.tare_left:
            return
        zero = round(run.tare_sum / TARE_SAMPLES)
        run.zero_counts, run.tared = float(zero), True
        if run.binary and not self._muted(at_s):
            self._line.send(at_s, wire.encode_event(self.t_us(at_s), EventCode.TARE, zero))
        self._say_meta(at_s)
