"""What could not be written to the record, in a file of its own, and its way back.

A rescue file is JSON lines: first which record and session it is of, then one row a line. `recover` takes it in
and removes it; rows that the record already has are left alone. One that cannot be taken in is renamed to `….refused`.
That of an encrypted record is encrypted with the same passphrase.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import stat
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import sqlalchemy as sa

from feedback.history import tables
from feedback.history.errors import HistoryDamagedError
from feedback.history.rows import Row
from feedback.history.sealed import read_lines, write_lines
from feedback.history.values import check_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedback.history.database import Database

PREFIX = "goodpain-rescue-"
PLAIN, SEALED = ".jsonl", ".sealed"
"""Endings: those of an encrypted record are encrypted with its passphrase."""
_FORMAT = 1
_SENSELESS = (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading and entering raise where a file says something impossible."""


def write_rescue(database: Database, session_id: UUID, rows: Sequence[Row]) -> Path | None:
    """Write the rows to a new file, readable by its owner only: beside the record, else in the system's temp folder.

    Returns None when neither place takes it.
    """
    passphrase = _passphrase(database)
    name = f"{PREFIX}{session_id.hex}{PLAIN if passphrase is None else SEALED}"
    header = {"goodpain_rescue": _FORMAT, "record": database.name, "session_id": str(session_id)}
    lines = [json.dumps(line, default=str) for line in (header, *(_to_json(row) for row in rows))]
    for folder in _folders(database):
        path = folder / name
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except OSError:
            continue
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                if passphrase is None:
                    file.writelines(f"{line}\n" for line in lines)
                    file.flush()
                    os.fsync(file.fileno())
            if passphrase is not None:
                write_lines(path, passphrase, lines)
        except OSError:
            with contextlib.suppress(OSError):
                path.unlink()
            continue
        return path
    return None


def find_rescues(database: Database) -> list[tuple[Path, UUID]]:
    """Rescue files of this record and this user, with their sessions."""
    passphrase = _passphrase(database)
    found: list[tuple[Path, UUID]] = []
    for folder in _folders(database):
        for path in sorted([*folder.glob(f"{PREFIX}*{PLAIN}"), *folder.glob(f"{PREFIX}*{SEALED}")]):
            with contextlib.suppress(*_SENSELESS):
                if not _ours(path):
                    continue
                if path.suffix == SEALED:
                    first = read_lines(path, passphrase, 1)[0] if passphrase is not None else "{}"
                else:
                    with path.open(encoding="utf-8") as file:
                        first = file.readline()
                header = json.loads(first)
                if header["goodpain_rescue"] == _FORMAT and header["record"] == database.name:
                    found.append((path, UUID(header["session_id"])))
    return found


def rescues_of(database: Database, session_ids: Iterable[UUID]) -> list[Path]:
    """Rescue files of these sessions, also those that were refused."""
    names = [f"{PREFIX}{session_id.hex}" for session_id in session_ids]
    return [
        path
        for folder in _folders(database)
        for path in sorted(folder.glob(f"{PREFIX}*"))
        if path.name.startswith(tuple(names)) and _ours(path)
    ]


def _ours(path: Path) -> bool:
    """In a folder that all may write to, a file of somebody else is none of ours."""
    status = path.lstat()
    return stat.S_ISREG(status.st_mode) and (not hasattr(os, "getuid") or status.st_uid == os.getuid())


def take_in(connection: sa.Connection, path: Path, passphrase: str | None = None) -> int:
    """Add the rows that the record does not have yet; returns how many.

    Args:
        connection: to the record.
        path: of the rescue file.
        passphrase: of the record, when it is encrypted.

    Raises:
        HistoryDamagedError: the file is not a rescue file.
    """
    try:
        rows = [_from_json(json.loads(line)) for line in _lines(path, passphrase)]
        added = 0
        for row in rows:
            if row.update or not exists(connection, row):
                write_row(connection, row)
                added += 1
    except _SENSELESS as error:
        raise HistoryDamagedError(
            f"the rescue file {path} cannot be read ({error}): keep it and ask for help"
        ) from None
    return added


def _lines(path: Path, passphrase: str | None) -> list[str]:
    """All but the first."""
    if path.suffix == SEALED:
        return read_lines(path, passphrase or "")[1:]
    with path.open(encoding="utf-8") as file:
        file.readline()
        # A last line without its end was cut off with the program that wrote it.
        return [line for line in file if line.endswith("\n")]


def _passphrase(database: Database) -> str | None:
    return database.driver.passphrase if database.driver else None


def exists(connection: sa.Connection, row: Row) -> bool:
    """The record has this row already."""
    table, values = row.table, row.values
    owner = "attempt_id" if table is tables.attempt_chunk else "session_id"
    key = ("id",) if "id" in values else (owner, "seq")
    found = sa.select(sa.literal(1)).where(*(table.c[name] == values[name] for name in key))
    return connection.execute(found.select_from(table)).first() is not None


def write_row(connection: sa.Connection, row: Row) -> None:
    """Insert it, or fill in its values."""
    if row.update:
        values = {name: value for name, value in row.values.items() if name != "id"}
        connection.execute(row.table.update().where(row.table.c.id == row.values["id"]).values(**values))
    else:
        connection.execute(row.table.insert(), [row.values])


def _folders(database: Database) -> list[Path]:
    temp = Path(tempfile.gettempdir())
    return [database.path.parent, temp] if database.path and database.path.parent != temp else [temp]


def _to_json(row: Row) -> dict[str, Any]:
    def plain(value: object) -> object:
        if isinstance(value, UUID):
            return str(value)
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, bytes):
            return base64.b64encode(value).decode("ascii")
        return value

    return {
        "table": row.table.name,
        "update": row.update,
        "values": {name: plain(value) for name, value in row.values.items()},
    }


def _of_kind(value: object, kind: object) -> object:
    """The value as the column wants it: SQLite would keep an infinite number or a text in a column of whole ones.

    Raises:
        TypeError, ValueError, OverflowError: it is no such value.
    """
    if isinstance(kind, sa.Boolean):
        if value not in (0, 1):
            raise ValueError(f"{value} is neither true nor false")
        return bool(value)
    if isinstance(kind, sa.Integer):
        if isinstance(value, float) and not value.is_integer():
            raise ValueError(f"{value} is not a whole number")
        return int(cast("Any", value))
    if isinstance(kind, sa.Float):
        return float(cast("Any", value))
    if isinstance(kind, sa.String) and not isinstance(value, str):
        raise TypeError(f"{value} is not a text")
    return value


def _from_json(line: dict[str, Any]) -> Row:
    table = tables.metadata.tables[line["table"]]
    values: dict[str, Any] = {}
    for name, value in line["values"].items():
        kind = cast("sa.Column[object]", table.c[name]).type
        if value is None:
            values[name] = None
        elif isinstance(kind, sa.Uuid):
            values[name] = UUID(value)
        elif isinstance(kind, tables.UtcDateTime):
            values[name] = datetime.fromisoformat(value)
        elif isinstance(kind, sa.LargeBinary):
            values[name] = base64.b64decode(value)
        else:
            values[name] = _of_kind(value, kind)
        check_value(table.name, name, values[name])
    return Row(table, values, bool(line["update"]))
