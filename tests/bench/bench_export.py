"""How fast an export is written and read back: `python -m tests.bench.bench_export [HOURS]`.

A record with that many hours of samples at 80 a second (default 1), in sessions of six minutes, noisy counts, two
points each. `written` is `export_csv` from the open record to files that are whole; `read` is `import_csv` into an
empty record, committed. Both count rows of samples a second, of one process, with everything else of the export in
the same time. Beside them the same rows with the csv module alone, a row at a time: written with `csv.writer` from
what `History.samples` gives, and read with `csv.reader` with the five numbers of each row converted, nothing checked
and nothing stored. `peak` is the largest memory of the whole process.
"""

from __future__ import annotations

import csv
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from feedback.history import History, SessionStart, export_csv, import_csv, open_history
from feedback.points import Point
from feedback.signal import Calibration, ForceBlock
from tests.bench.figures import Figure, Section

RATE_HZ = 80
SESSION_S = 360.0
STARTED_AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def fill(history: History, hours: float) -> int:
    """Sessions with samples; returns how many samples."""
    rng = np.random.default_rng(1)
    calibration = Calibration(1000.5, -512.25, "bench")
    n = round(SESSION_S * RATE_HZ)
    sessions = max(1, round(hours * 3600 / SESSION_S))
    for i in range(sessions):
        journal = history.begin_session(
            SessionStart("A17", STARTED_AT + timedelta(hours=i), 0.0, "thumb", 2.0, "sim://bench")
        )
        journal.calibration(calibration, 0.0)
        time_s = np.arange(n) / RATE_HZ + rng.normal(0, 2e-5, n)
        counts = (1000 - 10000 * np.sin(time_s / 5) ** 2 + rng.normal(0, 12, n)).astype(np.int32)
        force_n = calibration.force_n(counts)
        device_us = np.arange(n, dtype=np.int64) * 12_500 + 3_000_000
        for first in range(0, n, 8192):
            rows = slice(first, first + 8192)
            if first in (0, 16384):
                point = history.point("A17", Point("soleus", "left", str(first)))
                journal.point(point.id, float(time_s[first]))
            journal.samples(ForceBlock.of(time_s[rows], force_n[rows], counts[rows], 0, device_us[rows]))
        journal.end(float(time_s[-1]), {"rate_hz": float(RATE_HZ)})
    return sessions * n


def write_plain(history: History, path: Path) -> int:
    """The samples with the csv module alone."""
    count = 0
    with path.open("w", newline="") as file:
        write = csv.writer(file).writerow
        for session in history.sessions():
            kpa_per_n = 10.0 / session.tip_area_cm2
            for block in history.samples(session.id):
                columns = (block.time_s, block.t_us, block.counts, block.force_n, block.quality)
                for time_s, t_us, counts, force_n, quality in zip(
                    *(c.tolist() for c in columns), strict=True
                ):
                    write(
                        (
                            session.id,
                            "A17",
                            f"{time_s:.6f}",
                            t_us,
                            counts,
                            f"{force_n:.4f}",
                            f"{force_n * kpa_per_n:.3f}",
                            quality or "",
                            0,
                        )
                    )
                    count += 1
    return count


def read_plain(path: Path) -> int:
    """The same file, its numbers converted."""
    count = 0
    with path.open(newline="") as file:
        for cells in csv.reader(file):
            _ = float(cells[2]), int(cells[3]), int(cells[4]), float(cells[5]), float(cells[6])
            count += 1
    return count


def main() -> None:
    """Print the table."""
    compare(float(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1][0].isdigit() else 1.0)


def measure(_: Path, *, quick: bool) -> Section:
    """The same, as figures too."""
    return compare(0.1 if quick else 1.0)


def compare(hours: float) -> Section:
    """Everything, printed and returned."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with open_history(folder / "a.db") as history:
            samples = fill(history, hours)
            rows: list[tuple[str, float]] = []

            def timed(what: str, run: object) -> None:
                start = time.perf_counter()
                run()  # type: ignore[operator]
                rows.append((what, time.perf_counter() - start))

            timed("written", lambda: export_csv(history, folder / "out"))
            timed("written, csv.writer", lambda: write_plain(history, folder / "plain.csv"))
        with open_history(folder / "b.db") as history:
            timed("read", lambda: import_csv(history, folder / "out"))
        timed("read, csv.reader", lambda: read_plain(folder / "plain.csv"))
        size = (folder / "out" / "samples.csv").stat().st_size
        print(f"{hours:g} h, {samples:,} samples, {size / samples:.0f} bytes a row in samples.csv")
        for what, took in rows:
            print(f"{what:22} {samples / took:12,.0f} rows/s {took:8.2f} s")
        memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        print(f"peak memory {memory_mb:.0f} MB")
    rates = {what: samples / took for what, took in rows}
    return Section(
        "Export and import",
        f"{hours:g} h of noisy samples at 80 a second, {samples:,} of them, as CSV.",
        (
            Figure(
                "exported",
                "rows of samples a second from the open record to files that are whole, with all other tables "
                "in the same time",
                rates["written"],
                "rows/s",
                peer="`csv.writer` alone, a row at a time",
                peers=rates["written, csv.writer"],
            ),
            Figure(
                "imported",
                "rows of samples a second from those files into an empty record, checked and committed",
                rates["read"],
                "rows/s",
                peer="`csv.reader` alone, five numbers of a row converted, nothing checked or stored",
                peers=rates["read, csv.reader"],
            ),
            Figure(
                "peak memory", "of the whole process, the filling of the record included", memory_mb, "MB"
            ),
        ),
    )


if __name__ == "__main__":
    main()
