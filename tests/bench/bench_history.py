"""Looking back in a large record: how long each list takes, and how much room samples take; beside other stores.

    python -m tests.bench.bench_history [--clients 1000] [--keep FOLDER]

A history of simulated clients (`sim.histories`): 1,000 clients, 20,000 visits, 200,000 presses, 400 hours of samples at
80 a second, the shape of the presses and the noise as in `sim`. Each figure is the median and the 95 % point of many
questions about clients, points and presses by chance, each asked for the first time (the file itself is in the system's
cache). Opening is timed in a fresh program, after its imports. Memory is the most that such a program ever held.

The same hours of samples are put into SQLite with one row per sample, into HDF5 (h5py, gzip with byte shuffle, a chunk
a minute) and into Parquet (pyarrow, zstd, a row group a minute), and asked for the same 10 s.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from feedback.history import History, open_history, utc_now
from feedback.history.compaction import compact
from sim.histories import HistorySize, generate_history
from tests.bench.bench_made_history import NAME
from tests.bench.figures import Figure, Section, at_most

DEFINITION = (
    "wall time of one question about clients, points and presses by chance, each asked for the first time; 95 % point "
    "(opening: in a fresh program, after its imports; most of five)"
)
AIMS_MS = {"first list": 300.0, "course": 200.0, "trace": 50.0, "window": 10.0}
AIM_MB_PER_HOUR = 0.6
AIM_MEMORY_MB = 200.0
SAMPLES_PER_HOUR = 288_000
PEER_HOURS = 2.0
COLUMNS = ("t_us", "device_us", "counts", "quality", "lost_before")

FRESH = """
import json, resource, sys, time
from feedback.history import open_history
import feedback.history.store
began = time.perf_counter()
history = open_history(sys.argv[1])
rows = history.review.clients()
first_ms = (time.perf_counter() - began) * 1e3
client = max(rows, key=lambda row: row.visits)
visits = history.review.visits(client.id)
for point in history.review.points(client.id):
    presses = history.review.presses(point_id=point.id)
for press in presses:
    history.review.press(press.id)
    history.review.trace(press.id)
history.care.opening(client.code, __import__("feedback.history").history.utc_now())
scale = 1024 if sys.platform != "darwin" else 1
print(json.dumps([first_ms, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e6, len(rows)]))
"""


def quantiles_ms(call: Callable[[object], object], about: list[object]) -> tuple[float, float]:
    """Median and 95 % point of one call for each of these, in ms."""
    taken = []
    for one in about:
        began = time.perf_counter()
        call(one)
        taken.append((time.perf_counter() - began) * 1e3)
    return float(np.median(taken)), float(np.quantile(taken, 0.95))


def told(name: str, figure: tuple[float, float], aim_ms: float | None, found: list[Figure]) -> None:
    """Print a figure with its aim, and add it."""
    median, late = figure
    aim = "" if aim_ms is None else f"   aim {aim_ms:.0f}"
    if aim_ms is not None and late > aim_ms:
        aim += "  MISSED"
    spread = f"median {median:.2f}"
    found.append(
        Figure(name, DEFINITION, late, "ms", spread=spread)
        if aim_ms is None
        else at_most(name, DEFINITION, late, aim_ms, "ms", spread=spread)
    )
    print(f"  {name:<58}{median:9.2f} ({late:.2f}){aim}")


def lists(path: Path, found: list[Figure]) -> None:
    """The time of every list of a review."""
    fresh = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", FRESH, str(path)], check=True, capture_output=True, text=True
            ).stdout
        )
        for _ in range(5)
    ]
    first_ms = [run[0] for run in fresh]
    memory_mb = max(run[1] for run in fresh)
    chance = random.Random(1)
    print("\nms: median (95 %)")
    told(
        "open the record, and the list of all clients",
        (float(np.median(first_ms)), max(first_ms)),
        AIMS_MS["first list"],
        found,
    )
    with open_history(path) as history:
        review = history.review
        clients = review.clients()
        some = chance.sample(clients, min(100, len(clients)))
        told(
            "the list of clients again",
            quantiles_ms(lambda _: review.clients(), list(range(10))),
            None,
            found,
        )
        told("points of a client", quantiles_ms(lambda c: review.points(c.id), some), None, found)
        told(
            "a client's course: visits with figures",
            quantiles_ms(lambda c: review.visits(c.id), some),
            AIMS_MS["course"],
            found,
        )
        told(
            "a client's course: care, plan, response, soreness",
            quantiles_ms(lambda c: history.care.opening(c.code, utc_now()), some),
            AIMS_MS["course"],
            found,
        )
        told(
            "a client's course: sessions with all that was said",
            quantiles_ms(lambda c: history.sessions(c.code), some),
            AIMS_MS["course"],
            found,
        )
        points = [point for client in some for point in review.points(client.id)][:200]
        told(
            "presses of a point, all visits",
            quantiles_ms(lambda p: review.presses(point_id=p.id), points),
            None,
            found,
        )
        presses = [press for point in points[:100] for press in review.presses(point_id=point.id)[:3]]
        told(
            "a press with all that belongs to it",
            quantiles_ms(lambda p: review.press(p.id), presses),
            None,
            found,
        )
        told("a press's trace", quantiles_ms(lambda p: review.trace(p.id), presses), AIMS_MS["trace"], found)
        told(
            "10 s of a session",
            quantiles_ms(lambda p: review.window(p.session_id, 5.0, 15.0), presses),
            AIMS_MS["window"],
            found,
        )
    verdict = "" if memory_mb <= AIM_MEMORY_MB else "  MISSED"
    found.append(
        at_most(
            "most memory of a program that looks at all of a client",
            "peak resident memory of a fresh program that lists all clients and reads every visit, point, "
            "press and trace of the one with most visits; most of five",
            memory_mb,
            AIM_MEMORY_MB,
            "MB",
        )
    )
    print(
        f"  most memory of a program that looks at all of a client: {memory_mb:.0f} MB   "
        f"aim {AIM_MEMORY_MB:.0f}{verdict}"
    )


def room(path: Path, what: str, found: list[Figure]) -> float:
    """MB per hour of samples: their table with its indexes, every page of it counted."""
    connection = sqlite3.connect(path)
    size, samples = connection.execute(
        "SELECT (SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%sample_chunk%'), (SELECT sum(n) FROM sample_chunk)"
    ).fetchone()
    connection.close()
    hours = samples / SAMPLES_PER_HOUR
    rate = size / hours / 1e6
    verdict = "" if rate <= AIM_MB_PER_HOUR else "  MISSED"
    found.append(
        at_most(
            f"an hour of samples: {what}",
            "the table of samples with its indexes, every page of it counted, for an hour at 80 samples a "
            "second, packed",
            rate,
            AIM_MB_PER_HOUR,
            "MB/h",
            spread=f"{hours:.1f} h; whole file {path.stat().st_size / 1e6:.0f} MB",
        )
    )
    print(
        f"  {what:<58}{rate:9.3f}   aim {AIM_MB_PER_HOUR}{verdict}   ({hours:.1f} h; the whole file with presses, "
        f"reports and bands {path.stat().st_size / 1e6:.0f} MB)"
    )
    return rate


def packing(folder: Path, found: list[Figure]) -> None:
    """What packing does to the chunks of running sessions: short visits and long ones."""
    print("\nMB per hour of 80 samples a second, table and indexes")
    for what, size in (
        ("short visits, presses without a pause", HistorySize(10, 100, 1000, 2.0)),
        ("visits of half an hour, holds of up to a minute", HistorySize(2, 4, 80, 2.0)),
    ):
        path = folder / "unpacked.db"
        path.unlink(missing_ok=True)
        generate_history(path, size, unpacked=True)
        with open_history(path) as history:
            before = stored(history)
            live = path.stat().st_size
            began = time.perf_counter()
            result = compact(history)
            took = time.perf_counter() - began
            same = all(np.array_equal(a, b) for a, b in zip(before, stored(history), strict=True))
        room(path, f"{what}, packed", found)
        print(
            f"    before: {result.chunks_before} chunks, file {live / 1e6:.1f} MB; "
            f"after: {result.chunks_after} chunks, {path.stat().st_size / 1e6:.1f} MB; "
            f"{took / size.hours:.1f} s for an hour; the same to the bit: {same}"
        )
        found.append(
            Figure(
                f"samples that packing changed: {what}",
                "times, device times and counts of every session before and after, bit by bit",
                "none" if same else "some",
                promised="none",
                met=same,
                spread=f"{took / size.hours:.1f} s for an hour of samples",
            )
        )


def stored(history: History) -> list[np.ndarray]:
    """Times and counts of every session."""
    found = []
    for session in history.sessions():
        blocks = list(history.samples(session.id))
        found += [np.concatenate([getattr(b, name) for b in blocks]) for name in ("time_s", "counts", "t_us")]
    return found


def peers(path: Path, folder: Path) -> list[Figure]:
    """The same samples in other stores, and the same 10 s asked of each."""
    found: list[Figure] = []
    with open_history(path) as history:
        columns: dict[str, list[np.ndarray]] = {name: [] for name in ("t_us", "device_us", "counts")}
        sessions, n = [], 0
        for client in history.review.clients():
            for visit in history.review.visits(client.id):
                sessions.append(visit.session_id)
                for block in history.samples(visit.session_id):
                    # One after the other, as one long session.
                    columns["t_us"].append(np.rint(block.time_s * 1e6).astype(np.int64) + n * 12_500)
                    columns["device_us"].append(block.t_us)
                    columns["counts"].append(block.counts)
                n = sum(map(len, columns["counts"]))
            if n >= PEER_HOURS * SAMPLES_PER_HOUR:
                break
        t_us, device_us, counts = (np.concatenate(columns[name]) for name in ("t_us", "device_us", "counts"))
        hours = len(t_us) / SAMPLES_PER_HOUR
        quality, lost = np.zeros(len(t_us), np.uint8), np.zeros(len(t_us), np.int64)
        chance = random.Random(2)
        starts = [int(t_us[0]) + chance.randrange(int(t_us[-1] - t_us[0]) - 10_000_000) for _ in range(100)]
        windows = [(chance.choice(sessions), chance.uniform(0, 40)) for _ in starts]
        ours_ms = quantiles_ms(lambda w: history.review.window(w[0], w[1], w[1] + 10.0), list(windows))

    by_row = folder / "rows.db"
    connection = sqlite3.connect(by_row)
    connection.execute(
        "CREATE TABLE sample (id INTEGER PRIMARY KEY, session_id TEXT, t_us INTEGER, device_us INTEGER, "
        "counts INTEGER, quality INTEGER, lost INTEGER)"
    )
    session = sessions[0].hex
    connection.executemany(
        "INSERT INTO sample (session_id, t_us, device_us, counts, quality, lost) VALUES (?, ?, ?, ?, ?, ?)",
        zip(
            [session] * len(t_us),
            *(c.tolist() for c in (t_us, device_us, counts, quality, lost)),
            strict=True,
        ),
    )
    connection.execute("CREATE INDEX ix_sample ON sample (session_id, t_us)")
    connection.commit()
    connection.execute("VACUUM")
    rows_ms = quantiles_ms(
        lambda s: np.array(
            connection.execute(
                "SELECT t_us, counts FROM sample WHERE session_id = ? AND t_us BETWEEN ? AND ?",
                (session, s, s + 10_000_000),
            ).fetchall()
        ),
        list(starts),
    )
    connection.close()

    hdf = folder / "samples.h5"
    with h5py.File(hdf, "w") as file:
        for name, values in zip(COLUMNS, (t_us, device_us, counts, quality, lost), strict=True):
            file.create_dataset(
                name, data=values, chunks=(4800,), compression="gzip", compression_opts=6, shuffle=True
            )

    def ask_hdf(start: object) -> object:
        with h5py.File(hdf) as file:
            times = file["t_us"]
            # Times only grow: two searches by halves, then the piece.
            first, stop = (halves(times, at) for at in (start, start + 10_000_000))
            return times[first:stop], file["counts"][first:stop]

    hdf_ms = quantiles_ms(ask_hdf, list(starts))

    parquet = folder / "samples.parquet"
    arrays = [pa.array(values) for values in (t_us, device_us, counts, quality, lost)]
    pq.write_table(pa.table(arrays, names=list(COLUMNS)), parquet, compression="zstd", row_group_size=4800)

    def ask_parquet(start: int) -> object:
        where = (pc.field("t_us") >= start) & (pc.field("t_us") <= start + 10_000_000)
        return pq.read_table(parquet, columns=["t_us", "counts"], filters=where)

    parquet_ms = quantiles_ms(ask_parquet, list(starts))

    connection = sqlite3.connect(path)
    ours = (
        connection.execute(
            "SELECT (SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%sample_chunk%') * 1.0 / "
            "(SELECT sum(n) FROM sample_chunk)"
        ).fetchone()[0]
        * SAMPLES_PER_HOUR
        / 1e6
    )
    connection.close()
    print(
        f"\nthe same samples in other stores ({hours:.1f} h)"
        + " " * 12
        + "MB/hour  times ours    10 s, ms   times ours"
    )
    for name, size, ms in (
        ("ours, packed", ours, ours_ms),
        (
            "SQLite, one row per sample, index on session and time",
            by_row.stat().st_size / hours / 1e6,
            rows_ms,
        ),
        ("HDF5, gzip and shuffle, a chunk a minute", hdf.stat().st_size / hours / 1e6, hdf_ms),
        ("Parquet, zstd, a row group a minute", parquet.stat().st_size / hours / 1e6, parquet_ms),
    ):
        print(f"  {name:<55}{size:8.3f}{size / ours:12.1f}{ms[0]:12.2f}{ms[0] / ours_ms[0]:13.1f}")
        if name == "ours, packed":
            continue
        found += [
            Figure(
                f"the same samples, beside {name.partition(',')[0]}: room",
                f"{hours:.1f} h of the same samples; ours: the table of samples with its indexes, an hour of the large "
                "history",
                ours,
                "MB/h",
                peer=name,
                peers=size,
            ),
            Figure(
                f"the same samples, beside {name.partition(',')[0]}: 10 s",
                "100 windows of 10 s at times by chance, median; the other stores are asked for times and counts only",
                ours_ms[0],
                "ms",
                spread=f"95 %: {ours_ms[1]:.2f}; its {ms[1]:.2f}",
                peer=name,
                peers=ms[0],
            ),
        ]
    return found


def halves(times: h5py.Dataset, at: int) -> int:
    """Where a time would stand among times that only grow."""
    low, high = 0, len(times)
    while low < high:
        middle = (low + high) // 2
        if times[middle] < at:
            low = middle + 1
        else:
            high = middle
    return low


def main(arguments: list[str] | None = None) -> None:
    """Print all figures; exit code 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument(
        "--keep", type=Path, help="a folder in which the history is kept, and taken from when it is there"
    )
    options = parser.parse_args(arguments if arguments is not None else [])
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        found = look(folder, (options.keep or folder) / f"history-{options.clients}.db", options.clients)
    if failed := [figure.name for figure in found.figures if figure.met is False]:
        print(f"\nmissed: {', '.join(failed)}")
        raise SystemExit(1)


def measure(folder: Path, *, quick: bool) -> Section:
    """The same, as figures; in the history that is in `folder` already, if one is."""
    return look(folder, folder / NAME, 20 if quick else 1000)


def look(folder: Path, path: Path, clients: int) -> Section:
    """All figures of the history at `path`, which is made when it is not there."""
    found: list[Figure] = []
    if not path.exists():
        began = time.perf_counter()
        made = generate_history(path, HistorySize.of(clients))
        print(
            f"made {made.clients} clients, {made.visits} visits, {made.presses} presses, {made.reports} reports, "
            f"{made.samples / SAMPLES_PER_HOUR:.0f} h of samples in {time.perf_counter() - began:.0f} s"
        )
    lists(path, found)
    packing(folder, found)
    room(path, "the large history", found)
    found += peers(path, folder)
    return Section(
        "Looking back in a large record",
        f"A history of {clients:,} simulated clients, {20 * clients:,} visits, {200 * clients:,} presses and "
        f"{0.4 * clients:g} h of samples at 80 a second. Each time is of a question asked for the first time; "
        "the file is in the system's cache.",
        tuple(found),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
