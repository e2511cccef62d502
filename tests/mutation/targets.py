"""What is mutated, and the tests that are asked about it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]

_BAND = [
    *("choosing", "edges", "estimate", "grid", "guard", "learned", "likelihood", "model", "past", "prior"),
    *("quantiles", "reading", "source", "store", "course", "course_fit", "drift"),
]
_BRIDGE = ["wire", "dialects_native_binary", "dialects_recognise", "clock"]
_PRESS = ["press", "session", "session_safety", "hold"]
GROUPS = [
    (
        [f"tests/bridge/test_{name}.py" for name in _BRIDGE],
        [f"firmware_bridge/{name}.py" for name in ("dialects/native_binary", "wire", "clock")],
    ),
    ([f"tests/feedback/test_{name}.py" for name in _PRESS], ["feedback/press.py"]),
    (["tests/band"], [f"feedback/band/{name}.py" for name in _BAND]),
]
"""Tests, and the files that they are asked about. The tests are quick, and in this process: what runs the installed
program would not meet the error."""


def chosen(what: list[str]) -> list[tuple[list[str], list[str]]]:
    """The groups with the files whose path holds one of these words; all when none is given."""
    mine = [
        (tests, [file for file in files if not what or any(word in file for word in what)])
        for tests, files in GROUPS
    ]
    return [(tests, files) for tests, files in mine if files]
