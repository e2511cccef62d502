"""Where the pain of a trigger point goes, prefilled from the atlas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tui.screens.dialogs import DIALOG_CSS

if TYPE_CHECKING:
    from feedback.points import Point
    from tui.widgets.live_strip import LiveStrip


class ReferredDialog(ModalScreen["str | None"]):
    """Gives the words as they were confirmed or changed; nothing when it was left.

    Args:
        point: the trigger point.
        usual: where its pain is usually felt.
        strip: the line of the session that goes on.
    """

    DEFAULT_CSS = DIALOG_CSS.format(name="ReferredDialog")
    BINDINGS = [Binding("escape", "dismiss(None)", "Leave")]

    def __init__(self, point: Point, usual: str, strip: LiveStrip | None = None) -> None:
        super().__init__()
        self._strip = strip
        self._point = point
        self._usual = usual

    def compose(self) -> ComposeResult:
        """Point, words."""
        if self._strip is not None:
            yield self._strip
        with Vertical():
            yield Label(f"{self._point}: where does its pain go?", classes="title", markup=False)
            yield Input(self._usual, placeholder="nowhere else", max_length=300)
            yield Label("As it usually is. Enter keeps it, Esc leaves it out.", classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(event.value.strip())
