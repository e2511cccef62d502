"""`goodpain review`: the record, looked through."""

from __future__ import annotations

from pathlib import Path

import click

from tui.commands.live import has_terminal
from tui.options import folder_and_settings, with_data


@click.command()
@click.option("--client", metavar="CODE", help="Begin at this client.")
@with_data
@click.pass_context
def review(ctx: click.Context, client: str | None, data: Path | None) -> None:
    """Look through the record: clients, points, visits, presses; replay, compare and correct them.

    Letters filter, arrows move, Enter goes in. Without a terminal use `goodpain history`, `care` or `export`.
    """
    folder, settings = folder_and_settings(ctx, data)
    if not has_terminal():
        raise click.ClickException(
            "review needs a terminal to be looked at in: `goodpain history`, `goodpain care` and `goodpain export` "
            "write the same as text"
        )
    from tui.review_app import run_review

    if told := run_review(folder, settings, client):
        click.echo(told)
