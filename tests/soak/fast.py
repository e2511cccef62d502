"""Hours of device time through port, bridge, session, journal and record, as fast as they go."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from feedback.comfort import Report, ReportKind
from feedback.history import open_history, tables
from feedback.history.compaction import compact
from feedback.points import Point
from firmware_bridge.bridge import Sensor
from firmware_bridge.calibrator import Calibrator
from tests.soak.fast_port import FastPort, Plan, Told
from tests.soak.gauges import Stopwatch, Uses, look, size_mib
from tests.soak.ledger import Account, TimeErrors, settle
from tui.live_loop import LiveLoop
from tui.opening import HISTORY_FILE, Studio, finish
from tui.settings import Settings
from tui.wanted import Visit

WARM_SHARE = 0.1
"""Of the run; then memory must have come to rest."""
LOOKS = 240
SCREEN_S = 1 / 30
"""A screen asks for a view and the newest samples so often (wall clock)."""
_POINT = Point("upper trapezius", "left")


class Speaker:
    """A client who rates every press once, two seconds into it."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._said = False
        self.reports = 0

    def feel(self, time_s: float, pressure_kpa: float) -> list[Report]:
        """What is said at this pressure."""
        if pressure_kpa < 20.0:
            self._since_s, self._said = None, False
            return []
        self._since_s = time_s if self._since_s is None else self._since_s
        if self._said or time_s - self._since_s < 2.0:
            return []
        self._said = True
        self.reports += 1
        return [Report(ReportKind.RATING, time_s, 4 + self.reports % 4, "simulated client")]


@dataclass(slots=True)
class Soaked:
    """What a run came to.

    Attributes:
        device_s: device time.
        wall_s: it took so long.
        sessions: how many, one after the other.
        replugs: how often the plug was pulled and the signal came back.
        account, errors, uses: see there.
        presses, reports: in the record.
        record_mib: the record before it was packed, and after.
        samples_mib: what the samples take of it, packed.
        wal_mib: the largest the -wal file was.
        device_late_s: how late the device itself sent a sample at the most, in real time.
        clock_restarts: how often its clock was taken to have begun anew although it had not.
        beside: what a mirror of the session used, in real time.
        failures: whatever else was not as it must be.
    """

    device_s: float
    uses: Uses
    wall_s: float = 0.0
    sessions: int = 0
    replugs: int = 0
    account: Account = field(default_factory=Account)
    errors: TimeErrors = field(default_factory=TimeErrors)
    presses: int = 0
    reports: int = 0
    record_mib: tuple[float, float] = (0.0, 0.0)
    samples_mib: float = 0.0
    wal_mib: float = 0.0
    device_late_s: float = 0.0
    clock_restarts: int = 0
    beside: Uses = field(default_factory=lambda: Uses(0.0))
    failures: list[str] = field(default_factory=list[str])


def soak(
    folder: Path,
    lengths_s: Sequence[float],
    *,
    rate_hz: float = 80.0,
    together: int = 16,
    replug_every_s: float = 3600.0,
    lose_one_in: int = 20_000,
    spoil_one_in: int = 30_000,
) -> Soaked:
    """Record sessions of these lengths (device time), one after the other in this process.

    Args:
        folder: for the record.
        lengths_s: of each session.
        rate_hz: samples a second.
        together: samples that arrive at one instant.
        replug_every_s: the plug is pulled so often.
        lose_one_in: a frame in so many is swallowed on the way.
        spoil_one_in: and one in so many arrives with a wrong bit.
    """
    data = folder / "data"
    data.mkdir(parents=True)
    total_s = float(sum(lengths_s))
    run = Soaked(total_s, Uses(total_s * WARM_SHARE))
    record = data / HISTORY_FILE
    watch = Stopwatch()
    kept: list[tuple[Plan, Told, UUID, float]] = []
    done_s = 0.0
    with Studio(data, Settings()) as studio:
        for number, length_s in enumerate(lengths_s):
            samples = int(length_s * rate_hz)
            plan = Plan(
                samples, rate_hz, together, replug_every_s, lose_one_in, spoil_one_in, seed=number + 1
            )
            told, session_id, speaker = _one(studio, plan, run, record, done_s, total_s)
            kept.append((plan, told, session_id, done_s))
            run.sessions += 1
            run.reports += speaker.reports
            done_s += length_s
    run.wall_s = watch.s
    before_mib = size_mib(record)
    with open_history(record) as history:
        for plan, told, session_id, began_s in kept:
            settle(history, session_id, plan, told, run.account, run.errors, began_s=began_s)
        run.account.problems += history.check()
        for summary in history.sessions():
            run.presses += len(summary.presses)
            if summary.ended_how != "ended":
                run.failures.append(f"a session ended “{summary.ended_how}”")
        compact(history)
        with history.database.reading() as connection:
            payload = tables.sample_chunk.c.payload
            run.samples_mib = (
                float(connection.execute(sa.select(sa.func.sum(sa.func.length(payload)))).scalar_one())
                / 2**20
            )
    run.record_mib = before_mib, size_mib(record)
    return run


def _one(
    studio: Studio, plan: Plan, run: Soaked, record: Path, done_s: float, total_s: float
) -> tuple[Told, UUID, Speaker]:
    """One session, from plugging in to its end in the record."""
    epoch_s = time.monotonic()
    loop: LiveLoop | None = None

    def may_go_on(samples: int) -> bool:
        # However fast the device: at a real port the loop and the journal are never far behind.
        return (
            loop is not None and loop.totals.samples >= samples and journal._queue.qsize() < 400  # pyright: ignore[reportPrivateUsage]
        )

    port = FastPort(plan, epoch_s, may_go_on)
    speaker = Speaker()
    visit = Visit("SOAK", _POINT, "thumb", 2.5, ceiling_kpa=300.0, therapist="T1")
    wal = record.with_name(f"{record.name}-wal")
    every_s, next_s = total_s / LOOKS, done_s
    position = heard = 0
    with Sensor(port, Calibrator(None, None)) as sensor:
        begun, journal = studio.begin(visit, sensor, companion=speaker, start_s=epoch_s)
        loop = begun
        loop.start()
        try:
            while not loop.ended:
                view = loop.view()
                position = loop.trace(position).position
                heard += len(loop.told(heard))
                at_s = done_s + view.now_s - epoch_s
                if at_s >= next_s:
                    next_s += every_s
                    gc.collect()
                    run.uses.all.append(look(at_s, record))
                    run.wal_mib = max(run.wal_mib, wal.stat().st_size / 2**20 if wal.exists() else 0.0)
                if journal.problem:
                    run.failures.append(journal.problem)
                time.sleep(SCREEN_S)
        finally:
            finish(loop, journal)
        if loop.failure:
            run.failures.append(str(loop.failure))
        health = loop.health()
        run.replugs += health.reconnects
        if health.samples != plan.samples - len(port.told.missing):
            run.failures.append(f"health counts {health.samples} samples of {plan.samples}")
    return port.told, journal.id, speaker
