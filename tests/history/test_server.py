"""What is particular to a record on a server. The other tests of this folder run on it too: see conftest.py."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import sqlalchemy as sa

from feedback.band import Band
from feedback.history import (
    BadEntryError,
    BandInForce,
    HistoryError,
    HistoryOpenError,
    HistoryReadOnlyError,
    NewerHistoryError,
    SessionStart,
    open_history,
    schema,
    tables,
)
from feedback.history.database import Database
from feedback.signal import ForceBlock

from .conftest import CALIBRATION, ON_SERVER, POINT, SERVER, T0_S

if not SERVER:
    pytest.skip(
        "GOODPAIN_TEST_SERVER is not set: the record was tested on files alone", allow_module_level=True
    )
pytestmark = pytest.mark.parametrize("place", [ON_SERVER], indirect=True)


def test_a_session_that_was_cut_off_is_closed_by_its_own_station_alone(
    place: str,
    start: SessionStart,
    force_blocks: Callable[..., list[ForceBlock]],
    pressed: Callable[[float], np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with open_history(place) as history:
        point = history.point("A17", POINT)
        journal = history.begin_session(start)
        journal.calibration(CALIBRATION, T0_S)
        journal.point(point.id, T0_S)
        journal.band(Band(110, 210), 390, T0_S)
        for block in force_blocks(pressed(4)):
            journal.samples(block)
        journal.close()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("platform.node", lambda: "another station")
        with open_history(place) as history:
            assert history.recover() == []
    with open_history(place) as history:
        assert [r.presses for r in history.recover()] == [1]
        assert history.recover() == []
        assert history.band(point.id, "thumb", 2.0) == BandInForce(Band(110, 210), 390)


def test_what_may_only_be_read_is_not_written(place: str) -> None:
    with open_history(place) as history:
        history.client("A17")
    with open_history(place, read_only=True) as reader:
        assert [client.code for client in reader.clients()] == ["A17"]
        with pytest.raises(HistoryError):
            reader.care.add_soreness("A17", 4)
        with pytest.raises((HistoryReadOnlyError, HistoryError)):
            reader.client("B2")


def test_a_servers_refusal_is_a_sentence(place: str, tmp_path: Path) -> None:
    with open_history(place) as history:
        with pytest.raises(BadEntryError, match="refuses an entry"):
            history.set_band(uuid4(), "thumb", 2.0, None, 1)
        with pytest.raises(HistoryError, match="server's own tools"):
            history.backup(tmp_path / "copy.db")
        assert history.check() == []


def test_no_password_is_shown(place: str) -> None:
    url = sa.make_url(place).set(password="secret-word")
    with open_history(url.render_as_string(hide_password=False)) as history:
        assert "secret-word" not in history.name
    nowhere = url.set(database="no_such_database").render_as_string(hide_password=False)
    with pytest.raises(HistoryOpenError) as refused:
        open_history(nowhere)
    assert "secret-word" not in str(refused.value)


def test_an_old_record_is_brought_up_to_date_on_a_server_too(place: str) -> None:
    # In a schema of its own, so that the tables of the other tests stay.
    engine = sa.create_engine(place)
    url = sa.make_url(place)
    own = f"{str(url.query['options']).removeprefix('-csearch_path=')}_old"
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(own))
    try:
        where = url.update_query_dict({"options": f"-csearch_path={own}"}).render_as_string(
            hide_password=False
        )
        old = Database(where)
        schema.upgrade(old, "0001")
        with old.writing() as connection:
            connection.exec_driver_sql(
                "INSERT INTO client (id, code, created_at, note) VALUES (gen_random_uuid(), 'old', now(), 'n')"
            )
        old.close()
        with open_history(where) as history:
            assert [client.code for client in history.clients()] == ["old"]
            with history.database.writing() as connection:
                connection.execute(tables.version.update().values(version_num="9999"))
        with pytest.raises(NewerHistoryError):
            open_history(where)
    finally:
        with engine.begin() as connection:
            connection.execute(sa.schema.DropSchema(own, cascade=True))
        engine.dispose()
