"""A short run of the fuzzing that `python -m tests.bench.fuzz_dialects` does for 10^7 bytes."""

from __future__ import annotations

import pytest

from firmware_bridge.dialects import dialects
from tests.bench.fuzz_dialects import run


@pytest.mark.parametrize("name", list(dialects()))
def test_noise_and_pieces_of_other_devices_never_break_a_decoder(name: str) -> None:
    fed, _, _ = run(name, 150_000)
    assert fed >= 150_000
