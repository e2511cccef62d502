"""The tests of the firmware need compilers for two machines."""

from __future__ import annotations

import pytest

from tests.firmware import build


def need_tools() -> None:
    """Skip the module that calls it where a tool is missing; all of them together give one line that says what."""
    if absent := build.missing():
        pytest.skip(f"the firmware cannot be run here: {absent}", allow_module_level=True)
