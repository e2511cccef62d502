"""`goodpain record`: a session without a screen."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedback.signal import NoticeKind
from tui.console import stopped_by_signals, tell, tell_recovered
from tui.options import VisitOptions, folder_and_settings, with_data, with_sensor, with_visit

if TYPE_CHECKING:
    from feedback.history import SessionJournal
    from tui.live_loop import LiveLoop
    from tui.wanted import SensorWanted

READY_WITHIN_S = 4.0


@click.command()
@with_sensor
@with_visit
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(0, min_open=True),
    help="End after SECONDS of the sensor's time.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
@with_data
@click.pass_context
def record(
    ctx: click.Context,
    wanted: SensorWanted,
    asked: VisitOptions,
    seconds: float | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Record a sensor without a screen, until the time is up, the recording ends or Ctrl-C."""
    from tui.opening import Studio, finish
    from tui.summary import session_json, summary_lines

    folder, settings = folder_and_settings(ctx, data)
    visit = asked.visit(settings)
    with stopped_by_signals() as stop, Studio(folder, settings) as studio:
        tell_recovered(studio.recovered)
        opened = studio.open_sensor(wanted)
        start_s = opened.now_s()
        opened.wait_ready(READY_WITHIN_S)
        loop, journal = studio.begin(visit, opened, start_s=start_s)
        if not as_json:
            with contextlib.suppress(OSError):
                click.echo(f"Recording {wanted.url} ({opened.info.dialect_label}) … Ctrl-C ends.", err=True)
        loop.start()
        try:
            watch(loop, journal, stop, None if seconds is None else start_s + seconds)
        finally:
            finish(loop, journal)
        if as_json:
            click.echo(json.dumps(session_json(loop, str(journal.id), start_s), allow_nan=False))
        else:
            for line in summary_lines(loop, settings.unit):
                click.echo(line)
    if loop.failure:
        raise loop.failure


def watch(loop: LiveLoop, journal: SessionJournal, stop: threading.Event, end_s: float | None) -> None:
    """Wait until the sensor's time is up, the sensor ends or a signal comes; say once when the disk refuses."""
    told = warned = ill = ""
    heard = 0
    while not (stop.is_set() or loop.ended or (end_s is not None and loop.sensor.heard_until_s >= end_s)):
        time.sleep(0.02)
        if (warning := loop.sensor.info.calibration_warning) != warned:
            warned = warning
            if warning:
                tell(warning)
        if (problem := loop.health().problem) != ill:
            ill = problem
            tell(ill or "the sensor is well again")
        for notice in loop.told(heard):
            heard += 1
            if notice.kind is NoticeKind.MESSAGE:
                tell(notice.text)
        problem = journal.problem
        if journal.reason != told:
            told = journal.reason
            tell(problem if told else "the record is being written again")
