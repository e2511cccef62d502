"""Corrections of what was recorded: new rows that count instead of the old ones, which stay.

The newest correction of an entity is in force. Whoever reads reports, notes or presses asks `in_force` and applies
what it finds, so that everybody sees the same words and leaves out the same presses.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from feedback.comfort import Report, ReportKind
from feedback.history import tables as t
from feedback.history.errors import BadEntryError
from feedback.history.newest import later_at
from feedback.history.records import MAX_CODE
from feedback.history.review_rows import Correction
from feedback.history.rows import UNDO

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

REPORT, PRESS, NOTE = "report", "press", "event"
"""What a correction may be of: `correction.entity`."""
CHANGED, VOID, RESTORED = "changed", "void", "restored"
"""What it does: `correction.what`."""

_MAX_QUERY_VALUES = 500


def in_force(connection: sa.Connection, session_ids: Sequence[UUID]) -> dict[UUID, Correction]:
    """The newest correction of everything that was ever corrected in these sessions, by the entity's id."""
    found: dict[UUID, Correction] = {}
    for start in range(0, len(session_ids), _MAX_QUERY_VALUES):
        some = session_ids[start : start + _MAX_QUERY_VALUES]
        rows = connection.execute(
            sa.select(t.correction).where(t.correction.c.session_id.in_(some)).order_by(t.correction.c.at)
        )
        found.update((row.entity_id, correction_of(row)) for row in rows)
    return found


def of_entity(connection: sa.Connection, entity_id: UUID) -> list[Correction]:
    """All corrections of one report, note or press, oldest first."""
    rows = connection.execute(
        sa.select(t.correction).where(t.correction.c.entity_id == entity_id).order_by(t.correction.c.at)
    )
    return [correction_of(row) for row in rows]


def void_presses(connection: sa.Connection, client_id: UUID | None = None) -> set[UUID]:
    """The presses that are void, of one client or of all."""
    query = sa.select(t.correction.c.entity_id, t.correction.c.what).where(t.correction.c.entity == PRESS)
    if client_id is not None:
        query = query.join(t.session).where(t.session.c.client_id == client_id)
    newest = {row.entity_id: row.what for row in connection.execute(query.order_by(t.correction.c.at))}
    return {press_id for press_id, what in newest.items() if what == VOID}


def correction_of(row: Any) -> Correction:
    """A row of the correction table."""
    value: dict[str, Any] = json.loads(row.value or "{}")
    return Correction(
        row.id,
        row.session_id,
        row.at,
        row.who or "",
        row.entity,
        row.entity_id,
        row.what,
        value,
        row.reason,
    )


def correct_report(
    connection: sa.Connection,
    report_id: UUID,
    kind: ReportKind,
    rating: int | None,
    *,
    at: datetime,
    who: str,
    reason: str,
) -> Correction:
    """Other words for a report; see `ReviewStore.correct_report`.

    Args:
        connection: one that writes.
        report_id: which report.
        kind: what was said.
        rating: 0 to 10 with `ReportKind.RATING`, else None.
        at: the time of day, aware.
        who: code of whoever corrects; may be empty.
        reason: may be empty.
    """
    row = connection.execute(
        sa.select(t.report).where(t.report.c.id == report_id, t.report.c.kind != UNDO)
    ).first()
    if row is None:
        raise BadEntryError(f"there is no report {report_id} in the record: look it up in its visit")
    try:
        said = Report(ReportKind(kind), 0.0, rating)
    except ValueError as error:
        raise BadEntryError(f"the report cannot be corrected: {error}") from None
    value: dict[str, Any] = {
        "kind": said.kind.value,
        "rating": None if said.rating is None else int(said.rating),
    }
    if value == _now_in_force(connection, report_id, {"kind": row.kind, "rating": row.rating}):
        raise BadEntryError(f"the report says “{said.words}” already: nothing was changed")
    return _add(connection, row.session_id, REPORT, report_id, CHANGED, value, at, who, reason)


def correct_note(
    connection: sa.Connection, event_id: UUID, text: str, *, at: datetime, who: str, reason: str
) -> Correction:
    """Other words for a note; see `ReviewStore.correct_note`."""
    row = connection.execute(
        sa.select(t.event).where(t.event.c.id == event_id, t.event.c.kind == "note")
    ).first()
    if row is None:
        raise BadEntryError(f"there is no note {event_id} in the record: look it up in its visit")
    value = {"text": text.strip()}
    if not value["text"]:
        raise BadEntryError("a note needs words: write what should stand there")
    if value == _now_in_force(connection, event_id, {"text": row.text}):
        raise BadEntryError("the note says that already: nothing was changed")
    return _add(connection, row.session_id, NOTE, event_id, CHANGED, value, at, who, reason)


def void_press(
    connection: sa.Connection, press_id: UUID, *, at: datetime, who: str, reason: str
) -> Correction:
    """Leave a press out of all figures; see `ReviewStore.void_press`."""
    session_id, void = _press_now(connection, press_id)
    if void:
        raise BadEntryError("this press is void already: restore it to let it count again")
    if not reason.strip():
        raise BadEntryError("a press is made void for a reason: say in a few words what was wrong with it")
    return _add(connection, session_id, PRESS, press_id, VOID, {}, at, who, reason)


def restore_press(
    connection: sa.Connection, press_id: UUID, *, at: datetime, who: str, reason: str
) -> Correction:
    """Let a void press count again; see `ReviewStore.restore_press`."""
    session_id, void = _press_now(connection, press_id)
    if not void:
        raise BadEntryError("this press counts already: there is nothing to restore")
    return _add(connection, session_id, PRESS, press_id, RESTORED, {}, at, who, reason)


def _press_now(connection: sa.Connection, press_id: UUID) -> tuple[UUID, bool]:
    session_id = connection.execute(sa.select(t.press.c.session_id).where(t.press.c.id == press_id)).scalar()
    if session_id is None:
        raise BadEntryError(f"there is no press {press_id} in the record: look it up in its visit")
    earlier = of_entity(connection, press_id)
    return session_id, bool(earlier) and earlier[-1].what == VOID


def _now_in_force(connection: sa.Connection, entity_id: UUID, at_first: dict[str, Any]) -> dict[str, Any]:
    earlier = of_entity(connection, entity_id)
    return earlier[-1].value if earlier else at_first


def _add(
    connection: sa.Connection,
    session_id: UUID,
    entity: str,
    entity_id: UUID,
    what: str,
    value: dict[str, Any],
    at: datetime,
    who: str,
    reason: str,
) -> Correction:
    who = " ".join(who.split())
    if len(who) > MAX_CODE or not (who.isprintable() or not who):
        raise BadEntryError(f"whoever corrects has a code of up to {MAX_CODE} printable characters")
    at = later_at(connection, t.correction, "entity_id", entity_id, at)
    correction = Correction(uuid4(), session_id, at, who, entity, entity_id, what, value, reason.strip())
    connection.execute(
        t.correction.insert(),
        [
            {
                "id": correction.id,
                "session_id": session_id,
                "at": at,
                "who": who or None,
                "entity": entity,
                "entity_id": entity_id,
                "what": what,
                "value": json.dumps(value) if value else "",
                "reason": correction.reason,
            }
        ],
    )
    # The words themselves stay out of the audit: it outlives a client who is forgotten.
    connection.execute(
        t.audit.insert(),
        [
            {
                "id": uuid4(),
                "at": at,
                "who": who or None,
                "what": {CHANGED: "corrected", VOID: "marked void", RESTORED: "restored"}[what],
                "entity": "note" if entity == NOTE else entity,
                "entity_id": str(entity_id),
                "detail": f"session {session_id}",
            }
        ],
    )
    return correction
