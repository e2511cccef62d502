"""Passphrases of encrypted records: asked on the terminal, or read from a file or descriptor for scripts.

Never from the command line or the environment itself: both can be seen by other programs.
"""

from __future__ import annotations

import getpass
import os
import stat
import sys
from pathlib import Path

from feedback.history import LockedHistoryError

FILE = "GOODPAIN_PASSPHRASE_FILE"
"""Names a file whose first line is the passphrase."""
DESCRIPTOR = "GOODPAIN_PASSPHRASE_FD"
"""Names an open file descriptor; its first line is the passphrase. It is read once."""


class TerminalKeeper:
    """Knows what a script has told, and asks people once for each record."""

    def __init__(self) -> None:
        self._told: str | None = None
        self._known: dict[Path, str] = {}

    def passphrase(self, record: Path) -> str | None:
        """The passphrase of a record; None where nobody can be asked.

        Raises:
            LockedHistoryError: the file or descriptor cannot be used.
        """
        if (told := self._from_script()) is not None:
            return told
        place = record.absolute()
        if place not in self._known:
            if not can_ask():
                return None
            self._known[place] = getpass.getpass(f"Passphrase of {record}: ", stream=sys.stderr)
        return self._known[place]

    def new_passphrase(self) -> str:
        """A passphrase for a record that is to be encrypted, asked for twice.

        Raises:
            LockedHistoryError: nobody can be asked, or the two differ.
        """
        if (told := self._from_script()) is not None:
            return told
        if not can_ask():
            raise LockedHistoryError(
                f"a new passphrase has to be typed on a terminal, or stand in a file that {FILE} names"
            )
        first = getpass.getpass("New passphrase, several words: ", stream=sys.stderr)
        if getpass.getpass("The same again: ", stream=sys.stderr) != first:
            raise LockedHistoryError("the two passphrases differ: nothing was changed, try again")
        return first

    def _from_script(self) -> str | None:
        if self._told is None:
            if place := os.environ.get(FILE):
                self._told = _from_file(Path(place))
            elif number := os.environ.get(DESCRIPTOR):
                self._told = _from_descriptor(number)
        return self._told


def can_ask() -> bool:
    """A person sits at the terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _from_file(path: Path) -> str:
    try:
        if sys.platform != "win32" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise LockedHistoryError(
                f"the passphrase file {path} can be read by others: make it yours alone with `chmod 600`"
            )
        data = path.read_bytes()
    except OSError as error:
        raise LockedHistoryError(
            f"the passphrase file {path} cannot be read ({error.strerror or error}): see {FILE}"
        ) from None
    return _first_line(data, str(path))


def _from_descriptor(number: str) -> str:
    try:
        with os.fdopen(int(number), "rb") as file:
            data = file.readline()
    except (OSError, ValueError) as error:
        raise LockedHistoryError(
            f"the passphrase cannot be read from descriptor {number} ({error}): see {DESCRIPTOR}"
        ) from None
    return _first_line(data, f"descriptor {number}")


def _first_line(data: bytes, where: str) -> str:
    line = data.split(b"\n", 1)[0].removesuffix(b"\r")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise LockedHistoryError(f"the passphrase in {where} is not text in UTF-8: save it so") from None
    if not text:
        raise LockedHistoryError(f"there is no passphrase in {where}: its first line is empty")
    return text
