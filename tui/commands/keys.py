"""`goodpain keys`: which key means what, and learning others."""

from __future__ import annotations

from pathlib import Path

import click

from tui.commands.live import has_terminal
from tui.options import folder_and_settings, with_data


@click.command()
@click.option("--list", "listed", is_flag=True, help="List the keys in force and nothing else.")
@with_data
@click.pass_context
def keys(ctx: click.Context, listed: bool, data: Path | None) -> None:
    """Learn keys: press the one on your pedal, clicker or number pad that should mean “too much”.

    They are kept under [keys] in the settings file. Without a terminal the keys in force are listed.
    """
    from tui.keys import check_keymap

    _, settings = folder_and_settings(ctx, data)
    check_keymap(settings.keys)
    if listed or not has_terminal():
        from tui.key_table import KeyTable

        table = KeyTable(settings.keys)
        for action in table.actions:
            names = ", ".join(table.keys(action.id)) or "no key"
            click.echo(f"{action.id:<14} {action.words:<24} {names}")
        return
    from tui.app import check_theme
    from tui.screens.learn_keys import KeysApp

    app = KeysApp(settings)
    check_theme(app, settings)
    app.run()
