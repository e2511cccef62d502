import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from feedback.history import HistoryDamagedError
from feedback.history.codec import Samples, decode, encode


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


@given(samples())
def test_any_integers_come_back_exactly(given_samples: Samples) -> None:
    codec, payload = encode(given_samples)
    back = decode(codec, payload, len(given_samples))
    for name in Samples.__slots__:
        before, after = getattr(given_samples, name), getattr(back, name)
        assert after.dtype == before.dtype
        np.testing.assert_array_equal(after, before)


@given(st.sampled_from(["d1", "d1z", "d9"]), st.binary(max_size=200), st.integers(-1, 100))
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


def test_a_payload_that_would_inflate_without_end_is_refused() -> None:
    import zlib

    with pytest.raises(HistoryDamagedError):
        decode("d1z", zlib.compress(bytes(50_000_000)), 20)
