import contextlib
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from feedback.history import HistoryDamagedError
from feedback.history.codec import Samples, decode, encode, encode_tightly


@st.composite
def samples(draw: st.DrawFn) -> Samples:
    n = draw(st.integers(0, 60))

    def column(dtype: type, low: int | None = None) -> np.ndarray:
        info = np.iinfo(dtype)
        elements = st.integers(info.min if low is None else low, info.max)
        small = st.integers(max(-1, info.min), 5)
        return draw(hnp.arrays(dtype, n, elements=draw(st.sampled_from([elements, small]))))

    return Samples(
        column(np.int64), column(np.int64), column(np.int32), column(np.uint8), column(np.int64, 0)
    )


@pytest.mark.parametrize("pack", [encode, encode_tightly])
@given(samples())
def test_any_integers_come_back_exactly(
    pack: Callable[[Samples], tuple[str, bytes]], given_samples: Samples
) -> None:
    codec, payload = pack(given_samples)
    back = decode(codec, payload, len(given_samples))
    for name in Samples.__slots__:
        before, after = getattr(given_samples, name), getattr(back, name)
        assert after.dtype == before.dtype
        np.testing.assert_array_equal(after, before)


@given(st.sampled_from(["d1", "d1z", "d2", "d9"]), st.binary(max_size=200), st.integers(-1, 100))
def test_any_bytes_are_samples_or_a_clear_error(codec: str, payload: bytes, n: int) -> None:
    with contextlib.suppress(HistoryDamagedError):
        assert len(decode(codec, payload, n)) == n


def test_a_chunk_of_a_steady_sensor_is_small() -> None:
    rng = np.random.default_rng(1)
    n = 20
    device_us = np.arange(n) * 12_500 + rng.integers(-3, 4, n)
    chunk = Samples(
        (device_us * 1.00002 + 5e6).astype(np.int64),
        device_us,
        (80_000 + rng.normal(0, 60, n)).astype(np.int32),
        np.zeros(n, np.uint8),
        np.zeros(n, np.int64),
    )
    assert len(encode(chunk)[1]) < 8 * n


@given(samples(), st.data())
def test_a_tight_chunk_that_was_damaged_is_samples_or_a_clear_error(
    given_samples: Samples, data: st.DataObject
) -> None:
    codec, payload = encode_tightly(given_samples)
    at = data.draw(st.integers(0, len(payload) - 1))
    cut = data.draw(st.booleans())
    damaged = payload[:at] if cut else payload[:at] + bytes([payload[at] ^ 255]) + payload[at + 1 :]
    with contextlib.suppress(HistoryDamagedError):
        assert len(decode(codec, damaged, len(given_samples))) == len(given_samples)


def noisy_minute(seed: int) -> Samples:
    """A minute of a noisy converter at 80 samples a second, with a pressing hand for half of it."""
    rng = np.random.default_rng(seed)
    n = 4800
    device_us = np.floor(np.arange(n) * 11_984.4).astype(np.int64)
    hand = np.where(np.arange(n) % 2400 < 1200, 30.0 * (1 + 0.004 * np.sin(np.arange(n) * 0.75)), 0.0)
    counts = 50_000 + 21_400 * hand + rng.normal(0, 38, n)
    return Samples(
        device_us + 5_000_000,
        device_us,
        counts.astype(np.int32),
        np.zeros(n, np.uint8),
        np.zeros(n, np.int64),
    )


def test_an_hour_of_eighty_samples_a_second_takes_less_than_six_tenths_of_a_megabyte() -> None:
    assert 60 * len(encode_tightly(noisy_minute(1))[1]) < 0.5e6


def test_a_payload_that_would_inflate_without_end_is_refused() -> None:
    endless = zlib.compress(bytes(50_000_000))
    with pytest.raises(HistoryDamagedError):
        decode("d1z", endless, 20)
    plane = (len(endless) | 1 << 31).to_bytes(4, "little") + endless
    with pytest.raises(HistoryDamagedError):
        decode("d2", bytes([0, 1]) + plane, 20)
