"""Clients for whom nothing was entered for as long as a record is kept: named, never erased by themselves.

How long that is depends on the country and the profession, so it is a setting. The default is ten years after the last
entry, what German law asks of those who treat (§ 630f (3) BGB, ten years after the end of treatment,
https://www.gesetze-im-internet.de/bgb/__630f.html); that other countries and professions are content with it is an
assumption. European law asks not to keep longer than is needed (Article 5 (1) (e) GDPR).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from feedback.history import tables as t

if TYPE_CHECKING:
    from feedback.history.store import History

DEFAULT_YEARS = 10.0
_YEAR = timedelta(days=365.2425)


@dataclass(frozen=True, slots=True)
class DueClient:
    """A client whose record has been kept for long enough.

    Attributes:
        id: of the client.
        code: of the client.
        last_at: the last time anything was entered: a session, a plan, soreness; else when the client was made.
    """

    id: UUID
    code: str
    last_at: datetime


def due_clients(history: History, years: float, now: datetime) -> list[DueClient]:
    """Clients for whom nothing was entered for more than so many years, longest ago first.

    Args:
        history: open.
        years: above 0.
        now: the time of day, aware.
    """
    try:
        before = now - years * _YEAR
    except OverflowError:
        return []
    # Each table by itself first: its index on client and time gives the newest at once.
    entries = [
        sa.select(table.c.client_id, sa.func.max(column, type_=t.UtcDateTime()).label("at")).group_by(
            table.c.client_id
        )
        for table, column in (
            (t.session, t.session.c.started_at),
            (t.point, t.point.c.created_at),
            (t.check_answer, t.check_answer.c.at),
            (t.assessment, t.assessment.c.at),
            (t.plan, t.plan.c.at),
            (t.soreness, t.soreness.c.at),
        )
    ]
    entries.append(sa.select(t.client.c.id.label("client_id"), t.client.c.created_at.label("at")))
    entry = sa.union_all(*entries).subquery()
    last = sa.func.max(entry.c.at, type_=t.UtcDateTime()).label("last")
    query = (
        sa.select(t.client.c.id, t.client.c.code, last)
        .join(entry, entry.c.client_id == t.client.c.id)
        .group_by(t.client.c.id, t.client.c.code)
        .having(last < sa.bindparam("before", before, t.UtcDateTime()))
        .order_by(last, t.client.c.code)
    )
    with history.database.reading() as connection:
        return [DueClient(row.id, row.code, row.last) for row in connection.execute(query)]


def reminder(due: list[DueClient], years: float) -> str:
    """One sentence for the start of a session; empty when nobody is due."""
    if not due:
        return ""
    who = "1 client" if len(due) == 1 else f"{len(due)} clients"
    them = "it" if len(due) == 1 else "them"
    return (
        f"for {who} nothing was entered for more than {years:g} years: `goodpain client list --due` names {them}, and "
        "you decide what is kept"
    )
