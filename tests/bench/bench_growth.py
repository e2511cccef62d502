"""How costs grow: with the rate of the sensor, the length of the history, the width of the chart, the reports.

python -m tests.bench growth        # makes its own histories first, when no other bench did
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from feedback.band import GoodPainBand
from feedback.band.learned import LearnedBand
from feedback.history import SessionStart, open_history
from feedback.points import Point
from feedback.session import Session
from feedback.signal import ForceBlock
from feedback.view import Place
from firmware_bridge import wire
from firmware_bridge.calibrator import Calibrator
from firmware_bridge.dialects import dialect
from firmware_bridge.listener import Listener
from firmware_bridge.ports import Chunk
from tests.bench import bench_made_growing as histories
from tests.bench.bench_chart import FPS, HEIGHT, RATE_HZ, WINDOW_S, cost, ours, signal
from tests.bench.figures import Curve, Section
from tui.raster import Glyphs

RATES_HZ = (80, 320, 1_000, 3_200, 10_000)
READ_S = 0.016
"""A port hands over what came in so much time (the timer of a USB converter)."""
WIDTHS = (40, 80, 120, 160, 220, 300)
REPORTS = (1, 3, 10, 30, 100, 300)
META = {"proto": "1", "serial": "GROWTH", "counts_per_n": "20000", "zero_counts": "0"}


def main() -> None:
    """Print all curves."""
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), quick=False)


def measure(folder: Path, *, quick: bool) -> Section:
    """The same, as data too; takes the histories that are in `folder`."""
    if not histories.path_of(folder, histories.PRESSES[0]).exists():
        histories.measure(folder, quick=quick)
    curves = (
        rate(10.0 if quick else 60.0),
        *history(folder, 20 if quick else 200),
        width(40 if quick else 200),
        reports(20 if quick else 300),
    )
    for curve in curves:
        print(f"\n{curve.title} ({curve.along}: {curve.unit})")
        for x, y, spread in curve.points:
            print(f"  {x:>12,.10g}{y:14.4g}   {spread}")
    return Section("How costs grow", "", curves=curves)


def rate(seconds: float) -> Curve:
    """Processor time of decoder, clock, session and journal for a second of signal."""
    points = [(float(hz), *of_rate(hz, seconds)) for hz in RATES_HZ]
    return Curve(
        "Rate of the sensor",
        f"Processor time of all threads for a second of signal, {seconds:g} s of presses as native frames: "
        "from bytes, as "
        f"a port hands them over every {READ_S * 1000:g} ms, through decoder, clock, calibration and session (learned "
        "band) to the journal's last commit. As fast as it goes, so that commits are fewer than in real time. 1000 ms "
        "would be a whole core.",
        "samples/s",
        "ms",
        tuple(points),
    )


def of_rate(hz: int, seconds: float) -> tuple[float, str]:
    """Milliseconds for a second of signal, and what else is to be said."""
    n = int(hz * seconds)
    at_s = np.arange(n) / hz
    press = np.clip(np.minimum(at_s % 12 / 3, (11 - at_s % 12)), 0, 1)
    noise = np.random.default_rng(1).normal(0, 40, n)
    counts = (20_000 * (40 * press + 0.3 * np.sin(9 * at_s) * (press > 0)) + noise).astype(int).tolist()
    frames = [wire.encode_sample(i % 65536, int(i * 1e6 / hz), [c]) for i, c in enumerate(counts)]
    each = max(1, round(hz * READ_S))
    chunks = [
        Chunk(b"".join(frames[i : i + each]), (i + each) / hz, (i + each) / hz) for i in range(0, n, each)
    ]
    chunks.insert(0, Chunk(wire.encode_meta(0, META), 0.0, 0.0))
    with tempfile.TemporaryDirectory() as folder, open_history(Path(folder) / "history.db") as record:
        point = record.point("BENCH", Point("infraspinatus", "left"))
        begin = SessionStart("BENCH", datetime.now(UTC), 0.0, "thumb", 2.0, "sim://growth")
        journal = record.begin_session(begin)
        band = LearnedBand(GoodPainBand.start(ceiling_kpa=400.0))
        place = Place(point.id, "BENCH", point.point, "thumb", 2.0)
        session = Session(place, journal, band, start_s=0.0)
        listener = Listener("sim://growth", Calibrator(None, None), dialect("native-binary"), 0.0)
        cpu_s, began_s, got = time.process_time(), time.perf_counter(), 0
        for chunk in chunks:
            for item in listener.hear(chunk):
                if isinstance(item, ForceBlock):
                    got += len(item)
                    session.feed(item)
                else:
                    session.notice(item)
        session.end(seconds, {"samples": got})
        cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - began_s
        [stored] = record.sessions()
        kept = stored.samples
    lost = "" if kept == n else f", {n - kept:,} NOT IN THE RECORD"
    return (
        cpu_s / seconds * 1e3,
        f"wall {wall_s / seconds * 1e3:.1f} ms, {1e6 * cpu_s / n:.1f} µs a sample{lost}",
    )


FRESH = """
import json, sys, time
from feedback.history import open_history
import feedback.history.store
began = time.perf_counter()
rows = open_history(sys.argv[1]).review.clients()
print(json.dumps([(time.perf_counter() - began) * 1e3, len(rows)]))
"""


def history(folder: Path, questions: int) -> tuple[Curve, ...]:
    """The lists of a review in histories of all lengths."""
    first, course, presses = [], [], []
    for number in histories.PRESSES:
        path = histories.path_of(folder, number)
        if not path.exists():
            continue
        fresh = [
            json.loads(
                subprocess.run(
                    [sys.executable, "-c", FRESH, str(path)], check=True, capture_output=True, text=True
                ).stdout
            )
            for _ in range(5)
        ]
        took = [ms for ms, _ in fresh]
        first.append((number, float(np.median(took)), f"most {max(took):.1f}; {fresh[0][1]:,} clients"))
        chance = random.Random(1)
        with open_history(path) as record:
            review = record.review
            clients = review.clients()
            some = chance.sample(clients, min(questions, len(clients)))
            course.append((number, *middle([ms(review.visits, client.id) for client in some])))
            points = [point for client in some for point in review.points(client.id)]
            asked = chance.sample(points, min(questions, len(points)))
            presses.append((number, *middle([ms_of_point(review, point.id) for point in asked])))
    shape = (
        f"Simulated histories of {histories.PER_CLIENT} presses a client and {histories.PER_VISIT} a visit; "
        "the file is in the system's cache."
    )
    return (
        Curve(
            "History: from opening the record to the list of all clients",
            f"{shape} A fresh program, after its imports; median of five.",
            "presses in the record",
            "ms",
            tuple(first),
        ),
        Curve(
            "History: a client's visits with their figures",
            f"{shape} Up to {questions} clients by chance, median; spread: 95 % point.",
            "presses in the record",
            "ms",
            tuple(course),
        ),
        Curve(
            "History: all presses of a point",
            f"{shape} Up to {questions} points by chance, median; spread: 95 % point.",
            "presses in the record",
            "ms",
            tuple(presses),
        ),
    )


def ms(call, about) -> float:
    """Wall time of one question."""
    began_s = time.perf_counter()
    call(about)
    return (time.perf_counter() - began_s) * 1e3


def ms_of_point(review, point_id) -> float:
    """The same for a point's presses."""
    return ms(lambda one: review.presses(point_id=one), point_id)


def middle(taken: list[float]) -> tuple[float, str]:
    """Median, and the 95 % point in words."""
    return float(np.median(taken)), f"95 %: {np.quantile(taken, 0.95):.2f}, n = {len(taken)}"


def width(frames: int) -> Curve:
    """The chart."""
    times, values = signal(frames)
    points = []
    for columns in WIDTHS:
        spent, size = asyncio.run(cost(*ours(Glyphs.BRAILLE, times, values), frames, columns))
        points.append(
            (columns, float(np.median(spent)), f"p99 {np.percentile(spent, 99):.2f}; {size:,.0f} bytes")
        )
    return Curve(
        "Width of the chart",
        f"Processor time of a frame, {HEIGHT} rows in braille, {WINDOW_S:g} s at {RATE_HZ:g} Hz, at {FPS:g} "
        f"frames a second: as under “The chart”; median of {frames} frames.",
        "columns",
        "ms",
        tuple(points),
    )


def reports(times: int) -> Curve:
    """The band."""
    rng = np.random.default_rng(1)
    model, points, heard = GoodPainBand.start(ceiling_kpa=600.0), [], 0
    for number in REPORTS:
        while heard < number:
            pressure = float(rng.uniform(150.0, 260.0))
            model = model.rating(int(np.clip(round((pressure - 100) / 22), 0, 10)), pressure)
            heard += 1
        model.rating(5, 220.0).band()
        taken = [ms(lambda known: known.rating(5, 220.0).band(), model) for _ in range(times)]
        points.append((number, *middle(taken)))
    return Curve(
        "Number of reports",
        f"Wall time from one more rating to the new model and its band, after so many ratings; median of {times}.",
        "reports before",
        "ms",
        tuple(points),
    )


if __name__ == "__main__":
    main()
