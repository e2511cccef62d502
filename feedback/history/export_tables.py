"""All tables of an export, from one moment of the record."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from feedback.history.export_care import care_tables
from feedback.history.export_drills import drill_tables
from feedback.history.export_events import events_table, repeats_table
from feedback.history.export_facts import Facts
from feedback.history.export_samples import attempt_samples_table, samples_table
from feedback.history.export_sessions import session_tables

if TYPE_CHECKING:
    from collections.abc import Generator

    from feedback.history.export_spec import Spec
    from feedback.history.export_types import TableOut
    from feedback.history.store import History


def all_specs() -> list[Spec]:
    """Every table of an export, so that what is referred to comes before what refers to it."""
    return [
        *session_tables(),
        repeats_table(),
        samples_table(),
        # After the samples, in which the gaps are found.
        events_table(),
        *care_tables(),
        *drill_tables(),
        attempt_samples_table(),
    ]


@contextmanager
def export_tables(
    history: History, client_code: str | None = None, trainee_code: str | None = None
) -> Generator[list[TableOut]]:
    """The tables of the record, or of one client's or one trainee's part of it, as they stand at this moment.

        with export_tables(history) as tables:
            for table in tables:
                for batch in table.batches():
                    ...

    What is written to the record meanwhile is not seen. Tables may be read in any order, one at a time; parents come
    before what refers to them. Practice belongs to no client: its tables are empty in the export of one,
    and all others in that of a trainee.

    Raises:
        UnknownClientError, UnknownTraineeError: nobody has this code.
        HistoryDamagedError: (while rows are read) stored samples cannot be read back.
    """
    client_id = None if client_code is None else history.known_client(client_code).id
    trainee_id = None if trainee_code is None else history.training.known(trainee_code).id
    with history.database.reading() as connection:
        if connection.dialect.name != "sqlite":
            # One moment for all tables; in SQLite every transaction is that.
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        facts = Facts(connection, client_id, trainee_id)
        try:
            yield [spec.out(facts) for spec in all_specs()]
        finally:
            facts.close()
