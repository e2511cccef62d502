"""Steering the hand behind an address: `sim://SCENARIO?hand=steered`.

    hand = Steering("sim://upper-trapezius?hand=steered")
    hand.aim(20.0)              # before or after a program has opened the port of that address
    hand.aim_kpa(250.0, 30.0)   # at 30 kPa/s
    hand.aim(0.0)               # let go

The device computes a tenth of a second ahead, so the hand answers within that time. The bus remembers the device, so
that whoever opens the same address afterwards meets the same hand; `Bus.forget` takes it off again.
"""

from __future__ import annotations

from feedback.units import pressure_kpa_of
from sim.bus import BUS, Bus
from sim.hand import Hand


class Steering:
    """Steers the simulated hand of one address of this process, from any thread.

    Args:
        url: with a place on the body for a scenario, and the option `hand=steered`.
        bus: where the device is plugged in.

    Raises:
        ValueError: the address cannot be, or nothing behind it can be steered; one sentence.
    """

    def __init__(self, url: str, bus: Bus = BUS) -> None:
        self._slot = bus.steered(url)
        hand = self._slot.sensor.pressing
        assert isinstance(hand, Hand)
        self._hand = hand

    @property
    def tip_area_cm2(self) -> float:
        """The contact area of its applicator."""
        return self._slot.address.options.tip

    @property
    def aimed_n(self) -> float | None:
        """The force it is steered to, in newtons; None while it follows the plan of its scenario."""
        return self._hand.aimed_n

    @property
    def force_n(self) -> float:
        """The force it makes now, in newtons, without the sensor's errors."""
        return self._hand.made_n

    @property
    def pressure_kpa(self) -> float:
        """The pressure it makes now, under the address's tip."""
        return pressure_kpa_of(self._hand.made_n, self.tip_area_cm2)

    @property
    def arrived(self) -> bool:
        """It has reached what it is steered to."""
        with self._slot.lock:
            return self._hand.arrived

    def aim(self, target_n: float | None, rate_n_per_s: float | None = None) -> None:
        """Press with this force from now on; see `Hand.aim`.

        Args:
            target_n: newtons, 0 or more; 0 lets go, None goes back to the plan of the scenario.
            rate_n_per_s: how fast it goes there, above 0; None for a hand's usual rate.

        Raises:
            ValueError: a force or rate that cannot be.
        """
        with self._slot.lock:
            self._hand.aim(target_n, rate_n_per_s)

    def aim_kpa(self, target_kpa: float | None, rate_kpa_per_s: float | None = None) -> None:
        """The same as a pressure under the address's tip, in kPa and kPa/s."""
        per_kpa = 1.0 / pressure_kpa_of(1.0, self.tip_area_cm2)
        self.aim(
            None if target_kpa is None else target_kpa * per_kpa,
            None if rate_kpa_per_s is None else rate_kpa_per_s * per_kpa,
        )
