"""A device can send whatever it likes for as long as it likes: what is kept of it has an end."""

from __future__ import annotations

import pytest

from firmware_bridge import wire
from firmware_bridge.calibrator import Calibrator
from firmware_bridge.dialects import dialects
from firmware_bridge.dialects.base import Meta
from firmware_bridge.dialects.heard import KEYS_MAX


@pytest.mark.parametrize("dialect", ["native-binary", "native-text"])
def test_a_sensor_that_tells_ever_new_things_about_itself_fills_no_memory(dialect: str) -> None:
    encode = wire.encode_text_meta if dialect == "native-text" else lambda meta: wire.encode_meta(0, meta)
    decoder, calibrator = dialects()[dialect].new_decoder(), Calibrator(None, None)
    for n in range(300):
        told = {f"key{n}x{i}": "a" for i in range(8)} | {"rate_hz": str(n)}
        for message in decoder.feed(encode(told)).messages:
            assert isinstance(message, Meta)
            calibrator.take_meta(message.values)
    assert len(calibrator.meta) == KEYS_MAX
    assert calibrator.meta["rate_hz"] == "299"


def test_one_frame_tells_no_more_than_so_many_things() -> None:
    line = ("M," + ",".join(f"k{i}=1" for i in range(500)) + "\r\n").encode()
    (message,) = dialects()["native-text"].new_decoder().feed(line).messages
    assert isinstance(message, Meta)
    assert len(message.values) == KEYS_MAX
