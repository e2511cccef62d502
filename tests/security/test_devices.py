"""A device can send whatever it likes for as long as it likes: what is kept of it has an end."""

from __future__ import annotations

import pytest

from feedback.signal import ForceBlock, Notice
from firmware_bridge import wire
from firmware_bridge.assembly import Assembler
from firmware_bridge.calibrator import Calibrator
from firmware_bridge.dialects import dialects
from firmware_bridge.dialects.base import Meta
from firmware_bridge.dialects.heard import KEYS_MAX
from firmware_bridge.talk import AT_ONCE, PER_S


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


def test_a_sensor_that_talks_without_end_fills_neither_screen_nor_record_and_loses_no_sample() -> None:
    dialect = dialects()["native-binary"]
    decoder, assembler = dialect.new_decoder(), Assembler(dialect, Calibrator(None, None))
    seconds, said, samples = 30, [], 0
    for n in range(seconds * 80):
        frames = [wire.encode_sample(n, n * 12_500, (1000,))]
        frames += [wire.encode_log(n * 12_500, f"message {n}.{i}") for i in range(10)]
        for item in assembler.feed(decoder.feed(b"".join(frames)), n / 80):
            if isinstance(item, Notice):
                said.append(item.text)
            elif isinstance(item, ForceBlock):
                samples += len(item)
    assert samples == seconds * 80
    heard = [text for text in said if text.startswith("message ")]
    assert heard[:AT_ONCE] == [f"message {n // 10}.{n % 10}" for n in range(AT_ONCE)]
    assert AT_ONCE + PER_S * (seconds - 2) <= len(heard) <= AT_ONCE + PER_S * seconds + 1
    # Nobody is led to believe that this was all: what was left out is counted, but for what came since the last one.
    told = sum(int(text.split()[0].replace(",", "")) for text in said if "left out" in text)
    assert seconds * 800 - len(heard) - 800 / PER_S * 2 <= told <= seconds * 800 - len(heard)
    assert len(said) < 100


def test_a_sensor_that_says_a_little_now_and_then_is_heard_out() -> None:
    dialect = dialects()["native-text"]
    decoder, assembler = dialect.new_decoder(), Assembler(dialect, Calibrator(None, None))
    said: list[str] = []
    for second in range(100):
        line = wire.encode_text_meta({"proto": "1"}) + f"# warm up {second}\r\n".encode()
        items = assembler.feed(decoder.feed(line), float(2 * second))
        said += [item.text for item in items if isinstance(item, Notice)]
    assert said == [f"warm up {second}" for second in range(100)]
