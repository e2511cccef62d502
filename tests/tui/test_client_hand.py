"""What the client says with a button or the dial of the sensor, on the live screen and in the record."""

from __future__ import annotations

import asyncio

import pytest

from feedback.comfort import ReportKind
from firmware_bridge import wire
from tests.bridge.pty_device import PtyDevice
from tests.cli.devices import play
from tests.tui.sessions import running

STEP_US = 12_500
PRESS_AT, TURN_AT, COUNT = 160, 280, 360


def stream(i: int) -> bytes:
    """Sample i at 20 N, with META at first; button 1 at its 160th instant, the dial at 7 at its 280th."""
    said = wire.encode_sample(i, i * STEP_US, [20_000])
    if i == 0:
        said = wire.encode_meta(0, {"proto": "1", "counts_per_n": "1000", "zero_counts": "0"}) + said
    if i == PRESS_AT:
        said += wire.encode_event(i * STEP_US + 3000, 1, 1)
    if i == TURN_AT:
        said += wire.encode_event(i * STEP_US, 1, 107)
    return said


async def test_the_client_s_button_and_dial_are_shown_and_kept_like_any_report(tmp_path):
    with PtyDevice(tmp_path / "tty") as device:
        async with running(tmp_path, device.url) as session:
            playing = play(device, [(i * STEP_US * 1e-6, stream(i)) for i in range(COUNT)])
            await session.until_text("The client says: too much")
            await session.until_text("The client says: 7/10")
            await asyncio.to_thread(playing.join)
            await session.until(lambda: len(session.studio.history.sessions()[0].reports) == 2, "the record")
            reports = session.studio.history.sessions()[0].reports
    assert [(r.kind, r.rating, r.source) for r in reports] == [
        (ReportKind.TOO_MUCH, None, "client"),
        (ReportKind.RATING, 7, "client"),
    ]
    assert all(r.pressure_kpa == pytest.approx(200, rel=0.01) for r in reports)
