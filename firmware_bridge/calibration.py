"""Calibration files: one small TOML file per sensor, named after its serial number.

    serial = "GP-0007"
    zero_counts = 8123.5
    counts_per_n = 4321.25
    date = 2026-03-14
    tip_area_cm2 = 1.0        # optional: the contact area of the tip that was on it
    note = "three weights"    # optional

`serial` is the one that the sensor sends in its META; counts are those of `ForceBlock.counts`.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from feedback.signal import Calibration
from firmware_bridge.errors import CalibrationError

_KEYS = ("serial", "zero_counts", "counts_per_n", "date", "tip_area_cm2", "note")


@dataclass(frozen=True, slots=True)
class CalibrationFile:
    """What a calibration file says.

    Attributes:
        serial: serial number of the sensor, as in its META.
        zero_counts: counts with nothing on the tip.
        counts_per_n: counts that one newton adds; not 0, negative for a cell wired the other way round.
        date: the day it was made; None when the file does not tell.
        tip_area_cm2: contact area of the tip, > 0; None when unknown.
        note: for people.
    """

    serial: str
    zero_counts: float
    counts_per_n: float
    date: date | None = None
    tip_area_cm2: float | None = None
    note: str = ""

    def calibration(self, source: str) -> Calibration:
        """The calibration to apply; `source` says for people where it comes from."""
        return Calibration(self.zero_counts, self.counts_per_n, source)


def file_name(serial: str) -> str:
    """The name of a sensor's file: its serial number, with what a file name cannot hold percent-encoded."""
    return f"{quote(serial, safe=' ')}.toml".replace("~", "%7E")


def find(serial: str, folder: Path) -> Path | None:
    """The calibration file of a sensor in `folder`, or None when it has none there."""
    path = folder / file_name(serial)
    return path if serial and path.is_file() else None


def load(path: Path) -> CalibrationFile:
    """Read a calibration file.

    Raises:
        CalibrationError: it is missing, is no TOML, or a value is missing or impossible; the sentence says which.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CalibrationError(f"There is no calibration file {path}: check the path") from None
    except OSError as error:
        raise CalibrationError(f"The calibration file {path} cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CalibrationError(f"The calibration file {path} is not valid TOML: {error}") from None
    try:
        return _checked(values)
    except ValueError as error:
        raise CalibrationError(f"The calibration file {path} cannot be used: {error}") from None


def save(path: Path, content: CalibrationFile) -> None:
    """Write a calibration file whole or not at all; a file there is replaced, missing folders are made.

    Raises:
        CalibrationError: a value is impossible, or the file cannot be written.
    """
    try:
        text = _toml_of(_checked({k: v for k in _KEYS if (v := getattr(content, k)) is not None}))
    except ValueError as error:
        raise CalibrationError(f"This calibration cannot be saved: {error}") from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise CalibrationError(f"The calibration file {path} cannot be written ({error.strerror})") from error


def _checked(values: dict[str, Any]) -> CalibrationFile:
    unknown = sorted(set(values) - set(_KEYS))
    if unknown:
        raise ValueError(f"“{unknown[0]}” is not known here, only {', '.join(_KEYS)}")
    made = values.get("date")
    if isinstance(made, datetime):
        made = made.date()
    if made is not None and not isinstance(made, date):
        raise ValueError("date must be a day such as 2026-03-14, without quotation marks")
    area = _number(values, "tip_area_cm2") if "tip_area_cm2" in values else None
    if area is not None and area <= 0:
        raise ValueError("tip_area_cm2 must be larger than 0")
    counts_per_n = _number(values, "counts_per_n")
    if counts_per_n == 0:
        raise ValueError("counts_per_n must not be 0")
    return CalibrationFile(
        serial=_text(values, "serial"),
        zero_counts=_number(values, "zero_counts"),
        counts_per_n=counts_per_n,
        date=made,
        tip_area_cm2=area,
        note=_text(values, "note", ""),
    )


def _number(values: dict[str, Any], key: str) -> float:
    if key not in values:
        raise ValueError(f"{key} is missing")
    value = values[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{key} must be a number")
    return float(value)


def _text(values: dict[str, Any], key: str, default: str | None = None) -> str:
    value = values.get(key, default)
    if value is None:
        raise ValueError(f"{key} is missing")
    if not isinstance(value, str):
        raise ValueError(f"{key} must be text in quotation marks")  # noqa: TRY004 - it is a value in a file
    return value


def _toml_of(content: CalibrationFile) -> str:
    lines = [
        "# Goodpain: calibration of one force sensor; force in newtons = (counts - zero_counts) / counts_per_n"
    ]
    for key in _KEYS:
        value: object = getattr(content, key)
        if value is not None:
            lines.append(f"{key} = {_toml_value(value)}")
    return "\n".join(lines) + "\n"


def _toml_value(value: object) -> str:
    if isinstance(value, str):
        # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if isinstance(value, date) else repr(value)
