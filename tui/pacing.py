"""Not drawing faster than the terminal can take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App


def frame_is_welcome(app: App[object]) -> bool:
    """False while the terminal has not yet taken the frame before.

    Textual hands its output to a writer thread through a queue of 30; when a slow terminal or network lets it fill,
    the event loop blocks and the picture lags by seconds. Leaving frames out keeps it current. The queue is private
    to Textual 8.2.8 (pinned); without it every frame is welcome.
    """
    writer = getattr(getattr(app, "_driver", None), "_writer_thread", None)
    queue = getattr(writer, "_queue", None)
    return queue is None or queue.qsize() <= 1
