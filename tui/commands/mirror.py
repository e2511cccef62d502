"""`goodpain mirror`: the running session, large and simple, in another terminal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commands.live import has_terminal
from tui.options import folder_and_settings, with_data

if TYPE_CHECKING:
    from feedback.units import PressureUnit
    from tui.mirror.faces import FaceKind
    from tui.mirror.reader import MirrorReader


@click.command()
@click.option(
    "--face",
    type=click.Choice(["observer", "client"]),
    default="observer",
    show_default=True,
    help="Whom it is for: an observer sees figures, the client comfort words and the 0-10 scale.",
)
@click.option(
    "--session",
    "wanted",
    default="",
    metavar="CODE",
    help="A client's code or the beginning of a session's id (default: the newest session that runs).",
)
@click.option("--plain", is_flag=True, help="Lines of text instead of a screen.")
@click.option("--for", "seconds", type=click.FloatRange(0, min_open=True), help="End after SECONDS.")
@with_data
@click.pass_context
def mirror(
    ctx: click.Context, face: str, wanted: str, plain: bool, seconds: float | None, data: Path | None
) -> None:
    """A second face of the running session, for the client or an observer: read only.

    It may be started before the session, several times, and ended at any time. Nothing of it reaches the session.
    """
    from tui.mirror.faces import FaceKind
    from tui.mirror.place import mirror_folder
    from tui.mirror.reader import MirrorReader

    folder, settings = folder_and_settings(ctx, data)
    reader = MirrorReader(mirror_folder(), (folder, folder / "demo"), wanted)
    try:
        if plain or not has_terminal():
            _lines(reader, FaceKind(face), settings.unit, wanted, seconds)
        else:
            from tui.app import check_theme
            from tui.mirror.screen import MirrorApp

            app = MirrorApp(reader, settings, FaceKind(face), wanted)
            check_theme(app, settings)
            if seconds is not None:
                app.call_later(lambda: app.set_timer(seconds, app.exit))
            app.run()
    finally:
        reader.close()


def _lines(
    reader: MirrorReader, kind: FaceKind, unit: PressureUnit, wanted: str, seconds: float | None
) -> None:
    """One line when the cue changes or something is said, and one a second."""
    from tui.console import stopped_by_signals
    from tui.mirror.faces import cue_of, line_of

    begun_s = time.monotonic()
    told: object = None
    with stopped_by_signals() as stop:
        while not stop.is_set():
            now_s = time.monotonic()
            if seconds is not None and now_s - begun_s >= seconds:
                return
            seen = reader.look(now_s)
            word = cue_of(seen, kind, unit, wanted).face.word
            running = seen.snapshot is not None
            said = seen.snapshot.said if seen.snapshot else ""
            key = (word, said, int(now_s - begun_s) if running else None)
            if key != told:
                told = key
                click.echo(f"{now_s - begun_s:7.1f} s  {line_of(seen, kind, unit, wanted)}")
            stop.wait(0.04)
