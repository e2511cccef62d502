"""What is mutated, and the tests that are asked about it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]

_BAND = [
    *("choosing", "edges", "estimate", "grid", "guard", "learned", "likelihood", "model", "past", "prior"),
    *("quantiles", "reading", "source", "store", "course", "course_fit", "drift"),
]
GROUPS = {
    "tests/bridge": [
        "firmware_bridge/dialects/native_binary.py",
        "firmware_bridge/wire.py",
        "firmware_bridge/clock.py",
    ],
    "tests/feedback": ["feedback/press.py"],
    "tests/band": [f"feedback/band/{name}.py" for name in _BAND],
}
"""Files by the tests that are asked about them: quick ones, and in this process, for what runs the installed program
would not meet the error."""
NOT_ASKED = [
    "ports",
    "bridge",
    "replay",
    "sensors",
    "devices_asked",
    "devices_ble",
    "devices_twins",
    "fitting",
]
"""`tests/bridge/test_….py` of threads, real ports and other sensors: how they end is no sign of an error here."""


def chosen(what: list[str]) -> dict[str, list[str]]:
    """The groups with the files whose path holds one of these words; all when none is given."""
    mine = {
        suite: [file for file in files if not what or any(word in file for word in what)]
        for suite, files in GROUPS.items()
    }
    return {suite: files for suite, files in mine.items() if files}
