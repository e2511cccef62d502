"""What can go wrong between the session and the disk.

    HistoryError
    ├── HistoryOpenError         the record cannot be opened: no rights, a folder instead of a file, no place
    │   ├── NoHistoryError       there is no record yet where one was to be read
    │   ├── NotAHistoryError     the file is no database, or another program's
    │   ├── LockedHistoryError   it is encrypted, and the passphrase is missing or another one
    │   └── NewerHistoryError    a newer Goodpain wrote it
    ├── HistoryFullError         no space left on the disk
    ├── HistoryBusyError         another program keeps the database locked
    ├── HistoryReadOnlyError     the file or its folder cannot be written any more
    ├── HistoryDamagedError      what was read makes no sense: the file is damaged
    ├── UnwrittenError           a session ended and part of it could not be written to the record
    ├── SessionRunsError         a session is running, which this would pull the ground from under
    ├── ExportError              the files of an export cannot be written
    ├── BadImportError           what was to be taken in is no whole export of ours
    ├── UnknownClientError       no client has this code
    ├── UnknownTraineeError      no trainee has this code
    └── BadEntryError            what was to be entered is not allowed (also a ValueError)

Every message is one sentence that says what happened and what to do; the command line prints it as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.refusal import Refusal

if TYPE_CHECKING:
    from pathlib import Path


class HistoryError(Refusal):
    """Base of everything `feedback.history` raises on purpose."""


class HistoryOpenError(HistoryError):
    """The record cannot be opened: its folder cannot be made or written, the path is a folder, no such server."""


class NoHistoryError(HistoryOpenError):
    """There is no record at this place, and none was to be made."""


class NotAHistoryError(HistoryOpenError):
    """The file is no database at all, or holds the tables of another program."""


class LockedHistoryError(HistoryOpenError):
    """The record is encrypted: its passphrase is missing or another one, or the library for it is not installed."""


class NewerHistoryError(HistoryOpenError):
    """The record was written by a newer Goodpain, whose tables this one does not know."""


class HistoryFullError(HistoryError):
    """No space left on the disk, or the file has reached its permitted size."""


class HistoryBusyError(HistoryError):
    """Another program keeps the database locked for longer than Goodpain waits."""


class HistoryReadOnlyError(HistoryError):
    """The database was opened but cannot be written."""


class HistoryDamagedError(HistoryError):
    """The database or a chunk of samples in it cannot be read back."""


class UnwrittenError(HistoryError):
    """A session was closed while its writer could not write.

    Attributes:
        unwritten_s: seconds of the signal that are not in the record.
        rescue_file: where they were written instead; None when that failed too.
    """

    def __init__(self, message: str, unwritten_s: float, rescue_file: Path | None) -> None:
        super().__init__(message)
        self.unwritten_s = unwritten_s
        self.rescue_file = rescue_file


class SessionRunsError(HistoryError):
    """A session or an attempt is running; what was asked for has to wait for its end."""


class ExportError(HistoryError):
    """The folder of an export cannot be made or written."""


class BadImportError(HistoryError):
    """The files of an import are not a whole export, or something in them makes no sense; nothing was taken in."""


class UnknownClientError(HistoryError):
    """No client has this code.

    Attributes:
        code: the code that was asked for.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class UnknownTraineeError(HistoryError):
    """No trainee has this code."""


class BadEntryError(HistoryError, ValueError):
    """An entry that is not allowed: an empty client code, a time without a zone, a tip without an area."""
