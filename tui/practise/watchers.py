"""Those who are shown a running attempt: its sound, a simulated hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui.waking import FOLLOW_EVERY_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from feedback.drills import AttemptView


class Watcher(Protocol):
    """Someone who is shown the running attempt: the sound, a simulated hand."""

    def follow(self, view: AttemptView) -> None:
        """The attempt as of now, about 25 times a second, from the run's own thread; it must not wait.

        When it raises, it is closed and told once, and the attempt goes on without it.
        """
        ...

    def close(self) -> None:
        """The attempt is over."""
        ...


class Watchers:
    """Several of them; who fails is let go, and the others go on.

    Args:
        watchers: to begin with.
        tell: takes a sentence about one that failed.
    """

    def __init__(self, watchers: Sequence[Watcher], tell: Callable[[str], None]) -> None:
        self._watchers = list(watchers)
        self._tell = tell
        self._shown_s = float("-inf")

    def show(self, view: Callable[[], AttemptView], now_s: float) -> None:
        """Show them the attempt, if it is time to by the wall clock."""
        if not self._watchers or now_s - self._shown_s < FOLLOW_EVERY_S:
            return
        self._shown_s = now_s
        seen = view()
        for watcher in list(self._watchers):
            try:
                watcher.follow(seen)
            except Exception as error:
                self._failed(watcher, error)
                self._let_go(watcher)

    def close(self) -> None:
        """The attempt is over."""
        for watcher in list(self._watchers):
            self._let_go(watcher)

    def _let_go(self, watcher: Watcher) -> None:
        self._watchers.remove(watcher)
        try:
            watcher.close()
        except Exception as error:
            self._failed(watcher, error)

    def _failed(self, watcher: Watcher, error: Exception) -> None:
        self._tell(f"the {type(watcher).__name__.lower()} failed ({error!r}): the attempt goes on without it")
