"""Twins of other people's devices on a pseudo-terminal, recorded by the installed program."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sim.serve import pty_server
from tests.cli.devices import result, start_recording
from tests.terminal import run

SPEAKING = ["openscale", "hx711-sparkfun", "serial-plotter", "numbers", "lutron"]
"""Recognised, and their lines have a unit."""
COUNTING = ["hx711-bogde", "hx711-olkal", "nau7802"]
"""Recognised, and their lines have none."""
STREAMING = ["mark-10", "imada", "wagner-fdx"]
"""Gauges that are set to speak by themselves: recognised."""
ASKED = ["mark-10", "imada", "wagner-fdx", "wagner-fdix", "sauter-fh", "shimpo-fgv", "shimpo-dfs"]
"""Named by the user, and asked."""
SECONDS = "6.5"
TOLERANCE_N = {"hx711-sparkfun": 0.3, "openscale": 0.05}
"""Half of what the device's last digit is worth (0.1 lb, 0.01 lb), and 0.05 N for all others."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Iterator[dict[str, dict[str, Any]]]:
    """Every twin, all at once, as each takes six seconds of real time: a press of 20 N."""
    folder = tmp_path_factory.mktemp("twins")
    stop = threading.Event()
    recordings: dict[str, subprocess.Popen[str]] = {}
    with ExitStack() as stack:

        def start(key: str, address: str, *arguments: str) -> None:
            server = stack.enter_context(pty_server(f"sim://twin-{address}", stop))
            data = folder / key.replace(" ", "-")
            recordings[key] = start_recording(server.path, data, "--for", SECONDS, *arguments)

        for name in [*SPEAKING, *COUNTING]:
            start(name, f"{name}?garbage_at=1")
        for name in STREAMING:
            start(f"{name} streaming", f"{name}?streaming=1&garbage_at=1")
        for name in ASKED:
            start(f"{name} asked", name, "--dialect", name)
        yield {key: result(recording, 60) for key, recording in recordings.items()}
        stop.set()


@pytest.mark.parametrize("key", [*SPEAKING, *(f"{name} streaming" for name in STREAMING)])
def test_a_device_that_speaks_is_recognised_and_its_press_is_right(recorded, key: str) -> None:
    record = recorded[key]
    name = key.split()[0]
    assert record["dialect"] == name
    assert record["calibrated"]
    assert record["peak_force_n"] == pytest.approx(20.0, abs=TOLERANCE_N.get(name, 0.05))
    assert len(record["presses"]) >= 1


@pytest.mark.parametrize("key", COUNTING)
def test_a_device_without_a_unit_is_recognised_and_claims_no_force(recorded, key: str) -> None:
    record = recorded[key]
    assert record["dialect"] == key
    assert record["samples"] > 30
    assert not record["calibrated"]
    assert record["peak_force_n"] is None


@pytest.mark.parametrize("name", ASKED)
def test_a_gauge_that_is_named_is_asked_and_its_press_is_right(recorded, name: str) -> None:
    record = recorded[f"{name} asked"]
    assert record["dialect"] == name
    assert record["peak_force_n"] == pytest.approx(20.0, abs=0.05)
    assert record["samples"] > 40


def test_the_list_of_dialects_says_what_each_was_written_from() -> None:
    code, out, _ = run("sensors", "--dialects")
    assert code == 0
    assert all(len(line) <= 80 for line in out.splitlines())
    for words in ("mark-10", "manual only", "firmware in simulation", "driver source", "hardware"):
        assert words in out
    code, out, _ = run("sensors", "--dialects", "--json")
    found = {entry["name"]: entry for entry in json.loads(out)["dialects"]}
    assert found["sauter-fh"]["evidence"] == "manual only"
    assert found["sauter-fh"]["asked"]
    assert not found["openscale"]["asked"]


def test_an_unknown_twin_names_those_there_are(tmp_path: Path) -> None:
    code, _, err = run("record", "--sensor", "sim://twin-morse", "--data", tmp_path)
    assert code == 1
    assert "twin-mark-10" in err
