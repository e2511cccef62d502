"""What a screen shows are words of people and devices: never markup, and nothing that a terminal would obey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from textual.app import App
from textual.filter import LineFilter

from feedback.printable import UNPRINTABLE

if TYPE_CHECKING:
    from textual.color import Color
    from textual.notifications import SeverityLevel


class OnlyPrintable(LineFilter):
    """The last room before the terminal: nothing of a row that is drawn moves, hides or turns anything.

    What it takes out has no width, so a row stays as wide as it was laid out.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, those with unprintable characters without them."""
        if not any(UNPRINTABLE.search(text) for text, _, control in segments if not control):
            return segments
        return [
            segment if segment.control else Segment(_clean(segment.text), segment.style)
            for segment in segments
        ]


def _clean(text: str) -> str:
    # A soft hyphen is the one among them that has a width.
    return UNPRINTABLE.sub(lambda found: " " * cell_len(found.group()), text)


class PlainWordsApp(App[None]):
    """An application whose every row goes through `OnlyPrintable`, and whose notices are never markup.

    A widget that shows text of others says `markup=False`, or shows a `rich.text.Text`.
    """

    def __init__(self, **how: Any) -> None:
        """As Textual's; `how` is handed on."""
        super().__init__(**how)
        self._filters.append(OnlyPrintable())
        # What ends the application unforeseen may quote anything: without colours no sequence is needed.
        self.error_console = Console(markup=False, highlight=False, stderr=True, color_system=None)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """As Textual's, but the message is never markup, whatever `markup` says: it may quote anything."""
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)
