"""The parent's end of the playing process: start it, speak to it, start it again, give it up; never wait for it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

BACK_OFF_S = (0.3, 1.0, 3.0)
"""A playing process that ends by itself is started again after these pauses, then given up."""
WELL_AFTER_S = 30.0
"""One that ran so long counts as well: its end is the first again."""
LATE_S = 0.4
"""A process that has not heard a line for so long is not relied on for the next one."""
DEAF_S = 1.5
"""And after so long it is ended and started again."""
STARTING_S = 10.0
"""The same for one that never gets ready."""

BY_CHOICE = "the bell alone is chosen (GOODPAIN_SOUND_BACKEND=bell)"
"""No process is started."""
NO_LIBRARY = "the sound library is not installed (pip install 'goodpain[sound]')"
NO_CARD = "no sound card"
CARD_GONE = "the sound card is gone"
ENDED = "the sound process keeps ending"
NO_PIPE = "sound needs Python 3.12 or newer on Windows"

WINDOWS_FLAGS = 0x08000200
"""CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP."""
ROOT = Path(__file__).resolve().parents[2]
PLAYER = f"import sys; sys.path.append({str(ROOT)!r}); from tui.sound.player import main; main()"


def player_command() -> list[str]:
    """How to start the playing process; modules beside the user's files are not imported by it."""
    return [sys.executable, "-P", "-c", PLAYER]


class Child:
    """One playing process after the other. `send` may be called from any thread and returns at once.

    Attributes:
        problem: why there is no process any more and none will be started, in words; empty while there is hope.
    """

    def __init__(
        self,
        command: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        back_off_s: Sequence[float] = BACK_OFF_S,
    ) -> None:
        """Begin to start it.

        Args:
            command: program and arguments; empty for our own player.
            environment: added to our own.
            back_off_s: a process that ends by itself is started again after these pauses, one after the other.
        """
        self.problem = ""
        self._own = not command
        self._back_off_s = back_off_s
        self._command = list(command) or player_command()
        self._environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", **(environment or {})}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._unheard_s: float | None = None
        self._thread = threading.Thread(target=self._keep, name="goodpain-sound", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Lines sent now are played."""
        return self._ready

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        process = self._process
        return process.pid if process else None

    def send(self, line: str, now_s: float) -> bool:
        """Hand over a line at `now_s` (`time.monotonic`); False when nobody will hear it.

        The pipe is written to without waiting. A process that has stopped reading is ended, so that what it was told
        long ago is never played late.
        """
        with self._lock:
            process = self._process
            if not self._ready or process is None or process.stdin is None or process.stdin.closed:
                return False
            if self._unheard_s is not None and now_s - self._unheard_s > DEAF_S:
                self._ready = False
                process.kill()
                return False
            try:
                os.write(process.stdin.fileno(), line.encode("ascii") + b"\n")
            except BlockingIOError:
                return False
            except OSError:
                self._ready = False
                return False
            if self._unheard_s is None:
                self._unheard_s = now_s
            return now_s - self._unheard_s < LATE_S

    def close(self) -> None:
        """End it; at most about a second."""
        self._closing.set()
        with self._lock:
            self._ready = False
            if self._process and self._process.stdin:
                self._process.stdin.close()
        self._thread.join(1.0)
        with self._lock:
            if self._process and self._process.poll() is None:
                self._process.kill()
        self._thread.join(1.0)

    def _keep(self) -> None:
        """Start, listen and start again, until closed or given up."""
        if self._environment.get("GOODPAIN_SOUND_BACKEND") == "bell":
            self.problem = BY_CHOICE
            return
        if self._own and find_spec("miniaudio") is None:
            self.problem = NO_LIBRARY
            return
        failures = 0
        while not self._closing.is_set():
            started_s = time.monotonic()
            try:
                last_word, was_ready = self._run()
            except (OSError, ValueError) as error:
                self.problem = f"the sound process does not start ({error})"
                return
            except AttributeError:
                self.problem = NO_PIPE
                return
            if self._closing.is_set():
                return
            problem = {"no-library": NO_LIBRARY, "no-card": NO_CARD, "card-gone": CARD_GONE}.get(
                last_word, ENDED
            )
            if last_word in ("no-library", "no-card") and not was_ready and failures == 0:
                self.problem = problem
                return
            if time.monotonic() - started_s > WELL_AFTER_S:
                failures = 0
            if failures == len(self._back_off_s):
                self.problem = problem
                return
            self._closing.wait(self._back_off_s[failures])
            failures += 1

    def _run(self) -> tuple[str, bool]:
        """One process from beginning to end; the last thing it said, and whether it was ready."""
        with self._lock:
            if self._closing.is_set():
                return "", False
            process = self._start()
            self._process, self._unheard_s = process, None
        assert process.stdin is not None
        assert process.stdout is not None
        # One that hangs before it is ready is ended by this.
        late = threading.Timer(STARTING_S, process.kill)
        late.daemon = True
        late.start()
        word, was_ready = "", False
        try:
            with process.stdout as said:
                for line in said:
                    word = line.decode("ascii", "replace").split(" ")[0].strip()
                    self._unheard_s = None
                    if word == "ready":
                        late.cancel()
                        self._ready = was_ready = True
        finally:
            late.cancel()
            with self._lock:
                self._ready = False
                process.stdin.close()
            process.wait()
        return word, was_ready

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603  # our own interpreter, or a command that a test gives
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=self._environment,
            # Keys such as Ctrl-C are not for it, and it has no window of its own.
            start_new_session=os.name != "nt",
            creationflags=WINDOWS_FLAGS if os.name == "nt" else 0,
        )
        assert process.stdin is not None
        try:
            os.set_blocking(process.stdin.fileno(), False)
        except BaseException:
            process.kill()
            process.communicate()
            raise
        return process
