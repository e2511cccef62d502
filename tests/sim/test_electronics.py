import numpy as np
import pytest

from feedback.signal import Quality
from sim.electronics import ADC_MAX, ADC_MIN, Electronics, ElectronicsSettings
from sim.schedule import PHYSICS_HZ
from tests.sim.helpers import heard


def converted(settings: ElectronicsSettings, force_n: np.ndarray, seed: int = 1):
    electronics = Electronics(settings, seed)
    parts = []
    for start in range(0, len(force_n), 16):
        grid = np.arange(start, start + 16) / PHYSICS_HZ
        parts.append(electronics.convert(grid, force_n[start : start + 16]))
    return tuple(
        np.concatenate([getattr(p, name) for p in parts]) for name in ("time_s", "counts", "saturated")
    )


def test_noise_is_that_of_the_published_nanovolts():
    # 90 nV of 20 mV full scale over 2^23 counts.
    for rate, nanovolts in ((80, 90), (10, 50)):
        settings = ElectronicsSettings(rate_hz=rate, creep=0)
        _, counts, _ = converted(settings, np.zeros(16 * 2000))
        assert counts[10:].std() == pytest.approx(nanovolts * 1e-9 / 0.020 * 2**23, rel=0.05)


def test_counts_are_whole_and_stop_at_the_converters_limits():
    force = np.repeat([0.0, 1000.0, -1000.0], 1600)
    _, counts, saturated = converted(ElectronicsSettings(creep=0), force)

    assert counts.dtype.kind == "i"
    assert counts.max() == ADC_MAX
    assert counts.min() == ADC_MIN
    assert (saturated == ((counts == ADC_MAX) | (counts == ADC_MIN))).all()


def test_saturated_samples_are_flagged_on_the_wire():
    readings = heard("overload", 15)
    flagged = (readings.quality & Quality.SATURATED) != 0

    assert 350 < flagged.sum() < 420
    assert (flagged == (readings.counts == ADC_MAX)).all()


def test_a_cell_creeps_by_about_two_grams_in_a_quarter_of_an_hour_under_five_kilograms():
    settings = ElectronicsSettings(noise=0)
    load_n = 5 * 9.81
    _, counts, _ = converted(settings, np.full(PHYSICS_HZ * 15 * 60, load_n))
    crept_g = (counts[-1] - counts[80]) / settings.counts_per_n / 9.81 * 1000

    assert 1.5 < crept_g < 2.2


def test_conversions_keep_the_converters_own_pace():
    time_s, _, _ = converted(ElectronicsSettings(rate_error=0.16), np.zeros(1600 * 3))

    assert np.diff(time_s) == pytest.approx(1 / 92.8)
    assert len(time_s) == pytest.approx(30 * 92.8, abs=2)


def test_a_step_settles_within_four_conversions():
    force = np.concatenate((np.zeros(160), np.full(160, 10.0)))
    settings = ElectronicsSettings(noise=0, creep=0, zero_counts=0)
    time_s, counts, _ = converted(settings, force)
    after = counts[time_s >= 1.0 + 4 / 80]

    assert (after == round(10 * settings.counts_per_n)).all()
    assert 0 < counts[np.searchsorted(time_s, 1.0)] < after[0]
