"""`goodpain calibrate` and `goodpain check`: known masses on the sensor."""

from __future__ import annotations

import json
import sys
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import click

from tui.console import tell
from tui.options import NUMBER, folder_and_settings, with_data
from tui.wanted import SensorWanted

if TYPE_CHECKING:
    from firmware_bridge import Sensor
    from tui.calibrating import Calibrating, CalibrationWanted
    from tui.settings import Settings

READY_WITHIN_S = 4.0
DEFAULT_LOADS = "0,1kg,2kg,1kg,0"
with_wait = click.option(
    "--wait",
    "wait_s",
    type=float,
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="With --auto: give up when a load has not come and come to rest within it.",
)
SENSOR_HELP = "Where the sensor is: a port (/dev/ttyUSB0, COM3), socket://…, or sim://masses to try it."


@click.command()
@click.option("--sensor", metavar="PORT", required=True, help=SENSOR_HELP)
@click.option("--dialect", metavar="NAME", help="The sensor's language (default: recognised).")
@click.option("--baud", type=click.IntRange(1), default=115200, show_default=True, help="Baud rate.")
@click.option(
    "--masses",
    default=DEFAULT_LOADS,
    show_default=True,
    help="Loads in the order in which they are put on, up and down, in g, kg, lb or N; the first is 0.",
)
@click.option(
    "--hold", "hold_s", type=float, default=3.0, show_default=True, help="Seconds averaged for each."
)
@click.option(
    "--diagnose", "diagnose_s", type=float, default=10.0, show_default=True, help="Seconds looked at first."
)
@click.option(
    "--creep", "creep_s", type=float, default=60.0, show_default=True, help="Seconds of the creep test."
)
@click.option("--skip-creep", is_flag=True, help="Leave the creep test out; the file says so.")
@click.option(
    "--mass-tolerance",
    type=float,
    default=0.5,
    show_default=True,
    metavar="PCT",
    help="How wrong the masses may be, ± %: 0.5 for a kitchen scale, 1 for filled bottles.",
)
@click.option("--gravity", type=float, help="Local gravity in m/s² (default: 9.80665, and 0.27 % of doubt).")
@click.option("--tip", metavar="NAME", help="Which applicator is on it (default: that of the settings).")
@click.option("--area", "area_cm2", type=NUMBER, metavar="CM2", help="Its contact area in cm².")
@click.option(
    "--area-tolerance", type=float, default=3.0, show_default=True, metavar="PCT", help="Of the area, ± %."
)
@click.option("--serial", default="", metavar="NAME", help="Name for a sensor that sends no serial number.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead.")
@click.option("--note", default="", help="A line for the file.")
@click.option("--keep-anyway", is_flag=True, help="Write it even if it is not accepted, marked as such.")
@click.option("--auto", is_flag=True, help="Take each load by itself as soon as it rests: nothing is asked.")
@with_wait
@click.option("--plain", is_flag=True, help="Lines of text instead of a screen.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
@with_data
@click.pass_context
def calibrate(
    ctx: click.Context,
    sensor: str,
    dialect: str | None,
    baud: int,
    masses: str,
    hold_s: float,
    diagnose_s: float,
    creep_s: float,
    skip_creep: bool,
    mass_tolerance: float,
    gravity: float | None,
    tip: str | None,
    area_cm2: float | None,
    area_tolerance: float,
    serial: str,
    out: Path | None,
    note: str,
    keep_anyway: bool,
    auto: bool,
    wait_s: float,
    plain: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Calibrate a sensor with known masses: diagnosis, zero, masses up and down, fit, creep, verdict.

    Only an accepted calibration is written, under the sensor's serial number; the one before it is kept. In plain mode
    Enter goes on, and skip, back and quit may be typed. The exit code is 1 when it was not accepted.
    """
    from firmware_bridge.assessment import Conditions
    from firmware_bridge.loads import GRAVITY_TOLERANCE, local_gravity, parse_loads
    from tui.calibrating import CalibrationWanted
    from tui.commands.live import has_terminal
    from tui.opening import CALIBRATIONS_FOLDER

    folder, settings = folder_and_settings(ctx, data)
    used_gravity = local_gravity(gravity)
    loads = parse_loads(masses, used_gravity)
    doubt = 100 * GRAVITY_TOLERANCE if gravity is None else 0.05
    name = tip or settings.applicator
    wanted = CalibrationWanted(
        loads=loads,
        folder=folder / CALIBRATIONS_FOLDER,
        out=out,
        serial=serial,
        hold_s=hold_s,
        diagnose_s=diagnose_s,
        creep_s=0.0 if skip_creep else creep_s,
        auto=auto,
        wait_s=wait_s,
        conditions=Conditions(
            reference_pct=mass_tolerance,
            gravity_pct=doubt if any(load.is_mass for load in loads) else 0.0,
            tip_area_cm2=settings.areas_cm2.get(name) if area_cm2 is None else area_cm2,
            area_pct=area_tolerance,
        ),
        gravity=used_gravity,
        tip=name,
        note=note,
        keep_anyway=keep_anyway,
    )
    port = SensorWanted(sensor, dialect, baud)
    if plain or as_json or not has_terminal():
        accepted = _plain(port, wanted, as_json=as_json)
    else:
        accepted = _screen(port, wanted, settings)
    if not accepted:
        ctx.exit(1)


@click.command()
@click.option("--sensor", metavar="PORT", required=True, help=SENSOR_HELP)
@click.option("--dialect", metavar="NAME", help="The sensor's language (default: recognised).")
@click.option("--baud", type=click.IntRange(1), default=115200, show_default=True, help="Baud rate.")
@click.option(
    "--calibration",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Calibration file (default: the one kept for this sensor, else what the sensor says).",
)
@click.option("--mass", required=True, metavar="LOAD", help="The known load, in g, kg, lb or N.")
@click.option("--hold", "hold_s", type=float, default=3.0, show_default=True, help="Seconds averaged.")
@click.option(
    "--mass-tolerance", type=float, default=0.5, show_default=True, metavar="PCT", help="Of it, ± %."
)
@click.option("--auto", is_flag=True, help="Take zero and mass by itself as soon as they rest.")
@with_wait
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
@with_data
@click.pass_context
def check(
    ctx: click.Context,
    sensor: str,
    dialect: str | None,
    baud: int,
    calibration: Path | None,
    mass: str,
    hold_s: float,
    mass_tolerance: float,
    auto: bool,
    wait_s: float,
    as_json: bool,
    data: Path | None,
) -> None:
    """Check a calibrated sensor with one known mass, once a day; the result is logged beside its calibration.

    The exit code is 1 when the reading is off by more than the stated uncertainty allows.
    """
    from firmware_bridge import CalibrationError, open_sensor
    from firmware_bridge.calibration import find, load
    from firmware_bridge.checks import judge, log, log_path, own_uncertainty
    from firmware_bridge.loads import Load, parse_load
    from firmware_bridge.procedure import Procedure
    from tui.calibrating import Calibrating
    from tui.opening import CALIBRATIONS_FOLDER

    folder, settings = folder_and_settings(ctx, data)
    kept = folder / CALIBRATIONS_FOLDER
    known = parse_load(mass)
    if known.force_n == 0:
        raise CalibrationError("A check needs a mass, such as --mass 2kg")
    procedure = Procedure((Load(0.0, "0", False), known), hold_s=hold_s, auto=auto, brief=True, wait_s=wait_s)
    with open_sensor(
        sensor,
        dialect=dialect,
        baud=baud,
        calibration=calibration,
        calibration_folder=kept,
        calibration_max_age_days=settings.calibration_days,
    ) as opened:
        opened.wait_ready(READY_WITHIN_S)
        path = calibration or find(opened.info.serial, kept)
        if path is not None and (made := load(path).report):
            # Before anything is put on.
            own_uncertainty(known, made.uncertainty)
        running = Calibrating(opened, procedure, auto=auto)
        _steps(running, auto=auto, quiet=as_json)
        info = opened.info
    if info.calibration is None:
        raise CalibrationError("This sensor has no calibration to check: make one with goodpain calibrate")
    path = calibration or find(info.serial, kept)
    content = load(path) if path is not None else None
    report = content.report if content is not None else None
    found = judge(
        procedure.points, known, info.calibration, report.uncertainty if report else None, mass_tolerance
    )
    made = "" if content is None or content.date is None else f" of {content.date}"
    where = log_path(info.serial or (content.serial if content else "") or "unnamed", kept)
    at = datetime.now(UTC)
    log(where, found, at, f"{info.calibration.source}{made}")
    if as_json:
        click.echo(
            json.dumps(
                {
                    "passed": found.passed,
                    "verdict": found.verdict,
                    "serial": info.serial,
                    "load_n": known.force_n,
                    "read_n": found.read_n,
                    "difference_n": found.difference_n,
                    "allowed_n": found.allowed_n,
                    "zero_moved_n": found.zero_moved_n,
                    "uncertainty_stated": found.stated,
                    "calibration": info.calibration.source,
                    "warning": info.calibration_warning,
                    "log": str(where),
                }
            )
        )
    else:
        if info.calibration_warning:
            click.echo(info.calibration_warning)
        click.echo(f"{found.verdict}.")
        click.echo(f"Logged in {where}.")
    if not found.passed:
        ctx.exit(1)


def _open(port: SensorWanted) -> Sensor:
    from firmware_bridge import open_sensor

    return open_sensor(port.url, dialect=port.dialect, baud=port.baud)


def _plain(port: SensorWanted, wanted: CalibrationWanted, *, as_json: bool) -> bool:
    from tui.calibrating import Calibrating, finish, result_json, result_lines
    from tui.fit_plot import fit_rows

    procedure = wanted.procedure()
    with _open(port) as sensor:
        sensor.wait_ready(READY_WITHIN_S)
        running = Calibrating(sensor, procedure, auto=wanted.auto)
        _steps(running, auto=wanted.auto, quiet=as_json, wanted=wanted)
        result = finish(running, wanted, date.today())
    if as_json:
        click.echo(json.dumps(result_json(result, procedure), allow_nan=False))
    else:
        click.echo("")
        for row in fit_rows(result.assessment, 64, 10, ascii_only=not _unicode()):
            click.echo(row)
        for line in ("", *result_lines(result)):
            click.echo(line)
    return result.assessment.accepted


def _steps(running: Calibrating, *, auto: bool, quiet: bool, wanted: CalibrationWanted | None = None) -> None:
    """Go through the steps with lines of text; Enter comes from stdin, or nothing is asked when `auto`.

    Raises:
        CalibrationError: it cannot go on.
    """
    from firmware_bridge import CalibrationError
    from firmware_bridge.procedure import StepKind

    typed: SimpleQueue[str | None] = SimpleQueue()
    if not auto:
        threading.Thread(target=_read_lines, args=(typed,), name="goodpain-typed", daemon=True).start()
    procedure = running.procedure
    told: tuple[int, str] | None = None
    gone = False
    checked = False
    while not procedure.done:
        running.pump()
        if running.failed:
            raise CalibrationError(running.failed)
        health = running.sensor.health
        if gone != (health.state in ("silent", "lost")):
            # Told before it has been so for so long that nothing comes of it any more.
            gone = not gone
            tell(health.problem if gone else "the sensor is back")
        now = procedure.now
        if procedure.diagnosis is not None and not checked and wanted is not None:
            checked = True
            running.check_serial(wanted)
            if not quiet:
                for line in procedure.diagnosis.lines():
                    click.echo(f"    {line}")
        if told != (now.index, now.problem):
            told = (now.index, now.problem)
            if not quiet:
                _tell(now.index, len(procedure.steps), now.step.text, now.problem, ask=not auto)
        waits = not now.measuring and not (now.step.kind is StepKind.DIAGNOSE and not now.problem)
        if not auto and waits:
            _obey(running, typed)
        time.sleep(0.02)


def _tell(index: int, steps: int, text: str, problem: str, *, ask: bool) -> None:
    if problem:
        click.echo(f"    {problem}" + (" (Enter)" if ask else ""))
    elif index < steps - 1:
        click.echo(f"Step {index + 1} of {steps - 1}: {text}" + (" (Enter)" if ask and index else ""))


def _obey(running: Calibrating, typed: SimpleQueue[str | None]) -> None:
    from firmware_bridge import CalibrationError

    try:
        line = typed.get_nowait()
    except Empty:
        return
    if line is None:
        raise CalibrationError(
            "The input ended before every load was measured, so nothing was written: press Enter for each, or "
            "use --auto"
        )
    if line in ("q", "quit"):
        raise click.exceptions.Abort
    if line in ("s", "skip"):
        running.procedure.skip()
    elif line in ("b", "back"):
        running.procedure.back()
    else:
        running.procedure.proceed()


def _read_lines(typed: SimpleQueue[str | None]) -> None:
    for line in sys.stdin:
        typed.put(line.strip().lower())
    typed.put(None)


def _unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


def _screen(port: SensorWanted, wanted: CalibrationWanted, settings: Settings) -> bool:
    from firmware_bridge import CalibrationError
    from tui.calibrating import result_lines
    from tui.screens.calibrate import CalibrateApp

    with _open(port) as sensor:
        sensor.wait_ready(READY_WITHIN_S)
        app = CalibrateApp(sensor, wanted, settings)
        app.run()
    app.only_words_left()
    if app.result is None and app.failed:
        raise CalibrationError(app.failed)
    if app.result is None:
        click.echo("The calibration was left before its end: nothing was written.")
        return False
    for line in result_lines(app.result):
        click.echo(line)
    return app.result.assessment.accepted
