"""`goodpain compact`: the samples of past sessions, packed tighter."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tui.options import folder_and_settings, with_data


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_data
@click.pass_context
def compact(ctx: click.Context, as_json: bool, data: Path | None) -> None:
    """Pack the samples of sessions that have ended: the same samples, to the bit, in less than half the room.

    Safe at any time, also beside a running session. Ctrl-C leaves the record as it was.
    """
    from feedback.history import open_for_reading
    from feedback.history.compaction import compact as pack
    from feedback.history.records import plain
    from tui.console import tell_recovered
    from tui.opening import HISTORY_FILE
    from tui.working import working

    folder, _ = folder_and_settings(ctx, data)
    with open_for_reading(folder / HISTORY_FILE) as record:
        tell_recovered(record.recover())
        with working("packing") as work:
            result = pack(record, work=work)
    if as_json:
        click.echo(json.dumps(plain(result)))
        return
    if result.sessions:
        sessions = "1 session" if result.sessions == 1 else f"{result.sessions} sessions"
        click.echo(f"Packed {sessions} ({result.samples} samples).")
    else:
        click.echo("Everything is packed already.")
    if result.room:
        click.echo(f"The file keeps its size for now: {result.room}.")
    elif result.bytes_after < result.bytes_before:
        click.echo(f"{result.bytes_before / 1e6:.1f} MB are now {result.bytes_after / 1e6:.1f} MB.")
    if result.damaged:
        minutes = "1 minute" if result.damaged == 1 else f"{result.damaged} minutes"
        click.echo(f"{minutes} could not be read and stayed as they are: see `goodpain recover`.")
