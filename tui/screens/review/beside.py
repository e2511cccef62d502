"""The review beside a running session: what was done last time at this point."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from feedback.history import utc_now
from tui.screens.review.browser import ReviewScreen
from tui.screens.review.lists import Start
from tui.screens.review.page import Desk

if TYPE_CHECKING:
    from tui.live_loop import LiveLoop
    from tui.opening import Studio
    from tui.wanted import Visit


def last_time(studio: Studio, loop: LiveLoop, visit: Visit) -> ReviewScreen:
    """The visits of the point that is pressed now, the last one before this session first.

    Args:
        studio: the open record and all lists.
        loop: the session, which goes on; its line stays on top, and turns red as a whole on an alarm.
        visit: who is pressed where.
    """
    desk = Desk(studio.history, studio.settings, studio.shelf, utc_now, time.monotonic, loop)
    return ReviewScreen(desk, Start(visit.client_code, visit.point))
