"""An attempt at a drill: `goodpain practise` as lines of text, and foam on a port that is pressed when it asks."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bridge.pty_device import PtyDevice
from tests.cli.other_encoder import meta, sample
from tests.terminal import GOODPAIN
from tests.torture.ledger import Found, found_in_attempts
from tests.torture.rig import RATE_HZ, heard

DRILL = """
title = "Ten seconds"
about = "As long as a fault needs."
kind = "hold"
target = "1.0 kg/cm2"
tolerance_pct = 30
get_set_s = 1
reach_s = 1
hold_s = 8
"""
LASTS_S = 10.0
PER_N = 200_000
PRESSED = 10 * PER_N
"""Counts at 10 N: 1.02 kg/cm² under a tip of 1 cm². The number of a sample is added, which is 0.04 N at most."""
META = meta(
    proto=1, serial="F-1", rate_hz=80, counts_per_n=PER_N, zero_counts=0, adc_min=-(2**23), adc_max=2**23 - 1
)


@dataclass(slots=True)
class Attempting:
    """The program and the foam.

    Attributes:
        counts, sent_s: of all samples that were sent, and when.
        touched_s: when the tip was put on; infinite before.
    """

    process: subprocess.Popen[str]
    port: PtyDevice
    folder: Path
    counts: list[int] = field(default_factory=list)
    sent_s: list[float] = field(default_factory=list)
    touched_s: float = float("inf")
    lines: list[str] = field(default_factory=list)
    said: str = ""
    _quiet: threading.Event = field(default_factory=threading.Event)

    @property
    def record(self) -> Path:
        """The database."""
        return self.folder / "history.db"

    def speak(self) -> None:
        """Send samples until told to be quiet; the tip is put on as soon as the program asks for it."""
        with contextlib.suppress(AssertionError, OSError):
            if not heard(self.port, self._quiet):
                return
            time.sleep(0.3)
            self.port.send(META)
            start_s = time.monotonic()
            for i in range(8_000):
                if self._quiet.wait(max(0.0, start_s + i / RATE_HZ - time.monotonic())):
                    return
                counts = i + (PRESSED if self.touched_s < float("inf") else 0)
                self.counts.append(counts)
                self.port.send(sample(i, int(i / RATE_HZ * 1e6), counts, 0x10 if i == 0 else 0))
                self.sent_s.append(time.monotonic())

    def listen(self) -> None:
        """Take in what the program says."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if "ouch" in line and self.touched_s == float("inf"):
                # The tip was off for a moment, as the program wants to see.
                time.sleep(0.5)
                self.touched_s = time.monotonic()

    def hush(self) -> None:
        """The foam says nothing more."""
        self._quiet.set()

    def wait_for(self, seconds: float) -> None:
        """Wait until so long after the first touch.

        Raises:
            AssertionError: the program never asked for it.
        """
        end_s = time.monotonic() + 60.0
        while time.monotonic() < min(end_s, self.touched_s + seconds):
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        if self.touched_s == float("inf"):
            self.process.kill()
            self.end()
            raise AssertionError(f"it asked for nothing: {self.lines} {self.said}")

    def end(self, timeout_s: float = 60.0) -> int:
        """Wait until it ends by itself; returns its exit code."""
        assert self.process.stderr is not None
        self.said = self.process.stderr.read()
        return self.process.wait(timeout_s)

    def sent_between(self, from_s: float, until_s: float) -> int:
        """Samples that were sent in a time."""
        return sum(from_s < at_s < until_s for at_s in self.sent_s)

    def found(self) -> Found:
        """The record beside what the foam sent."""
        return found_in_attempts(self.record, self.counts, self.words())

    def words(self) -> str:
        """What it told on stderr, in one line."""
        lines = [line.removeprefix("goodpain: ").strip() for line in self.said.splitlines()]
        return " / ".join(dict.fromkeys(filter(None, lines)))


@contextlib.contextmanager
def attempting(
    folder: Path, *arguments: str, data: Path | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Attempting]:
    """One attempt of the trainee T-01, outside the curriculum.

    Args:
        folder: new.
        arguments: more of the command line.
        data: where the record is, else below `folder`.
        environment: of the program, beside what it inherits.
    """
    data = data or folder / "data"
    (data / "drills").mkdir(parents=True, exist_ok=True)
    (data / "drills" / "ten.toml").write_text(DRILL, "utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(GOODPAIN), "practise", "--trainee", "T-01", "--drill", "ten", "--free", "--skip-baseline"]
    command += ["--feedback", "always", "--plain", "--area", "1", "--dialect", "native-binary"]
    with PtyDevice(folder / "ttyFOAM") as port:
        process = subprocess.Popen(
            [*command, "--sensor", port.url, "--data", str(data), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        one = Attempting(process, port, data)
        threads = [threading.Thread(target=work, daemon=True) for work in (one.speak, one.listen)]
        for thread in threads:
            thread.start()
        try:
            yield one
        finally:
            one.hush()
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
            for thread in threads:
                thread.join()
            process.communicate()
