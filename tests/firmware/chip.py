"""Runs the compiled sketch on the simulated chip: as fast as it goes into a file, or live behind a port."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.firmware import build

EEPROM_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Happened:
    """Something outside the chip: `ready 154446`, `button 1 down`, `reset`, in true microseconds."""

    t_us: int
    what: str


@dataclass(frozen=True, slots=True)
class Run:
    """What a run gave: the bytes of the serial port and what happened meanwhile."""

    data: bytes
    happened: list[Happened]

    def ready(self) -> list[tuple[int, int]]:
        """(true microseconds, counts) of every conversion."""
        return [(h.t_us, int(h.what.split()[1])) for h in self.happened if h.what.startswith("ready ")]

    def times(self, what: str) -> list[int]:
        """True microseconds of what happened."""
        return [h.t_us for h in self.happened if h.what == what]

    def what_count(self, what: str) -> int:
        """How often it happened."""
        return len(self.times(what))

    @property
    def end(self) -> str:
        """The harness's own figures."""
        return self.happened[-1].what


def at(time_s: float, command: str) -> str:
    """One line of a script."""
    return f"{round(time_s * 1e6)} {command}"


def say(time_s: float, text: str | bytes) -> str:
    """A line of a script that sends bytes to the firmware."""
    data = text.encode() if isinstance(text, str) else text
    return at(time_s, f"send {data.hex()}")


def ramp(points: Iterable[tuple[float, float]]) -> list[str]:
    """The converter's input passes through these (seconds, counts)."""
    return [at(0, f"point {time_s * 1e6:.0f} {counts}") for time_s, counts in points]


def run(
    folder: Path,
    script: list[str],
    seconds: float,
    *,
    eeprom: Path | None = None,
    defines: tuple[str, ...] = (),
) -> Run:
    """Run the sketch from power-on for so many simulated seconds, as fast as it goes."""
    lines = sorted(script, key=lambda line: int(line.split()[0]))
    script_file, out, events = (folder / name for name in ("script", "out", "events"))
    script_file.write_text("\n".join(lines) + "\n")
    command = [build.harness(), build.firmware(*defines).elf, "--speed", "0", "--run", str(seconds)]
    command += ["--script", script_file, "--out", out, "--events", events]
    command += ["--eeprom", eeprom] if eeprom else []
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return Run(out.read_bytes(), _events(events))


def _events(path: Path) -> list[Happened]:
    found = re.findall(r"^(\d+) (.*)$", path.read_text(), re.MULTILINE)
    return [Happened(int(t_us), what) for t_us, what in found]


class LiveChip:
    """The sketch in real time behind a pseudo-terminal; a context manager.

    Attributes:
        url: the port.
    """

    def __init__(self, folder: Path, script: list[str], *, eeprom: Path | None = None) -> None:
        lines = sorted(script, key=lambda line: int(line.split()[0]))
        script_file, link, self._events_file = (folder / name for name in ("script", "ttyCHIP", "events"))
        script_file.write_text("\n".join(lines) + "\n")
        command = [build.harness(), build.firmware().elf, "--link", link, "--script", script_file]
        command += ["--events", self._events_file]
        command += ["--eeprom", eeprom] if eeprom else []
        self.url = str(link)
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def tell(self, command: str) -> None:
        """A command for now."""
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def happened(self) -> list[Happened]:
        """What happened outside the chip so far."""
        return _events(self._events_file)

    def __enter__(self) -> LiveChip:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
