"""What the user wants of a session, read from options and settings."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.band import Band
from feedback.points import UNSPECIFIED, Point, parse_point
from feedback.refusal import Refusal

if TYPE_CHECKING:
    from feedback.units import PressureUnit
    from tui.settings import Settings

UNNAMED_CLIENT = "unnamed"
"""The client code of sessions recorded without one."""


class WantedError(Refusal):
    """An option that makes no sense; the message says which and what it may be."""


@dataclass(frozen=True, slots=True)
class SensorWanted:
    """How to reach the sensor: `url`, `dialect` (None: recognise), `baud`, a calibration file, a file for the bytes."""

    url: str
    dialect: str | None = None
    baud: int = 115200
    calibration: Path | None = None
    raw: Path | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is pressed where, with what and how; `band` and `ceiling_kpa` only when given, else those remembered.

    Attributes:
        client_code: a code, never a name.
        point: muscle, side, label.
        applicator: probe, thumb, finger, knuckle or elbow.
        tip_area_cm2: its contact area, > 0.
        band: set by hand.
        ceiling_kpa: never above it.
        technique: name of the one that is coached; empty for none.
        therapist: code of whoever gives the treatment; may be empty.
        cautions: names of the caution sites at the point for which somebody said that care is taken.
    """

    client_code: str
    point: Point
    applicator: str
    tip_area_cm2: float
    band: Band | None = None
    ceiling_kpa: float | None = None
    technique: str = ""
    therapist: str = ""
    cautions: tuple[str, ...] = ()


def visit_from(
    settings: Settings,
    *,
    client: str | None,
    point: str | None,
    applicator: str | None,
    area_cm2: float | None,
    band: str | None,
    ceiling: float | None,
) -> Visit:
    """Make a visit of options; what is not given comes from the settings.

    Raises:
        WantedError: an applicator, area, band or ceiling that cannot be.
        PointError: an unknown muscle.
        BandError: a band upside down.
    """
    chosen = applicator or settings.applicator
    if chosen not in settings.areas_cm2:
        raise WantedError(
            f"“{chosen}” is not an applicator that is known: use one of {', '.join(settings.areas_cm2)}, or give "
            "yours an area in the settings"
        )
    area = settings.areas_cm2[chosen] if area_cm2 is None else area_cm2
    if not (math.isfinite(area) and 0 < area <= 100):
        raise WantedError(f"a tip area of {area:g} cm² cannot be: give a number between 0 and 100")
    ceiling_kpa = None
    if ceiling is not None:
        ceiling_kpa = settings.unit.to_kpa(ceiling)
        if not 0 < ceiling_kpa < math.inf:
            raise WantedError(
                f"a ceiling of {ceiling:g} cannot be: give a pressure above 0 in {settings.unit.label}"
            )
    return Visit(
        client_code=client or UNNAMED_CLIENT,
        point=parse_point(point) if point else Point(UNSPECIFIED),
        applicator=chosen,
        tip_area_cm2=area,
        band=parse_band(band, settings.unit) if band else None,
        ceiling_kpa=ceiling_kpa,
        technique=settings.technique,
        therapist=settings.therapist,
    )


def number_of(text: str) -> float:
    """A number as people write it, with a point or a comma.

    Raises:
        ValueError: it is none.
    """
    return float(text.strip().replace(",", "."))


def looks_like_a_name(code: str) -> bool:
    """Two or more capitalised words of letters: “Anna Schmidt”, “Anna-Maria S.”."""
    words = code.split()
    return (
        len(words) >= 2
        and all(re.fullmatch(r"[^\W\d_][\w'’.-]*", w) and w[0].isupper() for w in words[:2])
        and any(any(letter.islower() for letter in word) for word in words[:2])
    )


def ceiling_of(text: str, unit: PressureUnit) -> float:
    """A ceiling as people write it in their unit; kPa.

    Raises:
        WantedError: no pressure above 0.
    """
    try:
        ceiling_kpa = unit.to_kpa(number_of(text))
    except ValueError:
        ceiling_kpa = 0.0
    if not 0 < ceiling_kpa < math.inf:
        raise WantedError(f"“{text.strip()}” is not a ceiling: give a pressure above 0 in {unit.label}")
    return ceiling_kpa


def parse_band(text: str, unit: PressureUnit) -> Band:
    """Read a band as people write it: `2.0-3.0`, `2,0 – 3,0`, `2 to 3`, in the unit that is set.

    Raises:
        WantedError: not two numbers.
        BandError: upside down or not above 0.
    """
    numbers = re.fullmatch(r"\s*(\d+(?:[.,]\d+)?)\s*(?:-|–|to|\.\.|\s)\s*(\d+(?:[.,]\d+)?)\s*", text)
    if not numbers:
        raise WantedError(f"“{text}” is not a band: write two pressures in {unit.label}, for example 2.0-3.0")
    lower, upper = (number_of(number) for number in numbers.groups())
    if lower >= upper:
        raise WantedError(
            f"the band is upside down: its lower edge ({lower:g} {unit.label}) must be below its upper edge "
            f"({upper:g} {unit.label})"
        )
    return Band(unit.to_kpa(lower), unit.to_kpa(upper))
