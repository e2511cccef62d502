"""What was done to the record itself, and by whom: opened, exported, corrected, forgotten, backed up, restored."""

from __future__ import annotations

import getpass
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from feedback.history import tables as t
from feedback.history.records import plain

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

WHO_MAX = 80
_IDS = re.compile(r"(?i)[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that was done.

    Attributes:
        at: when, UTC.
        who: a code, or the user's name on the computer; empty where it was not kept.
        what: in a word or two: opened, exported, corrected, forgot, backed up, restored, encrypted, upgraded, …
        entity: what it was done to: record, client, session, …
        entity_id: which one.
        detail: more, for people; may be empty.
    """

    at: datetime
    who: str
    what: str
    entity: str
    entity_id: str
    detail: str

    def to_json(self) -> dict[str, Any]:
        """As plain types."""
        return plain(self)


def user() -> str:
    """The user's name on this computer; empty when the system does not tell."""
    try:
        return getpass.getuser()[:WHO_MAX]
    except (OSError, KeyError, ImportError):
        return ""


def note(
    connection: sa.Connection,
    at: datetime,
    what: str,
    entity: str,
    entity_id: str,
    detail: str = "",
    who: str = "",
) -> None:
    """Add an entry."""
    row = {
        "id": uuid4(),
        "at": at,
        "who": (who or user())[:WHO_MAX] or None,
        "what": what,
        "entity": entity,
        "entity_id": entity_id,
        "detail": detail,
    }
    connection.execute(t.audit.insert(), [row])


def entries(
    connection: sa.Connection, since: datetime | None = None, what: str = "", about: UUID | None = None
) -> list[AuditEntry]:
    """Entries, oldest first.

    Args:
        connection: one that reads.
        since: none from before it.
        what: only of this kind.
        about: only about what has this id.
    """
    query = sa.select(t.audit).order_by(t.audit.c.at, t.audit.c.id)
    if since is not None:
        query = query.where(t.audit.c.at >= since)
    if what:
        query = query.where(t.audit.c.what == what)
    if about is not None:
        query = query.where(t.audit.c.entity_id == str(about))
    return [
        AuditEntry(row.at, row.who or "", row.what, row.entity, row.entity_id, row.detail)
        for row in connection.execute(query)
    ]


def erase_about(connection: sa.Connection, code: str, ids: Collection[UUID]) -> int:
    """Remove the entries that name a client: by code, or by the id of anything that is theirs; returns how many."""
    found = [
        row.id
        for row in connection.execute(sa.select(t.audit.c.id, t.audit.c.entity_id, t.audit.c.detail))
        if names(f"{row.entity_id}\n{row.detail}", code, ids)
    ]
    for audit_id in found:
        connection.execute(t.audit.delete().where(t.audit.c.id == audit_id))
    return len(found)


def names(text: str, code: str, ids: Collection[UUID]) -> bool:
    """A text names a client. Digits alone are a code only where they fill a line: “3 presses” is not client 3."""
    if any(UUID(word) in ids for word in _IDS.findall(text)):
        return True
    if code.isdigit():
        return code in text.split("\n")
    return re.search(rf"(?<!\w){re.escape(code)}(?!\w)", text) is not None
