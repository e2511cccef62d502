"""A program that was asked to end does so, also where nobody reads its terminal or no memory is left."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 3.0
"""So long after it was asked to end the program waits for a terminal that takes nothing."""
STUCK_EXIT = 143
"""Exit code when nobody reads the terminal: as after SIGTERM."""


class Ending:
    """Sees from beside to it that an application ends.

    Its thread is there before it is needed. In a system without memory a new thread may die before its first line, and
    whoever starts it waits for it for ever (CPython, `Thread.start`).
    """

    def __init__(self, ask_again: Callable[[], None]) -> None:
        """Begin to wait.

        Args:
            ask_again: asks the application to end; called from another thread, again and again until it has.
        """
        self._ask_again = ask_again
        self._asked, self._ended, self._words_only = (threading.Event() for _ in range(3))
        threading.Thread(target=self._see_to_it, name="goodpain-ending", daemon=True).start()

    def asked(self) -> None:
        """The application has been asked; for a handler of signals."""
        self._asked.set()

    def ended(self) -> None:
        """The application has ended; the program has not yet."""
        self._ended.set()

    def words_only(self, *, stuck: bool) -> None:
        """All is on the disk and only words are left: a terminal that nobody reads does not hold the program up.

        What Python itself writes at its end would wait as well.

        Args:
            stuck: nobody reads it; the program ends here.
        """
        if stuck:
            os._exit(STUCK_EXIT)
        self._words_only.set()

    def _see_to_it(self) -> None:
        self._asked.wait()
        while not self._ended.wait(PATIENCE_S):
            with contextlib.suppress(MemoryError):
                self._ask_again()
        self._words_only.wait()
        threading.Event().wait(PATIENCE_S)
        os._exit(STUCK_EXIT)
