"""`goodpain live` and `goodpain demo`: a session that people look at."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.options import VisitOptions, folder_and_settings, with_data, with_sensor, with_visit
from tui.wanted import SensorWanted, Visit

if TYPE_CHECKING:
    from tui.live_loop import Companion
    from tui.settings import Settings

DEMO_CEILING_KPA = 500.0
"""Above what the simulated hand does when it goes too far, so that the cue for that is seen and not the alarm."""
DEMO_PLAIN_S = 20.0
"""How long a demo lasts that has no terminal to be watched on."""
READY_WITHIN_S = 4.0


def has_terminal() -> bool:
    """Somebody can look at a screen here."""
    return sys.stdout.isatty() and sys.stdin.isatty() and os.environ.get("TERM") != "dumb"


@click.command()
@with_sensor
@with_visit
@click.option("--plain", is_flag=True, help="Lines of text instead of a screen.")
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(0, min_open=True),
    help="End after SECONDS of the sensor's time.",
)
@with_data
@click.pass_context
def live(
    ctx: click.Context,
    wanted: SensorWanted,
    asked: VisitOptions,
    plain: bool,
    seconds: float | None,
    data: Path | None,
) -> None:
    """A live session: pressure against the client's comfort, with a cue, and everything recorded.

    Without --client and --point the screen asks for them.
    """
    folder, settings = folder_and_settings(ctx, data)
    visit = asked.visit(settings)
    if plain or not has_terminal():
        _plain(folder, settings, wanted, visit, None, seconds)
    else:
        _screen(folder, settings, wanted, visit, None, ask=not asked.complete, seconds=seconds)


@click.command()
@click.option(
    "--scenario", default="upper-trapezius", show_default=True, help="What the simulated hand works on."
)
@click.option("--seed", type=click.IntRange(0), help="Another seed, another client.")
@click.option(
    "--speed", type=click.FloatRange(0, 100, min_open=True), default=1.0, help="Simulated seconds a second."
)
@click.option("--plain", is_flag=True, help="Lines of text instead of a screen.")
@click.option("--for", "seconds", type=click.FloatRange(0, min_open=True), help="End after SECONDS.")
@with_data
@click.pass_context
def demo(
    ctx: click.Context,
    scenario: str,
    seed: int | None,
    speed: float,
    plain: bool,
    seconds: float | None,
    data: Path | None,
) -> None:
    """A live session on the simulated sensor, with a simulated client who talks.

    It is kept apart from the record of clients: in the folder `demo` beside it. Without a terminal it writes plain
    lines and ends after 20 s with the session's summary.
    """
    from feedback.points import UNSPECIFIED, Point
    from sim import scenarios

    folder, settings = folder_and_settings(ctx, data)
    seed = scenarios.DEFAULT_SEED if seed is None else seed
    try:
        chosen = scenarios.scenario(scenario, seed)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    visit = Visit(
        "DEMO",
        Point(chosen.muscle or UNSPECIFIED, chosen.side, "1"),
        "probe",
        chosen.tip_area_cm2,
        ceiling_kpa=DEMO_CEILING_KPA,
    )
    wanted = SensorWanted(f"sim://{scenario}?seed={seed}&speed={speed:g}")
    companion = chosen.client()
    if plain or not has_terminal():
        _plain(folder / "demo", settings, wanted, visit, companion, seconds or DEMO_PLAIN_S)
    else:
        _screen(folder / "demo", settings, wanted, visit, companion, ask=False, seconds=seconds)


def _plain(
    folder: Path,
    settings: Settings,
    wanted: SensorWanted,
    visit: Visit,
    companion: Companion | None,
    seconds: float | None,
) -> None:
    from tui.console import stopped_by_signals, tell_recovered
    from tui.moves import Moves
    from tui.opening import Studio, finish
    from tui.plain import HELP, run_plain
    from tui.summary import summary_lines

    with stopped_by_signals() as stop, Studio(folder, settings) as studio:
        tell_recovered(studio.recovered)
        sensor = studio.open_sensor(wanted)
        start_s = sensor.now_s()
        sensor.wait_ready(READY_WITHIN_S)
        loop, journal = studio.begin(visit, sensor, companion, start_s=start_s)
        click.echo(
            f"{visit.client_code}, {visit.point}, {visit.applicator} {visit.tip_area_cm2:g} cm². {HELP}"
        )
        loop.start()
        try:
            end_s = None if seconds is None else start_s + seconds
            run_plain(loop, journal, settings.unit, Moves(studio, loop, visit), stop, end_s)
        finally:
            finish(loop, journal)
        for line in summary_lines(loop, settings.unit):
            click.echo(line)
    if loop.failure:
        raise loop.failure


def _screen(
    folder: Path,
    settings: Settings,
    wanted: SensorWanted,
    visit: Visit,
    companion: Companion | None,
    *,
    ask: bool,
    seconds: float | None,
) -> None:
    # Screen updates wait for the next tick of this clock: at 240 a value waits 2 ms on average, and the number of
    # frames stays that of our own timer.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    from tui.app import run_app

    run_app(folder, settings, wanted, visit, companion, ask=ask, seconds=seconds)
