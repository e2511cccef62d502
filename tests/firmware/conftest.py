"""These tests need compilers for two machines; where one is missing they say what to install, once."""

from __future__ import annotations

import pytest

from tests.firmware import build


@pytest.fixture(autouse=True, scope="session")
def _tools():
    if absent := build.missing():
        pytest.skip(f"the firmware cannot be run here: {absent}")
