"""What every command says and hears at the console it was started from."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from feedback.history import RecoveredSession


def tell_recovered(recovered: list[RecoveredSession]) -> None:
    """Say on stderr what an earlier run left cut off."""
    for session in recovered:
        tell(
            f"a session of {session.client_code} that was cut off is closed now, with "
            f"{session.duration_s:.1f} s of samples"
        )


def tell(sentence: str) -> None:
    """Say something on stderr; that nobody reads it any more stops nothing."""
    with contextlib.suppress(OSError):
        click.echo(f"goodpain: {sentence}", err=True)


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and SIGHUP set, so that a session always ends in order."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), on_signal) for name in names}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
