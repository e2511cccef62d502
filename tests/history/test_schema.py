import contextlib
import os
import re
import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from feedback.history import (
    History,
    HistoryDamagedError,
    HistoryOpenError,
    NewerHistoryError,
    NotAHistoryError,
    migrations,
    open_history,
    schema,
    tables,
)
from feedback.history.database import Database

MIGRATIONS = Path(migrations.__file__).parent


def shape(path: Path) -> dict[str, object]:
    """Columns, keys, constraints and indexes, by name."""
    engine = sa.create_engine(f"sqlite:///{path}")
    inspector = sa.inspect(engine)
    found: dict[str, object] = {}
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        found[table] = {
            "columns": [{**c, "type": str(c["type"])} for c in inspector.get_columns(table)],
            "primary": inspector.get_pk_constraint(table),
            "foreign": sorted(inspector.get_foreign_keys(table), key=lambda k: k["name"] or ""),
            "unique": sorted(inspector.get_unique_constraints(table), key=lambda k: k["name"] or ""),
            "indexes": sorted(inspector.get_indexes(table), key=lambda k: k["name"] or ""),
        }
    engine.dispose()
    return found


def test_all_migrations_from_nothing_give_the_tables_of_a_new_record(tmp_path: Path) -> None:
    open_history(tmp_path / "new.db").close()
    migrated = Database(tmp_path / "migrated.db")
    schema.upgrade(migrated)
    with migrated.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    migrated.close()
    assert shape(tmp_path / "migrated.db") == shape(tmp_path / "new.db")


def test_a_new_record_is_marked_with_the_newest_migration(path: Path, history: History) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    revisions = [revision.revision for revision in script.walk_revisions()]
    assert tuple(reversed(revisions)) == schema.REVISIONS
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(revisions[0],)]
    connection.close()


def test_migrations_only_add() -> None:
    for file in (MIGRATIONS / "versions").glob("r*.py"):
        assert not re.search(r"drop_|alter_column|rename|batch_alter|execute\(", file.read_text()), file.name


def test_an_older_record_is_brought_up_to_date_and_keeps_its_rows(path: Path) -> None:
    old = Database(path)
    schema.upgrade(old, "0001")
    client_id, point_id = uuid4(), uuid4()
    at = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    with old.writing() as connection:
        connection.execute(tables.client.insert().values(id=client_id, code="old", created_at=at, note="n"))
        connection.execute(
            tables.point.insert().values(
                id=point_id, client_id=client_id, muscle="soleus", side="left", label="", created_at=at
            )
        )
        connection.exec_driver_sql(
            "INSERT INTO band (id, point_id, applicator, tip_area_cm2, at, lower_kpa, upper_kpa, source, because) "
            "VALUES (?, ?, 'thumb', 2.0, '2025-01-02 03:04:05.000000', 100, 200, 'set', '')",
            (uuid4().hex, point_id.hex),
        )
    old.close()

    with open_history(path) as history:
        [client] = history.clients()
        assert (client.code, client.created_at, client.points) == ("old", at, 1)
        band, _ = history.band(point_id, "thumb", 2.0)
        assert band is not None
        assert (band.lower_kpa, band.upper_kpa) == (100, 200)
        assert history.load_posterior(point_id, "thumb", 2.0) is None
        assert history.check() == []
    backup = path.with_name(f"record.db.before-{schema.REVISIONS[-1]}")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    before = Database(backup)
    with before.reading() as connection:
        assert connection.execute(sa.select(tables.client.c.code)).scalars().all() == ["old"]
    before.close()


def test_a_record_from_before_the_course_of_care_keeps_its_sessions(path: Path) -> None:
    old = Database(path)
    schema.upgrade(old, "0003")
    client_id, session_id, press_id = uuid4().hex, uuid4(), uuid4().hex
    with old.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO client (id, code, created_at, note) VALUES (?, 'A17', '2025-01-02 03:04:05', '')",
            (client_id,),
        )
        connection.exec_driver_sql(
            "INSERT INTO session (id, client_id, station, started_at, ended_at, ended_how, applicator, tip_area_cm2, "
            "sensor_url, sensor_serial, sensor_device, dialect, clock, app_version, t0_s, samples, lost) VALUES "
            "(?, ?, 'x', '2025-01-02 03:04:05', '2025-01-02 03:34:05', 'ended', 'thumb', 2.0, '', '', '', '', '', '0', "
            "0.0, 0, 0)",
            (session_id.hex, client_id),
        )
        connection.exec_driver_sql(
            "INSERT INTO press (id, session_id, start_us, end_us, dose_ns, lost, quality, ended) VALUES "
            "(?, ?, 1000000, 31000000, 640.5, 0, 0, 'release')",
            (press_id, session_id.hex),
        )
    old.close()

    with open_history(path) as history:
        [session] = history.sessions("A17")
        assert (session.id, session.therapist, session.phases, session.thresholds) == (session_id, "", [], [])
        [visit] = history.care.visits("A17")
        assert (visit.session_id, visit.dose_ns, visit.press_s) == (session_id, 640.5, 30)
        told = history.care.add_soreness("A17", 2, session_id=session_id)
        assert history.care.sorenesses("A17") == [told]
        assert history.check() == []
    assert path.with_name(f"record.db.before-{schema.REVISIONS[-1]}").exists()


REAL_WORDS = {
    ("report", "kind"): "good",
    ("report", "rating"): None,
    ("phase", "kind"): "hold",
    ("band", "source"): "set",
    ("session", "ended_how"): "ended",
    ("sample_chunk", "codec"): "d1",
    ("threshold", "repeats"): '[{"kpa": 200.5, "rate_kpa_per_s": null, "used": true}]',
    ("calibration", "curve"): "[[1.0, 2.0]]",
    ("correction", "entity"): "press",
    ("correction", "what"): "void",
    ("correction", "value"): "",
}
"""What a reader must be able to make sense of."""


def filled(connection: sa.Connection) -> dict[str, list[dict[str, object]]]:
    """Two rows in every table that is there, each cell with a value of its own; and what was put in."""
    old = sa.MetaData()
    old.reflect(connection)
    count = iter(range(1, 10_000))
    rows: dict[str, list[dict[str, object]]] = {}
    for table in old.sorted_tables:
        if table.name == tables.version.name:
            continue
        rows[table.name] = []
        for number in range(2):
            row: dict[str, object] = {}
            for column in table.columns:
                kind, key = str(column.type), next(count)
                owner = next(iter(column.foreign_keys), None)
                if (table.name, column.name) in REAL_WORDS:
                    row[column.name] = REAL_WORDS[table.name, column.name]
                elif owner is not None and owner.column.table is table:
                    row[column.name] = rows[table.name][0]["id"] if number else None
                elif owner is not None:
                    row[column.name] = rows[owner.column.table.name][number]["id"]
                elif kind == "CHAR(32)":
                    row[column.name] = uuid4().hex
                elif kind == "DATETIME":
                    row[column.name] = datetime(2025, 1, 2, 3, 4, 5, key)
                elif kind == "BLOB":
                    row[column.name] = bytes([0, 255, key % 256])
                elif kind == "BOOLEAN":
                    row[column.name] = bool(number)
                elif kind == "FLOAT":
                    row[column.name] = key + 0.1
                elif "INT" in kind:
                    row[column.name] = key
                else:
                    row[column.name] = f"{column.name} {key}"
            connection.execute(table.insert(), [row])
            rows[table.name].append(row)
    return rows


@pytest.mark.parametrize("revision", schema.REVISIONS)
def test_no_cell_of_any_table_is_lost_when_an_older_record_is_brought_up_to_date(
    path: Path, revision: str
) -> None:
    old = Database(path)
    schema.upgrade(old, revision)
    with old.writing() as connection:
        before = filled(connection)
    old.close()
    assert len(before) >= 11
    with open_history(path) as history:
        # Read as a whole, and cell by cell.
        assert [len(session.presses) for session in history.sessions()] == [1, 1]
        assert len(history.review.clients()) == 2
        assert history.check() == []
        with history.database.reading() as connection:
            now = sa.MetaData()
            now.reflect(connection)
            for name, rows in before.items():
                columns = [now.tables[name].c[column] for column in rows[0]]
                query = sa.select(*columns)
                if name == "audit":
                    query = query.where(now.tables[name].c.what != "upgraded")
                after = [dict(row) for row in connection.execute(query).mappings()]
                key = "id" if "id" in rows[0] else next(iter(rows[0]))

                def by_key(row: dict[str, object], key: str = key) -> str:
                    return str(row[key])

                assert sorted(after, key=by_key) == sorted(rows, key=by_key), name


def test_a_record_of_a_newer_goodpain_is_left_alone(path: Path) -> None:
    open_history(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(NewerHistoryError, match=r"newer Goodpain \(revision 9999\): update"):
        open_history(path)


def test_another_programs_database_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(NotAHistoryError, match="another program"):
        open_history(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]
    connection.close()


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    content = b"Dear diary, " * 1000
    path.write_bytes(content)
    with pytest.raises(NotAHistoryError, match="is not a database"):
        open_history(path)
    assert path.read_bytes() == content


def test_a_damaged_record_is_told(path: Path) -> None:
    with open_history(path) as history:
        for number in range(200):
            history.client(f"c{number}")
    content = bytearray(path.read_bytes())
    page = 4096
    for start in range(2 * page, len(content), page):
        content[start : start + 200] = b"\xa5" * 200
    path.write_bytes(content)
    with contextlib.suppress(HistoryDamagedError), open_history(path) as history:
        assert history.check() != []


def test_a_folder_is_not_a_record(tmp_path: Path) -> None:
    with pytest.raises(HistoryOpenError, match="is a folder"):
        open_history(tmp_path)


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryOpenError, match="choose another place"):
        open_history(tmp_path / "file" / "deeper" / "record.db")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(HistoryOpenError, match="locked"):
        open_history(folder / "record.db")


@pytest.mark.parametrize("where", ["sqlite://", "sqlite:///:memory:", "nonsense://x", "://"])
def test_an_address_that_is_none_is_told_in_a_sentence(where: str) -> None:
    with pytest.raises(HistoryOpenError):
        open_history(where)


def test_only_the_owner_can_read_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "made" / "by us" / "record.db"
    old = os.umask(0)
    try:
        with open_history(path) as history:
            history.client("A17")
            files = [f for f in path.parent.iterdir() if f.is_file()]
            assert {f.name for f in files} == {"record.db", "record.db-wal", "record.db-shm"}
            assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
            assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
        path.chmod(0o644)
        open_history(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(old)


def test_a_connection_keeps_to_the_rules(path: Path, history: History) -> None:
    database = Database(path)
    with database.reading() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    database.close()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_several_may_make_the_same_record_at_once(path: Path) -> None:
    problems: list[Exception] = []
    gate = threading.Barrier(6)

    def make(number: int) -> None:
        gate.wait()
        try:
            with open_history(path) as history:
                history.client("shared")
                history.client(f"c{number}")
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with open_history(path) as history:
        assert len(history.clients()) == 7


def test_sqlalchemy_comes_with_the_first_record_and_alembic_only_with_an_old_one(path: Path) -> None:
    script = (
        "import sys, feedback.history as h; assert 'sqlalchemy' not in sys.modules;"
        f"h.open_history({str(path)!r}).close();"
        "assert 'sqlalchemy.engine' in sys.modules; assert 'sqlalchemy.orm' not in sys.modules;"
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])
