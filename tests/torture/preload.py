"""Libraries that a program loads before all others: a disk, a clock, a log of writes (Linux, gcc)."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).with_name("shims")
CAN_PRELOAD = sys.platform == "linux" and shutil.which("gcc") is not None
NEEDS_PRELOAD = (
    "" if CAN_PRELOAD else "needs Linux and gcc, for a library that a program loads before all others"
)


def built(name: str, folder: Path) -> Path:
    """The library, made in `folder` from `shims/{name}.c`."""
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / f"{name}.so"
    command = ["gcc", "-O1", "-shared", "-fPIC", "-o", library, SOURCES / f"{name}.c", "-ldl", "-lpthread"]
    subprocess.run(command, check=True, capture_output=True)
    return library


class BadDisk:
    """The disk below a folder, which refuses and dawdles on command.

    Attributes:
        environment: for the program whose disk it is.
    """

    def __init__(self, folder: Path, under: Path) -> None:
        library = built("disk", folder)
        self._control = folder / "disk"
        self.be()
        self.environment = {
            "LD_PRELOAD": str(library),
            "TORTURE_DISK": str(self._control),
            "TORTURE_UNDER": str(under),
        }

    def be(self, refuses: int = 0, fsync_ms: int = 0) -> None:
        """From now on every write fails with the error number `refuses` (0: none), an fsync takes so long."""
        _put(self._control, struct.pack("<ii", refuses, fsync_ms))


class Clocks:
    """The clocks of the machine, which jump on command.

    Attributes:
        environment: for the program whose clocks they are.
    """

    def __init__(self, folder: Path) -> None:
        library = built("clock", folder)
        self._control = folder / "clock"
        self.be()
        self.environment = {"LD_PRELOAD": str(library), "TORTURE_CLOCK": str(self._control)}

    def be(self, day_s: float = 0.0, counting_s: float = 0.0) -> None:
        """From now on the time of day, and the clock that only counts on, are off by so much."""
        _put(self._control, struct.pack("<qq", int(day_s * 1e9), int(counting_s * 1e9)))


def _put(path: Path, data: bytes) -> None:
    """In place: the program has the file mapped."""
    if not path.exists():
        path.write_bytes(data)
    with path.open("r+b") as file:
        file.write(data)
