"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.settings import Settings, data_folder, load_settings, settings_path
from tui.wanted import SensorWanted, Visit, number_of, visit_from

if TYPE_CHECKING:
    from tui.passphrase import TerminalKeeper

_KEEPER = "goodpain.keeper"
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Number(click.ParamType):
    """A number as people write it, with a point or a comma."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; what is none is refused by the name of the option."""
        try:
            return number_of(str(value))
        except ValueError:
            self.fail(f"“{value}” is not a number", param, ctx)


NUMBER = Number()


@dataclass(frozen=True, slots=True)
class VisitOptions:
    """Who is pressed where and with what, as far as it was given on the command line."""

    client: str | None
    point: str | None
    applicator: str | None
    area_cm2: float | None
    band: str | None
    ceiling: float | None

    @property
    def complete(self) -> bool:
        """Nothing that has to be asked was left out."""
        return self.client is not None and self.point is not None

    def visit(self, settings: Settings) -> Visit:
        """The visit; what was not given comes from the settings.

        Raises:
            WantedError, PointError, BandError: something that cannot be was given.
        """
        return visit_from(settings, **asdict(self))


def with_data(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--data DIR`, which may stand before or after the command's name."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the record (default: GOODPAIN_DATA, else the platform's data folder).",
    )(command)


def with_sensor(command: Callable[..., Any]) -> Callable[..., Any]:
    """How to reach the sensor, handed over as `wanted: SensorWanted`."""
    return _sensor_options(command, required=True)


def with_optional_sensor(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same, with `wanted.url` empty when no sensor was given."""
    return _sensor_options(command, required=False)


def _sensor_options(command: Callable[..., Any], *, required: bool) -> Callable[..., Any]:
    @functools.wraps(command)
    def hand_over(
        *args: Any,
        sensor: str | None,
        dialect: str | None,
        baud: int,
        calibration: Path | None,
        raw: Path | None,
        **others: Any,
    ) -> Any:
        wanted = SensorWanted(sensor or "", dialect, baud, calibration, raw)
        return command(*args, wanted=wanted, **others)

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
    return _together(options)(hand_over)


def with_visit(command: Callable[..., Any]) -> Callable[..., Any]:
    """Who is pressed where and with what, handed over as `asked: VisitOptions`."""

    @functools.wraps(command)
    def hand_over(
        *args: Any,
        client: str | None,
        point: str | None,
        applicator: str | None,
        area_cm2: float | None,
        band: str | None,
        ceiling: float | None,
        **others: Any,
    ) -> Any:
        asked = VisitOptions(client, point, applicator, area_cm2, band, ceiling)
        return command(*args, asked=asked, **others)

    options = [
        click.option("--client", metavar="CODE", help="Client code (a code, never a name)."),
        click.option(
            "--point", metavar="POINT", help="Trigger point, for example “upper trapezius, left, 1”."
        ),
        click.option("--applicator", metavar="NAME", help="probe, thumb, finger, knuckle or elbow."),
        click.option("--area", "area_cm2", type=NUMBER, metavar="CM2", help="Its contact area in cm²."),
        click.option("--band", metavar="FROM-TO", help="Good-pain band, in the unit that is set (kg/cm²)."),
        click.option(
            "--ceiling", type=NUMBER, metavar="PRESSURE", help="Never above it, in the unit that is set."
        ),
    ]
    return _together(options)(hand_over)


def _together(options: list[Decorator]) -> Decorator:
    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def folder_and_settings(ctx: click.Context, data: Path | None) -> tuple[Path, Settings]:
    """The data folder and the settings in force; from here on an encrypted record of it can be opened."""
    keeper_of(ctx)
    given = data or (ctx.find_root().obj if isinstance(ctx.find_root().obj, Path) else None)
    folder = data_folder(given)
    return folder, load_settings(settings_path(folder))


def keeper_of(ctx: click.Context) -> TerminalKeeper:
    """Who knows the passphrases of encrypted records, in force until the command ends."""
    from feedback.history.keeper import kept_by
    from tui.passphrase import TerminalKeeper

    root = ctx.find_root()
    keeper = root.meta.get(_KEEPER)
    if keeper is None:
        keeper = root.meta[_KEEPER] = TerminalKeeper()
        root.with_resource(kept_by(keeper))
    return keeper
