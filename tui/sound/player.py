"""The process that plays: `python -m tui.sound.player`, started and ended by `tui.sound.child`.

It is a process of its own so that whatever a sound library or a driver does - write to the terminal, wait, crash -
does not reach the screen. It reads lines from stdin and ends with it:

    TONE GAIN SENT_S        begin this tone (a `feedback.tones.Tone`) at a gain from 0 to 1

`SENT_S` is the sender's `time.monotonic()`. Of lines that came together only the newest counts, and one that is older
than `STALE_S` is not played: a tone tells what is now. On stdout it says one line at a time:

    ready BACKEND           there is a sound card
    no-library | no-card    there is none, and it ends
    card-gone               there was one, and it ends
    heard                   after each read

Environment: `GOODPAIN_SOUND_BACKEND` names a backend of miniaudio, `null` among them, which plays to nowhere (with
`bell` this process is not even started);
`GOODPAIN_SOUND_LOG` names a file to which each tone is added with its times of arrival and of sending and its gain.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, NoReturn

from feedback.private_file import private
from feedback.tones import Tone
from tui.sound.mixer import Mixer
from tui.sound.waves import RATE_HZ, wave_of

if TYPE_CHECKING:
    from miniaudio import PlaybackDevice

STALE_S = 0.5
PERIOD_MS = 20
"""Of the sound card: short enough not to be felt, long enough for a busy machine."""
CARD_GONE_S = 2.0
"""A card that asks for nothing for so long is gone; a library does not always say so."""


def main() -> None:
    """Play until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's affair; its end is ours
    mixer = Mixer()
    card = start_card(mixer)
    say(f"ready {card.backend}")
    threading.Thread(target=watch_card, args=(mixer,), daemon=True).start()
    log = os.environ.get("GOODPAIN_SOUND_LOG", "")
    listen(mixer, (lambda line: note(log, line)) if log else None)
    leave(0)


def start_card(mixer: Mixer) -> PlaybackDevice:
    """Begin to play what the mixer gives, for as long as the card is kept. Ends the process when there is none."""
    try:
        import miniaudio
    except ImportError:
        say("no-library")
        leave(3)
    wanted = os.environ.get("GOODPAIN_SOUND_BACKEND", "").upper()
    try:
        card = miniaudio.PlaybackDevice(
            output_format=miniaudio.SampleFormat.FLOAT32,
            nchannels=1,
            sample_rate=RATE_HZ,
            buffersize_msec=PERIOD_MS,
            backends=[miniaudio.Backend[wanted]] if wanted else None,
            app_name="Goodpain",
        )
        frames = feed(mixer)
        next(frames)
        card.start(frames)
    except (miniaudio.MiniaudioError, KeyError):
        say("no-card")
        leave(4)
    if card.backend == "Null" and wanted != "NULL":
        say("no-card")  # where no sound system is found at all, the library plays to nowhere without a word
        leave(4)
    return card


def feed(mixer: Mixer) -> Generator[bytes, int, None]:
    """Frames as the library asks for them."""
    n = yield b""
    while True:
        n = yield mixer.read(n).tobytes()


def watch_card(mixer: Mixer) -> None:
    """End the process when the card has gone."""
    reads = -1
    while mixer.reads != reads:
        reads = mixer.reads
        time.sleep(CARD_GONE_S)
    say("card-gone")
    leave(5)


def listen(mixer: Mixer, told: Callable[[str], None] | None) -> None:
    """Play what stdin says until it ends."""
    waves = {tone: wave_of(tone) for tone in Tone}
    rest = b""
    while data := os.read(0, 65536):
        arrived_s = time.monotonic()
        *lines, rest = (rest + data).split(b"\n")
        say("heard")
        if lines and (order := order_of(lines[-1])):
            tone, gain, sent_s = order
            if arrived_s - sent_s <= STALE_S:
                mixer.play(waves[tone], gain)
            if told:
                told(f"{arrived_s:.6f} {sent_s:.6f} {gain:.2f} {tone}\n")


def order_of(line: bytes) -> tuple[Tone, float, float] | None:
    """A line's tone, gain and time of sending; None when it is not understood."""
    try:
        tone, gain, sent_s = line.decode("ascii").split(" ")
        order = Tone(tone), float(gain), float(sent_s)
    except ValueError:
        return None
    return order if math.isfinite(order[1]) and math.isfinite(order[2]) else None


def note(path: str, line: str) -> None:
    """Add a line to a file, for measuring."""
    with open(path, "a", encoding="ascii", opener=private) as file:
        file.write(line)


def say(line: str) -> None:
    """Tell the parent; when it is not there any more, neither are we."""
    try:
        os.write(1, line.encode("ascii", "replace") + b"\n")
    except OSError:
        leave(0)


def leave(code: int) -> NoReturn:
    """End at once: closing a card can wait for a driver that does not answer."""
    with contextlib.suppress(OSError):
        os.close(1)
    os._exit(code)


if __name__ == "__main__":
    main()
