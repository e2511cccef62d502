"""Another code for a client, for the day a name or a wrong code was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedback.history import audit, queries
from feedback.history import tables as t
from feedback.history.errors import BadEntryError, HistoryReadOnlyError
from feedback.history.records import ClientRecord, check_code

if TYPE_CHECKING:
    from feedback.history.store import History


def rename_client(
    history: History, client_code: str, new_code: str, who: str = ""
) -> tuple[ClientRecord, str]:
    """Give a client another code; the old one is swept out of the record's files.

    Returns:
        the client, and why traces of the old code may be left, as a sentence; empty when none are.

    Raises:
        BadEntryError: the new code is none, or somebody has it.
        UnknownClientError: nobody has the old one.
        HistoryError: the record cannot be written.
    """
    new_code = check_code(new_code)
    if history.read_only:
        raise HistoryReadOnlyError(
            f"the record {history.name} may only be read: no code can be changed in it"
        )
    client = history.known_client(client_code)
    with history.database.writing() as connection:
        if queries.find_client(connection, new_code):
            raise BadEntryError(f"there is a client “{new_code}” already: choose another code")
        connection.execute(t.client.update().where(t.client.c.id == client.id).values(code=new_code))
        audit.note(connection, history.now(), "renamed", "client", str(client.id), who=who)
    return ClientRecord(client.id, new_code, client.created_at, client.note), history.database.sweep()
