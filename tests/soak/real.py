"""The installed program on a pseudo-terminal in real time, a mirror beside it: memory, files, samples, times."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from feedback.history import open_history
from feedback.signal import Quality
from tests.soak.device import counts_of, frames, meta_frame
from tests.soak.fast import LOOKS, WARM_SHARE, Soaked
from tests.soak.gauges import Stopwatch, Uses, look
from tests.soak.ledger import SETTLED_S
from tests.terminal import Terminal
from tests.torture.rig import recording


@contextmanager
def mirror(data: Path) -> Iterator[int]:
    """`goodpain mirror` in a terminal of its own, whose output nobody looks at; gives its process id."""
    with Terminal("mirror", "--data", data) as terminal:
        over = threading.Event()

        def drain() -> None:
            while not over.is_set() and terminal.read(0.5):
                terminal.chunks.clear()

        reader = threading.Thread(target=drain, daemon=True)
        reader.start()
        try:
            yield terminal.pid
        finally:
            over.set()
            reader.join()


def real(folder: Path, seconds: float, rate_hz: float = 80.0) -> Soaked:
    """Record for so long; the device sends each sample when it is due.

    Args:
        folder: new; for the port and the record.
        seconds: real time.
        rate_hz: samples a second.
    """
    run = Soaked(seconds, Uses(seconds * WARM_SHARE), sessions=1, beside=Uses(seconds * WARM_SHARE))
    count = int(seconds * rate_hz)
    sent_s = np.empty(count)
    watch = Stopwatch()
    with recording(folder, greeting=meta_frame("SOAK1", rate_hz)) as at, mirror(at.folder) as beside:

        def play() -> None:
            start_s = time.monotonic()
            for i in range(count):
                (frame,) = frames(i, 1, rate_hz)
                time.sleep(max(0.0, start_s + i / rate_hz - time.monotonic()))
                sent_s[i] = time.monotonic()
                at.port.send(frame)

        player = threading.Thread(target=play, daemon=True)
        player.start()
        while player.is_alive():
            player.join(seconds / LOOKS)
            run.uses.all.append(look(watch.s, at.record, at.process.pid))
            run.beside.all.append(look(watch.s, at.record, beside))
        told = at.end()
    run.wall_s = watch.s
    run.replugs = told.get("reconnects", 0)
    with open_history(at.record) as history:
        run.account.problems += history.check()
        (summary,) = history.sessions()
        blocks = [block for block in history.samples(summary.id) if len(block)]
    counts = np.concatenate([block.counts for block in blocks])
    time_s = np.concatenate([block.time_s for block in blocks])
    run.presses = len(summary.presses)
    # The device is a thread on a busy machine: what it was late itself is no error of the clock.
    run.device_late_s = float((sent_s - sent_s[0] - np.arange(count) / rate_hz).max())
    run.clock_restarts = sum(event.kind == "clock restarted" for event in summary.events)
    run.clock_restarts += sum(
        int(np.count_nonzero(block.quality & np.uint8(Quality.CLOCK_RESTART))) for block in blocks[1:]
    )
    run.account.sent = count
    run.account.recorded = len(counts)
    run.account.known = sum(block.lost for block in blocks)
    run.account.silent = max(0, count - len(counts) - run.account.known)
    if len(counts) == count:
        run.account.wrong = int((counts != counts_of(np.arange(count), rate_hz)).sum())
        # The device's clock is the host's here: a sample was taken when it was due.
        ideal_s = np.arange(count) / rate_hz
        error_s = time_s - time_s[0] - ideal_s
        settled = ideal_s > SETTLED_S
        for minute in np.unique(ideal_s[settled] // 60):
            inside = settled & (ideal_s // 60 == minute)
            run.errors.add(ideal_s[inside], error_s[inside])
    run.record_mib = (run.uses.all[-1].record_mib, at.record.stat().st_size / 2**20)
    return run
