"""Real records in temporary folders and on a real server, and sessions to put into them.

A test that asks for `history` or `place` runs on a SQLite file and, where GOODPAIN_TEST_SERVER names an empty database
(postgresql+psycopg://user@host/name), on that server too. One that asks for `path` is about the file alone.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import pytest
import sqlalchemy as sa

from feedback.history import History, SessionStart, open_history, tables
from feedback.points import Point
from feedback.signal import Calibration, ForceBlock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SERVER = os.environ.get("GOODPAIN_TEST_SERVER", "")
FILE, ON_SERVER = "file", "server"
T0_S = 5000.25
RATE_HZ = 80
STARTED_AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
CALIBRATION = Calibration(zero_counts=1000.5, counts_per_n=-512.25, source="test")
POINT = Point("upper trapezius", "left", "1")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marks = metafunc.definition.iter_markers("parametrize")
    if "place" in metafunc.fixturenames and not any(mark.args[0] == "place" for mark in marks):
        both = SERVER and "path" not in metafunc.fixturenames
        metafunc.parametrize("place", [FILE, ON_SERVER] if both else [FILE], indirect=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A schema of our own on the server, as an address."""
    schema = f"test_{uuid4().hex}"
    engine = sa.create_engine(SERVER)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    url = sa.make_url(SERVER).update_query_dict({"options": f"-csearch_path={schema}"})
    yield url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(sa.schema.DropSchema(schema, cascade=True))
    engine.dispose()


@pytest.fixture
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path | str]:
    """Where to open a record: a file that is not there yet, or a server whose tables are empty."""
    if request.param == FILE:
        yield tmp_path / "record.db"
        return
    # Locks and rescue files of a record on a server.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    url: str = request.getfixturevalue("server")
    yield url
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if sa.inspect(connection).has_table(tables.client.name):
            connection.exec_driver_sql("SET lock_timeout = '5s'")
            for table in (tables.client, tables.trainee, tables.audit):
                connection.execute(table.delete())
    engine.dispose()


@pytest.fixture
def history(place: Path | str) -> Iterator[History]:
    with open_history(place) as opened:
        yield opened


@pytest.fixture
def start() -> SessionStart:
    return SessionStart(
        "A17",
        STARTED_AT,
        T0_S,
        "thumb",
        2.0,
        sensor_url="sim://test",
        dialect="native-binary",
        clock="device",
        app_version="0",
    )


@pytest.fixture
def force_blocks() -> Callable[..., list[ForceBlock]]:
    """Forces at 80 a second from `first_s` after the start, in blocks of a few, as a sensor gives them."""

    def blocks(
        force_n: np.ndarray, *, first_s: float = 0.0, size: int = 7, calibrated: bool = True
    ) -> list[ForceBlock]:
        n = len(force_n)
        time_s = T0_S + first_s + np.arange(n) / RATE_HZ
        counts = np.rint(force_n * CALIBRATION.counts_per_n + CALIBRATION.zero_counts).astype(np.int32)
        force = CALIBRATION.force_n(counts) if calibrated else np.full(n, np.nan)
        t_us = np.rint((np.arange(n) / RATE_HZ + first_s + 3.0) * 1e6).astype(np.int64)
        return [
            ForceBlock.of(
                time_s[i : i + size],
                force[i : i + size],
                counts[i : i + size],
                0 if calibrated else 4,
                t_us[i : i + size],
            )
            for i in range(0, n, size)
        ]

    return blocks


@pytest.fixture
def pressed() -> Callable[[float], np.ndarray]:
    """Rest for a second, then 30 N for the given time, then rest for a second."""

    def force(hold_s: float) -> np.ndarray:
        rest = np.zeros(RATE_HZ)
        return np.concatenate([rest, np.full(round(hold_s * RATE_HZ), 30.0), rest])

    return force


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """A time of day that stands still until told otherwise."""
    return lambda: STARTED_AT + timedelta(hours=1)
