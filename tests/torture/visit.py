"""A visit in a real terminal, with a sensor on a port, both kept going until something happens to the program."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bridge.pty_device import PtyDevice
from tests.terminal import Terminal
from tests.torture.ledger import Found, found_in
from tests.torture.rig import META, RATE_HZ, Device, heard

SCRIPT = (
    ("7", "7/10"),
    ("p", "Which point?"),
    ("gm r", "gluteus medius, right"),
    ("\r", "A17 · gluteus medius, right"),
    ("5", "5/10"),
    ("u", "taken back"),
    ("3", "3/10"),
    ("q", "End this session?"),
    ("\r", "samples"),
)
"""Keys, and what the screen shows then."""


@dataclass(slots=True)
class Visit:
    """The program in its terminal, and the device."""

    terminal: Terminal
    device: Device
    folder: Path
    sent_s: list[float] = field(default_factory=list)
    """When each sample was sent, on the clock that only counts on."""
    began_s: float = float("inf")
    """When the session was seen to run."""
    _quiet: threading.Event = field(default_factory=threading.Event)

    @property
    def record(self) -> Path:
        """The database."""
        return self.folder / "data" / "history.db"

    def speak(self, port: PtyDevice) -> None:
        """Send samples until told to be quiet."""
        with contextlib.suppress(AssertionError, OSError):
            if not heard(port, self._quiet):
                return
            time.sleep(0.3)
            port.send(META)
            start_s = time.monotonic()
            for i in range(100_000):
                if self._quiet.wait(max(0.0, start_s + i / RATE_HZ - time.monotonic())):
                    return
                port.send(self.device.frame())
                self.sent_s.append(time.monotonic())

    def hush(self) -> None:
        """The device stops."""
        self._quiet.set()

    def see_it_run(self) -> None:
        """Wait for the session's screen and the first samples on it."""
        self.terminal.wait_for("A17 · infraspinatus, left", 60)
        self.terminal.wait_for("0 lost", 60)
        self.began_s = time.monotonic()

    def ends(self, within_s: float) -> bool:
        """Whether the program ends within a time, while nobody reads its terminal (Linux)."""
        end_s = time.monotonic() + within_s
        while time.monotonic() < end_s:
            status = Path(f"/proc/{self.terminal.pid}/stat").read_text()
            if status.rsplit(")", 1)[1].split()[0] == "Z":
                return True
            time.sleep(0.05)
        return False

    def play(self) -> None:
        """Press the keys of the script, until the end or until the program ends."""
        with contextlib.suppress(AssertionError, OSError):
            self.see_it_run()
            for keys, seen in SCRIPT:
                self.terminal.read(0.5)
                self.terminal.type(keys)
                self.terminal.wait_for(seen, 30)

    def found(self, told: str = "") -> Found:
        """The record beside what the device sent."""
        return found_in(self.record, self.device.sent, told or self.terminal.text().strip())

    def sent_before(self, time_s: float) -> int:
        """Samples that had been sent at a time, the last ones of a session that was seen to run; else 0."""
        return sum(at_s < time_s for at_s in self.sent_s) if time_s > self.began_s else 0


@contextlib.contextmanager
def visit(folder: Path, *arguments: str, **environment: str) -> Iterator[Visit]:
    """A live session of the client A17 at one point."""
    folder.mkdir(parents=True, exist_ok=True)
    with PtyDevice(folder / "ttySENSOR") as port:
        command = ["live", "--sensor", port.url, "--dialect", "native-binary", "--client", "A17"]
        command += ["--point", "infraspinatus, left", "--data", str(folder / "data"), *arguments]
        with Terminal(*command, **environment) as terminal:
            one = Visit(terminal, Device(), folder)
            speaking = threading.Thread(target=one.speak, args=(port,), daemon=True)
            speaking.start()
            try:
                yield one
            finally:
                one.hush()
                speaking.join()
