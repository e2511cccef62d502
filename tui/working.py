"""Long work in a terminal: a line with the time left on stderr, and Ctrl-C to give up."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from feedback.history.work import CancelledError
from feedback.printable import one_line
from tui.printable import own_sequences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedback.history.work import Work

_STEPS = 1000


def _shown(what: str | None) -> str:
    return one_line(what or "")


class Working:
    """Shows a bar on stderr where that is a terminal; the first Ctrl-C cancels at the next step."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._asked = threading.Event()
        self._bar = None
        if sys.stderr.isatty():
            self._bar = click.progressbar(
                length=_STEPS,
                label=one_line(label),
                show_eta=True,
                file=own_sequences(sys.stderr),
                item_show_func=_shown,
                width=30,
            )
        self._at = 0
        self._what = ""

    def cancel(self) -> None:
        """Give up at the next step."""
        self._asked.set()

    def step(self, done: float, total: float, what: str = "") -> None:
        """So much is done; see `feedback.history.work.Work`."""
        if self._asked.is_set():
            raise CancelledError(f"{self._label} was cancelled: everything is as it was before")
        at = min(_STEPS, int(_STEPS * done / total)) if total > 0 else 0
        if self._bar is not None and (at > self._at or what != self._what):
            self._bar.update(max(0, at - self._at), current_item=what)
            self._at, self._what = max(at, self._at), what

    def finish(self) -> None:
        """Leave the line."""
        if self._bar is not None:
            self._bar.render_finish()


@contextmanager
def working(label: str) -> Iterator[Work]:
    """A bar for long work, while the block runs.

    Ctrl-C cancels: the work puts everything back, and the command ends with one sentence and exit code 130.
    A second Ctrl-C ends at once. Outside of the main thread Ctrl-C stays what it is.
    """
    watched = Working(label)
    main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT) if main else None

    def give_up(*_: object) -> None:
        watched.cancel()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if main:
        signal.signal(signal.SIGINT, give_up)
    try:
        yield watched
    except CancelledError as error:
        watched.finish()
        click.echo(f"goodpain: {error}", err=True)
        raise click.exceptions.Exit(130) from None
    finally:
        watched.finish()
        if main:
            signal.signal(signal.SIGINT, before)
