"""What a process uses, read from the system while it works (Linux)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

FLAT = 0.05
"""Memory is flat when, after the warm-up, it stays this close to its middle."""


@dataclass(frozen=True, slots=True)
class Use:
    """One look.

    Attributes:
        device_s: seconds of device time into the run.
        rss_mib: resident memory.
        fds: open file descriptors.
        threads: of the process.
        record_mib: the record, with what has not been folded in yet (-wal).
    """

    device_s: float
    rss_mib: float
    fds: int
    threads: int
    record_mib: float


def look(device_s: float, record: Path, pid: int | str = "self") -> Use:
    """Look at a process now."""
    process = Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line)
    return Use(
        device_s,
        int(status["VmRSS"].split()[0]) / 1024,
        sum(1 for _ in (process / "fd").iterdir()),
        int(status["Threads"]),
        size_mib(record),
    )


def size_mib(record: Path) -> float:
    """The record on the disk, its -wal included."""
    files = (record, record.with_name(f"{record.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists()) / 2**20


@dataclass(slots=True)
class Uses:
    """Looks over a run; `warm_s` of device time at its beginning do not count."""

    warm_s: float
    all: list[Use] = field(default_factory=list[Use])

    @property
    def warm(self) -> list[Use]:
        """After the warm-up."""
        return [use for use in self.all if use.device_s >= self.warm_s]

    @property
    def rss_middle_mib(self) -> float:
        """Half way between the least and the most."""
        rss = [use.rss_mib for use in self.warm]
        return (min(rss) + max(rss)) / 2

    @property
    def rss_spread(self) -> float:
        """How far memory went from its middle, as a share of it."""
        rss = [use.rss_mib for use in self.warm]
        return (max(rss) - min(rss)) / (max(rss) + min(rss))

    @property
    def rss_growth_mib_per_h(self) -> float:
        """Slope over device time."""
        warm = self.warm
        if len(warm) < 3:
            return 0.0
        hours = [use.device_s / 3600 for use in warm]
        return float(np.polyfit(hours, [use.rss_mib for use in warm], 1)[0])

    @property
    def fd_growth(self) -> int:
        """File descriptors at the end of the run beyond those after the warm-up."""
        warm = self.warm
        return warm[-1].fds - warm[0].fds

    @property
    def thread_growth(self) -> int:
        """The same for threads."""
        warm = self.warm
        return warm[-1].threads - warm[0].threads


class Stopwatch:
    """Wall-clock seconds since it was made."""

    def __init__(self) -> None:
        self._begun_s = time.monotonic()

    @property
    def s(self) -> float:
        """So many."""
        return time.monotonic() - self._begun_s
