"""Long work on the record: how far it is, and whether it is still wanted."""

from __future__ import annotations

from typing import Protocol

from feedback.history.errors import HistoryError


class CancelledError(HistoryError):
    """The user gave up a long piece of work; everything is as if it had not begun."""


class Work(Protocol):
    """Whoever waits for a long piece of work."""

    def step(self, done: float, total: float, what: str = "") -> None:
        """So much is done.

        Called often, from the thread that works; cheap enough for once a row in a thousand.

        Args:
            done: 0 to `total`, in whatever unit the work counts.
            total: more than 0; may grow when more is found.
            what: what is being done now, in a word or two.

        Raises:
            Cancelled: it is not wanted any more. The work puts everything back and lets this pass.
        """
        ...


class Silent:
    """Nobody waits for it to be told, and nobody gives up."""

    def step(self, done: float, total: float, what: str = "") -> None:
        """Do nothing."""


SILENT: Work = Silent()
"""For work that nobody watches; it holds no state."""
