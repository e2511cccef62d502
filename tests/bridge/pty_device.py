"""A device on a pseudo-terminal: a port with a path that a test can play bytes into, unplug and plug in again."""

from __future__ import annotations

import os
import select
import time
import tty
from pathlib import Path


class PtyDevice:
    """The device's end of a pty behind a symbolic link, which is the path of the port (POSIX only).

    Unplugging closes the device's end: whoever has the port open sees what a pulled USB plug shows.
    """

    def __init__(self, link: Path) -> None:
        self.link = link
        self._master = -1
        self.plug_in()

    @property
    def url(self) -> str:
        return str(self.link)

    def plug_in(self) -> None:
        master, slave = os.openpty()
        tty.setraw(slave)
        name = os.ttyname(slave)
        os.close(slave)
        os.set_blocking(master, False)
        self._master = master
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(name)

    def unplug(self) -> None:
        self.link.unlink(missing_ok=True)
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def send(self, data: bytes) -> None:
        """Send all bytes, waiting while the port's buffer is full.

        Raises:
            AssertionError: it has been full for twenty seconds.
        """
        view = memoryview(data)
        end_s = time.monotonic() + 20.0
        while view:
            try:
                view = view[os.write(self._master, view[:1024]) :]
            except BlockingIOError:
                select.select([], [self._master], [], 1.0)
                if time.monotonic() > end_s:
                    raise AssertionError("nobody reads the port") from None

    def received(self) -> bytes:
        """What the host has sent since the last call."""
        try:
            return os.read(self._master, 65536)
        except OSError:
            return b""

    def __enter__(self) -> PtyDevice:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()
