"""One program with many sensors, on what the packages offer: `python -m tests.soak.load_program ORDER`, a JSON file.

Each sensor has a session of its own in one record. A screen that looks at each ten times a second is part of it.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from feedback.band import GoodPainBand, LearnedBand
from feedback.history import SessionStart, open_history
from feedback.points import Point
from feedback.press import Press
from feedback.session import Session
from feedback.signal import ForceBlock
from feedback.view import Place
from firmware_bridge import open_sensor
from tui.live_loop import LiveLoop

LOOK_EVERY_S = 0.1


class TimedSession(Session):
    """A session that notes when it had taken in each block."""

    taken: list[tuple[float, int, int]]
    """When, and the device's time of the first and the last sample."""

    def feed(self, block: ForceBlock) -> list[Press]:
        """Take a block as ever."""
        ended = super().feed(block)
        if len(block):
            self.taken.append((time.monotonic(), int(block.t_us[0]), int(block.t_us[-1])))
        return ended


def main(order: Path) -> None:
    """Record until a line comes."""
    asked = json.loads(order.read_text())
    end = threading.Event()
    loops: list[LiveLoop] = []
    sessions: list[TimedSession] = []
    ids: list[str] = []
    problems: set[str] = set()
    with ExitStack() as stack:
        history = stack.enter_context(open_history(Path(asked["record"])))
        for number, (link, _) in enumerate(asked["sensors"]):
            sensor = stack.enter_context(open_sensor(link, dialect="native-binary"))
            point = Point("upper trapezius", "left", str(number))
            record = history.point("LOAD", point)
            now_s = sensor.now_s()
            journal = history.begin_session(
                SessionStart("LOAD", datetime.now(UTC), now_s, "thumb", 2.5, link)
            )
            place = Place(record.id, "LOAD", point, "thumb", 2.5)
            band = LearnedBand(GoodPainBand.start(ceiling_kpa=300.0, tip_area_cm2=2.5))
            session = TimedSession(place, journal, band, start_s=now_s, ceiling_kpa=300.0)
            session.taken = []
            loop = LiveLoop(sensor, session)
            loop.start()
            loops.append(loop)
            sessions.append(session)
            ids.append(str(journal.id))
        print("ready", flush=True)
        threading.Thread(target=lambda: (sys.stdin.readline(), end.set()), daemon=True).start()
        begun_s, cpu_s = time.monotonic(), time.process_time()
        while not end.is_set():
            for loop in loops:
                loop.view()
            end.wait(LOOK_EVERY_S)
        cpu = (time.process_time() - cpu_s) / (time.monotonic() - begun_s)
        for loop in loops:
            loop.close()
            problems |= {str(loop.failure)} if loop.failure else set()
            loop.end()
    rss_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    arrays = {f"s{i}": np.array(session.taken) for i, session in enumerate(sessions)}
    np.savez(asked["out"], **arrays)  # pyright: ignore[reportArgumentType]
    print(json.dumps({"ids": ids, "cpu": cpu, "rss_mib": rss_mib, "problems": sorted(problems)}), flush=True)


main(Path(sys.argv[1]))
