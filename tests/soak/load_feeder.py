"""Many devices in a process of their own: `python -m tests.soak.load_feeder ORDER`, a JSON file.

It makes a pseudo-terminal for each, says `ready`, waits for a line, and sends each sample when it is due, looking every
two milliseconds. What a port does not take because nobody reads it waits in the device's buffer, and is lost when that
is full.
"""

from __future__ import annotations

import json
import os
import sys
import time
import tty
from pathlib import Path

import numpy as np

from tests.soak.device import frames, meta_frame

TICK_S = 0.002
DEVICE_BUFFER = 4096
"""Bytes a device can keep back: more than an Arduino's 64, less than an ESP32 may be given."""


class Fed:
    """One device."""

    def __init__(self, link: str, rate_hz: float, seconds: float) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self.master, False)
        Path(link).symlink_to(os.ttyname(slave))
        self._slave = slave  # stays open, so that the port is there before and after the program has it
        self.rate_hz = rate_hz
        count = int(rate_hz * seconds)
        self._frames = frames(0, count, rate_hz)
        self.given_s = np.full(count, np.nan)
        self._next = 0
        self._waiting: list[int] = []
        self._rest = b""

    def greet(self) -> None:
        """Say who it is."""
        os.write(self.master, meta_frame("LOAD", self.rate_hz))

    def send(self, since_s: float) -> bool:
        """Send what is due; False when there is nothing more."""
        due = min(len(self._frames), int(since_s * self.rate_hz) + 1)
        fresh = list(range(self._next, due))
        self._next = due
        room = (DEVICE_BUFFER - len(self._rest)) // len(self._frames[0])
        self._waiting += fresh[: max(0, room)]
        self._rest += b"".join(self._frames[i] for i in fresh[: max(0, room)])
        while self._rest:
            try:
                taken = os.write(self.master, self._rest[:2048])
            except BlockingIOError:
                break
            self._rest = self._rest[taken:]
            left = -(-len(self._rest) // len(self._frames[0]))
            gone = len(self._waiting) - left
            self.given_s[self._waiting[:gone]] = time.monotonic()
            del self._waiting[:gone]
        return due < len(self._frames) or bool(self._rest)


def main(order: Path) -> None:
    """Feed as ordered."""
    asked = json.loads(order.read_text())
    fed = [Fed(link, rate_hz, asked["seconds"]) for link, rate_hz in asked["sensors"]]
    print("ready", flush=True)
    sys.stdin.readline()
    for one in fed:
        one.greet()
    start_s = time.monotonic() + 0.5
    late_s: list[float] = []
    at_s = start_s
    going = True
    while going and time.monotonic() < start_s + 3 * asked["seconds"]:
        time.sleep(max(0.0, at_s - time.monotonic()))
        now_s = time.monotonic()
        late_s.append(now_s - at_s)
        sent = [one.send(now_s - start_s) for one in fed]
        going = any(sent)
        at_s = max(at_s + TICK_S, now_s)
    late_ms = np.percentile(late_s, 99) * 1e3
    arrays = {f"s{i}": one.given_s for i, one in enumerate(fed)}
    np.savez(asked["out"], late_ms=late_ms, **arrays)  # pyright: ignore[reportArgumentType]
    print("done", flush=True)
    sys.stdin.readline()


main(Path(sys.argv[1]))
