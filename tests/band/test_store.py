import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.band import BandModelError, GoodPainBand
from feedback.band.grid import POPULATION, Lattice, build_grid
from tests.band.strategies import histories, told

KNOWN = (
    GoodPainBand.start(ceiling_kpa=600.0, tip_area_cm2=1.3, alpha=0.1)
    .mark("there", 200.0, 30.0)
    .rating(6, 240.0)
)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(histories, st.booleans(), st.booleans(), st.floats(0, 500))
def test_a_model_comes_back_as_it_was_stored(history, carried, stopped, dt_s):
    model = told(history).ease(dt_s)
    model = model.carry_over() if carried else model
    model = model.stop(200.0) if stopped else model
    back = GoodPainBand.from_bytes(model.to_bytes())
    assert back.band().stay_below_kpa == pytest.approx(model.band().stay_below_kpa, rel=1e-3)
    assert back.band().lower_kpa == pytest.approx(model.band().lower_kpa, rel=1e-3)
    assert (back.guard, back.told, back.because) == (model.guard, model.told, model.because)
    advised = model.next_pressure("treat").pressure_kpa
    assert (back.next_pressure("treat").pressure_kpa is None) == (advised is None) == stopped
    assert back.to_bytes() == model.to_bytes()


def test_settings_and_tip_come_back_too():
    back = GoodPainBand.from_bytes(KNOWN.to_bytes())
    assert (back.ceiling_kpa, back.alpha, back.tip_area_cm2) == (600.0, 0.1, 1.3)


def test_it_is_small_enough_to_store_after_every_press():
    assert len(KNOWN.to_bytes()) < 20_000


@pytest.mark.parametrize(
    "lattice",
    [
        Lattice(na=61, nw=24, ns=5, step=0.055, first_w=2),
        Lattice(na=121, nw=45, ns=9, step=0.03, first_w=3),
        Lattice(na=161, nw=60, ns=7, step=0.02125, first_w=4),
    ],
)
def test_a_posterior_survives_a_change_of_grid(lattice):
    known = KNOWN.verdict("good", 230.0).verdict("too_much", 320.0).rating(5, 220.0)
    other = GoodPainBand.from_bytes(known.to_bytes(), grid=build_grid(POPULATION, lattice))
    assert other.mass.shape == (lattice.ns, lattice.nw, lattice.na)
    assert other.band().lower_kpa == pytest.approx(known.band().lower_kpa, rel=0.01)
    assert other.band().threshold_kpa == pytest.approx(known.band().threshold_kpa, rel=0.015)
    assert other.band().upper_kpa == pytest.approx(known.band().upper_kpa, rel=0.02)
    assert other.because == known.because
    again = GoodPainBand.from_bytes(other.to_bytes())
    assert again.band().lower_kpa == pytest.approx(known.band().lower_kpa, rel=0.015)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.data())
def test_any_flipped_bit_is_noticed(data):
    stored = bytearray(KNOWN.to_bytes())
    at = data.draw(st.integers(0, len(stored) - 1))
    stored[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BandModelError):
        GoodPainBand.from_bytes(bytes(stored))


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.integers(0, 100_000))
def test_a_stored_band_cut_short_is_noticed(length):
    stored = KNOWN.to_bytes()
    with pytest.raises(BandModelError):
        GoodPainBand.from_bytes(stored[: length % len(stored)])


@given(st.binary(max_size=200))
def test_other_bytes_are_not_a_stored_band(data):
    with pytest.raises(BandModelError):
        GoodPainBand.from_bytes(data)


def test_a_newer_version_says_so():
    stored = bytearray(KNOWN.to_bytes())
    struct.pack_into("<H", stored, 4, 9)
    with pytest.raises(BandModelError, match="version 9 and this program reads 1"):
        GoodPainBand.from_bytes(bytes(stored))


def test_a_sound_checksum_over_nonsense_is_noticed():
    import zlib

    for body in (zlib.compress(b"\x02\x00\x00\x00{}"), b"not zlib", zlib.compress(b"")):
        stored = struct.pack("<4sHII", b"GPBM", 1, len(body), zlib.crc32(body)) + body
        with pytest.raises(BandModelError, match="makes no sense"):
            GoodPainBand.from_bytes(stored)
