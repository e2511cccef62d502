"""A sensor on a pseudo-terminal, the installed program that records it, and what both say."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from feedback.history import HistoryError, open_for_reading
from tests.bridge.pty_device import PtyDevice
from tests.cli.devices import wait_until_listening
from tests.cli.other_encoder import meta, sample
from tests.terminal import GOODPAIN
from tests.torture.ledger import Found, counts_of, found_in

RATE_HZ = 80.0
META = meta(proto=1, serial="TORTURE", rate_hz=80, counts_per_n=20000, zero_counts=0, device="torture")


@dataclass(slots=True)
class Device:
    """Takes samples by its own clock and numbers them; what becomes of the bytes is the fault's business.

    Attributes:
        skew: the clock is slow by this share.
        rate_hz: samples a second.
        index: of the next sample.
        seq: its number on the wire, from 0 after a boot.
        clock_us: the clock at boot.
        boot_index: the first sample after the boot.
        sent: numbers of all samples taken.
    """

    skew: float = 0.0
    rate_hz: float = RATE_HZ
    clock_us: int = 0
    index: int = 0
    boot_index: int = 0
    sent: list[int] = field(default_factory=list)

    def frame(self, flags: int = 0) -> bytes:
        """The next sample."""
        run = self.index - self.boot_index
        t_us = self.clock_us + int(run / self.rate_hz / (1 + self.skew) * 1e6)
        data = sample(run, t_us, counts_of(self.index), flags | (0x10 if run == 0 else 0))
        self.sent.append(self.index)
        self.index += 1
        return data

    def reboot(self, clock_us: int = 0) -> bytes:
        """Clock and numbers begin again; what it says first."""
        self.boot_index, self.clock_us = self.index, clock_us
        return META


def timed(frames: Iterable[bytes], rate_hz: float = RATE_HZ) -> Iterator[tuple[float, bytes]]:
    """Each at its time, in seconds from the first."""
    for i, data in enumerate(frames):
        yield i / rate_hz, data


def play(port: PtyDevice, frames: Iterable[tuple[float, bytes]]) -> None:
    """Send each at its time, seconds from now; returns after the last."""
    start_s = time.monotonic()
    for at_s, data in frames:
        time.sleep(max(0.0, start_s + at_s - time.monotonic()))
        port.send(data)


def heard(port: PtyDevice, given_up: threading.Event) -> bool:
    """Wait until a program has the port open; False when it was given up before."""
    while not given_up.is_set():
        with contextlib.suppress(AssertionError):
            wait_until_listening(port, 0.5)
            return True
    return False


@dataclass(slots=True)
class Recording:
    """`goodpain record` at work."""

    process: subprocess.Popen[str]
    port: PtyDevice
    folder: Path
    said: str = ""

    @property
    def record(self) -> Path:
        """The database."""
        return self.folder / "history.db"

    def end(self, settle_s: float = 0.6) -> dict[str, Any]:
        """End it as Ctrl-C does; returns its JSON, {} when it printed none."""
        time.sleep(settle_s)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        out, self.said = self.process.communicate(timeout=60)
        return json.loads(out) if out.strip() else {}

    def send(self, device: Device, seconds: float) -> None:
        """Have the device take and send samples for so long."""
        play(self.port, timed(device.frame() for _ in range(int(seconds * RATE_HZ))))

    def send_until_recorded(self, device: Device, seconds: float) -> None:
        """The same, and on until the first of them are in the record: the session has begun by then."""
        self.send(device, seconds)
        end_s = time.monotonic() + 60.0
        while not self._recorded():
            assert time.monotonic() < end_s, "nothing is recorded"
            self.send(device, 0.5)

    def _recorded(self) -> bool:
        if not self.record.exists():
            return False
        with contextlib.suppress(HistoryError), open_for_reading(self.record) as history:
            return any(len(block) for session in history.sessions() for block in history.samples(session.id))
        return False

    def found(self, device: Device) -> Found:
        """The record beside what the device sent."""
        return found_in(self.record, device.sent, self.words())

    def words(self) -> str:
        """What it told its user, in one line."""
        lines = [line.removeprefix("goodpain: ") for line in self.said.splitlines()]
        told = [line for line in lines if line and not line.startswith("Recording ")]
        return " / ".join(dict.fromkeys(told))


@contextmanager
def recording(
    folder: Path,
    *arguments: str,
    given: bool = True,
    greeting: bytes = META,
    data: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Recording]:
    """The program, listening on a port of its own.

    Args:
        folder: new; for the port and the record.
        arguments: more of the command line.
        given: the dialect is named, so that the first sample counts; else it is recognised.
        greeting: the first bytes.
        data: where the record is, else below `folder`.
        environment: of the program, beside what it inherits.
    """
    data = data or folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    with PtyDevice(folder / "ttySENSOR") as port:
        command = [str(GOODPAIN), "record", "--sensor", port.url, "--data", str(data), "--json"]
        command += ["--dialect", "native-binary"] if given else []
        process = subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        try:
            wait_until_listening(port, 60.0)
            # What lies in a port when it is opened is thrown away: the device speaks a moment later, as after a boot.
            time.sleep(0.3)
            port.send(greeting)
            yield Recording(process, port, data)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()
