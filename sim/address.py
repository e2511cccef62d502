"""Addresses of simulated sensors: `sim://SCENARIO?option=value&…`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from urllib.parse import parse_qsl, urlsplit

from sim.client import CHARACTERS
from sim.device import DeviceSettings, VirtualSensor
from sim.electronics import RATES_HZ
from sim.faults import Faults
from sim.scenarios import DEFAULT_SEED, Scenario, scenario
from sim.twins.base import Twin, TwinOptions
from sim.twins.names import PREFIX, twin

SCHEME = "sim"


@dataclass(frozen=True, slots=True)
class Options:
    """What may stand behind the `?`, besides the faults of `sim.faults.Faults`.

    Attributes:
        seed: everything that happens by chance follows from it.
        speed: simulated seconds per second of the wall clock.
        dialect: `binary` or `text`.
        rate: 10 or 80 samples a second, nominal.
        batch: samples in a BATCH frame, at 80 samples a second; 0 for SAMPLE frames.
        noise: factor on the electronics' noise; 0 for none.
        creep: factor on the load cell's creep and warm-up; 0 for none.
        client: the client's character; the hand's plan follows the client's hidden thresholds.
        tip: contact area of the applicator in cm²; the client's thresholds and the hand's forces follow it.
        hand: `plan` (presses as planned) or `steered` (waits off the skin for `Hand.aim`).
    """

    seed: int = DEFAULT_SEED
    speed: float = 1.0
    dialect: str = "binary"
    rate: int = 80
    batch: int = 0
    noise: float = 1.0
    creep: float = 1.0
    client: str = "default"
    tip: float = 1.0
    hand: str = "plan"

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError("seed must be 0 or more")
        if not 0 < self.speed <= 1000:
            raise ValueError("speed must be above 0 and at most 1000")
        if self.rate not in RATES_HZ:
            raise ValueError(f"rate is 10 or 80, not {self.rate}")
        if self.batch > 1 and self.rate == 10:
            raise ValueError("batch needs rate=80: the step of a BATCH frame is at most 65 ms")
        for name in ("noise", "creep"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be 0 or more")
        if self.client not in CHARACTERS:
            raise ValueError(f"client is one of {', '.join(CHARACTERS)}, not “{self.client}”")
        if self.hand not in ("plan", "steered"):
            raise ValueError(f"hand is plan or steered, not “{self.hand}”")


def _names(of: type) -> dict[str, str]:
    return {f.name: str(f.type) for f in fields(of)}


OPTION_NAMES = tuple(_names(Options)) + tuple(_names(Faults))
"""Every option an address may carry."""
TWIN_OPTION_NAMES = ("seed", "speed", "unplug_at", "replug_at", *_names(TwinOptions))
"""Every option that the address of a twin may carry."""


def _value(name: str, text: str, kind: str) -> object:
    try:
        if kind == "int":
            return int(text)
        if kind == "str":
            return text
        number = float(text)
    except ValueError:
        raise ValueError(f"“{name}={text}”: {name} must be a number") from None
    if not math.isfinite(number):
        raise ValueError(f"“{name}={text}”: {name} must be a finite number")
    return number


@dataclass(frozen=True, slots=True)
class Address:
    """A simulated sensor: a scenario (or a twin of somebody else's device), options, faults."""

    name: str
    options: Options = field(default_factory=Options)
    faults: Faults = field(default_factory=Faults)
    twin: TwinOptions = field(default_factory=TwinOptions)

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read `sim://SCENARIO?option=value&…`, or the same without `sim://`.

        Raises:
            ValueError: unknown scenario or option, or a value that cannot be; the message lists what there is.
        """
        parts = urlsplit(url if "://" in url else f"{SCHEME}://{url}")
        if parts.scheme.lower() != SCHEME:
            raise ValueError(f"“{url}” is not a simulated sensor: its address starts with sim://")
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        address = cls.of(parts.netloc + parts.path.rstrip("/"), dict(pairs))
        if address.is_twin:
            address.sensor()
        else:
            address.scenario()
        return address

    @classmethod
    def of(cls, name: str, values: Mapping[str, str]) -> Address:
        """An address from a scenario's name and options as text.

        Raises:
            ValueError: unknown option, or a value that cannot be.
        """
        option_kinds, fault_kinds, twin_kinds = _names(Options), _names(Faults), _names(TwinOptions)
        options: dict[str, object] = {}
        faults: dict[str, object] = {}
        of_twin: dict[str, object] = {}
        if name.startswith(PREFIX):
            for key in values:
                if key not in TWIN_OPTION_NAMES:
                    raise ValueError(
                        f"“{key}” is not an option of a twin: there are {', '.join(TWIN_OPTION_NAMES)}"
                    )
        else:
            twin_kinds = {}
        for key, text in values.items():
            if key in twin_kinds:
                of_twin[key] = _value(key, text, twin_kinds[key])
            elif key in option_kinds:
                options[key] = _value(key, text, option_kinds[key])
            elif key in fault_kinds:
                faults[key] = _value(key, text, fault_kinds[key])
            else:
                raise ValueError(
                    f"“{key}” is not an option of a simulated sensor: there are {', '.join(OPTION_NAMES)}"
                )
        return cls(name, Options(**options), Faults(**faults), TwinOptions(**of_twin))  # type: ignore[arg-type]

    @property
    def is_twin(self) -> bool:
        """Whether it names a twin of somebody else's device, not a scenario."""
        return self.name.startswith(PREFIX)

    @property
    def is_steered(self) -> bool:
        """Whether a hand presses that waits to be steered."""
        return not self.is_twin and self.options.hand == "steered" and self.scenario().tissue is not None

    def scenario(self) -> Scenario:
        """The scenario it names.

        Raises:
            ValueError: there is none of that name.
        """
        return scenario(
            self.name, self.options.seed, character=self.options.client, tip_area_cm2=self.options.tip
        )

    def sensor(self) -> VirtualSensor | Twin:
        """A new device for it, just plugged in.

        Raises:
            ValueError: there is no scenario or twin of that name.
        """
        if self.is_twin:
            return twin(self.name, self.twin, self.options.seed)
        found, o = self.scenario(), self.options
        settings = DeviceSettings(o.dialect, o.batch, f"SIM-{self.name}-{o.seed}", round(found.skew_ppm, 3))
        pressing = found.pressing(steered=o.hand == "steered")
        electronics = found.electronics(rate_hz=o.rate, noise=o.noise, creep=o.creep)
        return VirtualSensor(pressing, electronics, settings, self.faults, o.seed)
