"""What is mutated, and the tests that are asked about it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]

_BAND = [
    *("choosing", "edges", "estimate", "grid", "guard", "learned", "likelihood", "model", "past", "prior"),
    *("quantiles", "reading", "source", "store", "course", "course_fit", "drift"),
]
FILES = [
    "firmware_bridge/dialects/native_binary.py",
    "firmware_bridge/wire.py",
    "firmware_bridge/clock.py",
    "feedback/press.py",
    *(f"feedback/band/{name}.py" for name in _BAND),
]
SUITES = ["tests/band", "tests/bridge", "tests/feedback", "tests/firmware"]
"""Fast, and in this process: what runs the installed program would not meet the error."""
NOT_ASKED = ["tests/bridge/test_ports.py", "tests/bridge/test_sensor_*.py", "tests/bridge/test_replay.py"]
"""Tests of threads and of real ports, whose time is no sign of an error."""


def chosen(what: list[str]) -> list[str]:
    """The files whose path holds one of these words; all when none is given."""
    return [file for file in FILES if not what or any(word in file for word in what)]
