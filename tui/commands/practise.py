"""`goodpain practise`: a trainee learns to press what is asked, on a screen or as lines of text."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commands.live import has_terminal
from tui.console import tell
from tui.options import NUMBER, folder_and_settings, with_data, with_optional_sensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedback.drills import FeedbackMode
    from feedback.units import PressureUnit
    from tui.practise.hands import HandWanted
    from tui.practise.plain import Estimate
    from tui.practise.series import SeriesWanted
    from tui.practise.studio import PractiseStudio
    from tui.settings import Settings
    from tui.wanted import SensorWanted

FEEDBACK = {"always": "always", "on-demand": "on demand", "after": "after", "none": "none"}
VOID_CODE = 3
"""Exit code when an attempt was void."""


@click.command()
@click.option("--trainee", metavar="CODE", help="Whose training (a code, never a name).")
@click.option("--drill", metavar="NAME", help="Only this drill, without a screen; --list names them.")
@with_optional_sensor
@click.option(
    "--feedback",
    type=click.Choice(list(FEEDBACK)),
    help="When the pressure is seen in practice; tests are blind (default: on-demand).",
)
@click.option(
    "--attempts",
    type=click.IntRange(1, 200),
    default=1,
    show_default=True,
    help="How many, without a screen.",
)
@click.option(
    "--plain", is_flag=True, help="Lines of text instead of a screen; without --drill, what is next."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
@click.option(
    "--estimate",
    "estimates",
    multiple=True,
    metavar="PRESSURE",
    help="The answer to “what do you think it was?”, in the unit that is set, or “none”; once for each attempt.",
)
@click.option("--free", is_flag=True, help="Outside the curriculum.")
@click.option(
    "--skip-baseline", is_flag=True, help="Leave the blind baseline out, knowingly: that is kept too."
)
@click.option(
    "--hand",
    metavar="HAND",
    help="What the simulated hand does: follow, follow:-10% (always 10 % light), or seconds:pressures such as "
    "“1:0.4 3:1.0 20:0”. Without it type pressures.",
)
@click.option("--area", "area_cm2", type=NUMBER, metavar="CM2", help="The tip's contact area in cm².")
@click.option(
    "--ceiling",
    type=NUMBER,
    metavar="PRESSURE",
    help="Never above it, in the unit that is set. The usual one is for foam, never for a body.",
)
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True,
    help="Seconds to wait for the first contact, without a screen.",
)  # fmt: skip
@click.option(
    "--list", "list_drills", is_flag=True, help="List the drills, and what is wrong with own files."
)
@click.option("--progress", is_flag=True, help="Show how far a trainee is.")
@click.option("--group", is_flag=True, help="Show all trainees, for a teacher.")
@click.option(
    "--presses", metavar="CODE", help="Beside a trainee's drills, the presses of this therapist or client."
)
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the attempts (with --group the group's table) as CSV.",
)
@with_data
@click.pass_context
def practise(
    ctx: click.Context,
    wanted: SensorWanted,
    trainee: str | None,
    drill: str | None,
    feedback: str | None,
    attempts: int,
    plain: bool,
    as_json: bool,
    estimates: tuple[str, ...],
    free: bool,
    skip_baseline: bool,
    hand: str | None,
    area_cm2: float | None,
    ceiling: float | None,
    wait_s: float,
    list_drills: bool,
    progress: bool,
    group: bool,
    presses: str | None,
    export: Path | None,
    data: Path | None,
) -> int | None:
    """Practise pressure on foam or with the simulated sensor: blind baseline, practice, blind test, retests.

    Own drills are TOML files in the folder “drills” beside the record. Exit code 3: an attempt was void (it is kept,
    with its reason).
    """
    from feedback.drills import FeedbackMode
    from tui.commands import practise_looking as looking
    from tui.practise.series import SeriesWanted

    folder, settings = folder_and_settings(ctx, data)
    if list_drills:
        looking.list_drills(folder, settings, area_cm2, as_json=as_json)
        return None
    if progress or group or presses is not None or export is not None:
        looking.look_back(
            folder, settings, trainee, progress=progress, group=group, presses=presses, export=export,
            as_json=as_json,
        )  # fmt: skip
        return None
    code = None if trainee is None else _code(trainee)
    mode = FeedbackMode(FEEDBACK[feedback]) if feedback else None
    with _studio(folder, settings, wanted, area_cm2, ceiling) as studio:
        if not (plain or as_json or drill is not None) and has_terminal():
            return _screen(studio, code, mode)
        if code is None:
            raise click.UsageError("whose attempt is it? Give a code, never a name: --trainee CODE")
        series = SeriesWanted(
            code, drill, mode, attempts, free, skip_baseline,
            tuple(_answer(text, settings.unit) for text in estimates),
            None if hand is None else _hand(studio, hand),
            wait_s,
        )  # fmt: skip
        return _without_screen(studio, series, as_json=as_json)


@contextmanager
def _studio(
    folder: Path, settings: Settings, wanted: SensorWanted, area_cm2: float | None, ceiling: float | None
) -> Iterator[PractiseStudio]:
    from tui.practise.opening import practise_studio, usual_sensor
    from tui.wanted import WantedError

    if not wanted.url:
        wanted = replace(wanted, url=usual_sensor(settings).url)
    ceiling_kpa = None
    if ceiling is not None:
        if not 0 < ceiling < float("inf"):
            raise WantedError(
                f"a ceiling of {ceiling:g} cannot be: give a pressure above 0 in {settings.unit.label}"
            )
        ceiling_kpa = settings.unit.to_kpa(ceiling)
    with practise_studio(folder, settings, wanted, tip_area_cm2=area_cm2, ceiling_kpa=ceiling_kpa) as studio:
        yield studio


def _screen(studio: PractiseStudio, code: str | None, mode: FeedbackMode | None) -> int | None:
    os.environ.setdefault("TEXTUAL_FPS", "240")
    from tui.practise_app import PractiseApp

    app = PractiseApp(studio, code, feedback=mode)
    app.run()
    if app.failure is not None:
        raise app.failure
    return app.return_code or None


def _without_screen(studio: PractiseStudio, wanted: SeriesWanted, *, as_json: bool) -> int | None:
    from tui.console import stopped_by_signals
    from tui.practise.plain import NoContactError, Typed
    from tui.practise.series import Series
    from tui.practise.words import reminder_lines

    def say(text: str) -> None:
        if not as_json:
            click.echo(text)
            sys.stdout.flush()

    def warn(text: str) -> None:
        if as_json:
            tell(text)

    for fault in studio.faults:
        tell(fault)
    for line in reminder_lines(studio.reminders(wanted.trainee)):
        say(line)
    series, problem = Series(studio, wanted, say, warn), ""
    with stopped_by_signals() as stop:
        try:
            series.go(stop, Typed.at_stdin())
        except NoContactError as error:
            problem = str(error)
        stopped = stop.is_set()
    if as_json:
        click.echo(json.dumps({**series.to_json(), "problem": problem}, allow_nan=False, default=str))
    if problem:
        tell(problem)
        return 1
    if stopped:
        return 130
    return VOID_CODE if any(not record.counts for record in series.kept) else None


def _hand(studio: PractiseStudio, text: str) -> HandWanted:
    from tui.practise.hands import hand_of

    hand = hand_of(text, studio.settings.unit)
    if not studio.steered:
        raise click.UsageError(
            "--hand moves a simulated hand: leave it out, or use a sensor such as sim://upper-trapezius?hand=steered"
        )
    return hand


def _answer(text: str, unit: PressureUnit) -> Estimate:
    from tui.practise.plain import Estimate
    from tui.wanted import number_of

    if text.strip().lower() in ("none", "?", ""):
        return Estimate(None)
    try:
        value = number_of(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise click.UsageError(f"--estimate “{text}” is not a pressure: a number in {unit.label}, or none")
    return Estimate(unit.to_kpa(value))


def _code(text: str) -> str:
    from feedback.history import check_code
    from tui.wanted import looks_like_a_name

    code = check_code(text)
    if looks_like_a_name(code):
        tell(f"“{code}” looks like a name: a code such as T-07 keeps the record anonymous")
    return code
