"""Tables of the right revision: made when there are none, brought up to date when they are older.

A new record is made from `tables.py` at once and marked with the newest revision; Alembic (slow to import) is only
needed for a record that an older Goodpain left.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from feedback.history import tables
from feedback.history.errors import HistoryOpenError, NewerHistoryError, NoHistoryError, NotAHistoryError
from feedback.history.foreign import refuse_foreign

if TYPE_CHECKING:
    from feedback.history.database import Database

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""All revisions, oldest first; the last is that of `tables.py`."""


def ensure_schema(database: Database, *, create: bool = True) -> tuple[str, str] | None:
    """Make or upgrade the tables; returns (from, to) when it upgraded. Before that it leaves a backup file.

    Args:
        database: open; one that is read-only is left as it is.
        create: make the tables of an empty database.

    Raises:
        NoHistoryError: the database is empty, and `create` is not wanted.
        NotAHistoryError: the database holds other tables and none of ours.
        NewerHistoryError: the revision is unknown here.
        HistoryOpenError: it is read-only and would need an upgrade.
        HistoryDamagedError: it holds SQL that runs by itself.
    """
    if database.path:
        with database.reading() as connection:
            refuse_foreign(connection.exec_driver_sql, database.name)
    if _revision(database) is None and not create:
        with database.reading() as connection:
            if not sa.inspect(connection).get_table_names():
                raise NoHistoryError(f"the record {database.name} is still empty: record a session first")
    elif _revision(database) is None:
        with database.writing() as connection:
            if not sa.inspect(connection).get_table_names():
                tables.metadata.create_all(connection)
                tables.version.create(connection)
                connection.execute(tables.version.insert().values(version_num=REVISIONS[-1]))
    revision = _revision(database)
    if revision is None:
        raise NotAHistoryError(
            f"{database.name} is a database of another program: give the path of a Goodpain record, or a new one"
        )
    if revision == REVISIONS[-1]:
        return None
    if revision not in REVISIONS:
        raise NewerHistoryError(
            f"{database.name} was written by a newer Goodpain (revision {revision}): update Goodpain to open it"
        )
    if database.read_only:
        raise HistoryOpenError(
            f"{database.name} was written by an older Goodpain and cannot be brought up to date where it may only be "
            "read: copy it to a folder of your own and open the copy"
        )
    upgrade(database)
    return revision, REVISIONS[-1]


def upgrade(database: Database, revision: str = REVISIONS[-1]) -> None:
    """Run the migrations up to `revision`, in one transaction, from whatever the database holds.

    A record with content is first copied to `<file>.before-<revision>`.
    """
    from alembic import command
    from alembic.config import Config

    old = _revision(database)
    if database.path and old is not None:
        backup = database.path.with_name(f"{database.path.name}.before-{revision}")
        if not backup.exists():
            database.copy_to(backup)
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _revision(database: Database) -> str | None:
    with database.reading() as connection:
        if not sa.inspect(connection).has_table(tables.version.name):
            return None
        return connection.execute(sa.select(tables.version.c.version_num)).scalar()
