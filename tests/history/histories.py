"""Records with something in every table, from values that hypothesis finds; written straight into the tables."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from hypothesis import strategies as st

from feedback.history import History
from feedback.history import tables as t
from feedback.history.codec import Samples, decode, encode
from feedback.history.values import words_of

ODD = [
    *("", "=1+1", "+1", "-5 kg", "@SUM(A1)", "\tx", "\rx", "\nx", "'", "''", "'=", "＝1", "x,y", 'a"b', '"'),
    *(
        "line\r\nline",
        "line\nline",
        "ends in \r",
        " padded ",
        "Ünïcödé 漢字 🤕",
        "\u200b",
        "\ufeff",
        "\\N",
        "NULL",
    ),
    *("yes", "INF", "0", "1e5", "\u2028"),
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
NUMBERS = st.floats(allow_nan=False)
WHOLES = st.integers(-(10**15), 10**15)
DAYS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1))
CODES = st.text("ABCabc ,\"'=+-@;é1", min_size=1, max_size=12).map(lambda c: " ".join(c.split())).filter(bool)

SENSIBLE = {
    "scores": [
        "",
        '{"scores": {}, "windows": [], "target_kpa": 1.5, "mean_kpa": null, "felt_kpa": null, "inside": null, '
        '"needed_share": null, "missing_share": 0.1}',
    ],
    "target": ["", "[[0, 1.5], [0.1, null]]"],
    "utc_offset_min": [0, 60, -720, 345],
}
"""Of columns that hold data of a format, or figures with an end."""


@st.composite
def values(draw: st.DrawFn) -> Values:
    """What a record is made of."""
    return Values(
        draw(st.integers(0, 2**32)),
        draw(st.lists(TEXTS, max_size=8)),
        draw(st.lists(NUMBERS, max_size=8)),
        draw(st.lists(WHOLES, max_size=8)),
        draw(st.lists(DAYS, min_size=1, max_size=4)),
        draw(st.lists(CODES, min_size=1, max_size=3, unique=True)),
    )


class Values:
    """Draws from pools."""

    def __init__(
        self,
        seed: int,
        texts: list[str],
        numbers: list[float],
        wholes: list[int],
        days: list[datetime],
        codes: list[str],
    ) -> None:
        self.args = (seed, texts, numbers, wholes, days, codes)
        self.random = random.Random(seed)
        self.codes = codes
        self.texts = [*texts, *ODD]
        self.numbers = [
            *numbers,
            0.0,
            -0.0,
            0.1,
            1 / 3,
            1e-300,
            5e-324,
            1.7976931348623157e308,
            123456789.123,
        ]
        self.wholes = [*wholes, 0, 1, -1, 7, 999_999, 1_000_000]
        self.days = [day.replace(tzinfo=UTC) for day in days]

    def __repr__(self) -> str:
        return f"Values{self.args!r}"

    def uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def some(self, most: int) -> range:
        return range(self.random.randint(0, most))

    def of(self, column: sa.Column[Any]) -> Any:
        """Anything that the column takes."""
        r = self.random
        if column.nullable and r.random() < 0.3:
            return None
        kind = column.type
        if words := sorted(words_of(column.table.name, column.name)):
            return r.choice(words)
        if column.name in SENSIBLE:
            return r.choice(SENSIBLE[column.name])
        if isinstance(kind, sa.Uuid):
            return self.uuid()
        if isinstance(kind, t.UtcDateTime):
            return r.choice(self.days) + timedelta(microseconds=r.randrange(10**12))
        if isinstance(kind, sa.LargeBinary):
            return r.randbytes(r.choice((0, 1, 2, 3, 40)))
        if isinstance(kind, sa.Boolean):
            return r.random() < 0.5
        if isinstance(kind, sa.Float):
            return r.choice(self.numbers)
        if isinstance(kind, sa.String):
            return r.choice(self.texts)[: kind.length]
        if column.name == "quality":
            return r.choice((0, 0, 1, 5, 255, 1 << 14))
        limit = (
            2**15
            if isinstance(kind, sa.SmallInteger)
            else 2**31
            if not isinstance(kind, sa.BigInteger)
            else 2**62
        )
        return r.choice(self.wholes) % limit

    def row(self, table: sa.Table, **given: Any) -> dict[str, Any]:
        """A row of anything, but for what is given and what would be a reference."""
        row = {
            column.name: None if column.foreign_keys and column.nullable else self.of(column)
            for column in table.c
            if column.name not in given and not (column.name == "id" and not isinstance(column.type, sa.Uuid))
        }
        return {**row, **given}


def fill(history: History, v: Values) -> None:
    """Put a whole record into an empty one."""
    with history.database.writing() as connection:

        def add(table: sa.Table, **given: Any) -> Any:
            row = v.row(table, **given)
            connection.execute(table.insert(), [row])
            return row.get("id")

        for code in v.codes:
            _client(add, v, code)
        for code in v.codes[:2]:
            _trainee(add, v, code)


def _client(add: Any, v: Values, code: str) -> None:
    r = v.random
    client_id = add(t.client, code=code)
    labels = dict.fromkeys(
        (r.choice(v.texts), r.choice(("left", "", "=r")), r.choice(v.texts)) for _ in v.some(3)
    )
    points = [add(t.point, client_id=client_id, muscle=m, side=s, label=x) for m, s, x in labels]
    sessions = [_session(add, v, client_id, points) for _ in v.some(2)]
    for owner in points:
        for _ in v.some(2):
            add(t.band, point_id=owner, session_id=None)
    for table in (t.check_answer, t.assessment, t.plan, t.soreness):
        for _ in v.some(2):
            given = {"client_id": client_id}
            if "session_id" in table.c:
                given["session_id"] = r.choice([None, *sessions])
            row_id = add(table, **given)
            if table is t.assessment:
                for part in (t.pain_area, t.finding, t.factor):
                    for seq in v.some(2):
                        add(part, assessment_id=row_id, seq=seq)
            if table is t.plan:
                for seq in v.some(2):
                    add(t.homework, plan_id=row_id, seq=seq)


def _session(add: Any, v: Values, client_id: UUID, points: list[UUID]) -> UUID:
    r = v.random

    def t_us() -> int:
        return r.choice(v.wholes) % 10**10

    def point() -> UUID | None:
        return r.choice([None, *points])

    day = r.choice(v.days)
    session_id = add(
        t.session,
        client_id=client_id,
        started_at=day,
        ended_at=day + timedelta(microseconds=t_us()),
        tip_area_cm2=r.choice((0.1, 1.0, 2.000000001, 9.9)),
        rate_hz=r.choice((None, 80.0, 0.0)),
    )
    calibrations = [
        add(
            t.calibration,
            session_id=session_id,
            t_us=t_us(),
            zero_counts=r.choice((0.0, 0.1, -7e5)),
            counts_per_n=r.choice((512.3, -1 / 3)),
            curve=r.choice((None, "[[0.0, 0.0], [10.5, 3.0], [1000.0, 7.5]]")),
        )
        for _ in v.some(3)
    ]
    samples(add, v, t.sample_chunk, calibrations, session_id=session_id)
    for point_id in points:
        if r.random() < 0.7:
            add(t.point_change, session_id=session_id, point_id=point_id, t_us=t_us())
    reports = []
    entities: list[tuple[str, UUID, str]] = []
    for _ in v.some(3):
        start = t_us()
        press_id = add(
            t.press, session_id=session_id, point_id=point(), start_us=start, end_us=start + t_us()
        )
        entities.append(("press", press_id, "{}"))
        report_id = add(
            t.report, session_id=session_id, point_id=point(), press_id=press_id, t_us=t_us(), kind="rating"
        )
        reports.append(report_id)
        entities.append(("report", report_id, json.dumps({"kind": "good", "rating": r.choice((None, 7))})))
        add(t.band, session_id=session_id, point_id=point(), t_us=t_us())
        add(t.phase, session_id=session_id, point_id=point(), start_us=t_us(), end_us=t_us())
        repeats = [
            {
                "kpa": r.choice((None, 0.1)),
                "rate_kpa_per_s": r.choice((None, 1 / 3)),
                "used": r.random() < 0.5,
            }
            for _ in v.some(3)
        ]
        add(
            t.threshold,
            session_id=session_id,
            point_id=point(),
            start_us=t_us(),
            end_us=t_us(),
            repeats=json.dumps(repeats),
        )
        event_id = add(t.event, session_id=session_id, t_us=t_us(), kind=r.choice(("note", "gap", "=kind")))
        entities.append(("event", event_id, json.dumps({"text": r.choice(v.texts)})))
    for report_id in reports:
        if r.random() < 0.5:
            add(
                t.report,
                session_id=session_id,
                point_id=point(),
                press_id=None,
                t_us=t_us(),
                kind="undo",
                rating=None,
                pressure_kpa=None,
                corrects_id=report_id,
            )
    for entity, entity_id, value in entities:
        for _ in v.some(2):
            what = r.choice(("void", "restored")) if entity == "press" else "changed"
            add(
                t.correction,
                session_id=session_id,
                entity=entity,
                entity_id=entity_id,
                what=what,
                value=value,
            )
    return session_id


def _trainee(add: Any, v: Values, code: str) -> None:
    trainee_id = add(t.trainee, code=code)
    for _ in v.some(2):
        add(t.training_skip, trainee_id=trainee_id)
        attempt_id = add(
            t.attempt,
            trainee_id=trainee_id,
            ended_at=v.random.choice(v.days),
            tip_area_cm2=2.0,
            zero_counts=v.random.choice((None, 0.5)),
            counts_per_n=v.random.choice((None, -512.3)),
            curve=None,
        )
        samples(add, v, t.attempt_chunk, [], attempt_id=attempt_id)


def samples(add: Any, v: Values, table: sa.Table, calibrations: list[UUID], **owner: UUID) -> None:
    """Some chunks: a clock that jumps and stands still, losses, flags, and any counts."""
    r = v.random
    now_us = r.choice((0, 10**6, -12_345))
    for seq in v.some(5):
        n = r.choice((1, 2, 40))
        steps = np.array([r.choice((12_500, 12_500, 12_501, 0, 700_000, -3)) for _ in range(n)], np.int64)
        t_us = now_us + np.cumsum(steps)
        now_us = int(t_us[-1]) + r.choice((12_500, 90_000_000))
        device = np.array([r.choice((-1, 0, 5, 2**40)) for _ in range(n)], np.int64)
        made = Samples(
            t_us,
            device,
            np.array([r.choice((-(2**31), 2**31 - 1, 0, -7, 8_388_607)) for _ in range(n)], np.int32),
            np.array([r.choice((0, 0, 0, 5, 255)) for _ in range(n)], np.uint8),
            np.array([r.choice((0, 0, 3)) for _ in range(n)], np.int64),
        )
        codec, payload = encode(made)
        given = {"calibration_id": r.choice([None, *calibrations])} if "calibration_id" in table.c else {}
        add(
            table,
            **owner,
            **given,
            seq=seq,
            t0_us=int(t_us.min()),
            t1_us=int(t_us.max()),
            n=n,
            lost=int(made.lost_before.sum()),
            codec=codec,
            payload=payload,
        )


def csv_files(folder: Path) -> dict[str, bytes]:
    """The tables of an export."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}


def counts(history: History) -> dict[str, int]:
    """Rows by table of the record, without the audit."""
    with history.database.reading() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in t.metadata.tables.values()
            if table.name != "audit"
        }


def content(history: History) -> dict[str, list[str]]:
    """Every cell of every row by table, without the audit; of samples each one, whatever chunk it stands in."""
    out: dict[str, list[str]] = {}
    with history.database.reading() as connection:
        for table in t.metadata.tables.values():
            rows = connection.execute(sa.select(table)).fetchall()
            if table in (t.sample_chunk, t.attempt_chunk):
                owner = "session_id" if table is t.sample_chunk else "attempt_id"
                rows = sorted(rows, key=lambda row: (getattr(row, owner), row.seq))
                out[table.name] = [
                    repr((getattr(row, owner), getattr(row, "calibration_id", None), *one))
                    for row in rows
                    for one in zip(
                        *(c.tolist() for c in columns(decode(row.codec, row.payload, row.n))), strict=True
                    )
                ]
            elif table is not t.audit:
                out[table.name] = sorted(map(repr, rows))
    return out


def columns(made: Samples) -> tuple[np.ndarray, ...]:
    return made.t_us, made.device_us, made.counts, made.quality, made.lost_before


def same(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    """Byte for byte."""
    for name in one:
        assert one[name].decode() == other[name].decode(), name
    assert one.keys() == other.keys()


def clear(history: History) -> None:
    """Empty the record."""
    with history.database.writing() as connection:
        for table in (t.client, t.trainee):
            connection.execute(table.delete())


@contextmanager
def fast_folder() -> Iterator[Path]:
    """A folder in memory where the system has one: hundreds of small files are waited for on no disk there."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)
