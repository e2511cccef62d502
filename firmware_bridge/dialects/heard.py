"""What a sensor says in words, before anybody repeats it.

A sensor is not believed to be friendly, or well: its words go to a terminal, to the record and into file names. Here,
where they come in, they become short lines without anything that a terminal would obey.
"""

from __future__ import annotations

from dataclasses import replace

from feedback.printable import UNPRINTABLE, one_line
from firmware_bridge.dialects.base import Log, Message, Meta

KEY_MAX = 64
"""Characters of a META key that are kept."""
VALUE_MAX = 120
"""Characters of a META value that are kept; a file name of a serial number holds them, whatever they are."""
LOG_MAX = 500
"""Characters of a text for people that are kept."""


def as_heard(message: Message) -> Message:
    """The message with its words on one line each, bounded and printable; numbers are left alone."""
    match message:
        case Meta(values=values):
            if all(_fits(key, KEY_MAX) and _fits(value, VALUE_MAX) for key, value in values.items()):
                return message
            return replace(
                message, values={one_line(k, KEY_MAX): one_line(v, VALUE_MAX) for k, v in values.items()}
            )
        case Log(text=text):
            return message if _fits(text, LOG_MAX) else replace(message, text=one_line(text.strip(), LOG_MAX))
        case _:
            return message


def _fits(text: str, limit: int) -> bool:
    return len(text) <= limit and UNPRINTABLE.search(text) is None and "\n" not in text and "\t" not in text
