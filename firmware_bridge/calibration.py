"""Calibration files: one small TOML file per sensor, named after its serial number.

    serial = "GP-0007"
    zero_counts = 8123.5
    counts_per_n = 4321.25
    date = 2026-03-14
    tip_area_cm2 = 1.0        # optional: the contact area of the tip that was on it
    note = "three weights"    # optional

`serial` is the one that the sensor sends in its META; counts are those of `ForceBlock.counts`. A file that
`goodpain calibrate` wrote says more: whether the calibration was accepted and why, the curve of a sensor that is no
line, the resolution of the counts, and the tables of `calibration_report`. A file is never overwritten by a new
calibration: `keep` puts the old one beside it under its date.
"""

from __future__ import annotations

import math
import os
import tempfile
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import numpy as np

from feedback.private_file import private, private_folder
from feedback.signal import Calibration
from feedback.small_file import read_small
from feedback.toml import TomlError, parse_toml
from firmware_bridge.calibration_report import TABLES, CalibrationReport, report_from, tables_text
from firmware_bridge.errors import CalibrationError
from firmware_bridge.toml_text import toml_value

MAX_AGE_DAYS = 180
"""Older than this a calibration is to be checked: an assumption, as no source gives a figure for such sensors."""
_NAME_MAX = 160
"""Characters of a file's name; a disk takes 255 bytes, of which a date and a partial file's ending are some."""
_KEYS = (
    "serial",
    "zero_counts",
    "counts_per_n",
    "date",
    "tip_area_cm2",
    "note",
    "accepted",
    "reason",
    "resolution",
)
_TABLES = ("curve", *TABLES)
_ALL_COUNTS = np.array([-(2**31), 2**31 - 1], np.int32)
"""The ends of what any converter gives."""


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
        accepted: whether the calibration met its own limits; a file that does not tell counts as accepted.
        reason: why, or why not.
        resolution: counts in one unit of the line, where the sensor's dialect announced that; None otherwise.
        curve: knots as in `feedback.signal.Calibration`; empty for a line.
        report: how it was made and how good it is; None when the file does not tell.
    """

    serial: str
    zero_counts: float
    counts_per_n: float
    date: date | None = None
    tip_area_cm2: float | None = None
    note: str = ""
    accepted: bool = True
    reason: str = ""
    resolution: float | None = None
    curve: tuple[tuple[float, float], ...] = ()
    report: CalibrationReport | None = None

    def calibration(self, source: str) -> Calibration:
        """The calibration to apply; `source` says for people where it comes from."""
        return Calibration(self.zero_counts, self.counts_per_n, source, curve=self.curve)

    def warning(self, today: date, max_age_days: float = MAX_AGE_DAYS) -> str:
        """What is known against using it on that day, in one sentence; empty when nothing is."""
        if not self.accepted:
            return f"The calibration of {self.serial} was not accepted ({self.reason}): calibrate it again"
        if self.date is not None and (today - self.date).days > max_age_days:
            return (
                f"The calibration of {self.serial} is {(today - self.date).days} days old: check it with a known mass "
                "(goodpain check) or calibrate again"
            )
        return ""


def file_name(serial: str) -> str:
    """The name of a sensor's file: its serial number, with what a file name cannot hold percent-encoded.

    A name that would be too long for a disk is cut, with a checksum of the whole in its place.
    """
    name = quote(serial, safe=" ").replace("~", "%7E")
    if len(name) > _NAME_MAX:
        name = f"{name[: _NAME_MAX - 17]}~{sha256(serial.encode()).hexdigest()[:16]}"
    return f"{name}.toml"


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
        values = parse_toml(read_small(path))
    except FileNotFoundError:
        raise CalibrationError(f"There is no calibration file {path}: check the path") from None
    except OSError as error:
        raise CalibrationError(f"The calibration file {path} cannot be read ({error.strerror})") from error
    except (TomlError, UnicodeDecodeError) as error:
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
        text = _toml_of(content)
        _checked(parse_toml(text))
    except ValueError as error:
        raise CalibrationError(f"This calibration cannot be saved: {error}") from None
    try:
        private_folder(path.parent)
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


def keep(path: Path, content: CalibrationFile) -> Path | None:
    """Save a new calibration; the one that was there is kept beside it as `NAME@DATE.toml`, which is returned.

    Raises:
        CalibrationError: a value is impossible, or a file cannot be written.
    """
    older = _put_aside(path) if path.exists() else None
    try:
        save(path, content)
    except BaseException:
        if older is not None:
            older.unlink(missing_ok=True)
        raise
    return older


def _put_aside(path: Path) -> Path:
    """Copy a file to a name of its own, made of its date; at no moment is there no file."""
    try:
        data = path.read_bytes()
        try:
            made = load(path).date
        except CalibrationError:
            made = None
        day = (made or date.fromtimestamp(path.stat().st_mtime)).isoformat()
        for number in range(1, 10_000):
            # No serial number leads to a name with “@”: `file_name` encodes it.
            name = f"{path.stem}@{day}{'' if number == 1 else f'-{number}'}.toml"
            try:
                file = open(path.with_name(name), "xb", opener=private)  # noqa: SIM115 - closed below
            except FileExistsError:
                continue
            try:
                with file:
                    file.write(data)
                    file.flush()
                    # The one in force goes as soon as this one is there: it must be on the disk by then.
                    os.fsync(file.fileno())
            except BaseException:
                path.with_name(name).unlink(missing_ok=True)
                raise
            return path.with_name(name)
    except OSError as error:
        raise CalibrationError(
            f"The older calibration file {path} cannot be kept ({error.strerror}), so nothing was written"
        ) from error
    raise CalibrationError(
        f"The older calibration file {path} cannot be kept: too many of that day are there"
    )


def _checked(values: dict[str, Any]) -> CalibrationFile:
    unknown = sorted(set(values) - set(_KEYS) - set(_TABLES))
    if unknown:
        raise ValueError(
            f"“{unknown[0]}” is not known here, only {', '.join(_KEYS)} and {', '.join(_TABLES)}"
        )
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
    accepted = values.get("accepted", True)
    if not isinstance(accepted, bool):
        raise ValueError("accepted must be true or false")  # noqa: TRY004 - it is a value in a file
    resolution = _number(values, "resolution") if "resolution" in values else None
    if resolution is not None and resolution <= 0:
        raise ValueError("resolution must be larger than 0")
    content = CalibrationFile(
        serial=_text(values, "serial"),
        zero_counts=_number(values, "zero_counts"),
        counts_per_n=counts_per_n,
        date=made,
        tip_area_cm2=area,
        note=_text(values, "note", ""),
        accepted=accepted,
        reason=_text(values, "reason", ""),
        resolution=resolution,
        curve=_curve(values.get("curve")),
        report=report_from(values),
    )
    if not has_forces(content.calibration("")):
        raise ValueError("zero_counts and counts_per_n lead to forces without end")
    return content


def has_forces(calibration: Calibration) -> bool:
    """Whether every count is a force: tiny and huge figures are numbers too, but an infinite force is none."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(calibration.force_n(_ALL_COUNTS)).all())


def _curve(table: object) -> tuple[tuple[float, float], ...]:
    if table is None:
        return ()
    if not isinstance(table, dict):
        raise ValueError("curve must be a table of counts and force_n")  # noqa: TRY004 - it is a value in a file
    columns = cast("dict[str, Any]", table)
    risen, newtons = columns.get("counts"), columns.get("force_n")
    if not isinstance(risen, list) or not isinstance(newtons, list):
        raise ValueError("curve needs two lists: counts and force_n")  # noqa: TRY004 - it is a value in a file
    if len(cast("list[Any]", risen)) != len(cast("list[Any]", newtons)):
        raise ValueError("curve needs as many counts as force_n")
    pairs = list(zip(cast("list[Any]", risen), cast("list[Any]", newtons), strict=True))
    return tuple((_number({"counts": c}, "counts"), _number({"force_n": f}, "force_n")) for c, f in pairs)


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
    law = "(counts - zero_counts) / counts_per_n"
    if content.curve:
        law = "that of [curve], for counts above zero_counts"
    lines = [f"# Goodpain: calibration of one force sensor; force in newtons = {law}"]
    for key in _KEYS:
        value: object = getattr(content, key)
        # What an accepted line does not need stays out of the file.
        if (
            value is None
            or (key == "accepted" and value and content.report is None)
            or (key == "reason" and not value)
        ):
            continue
        lines.append(f"{key} = {toml_value(value)}")
    if content.curve:
        lines += [
            "",
            "[curve]",
            f"counts = {toml_value([c for c, _ in content.curve])}",
            f"force_n = {toml_value([f for _, f in content.curve])}",
        ]
    return "\n".join(lines) + "\n" + (tables_text(content.report) if content.report else "")
