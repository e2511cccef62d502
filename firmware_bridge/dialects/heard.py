"""What a sensor says in words, before anybody repeats it.

A sensor is not believed to be friendly, or well: its words go to a terminal, to the record and into file names. Here,
where they come in, they become short lines without anything that a terminal would obey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from feedback.printable import UNPRINTABLE, one_line
from firmware_bridge.dialects.base import Log, Message, Meta

KEY_MAX = 64
"""Characters of a META key that are kept."""
VALUE_MAX = 120
"""Characters of a META value that are kept; a file name of a serial number holds them, whatever they are."""
KEYS_MAX = 64
"""So many things a sensor tells about itself; of ours each tells a dozen. Further ones are not taken in."""
LOG_MAX = 500
"""Characters of a text for people that are kept."""


def as_heard(message: Message) -> Message:
    """The message with its words on one line each, bounded and printable; numbers are left alone."""
    match message:
        case Meta(values=values):
            if len(values) > KEYS_MAX:
                values = dict(islice(values.items(), KEYS_MAX))
            elif all(_fits(key, KEY_MAX) and _fits(value, VALUE_MAX) for key, value in values.items()):
                return message
            return replace(
                message, values={one_line(k, KEY_MAX): one_line(v, VALUE_MAX) for k, v in values.items()}
            )
        case Log(text=text):
            return message if _fits(text, LOG_MAX) else replace(message, text=one_line(text.strip(), LOG_MAX))
        case _:
            return message


def told_so_far(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """What a sensor has told about itself, the newest word of each kind; `KEYS_MAX` of them at most."""
    told = dict(before)
    for key, value in now.items():
        if key in told or len(told) < KEYS_MAX:
            told[key] = value
    return told


def _fits(text: str, limit: int) -> bool:
    return len(text) <= limit and UNPRINTABLE.search(text) is None and "\n" not in text and "\t" not in text
