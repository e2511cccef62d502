"""The sheets of a visit: opening card, check, assessment, plan, soreness, technique, hands, and the card at its end.

    opening card ─► check ─► live screen ─┬─► care menu ─► check, assessment, plan, soreness, technique, hands
                                          └─► card at the end

`care_menu` is the way in from a running session; `desk.CareDesk` reads and keeps what the sheets show and give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.visit.menu import CareMenu
from tui.screens.visit.technique import TechniqueScreen

if TYPE_CHECKING:
    from tui.live_loop import LiveLoop
    from tui.opening import Studio
    from tui.wanted import Visit

__all__ = ["CareMenu", "TechniqueScreen", "care_menu", "technique_menu"]


def care_menu(studio: Studio, loop: LiveLoop, visit: Visit) -> CareMenu:
    """The menu over a running session; push it onto the application's screens."""
    return CareMenu(studio, loop, visit)


def technique_menu(studio: Studio, loop: LiveLoop, visit: Visit) -> TechniqueScreen:
    """The choice of a technique over a running session; push it onto the application's screens."""
    del visit  # every client has the same techniques to choose from
    return TechniqueScreen(studio, loop)
