"""How a command gets a studio: the record opened, what was cut off closed, the sensor at hand."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feedback.history import open_history
from tui.opening import CALIBRATIONS_FOLDER, HISTORY_FILE
from tui.practise.studio import PractiseStudio
from tui.wanted import SensorWanted, WantedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from firmware_bridge import Sensor
    from tui.settings import Settings

DRILLS_FOLDER = "drills"
"""Of the trainee's own drills, beside the record."""
SIMULATED_URL = "sim://upper-trapezius?hand=steered"
"""What is pressed where no sensor is: a simulated hand that is moved by keys."""


def local_now() -> datetime:
    """The time of day on this computer's clock, aware."""
    return datetime.now().astimezone()


def usual_sensor(settings: Settings) -> SensorWanted:
    """The sensor of the settings, else the simulated one."""
    return SensorWanted(settings.sensor or SIMULATED_URL)


def tip_area_of(settings: Settings, url: str, area_cm2: float | None, applicator: str | None = None) -> float:
    """The tip's area: as given, else that of the simulated sensor's address, else of the applicator.

    Raises:
        WantedError: an area or applicator that cannot be, or no such simulated sensor.
    """
    if area_cm2 is not None:
        if not 0 < area_cm2 <= 100:
            raise WantedError(f"a tip area of {area_cm2:g} cm² cannot be: give a number between 0 and 100")
        return area_cm2
    if applicator is None and urlsplit(url).scheme.lower() == "sim":
        from sim.address import Address

        try:
            address = Address.parse(url)
        except ValueError as error:
            raise WantedError(str(error)) from error
        if not address.is_twin:
            return address.options.tip
    chosen = applicator or settings.applicator
    if chosen not in settings.areas_cm2:
        raise WantedError(
            f"“{chosen}” is not an applicator that is known: use one of {', '.join(settings.areas_cm2)}, or give "
            "yours an area in the settings"
        )
    return settings.areas_cm2[chosen]


@contextmanager
def practise_studio(
    data: Path,
    settings: Settings,
    wanted: SensorWanted | None = None,
    *,
    tip_area_cm2: float | None = None,
    ceiling_kpa: float | None = None,
    now: Callable[[], datetime] = local_now,
) -> Iterator[PractiseStudio]:
    """A studio on the record in `data`, closed at the end.

    Args:
        data: the folder of the record; own drills are in `drills` in it.
        settings: in force.
        wanted: the sensor; None for that of the settings, else the simulated one. It is opened when first wanted.
        tip_area_cm2: of the tip; None: see `tip_area_of`.
        ceiling_kpa: never above it; None for that of the settings.
        now: the time of day on the trainee's clock, aware.

    Raises:
        HistoryError: the record cannot be opened.
        WantedError: there is no such simulated sensor.
    """
    sensor = wanted or usual_sensor(settings)
    area_cm2 = tip_area_of(settings, sensor.url, tip_area_cm2)
    with ExitStack() as stack:
        history = stack.enter_context(open_history(data / HISTORY_FILE))
        cut_off = [
            f"A session of {session.client_code} that was cut off is closed now, with "
            f"{session.duration_s:.1f} s of samples."
            for session in history.recover()
        ]
        cut_off += [
            f"An attempt of {one.trainee} at {one.drill} was cut off after {one.duration_s:.1f} s: it is kept, and "
            "does not count."
            for one in history.training.recover()
        ]

        def open_it() -> Sensor:
            from firmware_bridge import open_sensor

            return stack.enter_context(
                open_sensor(
                    sensor.url,
                    calibration=sensor.calibration,
                    dialect=sensor.dialect,
                    baud=sensor.baud,
                    raw=sensor.raw,
                    calibration_folder=data / CALIBRATIONS_FOLDER,
                    calibration_max_age_days=settings.calibration_days,
                )
            )

        studio = PractiseStudio(
            settings,
            history,
            data / DRILLS_FOLDER,
            open_it,
            sensor_url=sensor.url,
            tip_area_cm2=area_cm2,
            now=now,
            ceiling_kpa=ceiling_kpa,
        )
        studio.faults[:0] = cut_off
        yield studio
