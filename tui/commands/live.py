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
    from collections.abc import Callable, Sequence

    from tui.live_loop import Companion, Follower
    from tui.opening import Studio
    from tui.settings import Settings

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
@click.option(
    "--technique",
    default="",
    metavar="NAME",
    help="What the simulated therapist does, for example short-presses; “free” is a hand that goes its own way. "
    "Default: a sustained release with short holds.",
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
    technique: str,
    plain: bool,
    seconds: float | None,
    data: Path | None,
) -> None:
    """A live session on the simulated sensor: a simulated therapist does what the screen asks, and the client talks.

    Reports can be typed all the same: the hand answers to them as well. It is kept apart from the record of clients:
    in the folder `demo` beside it. Without a terminal it writes plain lines and ends after 20 s with the session's
    summary.
    """
    from feedback.coach import TechniqueError
    from tui.demo import demo_of

    folder, settings = folder_and_settings(ctx, data)
    try:
        shown = demo_of(folder, scenario_name=scenario, seed=seed, speed=speed, technique_name=technique)
    except (ValueError, TechniqueError) as error:
        raise click.ClickException(str(error)) from error
    own = {"followers": shown.followers, "prepare": shown.prepare}
    if plain or not has_terminal():
        seconds = seconds or DEMO_PLAIN_S
        _plain(folder / "demo", settings, shown.wanted, shown.visit, shown.client, seconds, **own)
    else:
        _screen(
            folder / "demo",
            settings,
            shown.wanted,
            shown.visit,
            shown.client,
            ask=False,
            seconds=seconds,
            **own,
        )


def _plain(
    folder: Path,
    settings: Settings,
    wanted: SensorWanted,
    visit: Visit,
    companion: Companion | None,
    seconds: float | None,
    followers: Sequence[Follower] = (),
    prepare: Callable[[Studio], Visit] | None = None,
) -> None:
    from tui.console import stopped_by_signals, tell_recovered
    from tui.moves import Moves
    from tui.opening import Studio, finish
    from tui.plain import HELP, run_plain
    from tui.summary import summary_lines

    with stopped_by_signals() as stop, Studio(folder, settings) as studio:
        tell_recovered(studio.recovered)
        if studio.retention:
            click.echo(f"goodpain: {studio.retention}", err=True)
        visit = prepare(studio) if prepare else visit
        sensor = studio.open_sensor(wanted)
        start_s = sensor.now_s()
        sensor.wait_ready(READY_WITHIN_S)
        loop, journal = studio.begin(visit, sensor, companion, start_s=start_s, followers=followers)
        click.echo(
            f"{visit.client_code}, {visit.point}, {visit.applicator} {visit.tip_area_cm2:g} cm². {HELP}"
        )
        if studio.reminder:
            click.echo(studio.reminder)
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
    followers: Sequence[Follower] = (),
    prepare: Callable[[Studio], Visit] | None = None,
) -> None:
    # Screen updates wait for the next tick of this clock: at 240 a value waits 2 ms on average, and the number of
    # frames stays that of our own timer.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    from tui.app import run_app

    run_app(
        folder,
        settings,
        wanted,
        visit,
        companion,
        ask=ask,
        seconds=seconds,
        followers=followers,
        prepare=prepare,
    )
