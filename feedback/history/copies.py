"""Copies of a record that Goodpain made and knows of: the list of backups, and what stands beside the record.

The list is a small file beside the record, `history.db.backups`, so that it is there also when the record is not.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from feedback.history.driver import Driver, looks_encrypted
from feedback.history.files import sha256_of
from feedback.history.work import SILENT
from feedback.private_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import sqlalchemy as sa

BESIDE = ("before", "aside", "plain", "encrypted", "damaged")
"""`history.db.WHY-…`: left by an upgrade, a restore, an encryption, a decryption."""
_FORMAT = 1
_OWN_NAME = re.compile(r"goodpain-\d{8}-\d{6}(-\d+)?\.db")
"""The digits in a name of our own making are the time of day."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A verified copy.

    Attributes:
        path: of the file.
        made_at: when.
        size: bytes.
        sha256: of the file, as hexadecimal digits.
        rows: how many rows each table held.
    """

    path: Path
    made_at: datetime
    size: int
    sha256: str
    rows: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """As plain types."""
        return {
            "path": str(self.path),
            "made_at": self.made_at.isoformat(),
            "size": self.size,
            "sha256": self.sha256,
            "rows": dict(self.rows),
        }


def list_file(record: Path) -> Path:
    """Where the list of a record's backups is."""
    return record.with_name(f"{record.name}.backups")


def backups(record: Path) -> list[Backup]:
    """The backups that were made of a record and are still there, oldest first; a list that cannot be read is empty."""
    return [one for one in _listed(record) if _is_there(one.path)]


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # A name that is too long, or a folder of somebody else's.
        return False


def known_backup(record: Path, path: Path) -> Backup | None:
    """What the list says of a file."""
    wanted = path.absolute()
    return next((one for one in reversed(_listed(record)) if one.path == wanted), None)


def add_backup(record: Path, backup: Backup) -> None:
    """Put a backup on the list, in the place of an earlier one of that name.

    Raises:
        OSError: the list cannot be written.
    """
    _write(record, [*(one for one in backups(record) if one.path != backup.path), backup])


def strike_out(record: Path, code: str) -> None:
    """Take backups off the list whose names hold a person's code; the files stay."""
    listed = _listed(record)
    kept = [one for one in listed if _OWN_NAME.fullmatch(one.path.name) or not _tells(one.path, record, code)]
    if len(kept) < len(listed):
        with contextlib.suppress(OSError):
            _write(record, kept)


def copies_of(record: Path) -> list[Path]:
    """Every copy of a record that Goodpain made and that is still there: backups, and files beside the record."""
    return list(dict.fromkeys([*(one.path for one in backups(record)), *_beside(record)]))


def is_as_made(record: Path, path: Path) -> bool:
    """A copy whose inside cannot be seen is one of this record: by its name beside it, or by its bytes.

    The list of backups is a file, and whoever handed over the folder may have written any other file's name into it.
    """
    if path in _beside(record):
        return True
    listed = known_backup(record, path)
    try:
        return (
            listed is not None
            and path.stat().st_size == listed.size
            and sha256_of(path, SILENT) == listed.sha256
        )
    except OSError:
        return False


def _beside(record: Path) -> list[Path]:
    return [
        path
        for why in BESIDE
        for path in sorted(record.parent.glob(f"{_quoted(record.name)}.{why}-*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm", "-journal"))
    ]


def who_is_in(
    path: Path, table: sa.Table, ids: Iterable[UUID], passphrase: str | None
) -> frozenset[UUID] | None:
    """Which of these clients or trainees (by their table) a copy holds; None when it cannot be looked into."""
    locked = looks_encrypted(path)
    if locked and passphrase is None:
        return None
    driver = Driver(path, passphrase if locked else None, still=True)
    try:
        connection = driver.reader()
    except driver.errors:
        return None
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    try:
        if connection.execute(known, ("client",)).fetchone() is None:
            return None
        if connection.execute(known, (table.name,)).fetchone() is None:
            # From before there was such a table.
            return frozenset()
        found = [
            one
            for one in ids
            if connection.execute(f'SELECT 1 FROM "{table.name}" WHERE id = ?', (one.hex,)).fetchone()  # noqa: S608
        ]
    except driver.errors:
        return None
    finally:
        connection.close()
    return frozenset(found)


def _tells(path: Path, record: Path, code: str) -> bool:
    text = str(path).removeprefix(str(record.parent))
    return re.search(rf"(?<![^\W_]){re.escape(code)}(?![^\W_])", text) is not None


def _listed(record: Path) -> list[Backup]:
    try:
        told = json.loads(list_file(record).read_text("utf-8"))
        if told["goodpain_backups"] != _FORMAT:
            return []
        return [
            Backup(
                Path(one["path"]),
                datetime.fromisoformat(one["made_at"]),
                int(one["size"]),
                str(one["sha256"]),
                {str(table): int(n) for table, n in one["rows"].items()},
            )
            for one in told["backups"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return []


def _write(record: Path, listed: list[Backup]) -> None:
    text = json.dumps({"goodpain_backups": _FORMAT, "backups": [one.to_json() for one in listed]}, indent=1)
    write_whole(list_file(record), f"{text}\n".encode())


def _quoted(name: str) -> str:
    """A name for `glob`, meaning itself."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
