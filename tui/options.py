"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tui.settings import Settings, data_folder, load_settings, settings_path

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def with_data(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--data DIR`, which may stand before or after the command's name."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the record (default: GOODPAIN_DATA, else the platform's data folder).",
    )(command)


def with_sensor(*, required: bool) -> Decorator:
    """How to reach the sensor."""
    options = [
        click.option(
            "--sensor",
            metavar="PORT",
            required=required,
            help="Where the sensor is: a port (/dev/ttyUSB0, COM3), socket://HOST:PORT, rfc2217://…, "
            "replay://FILE?speed=1 or sim://SCENARIO?seed=1.",
        ),
        click.option("--dialect", metavar="NAME", help="The sensor's language (default: recognised)."),
        click.option("--baud", type=click.IntRange(1), default=115200, show_default=True, help="Baud rate."),
        click.option(
            "--calibration",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Calibration file (default: the one kept for this sensor, else what the sensor says).",
        ),
        click.option(
            "--raw",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Also keep the sensor's bytes in this file, for replay://.",
        ),
    ]
    return _together(options)


def with_visit(command: Callable[..., Any]) -> Callable[..., Any]:
    """Who is pressed where and with what."""
    options = [
        click.option("--client", metavar="CODE", help="Client code (a code, never a name)."),
        click.option(
            "--point", metavar="POINT", help="Trigger point, for example “upper trapezius, left, 1”."
        ),
        click.option("--applicator", metavar="NAME", help="probe, thumb, finger, knuckle or elbow."),
        click.option("--area", "area_cm2", type=float, metavar="CM2", help="Its contact area in cm²."),
        click.option("--band", metavar="FROM-TO", help="Good-pain band, in the unit that is set (kg/cm²)."),
        click.option(
            "--ceiling", type=float, metavar="PRESSURE", help="Never above it, in the unit that is set."
        ),
    ]
    return _together(options)(command)


def _together(options: list[Decorator]) -> Decorator:
    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def folder_and_settings(ctx: click.Context, data: Path | None) -> tuple[Path, Settings]:
    """The data folder and the settings in force."""
    given = data or (ctx.find_root().obj if isinstance(ctx.find_root().obj, Path) else None)
    folder = data_folder(given)
    return folder, load_settings(settings_path(folder))
