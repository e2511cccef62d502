"""What a user may set once and for all, in a TOML file."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from feedback.refusal import Refusal
from feedback.session import DEFAULT_CEILING_KPA
from feedback.small_file import read_small
from feedback.toml import TomlError, parse_toml
from feedback.units import KG_PER_CM2, PressureUnit, pressure_unit

GLYPHS = ("braille", "blocks", "ascii")
DEFAULT_AREAS_CM2 = {"probe": 1.0, "thumb": 2.5, "finger": 1.5, "knuckle": 2.0, "elbow": 5.0}
"""Contact areas to start from. The probe's is that of the usual algometer tip; those of body parts differ from hand to
hand and are assumptions: measure an ink print and set your own."""

DEFAULT_TECHNIQUE = "sustained-release"

DEFAULT_PRACTISE_CEILING_KPA = 1300.0
"""For foam on a table, where nobody is hurt: every drill that comes along fits below it. No ceiling for a body."""


class SettingsError(Refusal):
    """The settings file cannot be used; the message names the file, the key and what it may be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set.

    Attributes:
        unit: pressure unit on screen and in plain lines.
        glyphs: `braille`, `blocks` or `ascii`, for the chart.
        theme: name of a theme, or empty for the dark one of our own.
        ceiling_kpa: for points that have none of their own yet.
        applicator: the one offered first.
        areas_cm2: contact area of each applicator.
        calibration_days: a sensor's calibration older than so many days is warned about.
        technique: name of the technique that is coached unless another is chosen; empty for none.
        therapist: code of whoever gives the treatment, offered in the form; may be empty.
        sound: False: only the alarm is heard.
        volume: of the tones, above 0 to 1; the alarm has a least volume of its own.
        practise_ceiling_kpa: in drills on foam; nothing that is pressed on a person.
        sensor: address of the sensor that practice uses unless another is given; empty for the simulated one.
        keys: binding id to keys, for example `{"rating-5": "f5"}`; a pedal or a clicker sends keys too.
        retention_years: clients for whom nothing was entered for so long are named; see `feedback.history.retention`.
        path: of the file they were read from, which need not exist; None when they came from nowhere.
    """

    unit: PressureUnit = KG_PER_CM2
    glyphs: str = "braille"
    theme: str = ""
    ceiling_kpa: float = DEFAULT_CEILING_KPA
    applicator: str = "probe"
    areas_cm2: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_AREAS_CM2))
    keys: dict[str, str] = field(default_factory=dict)
    calibration_days: float = 180.0
    technique: str = DEFAULT_TECHNIQUE
    therapist: str = ""
    sound: bool = True
    volume: float = 0.5
    retention_years: float = 10.0
    practise_ceiling_kpa: float = DEFAULT_PRACTISE_CEILING_KPA
    sensor: str = ""
    path: Path | None = field(default=None, compare=False)


def data_folder(given: Path | None) -> Path:
    """The folder of the record: as given, else `GOODPAIN_DATA`, else the platform's data folder."""
    if given:
        return given
    if from_environment := os.environ.get("GOODPAIN_DATA"):
        return Path(from_environment)
    from platformdirs import user_data_path

    return user_data_path("goodpain", appauthor=False)


def settings_path(data: Path) -> Path:
    """Where the settings are read from: `GOODPAIN_CONFIG`, else `config.toml` beside the record or in the user's own.

    The file need not exist.
    """
    if from_environment := os.environ.get("GOODPAIN_CONFIG"):
        return Path(from_environment)
    beside = data / "config.toml"
    if beside.exists():
        return beside
    from platformdirs import user_config_path

    return user_config_path("goodpain", appauthor=False) / "config.toml"


def load_settings(path: Path) -> Settings:
    """Read the settings; a missing file means the defaults.

    Raises:
        SettingsError: the file cannot be read, or a value cannot be used.
    """
    try:
        text = read_small(path)
    except FileNotFoundError:
        return Settings(path=path)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the settings in {path} cannot be read ({error}): mend or remove the file"
        ) from error
    try:
        values = parse_toml(text)
    except TomlError as error:
        raise SettingsError(f"the settings in {path} are not valid TOML: {error}") from error
    return _Reader(path, values).settings()


class _Reader:
    def __init__(self, path: Path, values: dict[str, Any]) -> None:
        self._path = path
        self._values = values

    def settings(self) -> Settings:
        known = {
            "unit", "glyphs", "theme", "ceiling", "applicator", "areas_cm2", "keys", "calibration_days",
            "technique", "therapist", "sound", "volume", "retention_years", "practise_ceiling", "sensor",
        }  # fmt: skip
        if unknown := sorted(set(self._values) - known):
            raise self._wrong(unknown[0], f"is not a setting; there are {', '.join(sorted(known))}")
        unit = self._unit()
        areas = dict(DEFAULT_AREAS_CM2)
        for name, area in self._table("areas_cm2").items():
            areas[name] = self._positive(f"areas_cm2.{name}", area)
        applicator = self._text("applicator", "probe")
        if applicator not in areas:
            raise self._wrong("applicator", f"must be one of {', '.join(areas)}")
        glyphs = self._text("glyphs", "braille")
        if glyphs not in GLYPHS:
            raise self._wrong("glyphs", f"must be one of {', '.join(GLYPHS)}")
        ceiling, on_foam = self._values.get("ceiling"), self._values.get("practise_ceiling")
        return Settings(
            path=self._path,
            unit=unit,
            glyphs=glyphs,
            theme=self._text("theme", ""),
            ceiling_kpa=DEFAULT_CEILING_KPA if ceiling is None else self._ceiling("ceiling", ceiling, unit),
            applicator=applicator,
            areas_cm2=areas,
            keys=self._keys(),
            calibration_days=self._positive("calibration_days", self._values.get("calibration_days", 180.0)),
            retention_years=self._positive("retention_years", self._values.get("retention_years", 10.0)),
            sound=self._yes_or_no("sound", True),
            volume=self._share("volume", 0.5),
            technique=self._text("technique", DEFAULT_TECHNIQUE),
            therapist=self._text("therapist", ""),
            practise_ceiling_kpa=DEFAULT_PRACTISE_CEILING_KPA
            if on_foam is None
            else self._ceiling("practise_ceiling", on_foam, unit),
            sensor=self._text("sensor", ""),
        )

    def _unit(self) -> PressureUnit:
        try:
            return pressure_unit(self._text("unit", KG_PER_CM2.key))
        except ValueError as error:
            raise self._wrong("unit", str(error)) from error

    def _keys(self) -> dict[str, str]:
        keys = self._table("keys")
        for name, key in keys.items():
            if not isinstance(key, str) or not key:
                raise self._wrong(f"keys.{name}", 'must name a key, for example "f5" or "pageup"')
        return dict(keys)

    def _text(self, key: str, default: str) -> str:
        value = self._values.get(key, default)
        if not isinstance(value, str):
            raise self._wrong(key, "must be text in quotes")
        return value

    def _yes_or_no(self, key: str, default: bool) -> bool:
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key, "must be true or false")
        return value

    def _share(self, key: str, default: float) -> float:
        value = self._values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            raise self._wrong(key, "must be a number above 0 and up to 1")
        return float(value)

    def _table(self, key: str) -> dict[str, Any]:
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, "must be a table")
        return value

    def _positive(self, key: str, value: object) -> float:
        good = (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and value > 0
        )
        if not good:
            raise self._wrong(key, "must be a number above 0")
        return float(value)  # type: ignore[arg-type]

    def _ceiling(self, key: str, value: object, unit: PressureUnit) -> float:
        kpa = unit.to_kpa(self._positive(key, value))
        if not math.isfinite(kpa):
            raise self._wrong(key, "must be a pressure that there is")
        return kpa

    def _wrong(self, key: str, why: str) -> SettingsError:
        return SettingsError(f"in the settings {self._path}: {key} {why}")
