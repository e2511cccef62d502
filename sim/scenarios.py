"""Named scenarios: who is pressed where, by which hand, through which sensor.

The tissue and hand constants are assumptions (`sim.tissue`, `sim.hand`); the medians of the lower threshold are 225 kPa
at a trigger point, more at the calf (2.6 kg/cm², Wilke, PMC6358529), less at the trapezius (the lowest of the body's
pressure pain maps, BMC Musculoskelet Disord 2010, 11:234), and for the gluteus more, which is assumed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sim.client import MEDIAN_LO_KPA, SimulatedClient, Traits, draw_traits
from sim.electronics import Electronics, ElectronicsSettings
from sim.hand import STEP_S, Hand, HandSettings, PlannedPress, Stage
from sim.schedule import ForceSchedule, Pressing, ramps, steps
from sim.seeds import stream
from sim.tissue import Tissue, TissueSettings


@dataclass(frozen=True, slots=True)
class Site:
    """A place on a body: the point's words, its tissue, and the usual lower threshold under 1 cm²."""

    muscle: str
    side: str
    about: str
    tissue: TissueSettings
    median_lo_kpa: float


SITES = {
    "upper-trapezius": Site(
        "upper trapezius", "left", "a trigger point on the shoulder's ridge", TissueSettings(1.2, 0.26), 200.0
    ),
    "infraspinatus": Site(
        "infraspinatus",
        "right",
        "thin muscle over the shoulder blade",
        TissueSettings(1.6, 0.36),
        MEDIAN_LO_KPA,
    ),
    "gluteus-medius": Site(
        "gluteus medius",
        "left",
        "deep and soft: the hand goes far in",
        TissueSettings(1.8, 0.13, ((0.15, 2.0), (0.17, 30.0))),
        290.0,
    ),
    "gastrocnemius": Site("gastrocnemius", "right", "the calf", TissueSettings(1.3, 0.22), 255.0),
    "forearm-extensors": Site(
        "forearm extensors", "right", "thin and firm: pressure comes fast", TissueSettings(1.0, 0.42), 210.0
    ),
}

_KG_N = 9.80665


def _kitchen_masses() -> ForceSchedule:
    """One press for the diagnosis, 0, 1, 2, 1 and 0 kg for eight seconds each, then 2 kg for 75 s."""
    corners: list[tuple[float, float]] = [(0.0, 0.0), (3.0, 0.0), (4.0, 25.0), (5.0, 25.0), (6.0, 0.0)]
    at_s = 12.0
    for mass_kg, seconds in ((0, 8.0), (1, 8.0), (2, 8.0), (1, 8.0), (0, 8.0), (2, 75.0), (0, 5.0)):
        corners += [(at_s + 0.3, mass_kg * _KG_N), (at_s + seconds, mass_kg * _KG_N)]
        at_s += seconds
    return ForceSchedule(tuple(corners))


_SCHEDULES: dict[str, tuple[str, ForceSchedule]] = {
    "bench": ("masses put on and off: 0, 20 and 40 N, five seconds each", steps((0.0, 20.0, 40.0), 5.0)),
    "ramp": ("ramps of 5 N/s to 40 N and back", ramps(5.0, 40.0, rest_s=1.0, hold_s=2.0)),
    "quiet": ("nothing presses", ForceSchedule(((0.0, 0.0), (60.0, 0.0)))),
    "masses": (
        "a calibration: kitchen masses up and down, 0, 1, 2, 1, 0 kg, then 2 kg to creep",
        _kitchen_masses(),
    ),
    "overload": ("a load beyond the converter's limit, between 30 N", steps((0.0, 30.0, 500.0, 30.0), 5.0)),
}

SCENARIO_NAMES = (*SITES, *_SCHEDULES)
DEFAULT_SCENARIO = "upper-trapezius"
DEFAULT_SEED = 2
"""With this seed the first client of the default scenario is an ordinary one: 197 to 318 kPa."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario with one seed; what it makes is new each time and always the same.

    Attributes:
        name: as in an address.
        about: one line for people.
        seed: all chance follows from it.
        muscle: of the point; empty on the bench.
        side: of the point; empty on the bench.
        traits: what is hidden in the client.
        schedule: the known force, where no hand presses.
        tissue: under the tip, where a hand presses.
        hand: whose hand.
        tip_area_cm2: the applicator's contact area.
        counts_per_n: of the sensor; its META says the same.
        zero_counts: of the sensor; its META says the same.
        rate_error: of the converter's oscillator, a fraction.
        skew_ppm: of the device's clock.
        creep: of the load cell, fraction of the load.
        warm_up_n: shift of the zero while the sensor warms up.
    """

    name: str
    about: str
    seed: int
    traits: Traits
    muscle: str = ""
    side: str = ""
    schedule: ForceSchedule | None = None
    tissue: TissueSettings | None = None
    hand: HandSettings = field(default_factory=HandSettings)
    tip_area_cm2: float = 1.0
    counts_per_n: float = 20000.0
    zero_counts: float = 50000.0
    rate_error: float = 0.0
    skew_ppm: float = 0.0
    creep: float = 0.0
    warm_up_n: float = 0.0

    def client(self) -> SimulatedClient:
        """The client, rested."""
        return SimulatedClient(self.traits, self.seed)

    def plan(self) -> Iterator[PlannedPress]:
        """What the hand does, without end."""
        return story(self.traits, self.tip_area_cm2, self.seed)

    def pressing(self, *, steered: bool = False) -> Pressing:
        """What presses, from time 0; a `sim.hand.Hand` at the sites."""
        if self.tissue is None:
            return self.schedule or _SCHEDULES["quiet"][1]
        return Hand(self.hand, Tissue(self.tissue, STEP_S), self.plan(), self.seed, steered=steered)

    def electronics(self, *, rate_hz: int = 80, noise: float = 1.0, creep: float = 1.0) -> Electronics:
        """The load cell and its converter, from time 0; `noise` and `creep` (with the warm-up) are factors."""
        settings = ElectronicsSettings(
            self.counts_per_n,
            self.zero_counts,
            rate_hz,
            self.rate_error,
            noise,
            creep * self.creep,
            warm_up_n=creep * self.warm_up_n,
        )
        return Electronics(settings, self.seed)


def story(traits: Traits, tip_area_cm2: float, seed: int) -> Iterator[PlannedPress]:
    """Three presses a little over a minute long, again and again with variation.

    The first comes up slowly into the good band and stays; the second goes too far and eases off into the band; the
    third is a long good hold.
    """
    chance = stream(seed, "hand", "plan")
    ratio = traits.t_hi_kpa / traits.t_lo_kpa

    def newtons(share: float) -> float:
        """A force at this share of the band: 0 is its lower edge, 1 its upper."""
        return traits.t_lo_kpa * ratio**share * tip_area_cm2 / 10.0

    def press(pause_s: float, *parts: tuple[float, float, float]) -> PlannedPress:
        vary = [1.0, 1.0, 1.0] if first else [float(v) for v in chance.uniform(0.85, 1.18, 3)]
        before_n, stages = 0.0, []
        for target_n, ramp_s, hold_s in parts:
            rate = abs(target_n - before_n) / (ramp_s * vary[0])
            stages.append(Stage(target_n, max(rate, 0.5), hold_s * vary[1]))
            before_n = target_n
        return PlannedPress(tuple(stages), pause_s * vary[2], release_n_per_s=max(40.0, 2.0 * before_n))

    first = True
    while True:
        share = 0.55 if first else float(chance.uniform(0.4, 0.65))
        yield press(0.3 if first else 4.0, (newtons(share), 6.5, 9.0))
        yield press(3.5, (newtons(1.0) * 1.24, 4.5, 1.2), (newtons(0.5), 1.2, 8.0))
        yield press(3.5, (newtons(0.6), 4.0, 15.0))
        first = False


def scenario(
    name: str = DEFAULT_SCENARIO,
    seed: int = DEFAULT_SEED,
    *,
    character: str = "default",
    tip_area_cm2: float = 1.0,
) -> Scenario:
    """The scenario of that name.

    Args:
        name: one of `SCENARIO_NAMES`.
        seed: 0 or more.
        character: one of `sim.client.CHARACTERS`.
        tip_area_cm2: of the applicator, 0.1 to 20: a larger one needs less pressure and more force.

    Raises:
        ValueError: no such scenario or character, or an impossible tip; the message lists what there is.
    """
    if not 0.1 <= tip_area_cm2 <= 20:
        raise ValueError(f"a tip of {tip_area_cm2:g} cm² is not one to press with: 0.1 to 20 cm²")
    if name in _SCHEDULES:
        about, schedule = _SCHEDULES[name]
        traits = draw_traits(seed, tip_area_cm2=tip_area_cm2, character=character)
        return Scenario(name, about, seed, traits, schedule=schedule, tip_area_cm2=tip_area_cm2)
    if name not in SITES:
        raise ValueError(f"there is no scenario “{name}”: use one of {', '.join(SCENARIO_NAMES)}")
    site = SITES[name]
    traits = draw_traits(
        seed, point=name, median_lo_kpa=site.median_lo_kpa, tip_area_cm2=tip_area_cm2, character=character
    )
    chance = stream(seed, "sensor")
    return Scenario(
        name,
        site.about,
        seed,
        traits,
        site.muscle,
        site.side,
        # A flat tip needs force in proportion to its radius for the same depth (Boussinesq).
        tissue=replace(site.tissue, scale_n=site.tissue.scale_n * math.sqrt(tip_area_cm2)),
        hand=HandSettings(
            stiffness_n_per_mm=float(chance.uniform(3.0, 5.0)), tremor_hz=float(chance.uniform(8.7, 11.3))
        ),
        tip_area_cm2=tip_area_cm2,
        counts_per_n=round(float(chance.normal(21400.0, 400.0))),
        zero_counts=round(float(chance.normal(0.0, 60000.0))),
        # A published HX711 ran at 92.8 instead of 80, another at 10.36 instead of 10.
        rate_error=float(chance.uniform(-0.02, 0.16)),
        # An Arduino Nano's resonator was measured 3100 ppm fast; they are sold as ±5000.
        skew_ppm=float(chance.uniform(-3500.0, 3500.0)),
        creep=4e-4,
        warm_up_n=float(chance.normal(0.0, 0.02)),
    )
