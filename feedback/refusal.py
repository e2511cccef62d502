"""Refusals: errors whose message is one sentence for people, whatever the file or the device said that is refused.

The message names what was found. What was found may be of any length and hold anything; so the message is made fit
here, where every error of ours begins, and not wherever one is shown, logged or put into another one.
"""

from __future__ import annotations

import re

from feedback.printable import one_line

QUOTED_MAX = 80
"""Characters of something quoted in a sentence: enough to find it by."""
SENTENCE_MAX = 600
"""Characters of a sentence: the longest of ours lists thirty areas of the body."""

_TAIL = 20
_LONG_QUOTE = re.compile(f"“([^“”]{{{QUOTED_MAX + 1},}})”")


def sentence(text: str) -> str:
    """The text on one printable line, with what is too long in it cut in its middle."""
    if len(text) > QUOTED_MAX:
        text = _LONG_QUOTE.sub(lambda found: f"“{_cut(found[1], QUOTED_MAX)}”", text)
    return one_line(_cut(text, SENTENCE_MAX))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - _TAIL - 1]}…{text[-_TAIL:]}"


class Refusal(Exception):  # noqa: N818 - what its kinds say of themselves ends in Error
    """Base of the errors that we raise on purpose: the message is a `sentence`."""

    def __init__(self, *said: object) -> None:
        super().__init__(*(sentence(one) if isinstance(one, str) else one for one in said))
