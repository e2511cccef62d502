"""A terminal that is gone, or that nobody reads, does not keep the program from ending in order.

Textual hands what it draws to a thread through a queue of 30. Where the terminal is closed, that thread ends with the
first write that fails; where nobody reads it, the thread waits for ever. In both cases the queue fills, and the
application waits for room in it, also when it is to end.
"""

from __future__ import annotations

import queue
import threading
import time

from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

LOOK_EVERY_S = 0.2
STOP_WITHIN_S = 1.0
"""So long the last picture may take to reach the terminal."""


class SteadyWriter(WriterThread):
    """Writes to the terminal for as long as there is one.

    Attributes:
        gone: nobody is there to draw for any more; what is written from then on is dropped.
    """

    def __init__(self, file: object) -> None:
        super().__init__(file)  # type: ignore[arg-type]
        self.gone = threading.Event()

    def write(self, text: str | None) -> None:  # type: ignore[override]
        """Wait for room in the queue, unless nobody is there."""
        while not self.gone.is_set():
            try:
                self._queue.put(text, timeout=LOOK_EVERY_S)
            except queue.Full:
                continue
            return

    def run(self) -> None:
        """Write until told to stop, or until the terminal refuses."""
        try:
            super().run()
        except (OSError, ValueError):
            self.gone.set()

    def stop(self) -> None:
        """Stop, and wait for a while until all is written."""
        end_s = time.monotonic() + STOP_WITHIN_S
        while not self.gone.is_set() and time.monotonic() < end_s:
            try:
                self._queue.put(None, timeout=LOOK_EVERY_S)
            except queue.Full:
                continue
            self.join(max(0.0, end_s - time.monotonic()))
            break
        if self.is_alive():
            self.gone.set()

    @property
    def stuck(self) -> bool:
        """The terminal takes nothing more: whoever writes to it waits for ever."""
        return self.gone.is_set() and self.is_alive()


class SteadyDriver(LinuxDriver):
    """Textual's driver, with a `SteadyWriter`."""

    @property
    def _writer_thread(self) -> WriterThread | None:
        return self._writer

    @_writer_thread.setter
    def _writer_thread(  # pyright: ignore[reportIncompatibleVariableOverride]
        self, writer: WriterThread | None
    ) -> None:
        # Textual 8.2.8 (pinned) makes its own where it begins to draw, and starts it in the next statement.
        self._writer = None if writer is None else SteadyWriter(self._file)

    @property
    def stuck(self) -> bool:
        """Nobody reads the terminal."""
        return isinstance(self._writer, SteadyWriter) and self._writer.stuck

    def let_go(self) -> None:
        """Whoever waits for the terminal now waits no longer."""
        if isinstance(self._writer, SteadyWriter):
            self._writer.gone.set()
