"""A new record out of rows that were found: what hangs on nothing is taken off, and what is missing is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from feedback.history import tables as t
from feedback.history.records import MAX_CODE
from feedback.history.table_words import words

if TYPE_CHECKING:
    from feedback.history.salvage.finding import Found, Row
    from feedback.history.salvage.rules import Rule


class Keep:
    """Writes rows as they were stored, each id once: the first that comes counts.

    Args:
        connection: of SQLite's driver, to a new record, without foreign keys, in a transaction.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __call__(self, rule: Rule, rows: list[Row]) -> None:
        """Keep rows of a table."""
        if rows:
            columns = ", ".join(f'"{name}"' for name in rule.names)
            marks = ", ".join("?" for _ in rule.names)
            self._connection.executemany(
                f'INSERT OR IGNORE INTO "{rule.table.name}" ({columns}) VALUES ({marks})',  # noqa: S608
                rows,
            )


_USES_OF_POINT = ("press", "report", "point_change", "phase", "threshold", "band")
_USES_OF_CLIENT = (
    ("session", "started_at"),
    ("point", "created_at"),
    ("plan", "at"),
    ("assessment", "at"),
    ("check_answer", "at"),
    ("soreness", "at"),
)


def rebuild_points(connection: Any, found: Found) -> int:
    """Make the rows of points that are lost while something hangs on them, from the indexes; returns how many.

    All but the time at which a point was entered stands there; that becomes the start of the first session with it.
    """
    made = 0
    for point_id, (client_id, muscle, side, label) in found.points.items():
        if connection.execute("SELECT 1 FROM point WHERE id = ?", (point_id,)).fetchone():
            continue
        begun = [
            row[0]
            for table in _USES_OF_POINT
            for row in connection.execute(
                f"SELECT min(session.started_at) FROM {table} "  # noqa: S608
                f"JOIN session ON session.id = {table}.session_id WHERE {table}.point_id = ?",
                (point_id,),
            )
            if row[0]
        ]
        if begun:
            made += connection.execute(
                "INSERT OR IGNORE INTO point (id, client_id, muscle, side, label, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (point_id, client_id, muscle, side, label, min(begun)),
            ).rowcount
    return made


def name_lost_clients(connection: Any, found: Found) -> list[str]:
    """Make a row for each client whose own is lost while others hang on it; returns their codes.

    The code comes from its index where that can be read; else it is a made-up one that says so.
    """
    uses = " UNION ALL ".join(f"SELECT client_id, {at} AS at FROM {table}" for table, at in _USES_OF_CLIENT)  # noqa: S608
    missing = connection.execute(
        f"SELECT client_id, min(at) FROM ({uses}) "  # noqa: S608
        "WHERE client_id NOT IN (SELECT id FROM client) GROUP BY client_id"
    ).fetchall()
    taken = {row[0] for row in connection.execute("SELECT code FROM client")}
    made: list[str] = []
    for client_id, first in missing:
        code = found.codes.get(client_id, "")
        if not code or code in taken or len(code) > MAX_CODE:
            code = f"lost-{UUID(client_id).hex[:12]}"
        connection.execute(
            "INSERT INTO client (id, code, created_at, note) VALUES (?, ?, ?, ?)",
            (client_id, code, first, "what was noted of this client was lost in a damaged record"),
        )
        taken.add(code)
        made.append(code)
    return made


def take_off_orphans(connection: Any) -> list[str]:
    """Remove rows that hang on lost ones; where they can do without, they stay. Returns sentences."""
    lost: list[str] = []
    for table in t.metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            column, parent = key.parent.name, key.column.table.name
            where = f'"{column}" IS NOT NULL AND "{column}" NOT IN (SELECT id FROM "{parent}")'  # noqa: S608
            alone = parent.replace("_", " ")
            if key.parent.nullable:
                cursor = connection.execute(
                    f'UPDATE "{table.name}" SET "{column}" = NULL WHERE {where}'  # noqa: S608
                )
                sentence = "were kept without their"
            else:
                cursor = connection.execute(f'DELETE FROM "{table.name}" WHERE {where}')  # noqa: S608
                sentence = "went with their"
            if cursor.rowcount > 0:
                lost.append(f"{words(table.name, cursor.rowcount)} {sentence} {alone}")
    return lost


def tell_losses(connection: Any, found: Found) -> list[str]:
    """What was not saved, as sentences."""
    lost: list[str] = []
    if found.missing:
        pages = "1 page" if found.missing == 1 else f"{found.missing} pages"
        lost.append(f"{pages} of the file could not be read")
    for name, count in sorted(found.doubtful.items()):
        if count and name not in found.expected:
            what = words(name, count) if name else f"{count} rows"
            lost.append(f"{what} stood beside damaged bytes or made no sense, and were left out")
    for name, count in sorted(found.broken_chunks.items()):
        if count:
            lost.append(f"{words(name, count)} did not come out as they went in, and were left out")
    for name, expected in sorted(found.expected.items()):
        there = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        if there < expected:
            lost.append(f"{words(name, expected - there)} of {expected} are missing")
    short = connection.execute(
        "SELECT client.code, session.started_at, session.samples, coalesce(sum(sample_chunk.n), 0) AS held "
        "FROM session JOIN client ON client.id = session.client_id "
        "LEFT JOIN sample_chunk ON sample_chunk.session_id = session.id WHERE session.samples IS NOT NULL "
        "GROUP BY session.id HAVING held < session.samples ORDER BY client.code, session.started_at"
    ).fetchall()
    for code, at, samples, held in short[:20]:
        lost.append(f"{code}, {str(at)[:16]} UTC: {samples - held} of {samples} samples")
    if len(short) > 20:
        lost.append(f"and samples of {len(short) - 20} more sessions")
    return lost
