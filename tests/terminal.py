"""The installed program in a real pseudo-terminal: what it writes, when, and what that looks like."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import pyte
from ptyprocess import PtyProcess

GOODPAIN = Path(sys.executable).with_name("goodpain")


class Terminal:
    """One program in a terminal of its own.

    `chunks` keeps everything it wrote as (time.monotonic() of the read, bytes); `screen()` is what a person sees now.
    """

    def __init__(self, *arguments: str | Path, rows: int = 24, columns: int = 80, **environment: str) -> None:
        env = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONWARNINGS": "default",
            **environment,
        }
        # What the tests themselves run under must not tell the program how large its terminal is.
        for name in {"NO_COLOR", "COLUMNS", "LINES"} - set(environment):
            env.pop(name, None)
        self.started_s = time.monotonic()
        self._process = PtyProcess.spawn(
            [str(GOODPAIN), *map(str, arguments)], dimensions=(rows, columns), env=env
        )
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._shown = 0
        self.chunks: list[tuple[float, bytes]] = []

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.isalive():
            self._process.kill(signal.SIGKILL)
        self._process.close(force=True)

    @property
    def pid(self) -> int:
        """Of the program."""
        return self._process.pid

    @property
    def written(self) -> bytes:
        """Everything so far."""
        return b"".join(data for _, data in self.chunks)

    def read(self, seconds: float) -> bool:
        """Take in what is written within `seconds`; False once the program has closed the terminal."""
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            if not select.select([self._process.fd], [], [], left_s)[0]:
                break
            try:
                data = os.read(self._process.fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.chunks.append((time.monotonic(), data))
        return True

    def screen(self) -> list[str]:
        """The rows of the screen."""
        for _, data in self.chunks[self._shown :]:
            self._stream.feed(data)
        self._shown = len(self.chunks)
        return list(self._screen.display)

    def text(self) -> str:
        """The screen as one string."""
        return "\n".join(self.screen())

    def wait_for(self, what: str | Callable[[str], bool], timeout_s: float = 15.0) -> str:
        """Read until the screen shows `what`; returns the screen.

        Raises:
            AssertionError: it does not within the time; the message holds the last screen.
        """
        found = (lambda text: what in text) if isinstance(what, str) else what
        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s:
            open_still = self.read(0.05)
            if found(self.text()):
                return self.text()
            if not open_still:
                break
        raise AssertionError(f"the screen never showed {what!r}; it shows\n{self.text()}")

    def type(self, keys: str) -> None:
        """Press keys."""
        self._process.write(keys.encode())

    def resize(self, rows: int, columns: int) -> None:
        """Make the window another size."""
        self._process.setwinsize(rows, columns)
        self._screen.resize(rows, columns)

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        self._process.kill(number)

    def hang_up(self) -> None:
        """Close the window: the program gets SIGHUP, and nobody reads any more."""
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, self._process.fd)
        os.close(null)

    def wait(self, timeout_s: float = 15.0) -> int:
        """Read until the program ends; returns its exit code (negative: the signal that ended it)."""
        end_s = time.monotonic() + timeout_s
        while self.read(0.05) and time.monotonic() < end_s:
            pass
        while self._process.isalive():
            if time.monotonic() > end_s:
                raise AssertionError(f"the program does not end; its screen shows\n{self.text()}")
            time.sleep(0.02)
        return (
            -self._process.signalstatus if self._process.signalstatus else int(self._process.exitstatus or 0)
        )


def run(*arguments: str | Path, timeout_s: float = 60, **environment: str) -> tuple[int, str, str]:
    """Run the program without a terminal; returns (exit code, stdout, stderr)."""
    import subprocess

    done = subprocess.run(
        [str(GOODPAIN), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def last_lines(text: str, n: int = 5) -> Sequence[str]:
    """For messages of failed tests."""
    return text.strip().splitlines()[-n:]
