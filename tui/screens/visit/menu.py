"""What a therapist may want besides the pressure, a letter each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.visit.choices import Choice, ChoiceScreen
from tui.screens.visit.desk import CareDesk

if TYPE_CHECKING:
    from tui.live_loop import LiveLoop
    from tui.opening import Studio
    from tui.wanted import Visit

CHOICES = (
    Choice("k", "check", "Check before the session", "what calls for special care"),
    Choice("a", "assessment", "Assessment", "where it hurts, what was found, what keeps it going"),
    Choice("p", "plan", "Plan and response", "visits, weeks, homework"),
    Choice("s", "soreness", "Soreness", "after the last visit, beside its dose"),
    Choice("t", "technique", "Technique", "what is coached"),
    Choice("h", "hands", "My hands", "dose, rest and sag so far"),
)


class CareMenu(ChoiceScreen):
    """Opens the sheet that is chosen in its own place; the session goes on behind.

    Args:
        studio: the open record and all lists.
        loop: the session.
        visit: who is pressed where.
    """

    def __init__(self, studio: Studio, loop: LiveLoop, visit: Visit) -> None:
        super().__init__("Care", CHOICES, loop=loop, unit=studio.settings.unit)
        self._studio = studio
        self._session_loop = loop
        self._code = visit.client_code

    def choose(self, key: str | None) -> None:
        """Open what was chosen."""
        desk = CareDesk(self.app, self._studio, self._code, self._session_loop)
        self.dismiss(None)
        if key is not None:
            self.app.call_later(getattr(desk, f"open_{key}"))
