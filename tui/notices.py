"""What is told for some seconds, a line at a time: the newest first, and what it put aside afterwards.

A notice has one row, so that it hides nothing that matters (see `tui.own_app`). One that is longer than the row is told
in parts. One that is put aside by a newer one, such as the answer to a key, comes back for the time that it still had.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

SHORTEST_S = 2.5
"""A part that is shown less long cannot be read."""
WAITING_MAX = 8
_MORE = " …"


@dataclass(slots=True)
class _Notice:
    words: str
    rest: str
    severity: SeverityLevel
    left_s: float
    about: str


@dataclass(frozen=True, slots=True)
class Line:
    """What stands on the row.

    Attributes:
        text: fits the width it was made for.
        severity: how much it matters.
        seconds: how long it stands if nothing newer comes.
    """

    text: str
    severity: SeverityLevel
    seconds: float


class Notices:
    """Which notice is told when. Time is handed in."""

    def __init__(self) -> None:
        self._waiting: list[_Notice] = []
        self._shown: tuple[_Notice, str] | None = None
        """The notice whose part stands on the row, and what comes after that part."""
        self._until_s = 0.0

    @property
    def words(self) -> tuple[str, ...]:
        """All that is being told or waits, each whole, the newest first."""
        shown = [self._shown[0].words] if self._shown else []
        return (*shown, *(notice.words for notice in reversed(self._waiting)))

    def add(self, words: str, severity: SeverityLevel, seconds: float, now_s: float, about: str = "") -> None:
        """Something new is to be told: it comes at once.

        The same, told before, is not told twice; what was told `about` the same thing is out of date and goes.
        """
        self._put_aside(now_s)
        words = " ".join(words.split())
        self._waiting = [
            notice
            for notice in self._waiting
            if notice.words != words and not (about and notice.about == about)
        ]
        self._waiting.append(_Notice(words, words, severity, max(SHORTEST_S, seconds), about))
        del self._waiting[:-WAITING_MAX]

    def next_line(self, width: int, now_s: float) -> Line | None:
        """What is to stand on a row of `width` cells from now on; None when all has been told."""
        self._put_aside(now_s)
        if not self._waiting:
            return None
        notice = self._waiting.pop()
        text, rest = _first_part(notice.rest, max(10, width))
        share = cell_len(text) / max(1, cell_len(notice.rest))
        seconds = max(SHORTEST_S, notice.left_s * share if rest else notice.left_s)
        self._shown, self._until_s = (notice, rest), now_s + seconds
        return Line(text + _MORE if rest else text, notice.severity, seconds)

    def _put_aside(self, now_s: float) -> None:
        """What stands on the row waits again, with what is left of it."""
        if self._shown is None:
            return
        notice, rest = self._shown
        self._shown = None
        unread_s = self._until_s - now_s
        if unread_s > 0.2:
            notice.left_s = max(SHORTEST_S, unread_s if not rest else notice.left_s)
            self._waiting.append(notice)
        elif rest:
            told = cell_len(notice.rest) - cell_len(rest)
            notice.left_s *= 1 - told / cell_len(notice.rest)
            notice.rest = rest
            self._waiting.append(notice)


def _first_part(text: str, width: int) -> tuple[str, str]:
    """As many words as fit, and the rest; a word that is wider than all of it is cut."""
    if cell_len(text) <= width:
        return text, ""
    room = width - cell_len(_MORE)
    end, cells = 0, 0
    for place, letter in enumerate(text):
        cells += cell_len(letter)
        if cells > room + (letter == " "):
            break
        if letter == " ":
            end = place
    else:
        place = len(text)
    if end == 0:
        return text[:place], text[place:]
    return text[:end], text[end + 1 :]
