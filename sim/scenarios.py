"""Named scenarios: who is pressed where, by which hand, through which sensor."""

from __future__ import annotations

from dataclasses import dataclass

from sim.electronics import Electronics, ElectronicsSettings
from sim.schedule import ForceSchedule, Pressing, ramps, steps

_TEST_SCHEDULES: dict[str, tuple[str, ForceSchedule]] = {
    "bench": ("masses put on and off: 0, 20 and 40 N, five seconds each", steps((0.0, 20.0, 40.0), 5.0)),
    "ramp": ("ramps of 5 N/s to 40 N and back", ramps(5.0, 40.0, rest_s=1.0, hold_s=2.0)),
    "quiet": ("nothing presses", ForceSchedule(((0.0, 0.0), (60.0, 0.0)))),
    "overload": ("a load beyond the converter's limit every 20 s", steps((0.0, 30.0, 500.0, 30.0), 5.0)),
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario with one seed."""

    name: str
    about: str
    seed: int
    tip_area_cm2: float = 1.0
    counts_per_n: float = 20000.0
    zero_counts: float = 50000.0
    rate_error: float = 0.0
    skew_ppm: float = 0.0
    ideal: bool = True

    def pressing(self, *, steered: bool = False) -> Pressing:
        """What presses, from time 0."""
        return _TEST_SCHEDULES[self.name][1]

    def electronics(self, *, rate_hz: int = 80, noise: float = 1.0, creep: float = 1.0) -> Electronics:
        """The load cell and its converter, from time 0."""
        settings = ElectronicsSettings(
            self.counts_per_n,
            self.zero_counts,
            rate_hz,
            self.rate_error,
            noise,
            0.0 if self.ideal else creep * 4e-4,
        )
        return Electronics(settings, self.seed)


def scenario(name: str, seed: int = 1, *, character: str = "default") -> Scenario:
    """The scenario of that name.

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    if name in _TEST_SCHEDULES:
        return Scenario(name, _TEST_SCHEDULES[name][0], seed)
    raise ValueError(f"there is no scenario “{name}”: use one of {', '.join(_TEST_SCHEDULES)}")
