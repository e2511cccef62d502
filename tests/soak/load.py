"""How many sensors, and how fast ones, one program takes: the feeder and the program are processes of their own.

Hand-over latency: from the moment at which a port had taken the last byte of a sample to the moment at which the
session had taken it in, alarm, cue and journal included.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np

from feedback.history import open_history
from tests.soak.device import counts_of

P99_MS = 50.0
HOPELESS_MS = 1000.0
"""Beyond this the program no longer keeps up, and only buffers still hide it."""
DEMANDED = (*[80.0] * 8, 1000.0)
SENSORS = (8, 16, 24, 32, 48, 64)
RATES_HZ = (1000.0, 2000.0, 5000.0, 10_000.0, 20_000.0, 40_000.0)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one load came to.

    Attributes:
        sensors, rate_hz: how many, and samples a second of all together.
        due: samples that the devices took.
        refused: of them never taken by a port, because it was full.
        recorded: in the record, with their own counts.
        lost: taken by a port and not in the record.
        p50_ms, p99_ms, most_ms: hand-over latency.
        late_ms: how late the feeder itself was woken, 99th percentile: the machine's own share.
        cpu: cores the program took.
        problems: what it said.
    """

    sensors: int
    rate_hz: float
    due: int
    refused: int
    recorded: int
    lost: int
    p50_ms: float
    p99_ms: float
    most_ms: float
    late_ms: float
    cpu: float
    problems: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Nothing lost, and handed over in time."""
        return not (self.refused or self.lost or self.problems) and self.p99_ms <= P99_MS


def load(folder: Path, rates_hz: Sequence[float], seconds: float) -> Loaded:
    """Run devices of these rates, and a program that records them all, for so long."""
    folder.mkdir(parents=True)
    sensors = [(str(folder / f"tty{i}"), rate_hz) for i, rate_hz in enumerate(rates_hz)]
    record = folder / "data" / "history.db"
    record.parent.mkdir()
    given_path, taken_path = folder / "given.npz", folder / "taken.npz"
    with (
        _running(
            "load_feeder", folder / "feed.json", sensors=sensors, seconds=seconds, out=str(given_path)
        ) as feeder,
        _running(
            "load_program", folder / "load.json", sensors=sensors, record=str(record), out=str(taken_path)
        ) as program,
    ):
        _go(feeder)
        _expect(feeder, "done")
        time.sleep(1.0)
        out, _ = program.communicate("\n", timeout=120)
        told = json.loads(out)
    given, taken = np.load(given_path), np.load(taken_path)
    due = refused = recorded = 0
    latencies: list[np.ndarray] = []
    with open_history(record) as history:
        for i, rate_hz in enumerate(rates_hz):
            given_s = given[f"s{i}"]
            due += len(given_s)
            refused += int(np.isnan(given_s).sum())
            for block in history.samples(UUID(told["ids"][i])):
                number = np.rint(block.t_us * 1e-6 * rate_hz).astype(np.int64)
                recorded += int((block.counts == counts_of(number, rate_hz)).sum())
            blocks = taken[f"s{i}"]
            if len(blocks):
                first, last = (np.rint(blocks[:, k] * 1e-6 * rate_hz).astype(np.int64) for k in (1, 2))
                taken_s = np.repeat(blocks[:, 0], last - first + 1)
                numbers = np.concatenate([np.arange(a, b + 1) for a, b in zip(first, last, strict=True)])
                latencies.append(taken_s - given_s[numbers])
    latency_ms = np.concatenate(latencies) * 1e3 if latencies else np.array([np.inf])
    latency_ms = latency_ms[~np.isnan(latency_ms)]
    return Loaded(
        sensors=len(rates_hz),
        rate_hz=float(sum(rates_hz)),
        due=due,
        refused=refused,
        recorded=recorded,
        lost=due - refused - recorded,
        p50_ms=float(np.percentile(latency_ms, 50)),
        p99_ms=float(np.percentile(latency_ms, 99)),
        most_ms=float(latency_ms.max()),
        late_ms=float(given["late_ms"]),
        cpu=told["cpu"],
        problems=tuple(told["problems"]),
    )


def limits(folder: Path, seconds: float = 10.0) -> bool:
    """Print what is demanded, more sensors, and faster ones, until samples are lost; whether the demanded holds."""
    print("\nMany sensors in one program")
    print(f"  machine: {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the beginning")
    head = ("sensors", "samples/s", "sent", "lost", "p50 ms", "p99 ms", "most ms", "feeder p99", "cores")
    print("  " + " ".join(f"{name:>10}" for name in head))
    demanded = load(folder / "demanded", DEMANDED, 2 * seconds)
    _row(demanded)
    for count in SENSORS:
        if _row(load(folder / f"sensors{count}", [80.0] * count, seconds)):
            break
    for rate_hz in RATES_HZ:
        if _row(load(folder / f"rate{rate_hz:.0f}", [rate_hz], seconds)):
            break
    return demanded.well


def _row(one: Loaded) -> bool:
    """Print one; returns whether it is more than the program can do at all."""
    lost = one.refused + one.lost
    figures = [f"{one.sensors}", f"{one.rate_hz:.0f}", f"{one.due}", f"{lost}"]
    figures += [f"{ms:.1f}" for ms in (one.p50_ms, one.p99_ms, one.most_ms, one.late_ms)] + [f"{one.cpu:.2f}"]
    past = "   samples lost" if lost else "   too late" if one.p99_ms > P99_MS else ""
    print("  " + " ".join(f"{text:>10}" for text in figures) + past, flush=True)
    for problem in one.problems:
        print(f"    ! {problem}")
    return bool(lost or one.problems) or one.p99_ms > HOPELESS_MS


@contextmanager
def _running(module: str, order: Path, **asked: object) -> Iterator[subprocess.Popen[str]]:
    """A process that has said it is ready; it is gone afterwards."""
    order.write_text(json.dumps(asked))
    with subprocess.Popen(
        [sys.executable, "-m", f"tests.soak.{module}", str(order)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    ) as process:
        try:
            _expect(process, "ready")
            yield process
        finally:
            process.kill()


def _expect(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line == word, f"{word} was expected, “{line}” came"


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
