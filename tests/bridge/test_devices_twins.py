"""Twins with mishaps in the middle: what is recorded is never a wrong newton."""

from __future__ import annotations

import numpy as np
import pytest

from feedback.signal import NOT_A_FORCE, ForceBlock, Notice
from firmware_bridge import open_sensor
from sim.address import Address
from sim.twins.names import TWIN_NAMES

SPEED = 6
MISHAPS = "unit_at=3.5&overload_at=4&overload_for=0.5"


def heard(url: str, dialect: str | None, seconds: float) -> tuple[list[float], list[str], str | None]:
    """Newtons of the samples that may be used, what was told, and the dialect."""
    newtons: list[float] = []
    told: list[str] = []
    with open_sensor(f"{url}&speed={SPEED}", dialect=dialect) as sensor:
        end_s = sensor.now_s() + seconds
        while sensor.now_s() < end_s:
            sensor.wait(0.05)
            for item in sensor.take():
                if isinstance(item, ForceBlock):
                    newtons += item.force_n[(item.quality & np.uint8(NOT_A_FORCE)) == 0].tolist()
                elif isinstance(item, Notice):
                    told.append(item.text)
        return newtons, told, sensor.info.dialect


@pytest.mark.parametrize(
    ("address", "dialect"),
    [
        (f"twin-mark-10?{MISHAPS}&then_unit=N", "mark-10"),
        (f"twin-imada?{MISHAPS}&then_unit=kg&unit=N", "imada"),
        (f"twin-wagner-fdx?{MISHAPS}&then_unit=kg", "wagner-fdx"),
        (f"twin-sauter-fh?{MISHAPS}&garbage_at=2.5", "sauter-fh"),
        (f"twin-mark-10?{MISHAPS}&then_unit=N&streaming=1&garbage_at=3.2", None),
        (f"twin-lutron?{MISHAPS}&then_unit=kg&garbage_at=2", None),
        (f"twin-openscale?{MISHAPS}&then_unit=kg&menu_at=0.7", None),
        (f"twin-serial-plotter?{MISHAPS}&then_unit=kg&garbage_at=3.3", None),
        ("twin-hx711-sparkfun?unit_at=3.5&then_unit=kg&garbage_at=3.3", None),
    ],
)
def test_overload_menu_garbage_and_another_unit_in_the_middle_give_no_wrong_newton(
    address: str, dialect: str | None
) -> None:
    newtons, _, spoken = heard(f"sim://{address}", dialect, 7.0)
    assert spoken == address.split("?")[0].removeprefix("twin-")
    # Pounds read as newtons would be 4.4 times off, kilograms 9.8 times; a kilogram's last digit here is 0.1 kg.
    assert max(newtons) == pytest.approx(20.0, abs=0.6)
    assert min(newtons) == pytest.approx(0.0, abs=0.1)
    assert sum(19.0 < force < 21.0 for force in newtons) >= 6


def test_an_overloaded_gauge_is_told_and_not_silently_missing() -> None:
    _, told, _ = heard("sim://twin-wagner-fdx?overload_at=3.5&overload_for=1.5", "wagner-fdx", 6.0)
    assert sum("overloaded" in text for text in told) == 1


def test_tindeqs_packets_are_placed_by_its_own_clock() -> None:
    with open_sensor(f"sim://twin-tindeq?speed={SPEED}", dialect="tindeq") as sensor:
        end_s = sensor.now_s() + 4.0
        blocks: list[ForceBlock] = []
        while sensor.now_s() < end_s:
            sensor.wait(0.05)
            blocks += [item for item in sensor.take() if isinstance(item, ForceBlock)]
        assert sensor.info.clock == "device"
    t_us = np.concatenate([block.t_us for block in blocks])
    assert np.diff(t_us).tolist() == [12_500] * (len(t_us) - 1)
    assert max(float(block.force_n.max()) for block in blocks) == pytest.approx(20.0, abs=0.01)


@pytest.mark.parametrize("name", TWIN_NAMES)
def test_a_twin_says_the_same_however_often_it_is_asked(name: str) -> None:
    whole, pieces = Address.parse(name).sensor(), Address.parse(name).sensor()
    assert whole.advance(7.0) == b"".join(pieces.advance(0.07 * i) for i in range(1, 101))


@pytest.mark.parametrize(
    "address", ["twin-morse", "twin-imada?drop=0.1", "twin-imada?unit=stone", "twin-imada?force=-1"]
)
def test_a_twin_that_cannot_be_is_a_sentence(address: str) -> None:
    with pytest.raises(ValueError, match=r"twin|unit|force"):
        Address.parse(address)
