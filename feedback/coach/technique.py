"""A technique as data: what a therapist can read, copy and change in a TOML file.

Every number is a setting with a unit in its name and the range in which it can be meant. A file that says anything
else is refused with its name, the key and the reason, so that a slip of the pen never becomes a pressure.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, cast

from feedback.refusal import Refusal
from feedback.toml import TomlError, parse_toml


class TechniqueKind(StrEnum):
    """What a technique is made of."""

    RELEASE = "release"
    """Ramp into the band, hold, ease, re-raise, release."""
    THRESHOLD = "threshold"
    """Raise at a constant rate until the client says "there"; again after a rest."""
    PRESSES = "presses"
    """Short presses, one after the other."""
    FREE = "free"
    """Nothing is asked; phases are only named."""


class TechniqueError(Refusal, ValueError):
    """A technique that cannot be: the sentence names the file, the key and the reason."""


def _number(default: float, low: float, high: float) -> Any:
    return field(default=default, metadata={"low": low, "high": high})


def _check_numbers(settings: Any) -> None:
    for f in fields(settings):
        value = getattr(settings, f.name)
        if f.metadata and value is not None:
            _in_range(f.name, value, f.metadata["low"], f.metadata["high"])


def _in_range(key: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise TechniqueError(f"{key}: must be from {low:g} to {high:g}, not {value:g}")


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """Sustained release. Where the figures come from: `techniques/sustained-release.toml`.

    Attributes:
        ramp_kpa_per_s: how fast pressure is raised into the band, 1 to 500.
        ramp_tolerance_share: how far from it is still good, 0.05 to 0.9.
        learn_kpa_per_s: the same while there is no band yet and the client's "there" is waited for, 1 to 200.
        aim_share: where in the band to hold when nothing better is advised: 0 its lower edge, 1 its upper one.
        hold_s: a hold's length; it lasts no longer unless the pain is easing.
        hold_min_s: no rating ends it earlier.
        hold_max_s: nor does easing make it longer; `hold_min_s` <= `hold_s` <= `hold_max_s`, 1 to 600.
        rating_drop_points: a rating this many points below the first of the hold ends it, 0 to 10; 0: not a rule.
        rating_drop_to: a rating at or below this share of the first ends it, 0 to 0.95; 0: not a rule.
        ease_to_share: ease to this share of the pressure held, 0.1 to 0.95.
        ease_s: and stay there this long, 0 to 120.
        rounds: ramp and hold this many times, 1 to 10.
    """

    ramp_kpa_per_s: float = _number(30.0, 1.0, 500.0)
    ramp_tolerance_share: float = _number(0.5, 0.05, 0.9)
    learn_kpa_per_s: float = _number(10.0, 1.0, 200.0)
    aim_share: float = _number(0.6, 0.0, 1.0)
    hold_s: float = _number(60.0, 1.0, 600.0)
    hold_min_s: float = _number(30.0, 1.0, 600.0)
    hold_max_s: float = _number(90.0, 1.0, 600.0)
    rating_drop_points: float = _number(2.0, 0.0, 10.0)
    rating_drop_to: float = _number(0.5, 0.0, 0.95)
    ease_to_share: float = _number(0.5, 0.1, 0.95)
    ease_s: float = _number(5.0, 0.0, 120.0)
    rounds: int = _number(3, 1, 10)

    def __post_init__(self) -> None:
        _check_numbers(self)
        if not self.hold_min_s <= self.hold_s:
            raise TechniqueError("hold_s: must not be shorter than hold_min_s")
        if not self.hold_s <= self.hold_max_s:
            raise TechniqueError("hold_s: must not be longer than hold_max_s")


@dataclass(frozen=True, slots=True)
class ThresholdSettings:
    """Pressure threshold measurement. Where the figures come from: `techniques/threshold-*.toml`.

    Attributes:
        rate_n_per_s: the rate, as force, 0.05 to 50; None when it is given as pressure.
        rate_kpa_per_s: the rate, as pressure, 1 to 500; None when it is given as force. One of the two is given.
        tolerance_share: how far from it is still good, 0.05 to 0.9.
        repeats: how often, 1 to 10.
        rest_s: nothing is pressed for this long between two, 0 to 600.
        drop_first: the first value does not count; needs two repeats or more.
    """

    rate_n_per_s: float | None = _number(cast(float, None), 0.05, 50.0)
    rate_kpa_per_s: float | None = _number(cast(float, None), 1.0, 500.0)
    tolerance_share: float = _number(0.3, 0.05, 0.9)
    repeats: int = _number(3, 1, 10)
    rest_s: float = _number(30.0, 0.0, 600.0)
    drop_first: bool = False

    def __post_init__(self) -> None:
        _check_numbers(self)
        if (self.rate_n_per_s is None) == (self.rate_kpa_per_s is None):
            raise TechniqueError("rate_n_per_s: give either this or rate_kpa_per_s, one of the two")
        if self.drop_first and self.repeats < 2:
            raise TechniqueError("drop_first: needs two repeats or more, or nothing is left to count")


@dataclass(frozen=True, slots=True)
class PressesSettings:
    """Repeated short presses. Where the figures come from: `techniques/short-presses.toml`.

    Attributes:
        presses: how many, 1 to 50.
        hold_s: how long each is held, 0.5 to 60.
        hold_min_s: a press let go after this long counts, 0.1 to `hold_s`.
        rest_s: between two, 0 to 120.
        ramp_kpa_per_s: how fast pressure is raised, 1 to 500; 0: the rate is left to the hand.
        ramp_tolerance_share: how far from it is still good, 0.05 to 0.9.
        aim_share: where in the band to press when nothing better is advised.
    """

    presses: int = _number(6, 1, 50)
    hold_s: float = _number(10.0, 0.5, 60.0)
    hold_min_s: float = _number(5.0, 0.1, 60.0)
    rest_s: float = _number(5.0, 0.0, 120.0)
    ramp_kpa_per_s: float = _number(0.0, 0.0, 500.0)
    ramp_tolerance_share: float = _number(0.5, 0.05, 0.9)
    aim_share: float = _number(0.6, 0.0, 1.0)

    def __post_init__(self) -> None:
        _check_numbers(self)
        if not self.hold_min_s <= self.hold_s:
            raise TechniqueError("hold_min_s: must not be longer than hold_s")


@dataclass(frozen=True, slots=True)
class FreeSettings:
    """Free pressing has nothing to set."""


Settings = ReleaseSettings | ThresholdSettings | PressesSettings | FreeSettings

SETTINGS: dict[TechniqueKind, type[Settings]] = {
    TechniqueKind.RELEASE: ReleaseSettings,
    TechniqueKind.THRESHOLD: ThresholdSettings,
    TechniqueKind.PRESSES: PressesSettings,
    TechniqueKind.FREE: FreeSettings,
}


@dataclass(frozen=True, slots=True)
class Technique:
    """One technique.

    Attributes:
        name: for the record and the command line: small letters, digits and hyphens.
        title: for people.
        kind: what it is made of.
        settings: its numbers; the class goes with the kind.
        sources: where it and its figures come from; those not verified say so.
        about: one or two sentences for people; may be empty.

    Raises:
        TechniqueError: the settings are of another kind.
    """

    name: str
    title: str
    kind: TechniqueKind
    settings: Settings
    sources: tuple[str, ...] = ()
    about: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.settings, SETTINGS[self.kind]):
            raise TechniqueError(f"settings: are not those of a technique of kind “{self.kind.value}”")


NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
KEYS = ("name", "title", "kind", "about", "sources", "settings")


def technique_from_toml(text: str, where: str) -> Technique:
    """Read a technique.

    Args:
        text: TOML; see `docs/coach.md`. Settings left out have the values of the class.
        where: what to call it in an error, usually the file's name.

    Raises:
        TechniqueError: no TOML, an unknown key, a wrong type, an impossible number; names file, key and reason.
    """
    try:
        table = parse_toml(text)
    except TomlError as error:
        raise TechniqueError(f"{where}: is not TOML: {error}") from None
    try:
        return _technique(table)
    except TechniqueError as error:
        raise TechniqueError(f"{where}: {error}") from None


def _technique(table: dict[str, object]) -> Technique:
    _known(table, KEYS, "")
    kind_word = _text(table, "kind", required=True)
    try:
        kind = TechniqueKind(kind_word)
    except ValueError:
        raise TechniqueError(
            f"kind: is one of {', '.join(k.value for k in TechniqueKind)}, not “{kind_word}”"
        ) from None
    name = _text(table, "name", required=True)
    if not NAME.fullmatch(name):
        raise TechniqueError(
            f"name: needs small letters, digits and hyphens, such as “my-release”, not “{name}”"
        )
    sources = table.get("sources", [])
    if not isinstance(sources, list) or not all(isinstance(s, str) for s in cast("list[object]", sources)):
        raise TechniqueError("sources: must be a list of texts")
    settings = table.get("settings", {})
    if not isinstance(settings, dict):
        raise TechniqueError("settings: must be a table, [settings]")
    return Technique(
        name,
        _text(table, "title", required=True),
        kind,
        _settings(SETTINGS[kind], cast("dict[str, object]", settings)),
        tuple(cast("list[str]", sources)),
        _text(table, "about"),
    )


def _settings(cls: type[Settings], table: dict[str, object]) -> Settings:
    _known(table, tuple(f.name for f in fields(cls)), "settings.")
    types = {f.name: str(f.type) for f in fields(cls)}
    values = {key: _value(key, value, types[key]) for key, value in table.items()}
    return cls(**cast("dict[str, Any]", values))


def _value(key: str, value: object, type_: str) -> object:
    """The value of a setting, of its own type; a whole number will do for a number, true and false never."""
    if type_ == "bool":
        if not isinstance(value, bool):
            raise TechniqueError(f"{key}: must be true or false, not {value!r}")
        return value
    if type_ == "int":
        if not isinstance(value, int) or isinstance(value, bool):
            raise TechniqueError(f"{key}: must be a whole number, not {value!r}")
        return value
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TechniqueError(f"{key}: must be a number, not {value!r}")
    return float(value)


def _text(table: dict[str, object], key: str, *, required: bool = False) -> str:
    if required and key not in table:
        raise TechniqueError(f"{key}: is missing")
    value = table.get(key, "")
    if not isinstance(value, str) or (required and not value.strip()):
        raise TechniqueError(f"{key}: must be a text{' that is not empty' if required else ''}")
    return value


def _known(table: dict[str, object], keys: tuple[str, ...], under: str) -> None:
    for key in table:
        if key not in keys:
            allowed = ", ".join(keys) or "none"
            raise TechniqueError(f"{under}{key}: is not known; known here: {allowed}")
