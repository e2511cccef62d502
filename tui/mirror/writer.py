"""The session's end of a mirror: follows the live loop and never holds it up."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from tui.mirror.place import file_name, make_private, mirror_folder, sweep
from tui.mirror.slot import SlotWriter
from tui.mirror.snapshot import snapshot_of, to_bytes

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from feedback.view import LiveView

WRITES_PER_S = 25.0


class MirrorWriter:
    """Writes what a live loop shows into a file that mirrors read, 25 times a second and at once when the cue changes.

    A thread of its own writes: a disk that makes it wait never makes the session wait. What goes wrong is kept in
    `problem` and ends the mirror, not the session.

    Args:
        data: folder of the record.
        session_id: of the session in it.
        folder: where mirrors look; the user's own by default.
    """

    def __init__(self, data: Path, session_id: UUID, folder: Path | None = None) -> None:
        self.problem = ""
        """Why mirrors show nothing, as a sentence; empty while they can."""
        self._slot: SlotWriter | None = None
        self._view: LiveView | None = None
        self._told: object = None
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._at_once = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="goodpain-mirror", daemon=True)
        where = mirror_folder() if folder is None else folder
        try:
            make_private(where)
            sweep(where)
            self._slot = SlotWriter(where / file_name(data, session_id))
        except OSError as error:
            self._give_up(error)
        else:
            self._thread.start()

    def follow(self, view: LiveView) -> None:
        """Show this view; returns at once."""
        told = (view.asked, view.alarm is not None, view.waits, len(view.heard))
        with self._lock:
            self._view = view
            changed, self._told = told != self._told, told
        self._news.set()
        if changed:
            self._at_once.set()

    def close(self) -> None:
        """The session has ended; mirrors say so. A second call does nothing."""
        self._stop.set()
        self._news.set()
        self._at_once.set()
        if self._thread.is_alive():
            self._thread.join(1.0)
        slot, self._slot = self._slot, None
        if slot is not None:
            with contextlib.suppress(OSError):
                slot.end()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._news.wait()
            self._news.clear()
            with self._lock:
                view, self._view = self._view, None
            if view is not None and self._slot is not None:
                try:
                    self._slot.write(to_bytes(snapshot_of(view)))
                except Exception as error:
                    self._give_up(error)
                    return
            self._at_once.wait(1 / WRITES_PER_S)
            self._at_once.clear()

    def _give_up(self, error: Exception) -> None:
        self.problem = f"mirrors cannot show this session: {error}"
