"""Text of others that a terminal can be trusted with.

A terminal obeys what it is sent: an escape sequence in a device's name can rename the window, read the screen back as
typed keys or hide what stands beside it (ECMA-48; CVE-2003-0063 and its kin), and a mark that turns the direction of
writing makes one word look like another (Unicode Technical Report 36; CVE-2021-42574). Whoever writes to a terminal
passes what comes from outside through here.
"""

from __future__ import annotations

import re

REPLACEMENT = "�"
"""Stands where something was that is not shown: U+FFFD."""

UNPRINTABLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but for tab and line feed, DEL, C1
    "\u00ad\u061c\u180e\u200b\u200e\u200f"  # soft hyphen, Arabic letter mark, invisible spaces, LRM, RLM
    "\u2028-\u202e\u2060-\u206f"  # line and paragraph separators, embeddings, overrides, isolates, invisibles
    "\ud800-\udfff"  # bytes of a file name that are no text
    "\ufeff\ufff9-\ufffb\ufffe\uffff"  # byte order mark, interlinear annotation, no characters at all
    "\U000e0000-\U000e0fff"  # tags, and variation selectors without end
    "]"
)
"""What is never written. Joiners (U+200C, U+200D) are part of words and of emoji, and stay."""

_SPACES = re.compile("[\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


def printable(text: str) -> str:
    """The same text with `REPLACEMENT` for whatever moves, colours, hides or turns; tabs and line ends stay."""
    return UNPRINTABLE.sub(REPLACEMENT, text)


def one_line(text: str, limit: int | None = None) -> str:
    """`printable`, on one line: line ends and tabs become a space; `limit` characters at most, then “…”."""
    if limit is not None and len(text) > limit:
        text = f"{text[: max(0, limit - 1)]}…"
    return printable(_SPACES.sub(" ", text))
