"""`goodpain history`: what is in the record."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.options import folder_and_settings, with_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedback.history import History, SessionSummary
    from feedback.units import PressureUnit


@click.command()
@click.option("--client", metavar="CODE", help="Only this client.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_data
@click.pass_context
def history(ctx: click.Context, client: str | None, as_json: bool, data: Path | None) -> None:
    """Show what is in the record: clients, sessions, presses per trigger point, reports.

    A client who is not in it is an error; a record that is not there yet is an empty one.
    """
    from feedback.history import NoHistoryError

    folder, settings = folder_and_settings(ctx, data)
    try:
        with record_to_read(folder) as record:
            code = None if client is None else record.known_client(client).code
            if code:
                record.opened(code)
            clients = [one for one in record.clients() if code in (None, one.code)]
            sessions = record.sessions(code)
            points = {c.code: record.points(c.code) for c in clients}
    except NoHistoryError:
        if client is not None:
            raise
        clients, sessions, points = [], [], {}
    if as_json:
        click.echo(
            json.dumps(
                {
                    "clients": [
                        {**c.to_json(), "trigger_points": [p.to_json() for p in points[c.code]]}
                        for c in clients
                    ],
                    "sessions": [session.to_json() for session in sessions],
                }
            )
        )
        return
    if not sessions:
        click.echo("The record is empty." if client is None else f"The record holds no session of {client}.")
    for session in sessions:
        for line in session_lines(session, settings.unit):
            click.echo(line)


@contextmanager
def record_to_read(folder: Path) -> Iterator[History]:
    """The record of a folder, to be read: none is made, and sessions that were cut off are closed where that may be."""
    from feedback.history import open_for_reading
    from tui.console import tell_recovered
    from tui.opening import HISTORY_FILE

    with open_for_reading(folder / HISTORY_FILE) as record:
        tell_recovered(record.recover())
        yield record


def session_lines(session: SessionSummary, unit: PressureUnit) -> list[str]:
    """A session for people."""
    how = {"ended": "", "recovered": ", was cut off", None: ", is running"}.get(session.ended_how, "")
    lines = [
        f"{session.started_at.astimezone():%Y-%m-%d %H:%M}  {session.client_code}  {session.duration_s:.0f} s, "
        f"{session.applicator} {session.tip_area_cm2:g} cm², {session.samples} samples, {session.lost} lost{how}"
    ]
    for stored in session.presses:
        press = stored.press
        point = session.points[stored.point_id] if stored.point_id else "no point"
        hold = "" if press.hold_mean_kpa is None else f", hold {unit.text(press.hold_mean_kpa)}"
        in_band = "" if press.time_in_band_s is None else f", {press.time_in_band_s:.1f} s in band"
        words = [
            (f"{report.rating}/10" if report.rating is not None else report.kind.words)
            + (" (corrected)" if report.corrected_from else "")
            for report in session.reports
            if report.press_id == stored.id and not report.undone
        ]
        lines.append(
            f"    {point}: {press.duration_s:.1f} s, peak {unit.text(press.peak_kpa)}{hold}{in_band}"
            + (f" – {', '.join(words)}" if words else "")
            + ("" if press.ended == "release" else f" ({press.ended})")
            + (f" – void, does not count: {stored.void_reason}" if stored.void else "")
        )
    lines += [
        f"    note: {note.text}" + (" (corrected)" if note.corrected_from is not None else "")
        for note in session.notes
    ]
    return lines
