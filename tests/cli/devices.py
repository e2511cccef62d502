"""Plays bytes into a port at their times while the program runs."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.bridge.pty_device import PtyDevice
from tests.terminal import GOODPAIN


def play(
    device: PtyDevice, timed: Iterable[tuple[float, bytes]], *, after_s: float = 0.0
) -> threading.Thread:
    """Send each piece at its time (seconds from now), in a thread."""

    def run() -> None:
        start_s = time.monotonic() + after_s
        for at_s, data in timed:
            time.sleep(max(0.0, start_s + at_s - time.monotonic()))
            device.send(data)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def start_recording(url: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """`goodpain record --json` on a port."""
    return subprocess.Popen(
        [str(GOODPAIN), "record", "--sensor", url, "--data", str(folder), "--json", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def wait_until_listening(device: PtyDevice, timeout_s: float = 15.0) -> None:
    """Until the program has the port open: bytes sent before would wait in its buffer, or be flushed."""
    end_s = time.monotonic() + timeout_s
    name = str(device.link.resolve())
    while time.monotonic() < end_s:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if any(str(fd.readlink()) == name for fd in (process / "fd").iterdir()):
                    return
            except OSError:
                continue
        time.sleep(0.05)
    raise AssertionError("nobody opened the port")


def result(recording: subprocess.Popen[str], timeout_s: float = 30.0) -> dict[str, Any]:
    """What it printed: one JSON object and nothing else on stdout."""
    out, err = recording.communicate(timeout=timeout_s)
    assert recording.returncode == 0, err
    return json.loads(out)
