"""`goodpain sound`: hear the tones, to learn them and to set the loudspeaker."""

from __future__ import annotations

import time
from pathlib import Path

import click

from feedback.tones import Tone
from tui.options import folder_and_settings, with_data

MEANINGS = {
    Tone.TOO_LITTLE: "one note up: press more",
    Tone.TOO_MUCH: "two notes down: ease off",
    Tone.STOP: "four fast beeps, again and again: stop; it ends when you ease off",
    Tone.PHASE_END: "a bell: this part is done, look what comes next",
    Tone.SLOWER: "one soft note down, while raising: not so fast",
    Tone.FASTER: "two short notes up, while raising: faster",
    Tone.SIGNAL_LOST: "three low notes: no signal from the sensor",
}
READY_WITHIN_S = 5.0
BETWEEN_S = 1.2


@click.command()
@click.argument("tones", nargs=-1, type=click.Choice([tone.value for tone in MEANINGS]))
@click.option(
    "--volume",
    type=click.FloatRange(0, 1, min_open=True),
    help="Above 0 to 1 (default: as set); the alarm is never soft.",
)
@with_data
@click.pass_context
def sound(ctx: click.Context, tones: tuple[str, ...], volume: float | None, data: Path | None) -> None:
    """Play the tones of a session and say what they mean; all of them, or those named.

    In the band it is silent. On the live screen they are played as they are due.
    """
    from tui.sound import Sound
    from tui.sound.child import Child

    _, settings = folder_and_settings(ctx, data)
    child = Child()
    player = Sound(volume=settings.volume if volume is None else volume, output=child)
    try:
        end_s = time.monotonic() + READY_WITHIN_S
        while not child.ready and not child.problem and time.monotonic() < end_s:
            time.sleep(0.02)
        if not child.ready:
            raise click.ClickException(
                f"no tone can be played: {child.problem or 'the sound process does not get ready'}; "
                "in a session the terminal's bell rings instead, and the screen flashes"
            )
        for tone in [Tone(name) for name in tones] or MEANINGS:
            click.echo(f"{tone.words:<12} {MEANINGS[tone]}")
            now_s = time.monotonic()
            child.send(f"{tone} {player.gain(tone):.2f} {now_s:.6f}", now_s)
            time.sleep(BETWEEN_S)
    finally:
        player.close()
