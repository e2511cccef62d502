"""A whole history, client by client, into a new file."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from feedback.band import GoodPainBand
from feedback.history import HistoryError, open_history
from feedback.history import tables as t
from feedback.history.work import SILENT, Work
from feedback.private_file import no_empty_folder
from sim.histories.people import Person, draw_person
from sim.histories.visit import RowsByTable, VisitMaker, new_rows

if TYPE_CHECKING:
    import sqlalchemy as sa

    from sim.histories.people import SimulatedPoint

UNTIL = datetime(2026, 6, 30, 18, 0, tzinfo=UTC)
"""The last visits are in the weeks before this, unless another time is given: a seed makes the same history always."""
POSTERIOR_VERSION = "GoodPainBand"
_ROWS_AT_ONCE = 20_000
_ORDER = tuple(t.metadata.sorted_tables)


@dataclass(frozen=True, slots=True)
class HistorySize:
    """How much of everything.

    Attributes:
        clients: at least 1.
        visits: of all clients together, at least one each; they differ in how often they come.
        presses: of all visits together.
        hours: of samples at 80 a second, more than 0.
    """

    clients: int = 1000
    visits: int = 20_000
    presses: int = 200_000
    hours: float = 400.0

    def __post_init__(self) -> None:
        if self.clients < 1 or self.visits < self.clients or self.presses < 0 or not self.hours > 0:
            raise ValueError("a history needs a client, a visit for each client, and time for them")

    @classmethod
    def of(cls, clients: int) -> HistorySize:
        """So many clients with as much of everything as the whole has for each."""
        return cls(clients, 20 * clients, 200 * clients, 0.4 * clients)


@dataclass(frozen=True, slots=True)
class Generated:
    """What was made: rows, and samples."""

    clients: int
    visits: int
    presses: int
    reports: int
    samples: int


def generate_history(
    path: Path | str,
    size: HistorySize,
    *,
    seed: int = 1,
    until: datetime = UNTIL,
    unpacked: bool = False,
    work: Work = SILENT,
) -> Generated:
    """Write a history of simulated clients to a new file, which appears when it is whole.

    Args:
        path: a file that is not there yet.
        size: how much.
        seed: everything that happens by chance follows from it.
        until: when the last visits are over, aware.
        unpacked: samples in half-second chunks, as a running session leaves them.
        work: is told how far it is; whoever cancels finds no file.

    Raises:
        HistoryError: the file exists or cannot be written.
        CancelledError: it was given up.
    """
    path = Path(path).expanduser().absolute()
    if path.exists():
        raise HistoryError(f"{path} exists already: give the name of a new file")
    part = path.with_name(f".{path.name}.part")
    with no_empty_folder(path.parent):
        _remove(part)
        try:
            generated = _generate(part, size, seed, until, unpacked=unpacked, work=work)
            part.replace(path)
        finally:
            _remove(part)
    return generated


def _remove(part: Path) -> None:
    for name in (part.name, f"{part.name}-wal", f"{part.name}-shm"):
        part.with_name(name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        part.with_name(f"{part.name}.running").rmdir()


def _generate(
    part: Path, size: HistorySize, seed: int, until: datetime, *, unpacked: bool, work: Work
) -> Generated:
    rng = np.random.default_rng(seed)
    maker = VisitMaker(rng, unpacked=unpacked)
    posterior = GoodPainBand.start(ceiling_kpa=600.0).to_bytes()
    # Some come once, some for years: as many visits as a lognormal share gives, one at least.
    share = rng.lognormal(0.0, 0.7, size.clients)
    visits = 1 + rng.multinomial(size.visits - size.clients, share / share.sum())
    presses = rng.multinomial(size.presses, np.full(size.visits, 1.0 / size.visits)).tolist()
    weight = np.maximum(1.0, presses) * rng.uniform(0.8, 1.2, size.visits)
    lasts_s = (weight / weight.sum() * size.hours * 3600.0).tolist()
    made = dict.fromkeys(_ORDER, 0)
    samples = done = 0
    with open_history(part, now=lambda: until) as history:
        rows = new_rows()
        for number, count in enumerate(visits.tolist(), 1):
            work.step(done, size.visits, "making visits")
            person = draw_person(number, count, until, rng)
            span = slice(done, done + count)
            samples += _client(rows, maker, person, presses[span], lasts_s[span], posterior)
            done += count
            if sum(map(len, rows.values())) > _ROWS_AT_ONCE or number == size.clients:
                with history.database.writing() as connection:
                    _insert(connection, rows, made)
                rows = new_rows()
        history.audit("generated", "record", "", f"{size.clients} simulated clients, seed {seed}")
    work.step(size.visits, size.visits, "making visits")
    return Generated(made[t.client], made[t.session], made[t.press], made[t.report], samples)


def _insert(connection: sa.Connection, rows: RowsByTable, made: dict[sa.Table, int]) -> None:
    for table in _ORDER:
        if rows[table]:
            connection.execute(table.insert(), rows[table])
            made[table] += len(rows[table])


def _client(
    rows: RowsByTable,
    maker: VisitMaker,
    person: Person,
    presses: list[int],
    lasts_s: list[float],
    posterior: bytes,
) -> int:
    """Add all rows of a client; returns how many samples they come to."""
    client_id, begun = maker.id(), person.visits[0] - timedelta(minutes=10)
    rows[t.client].append({"id": client_id, "code": person.code, "created_at": begun, "note": ""})
    point_ids: dict[SimulatedPoint, UUID] = {}
    for point in person.points:
        point_ids[point] = maker.id()
        rows[t.point].append(
            {
                "id": point_ids[point],
                "client_id": client_id,
                "muscle": point.point.muscle,
                "side": point.point.side,
                "label": point.point.label,
                "created_at": begun,
            }
        )
    rows[t.plan].append(
        {
            "id": maker.id(),
            "client_id": client_id,
            "at": begun,
            "visits": 4,
            "weeks_min": 2,
            "weeks_max": 6,
            "goal": "",
            "begun_at": None,
        }
    )
    first_band, first_session = len(rows[t.band]), len(rows[t.session])
    for number, (count, s) in enumerate(zip(presses, lasts_s, strict=True)):
        session_id, dose_ns = maker.visit(rows, person, client_id, point_ids, number, count, s)
        _care(rows, maker, person, client_id, session_id, number, dose_ns)
    # What the band model knows is kept for the next visit; of the earlier ones only the bands are made up here.
    newest = {row["point_id"]: row for row in rows[t.band][first_band:]}
    for row in newest.values():
        row.update(posterior=posterior, posterior_version=POSTERIOR_VERSION)
    _corrections(rows, maker, first_session, person)
    return sum(row["samples"] for row in rows[t.session][first_session:])


def _care(
    rows: RowsByTable,
    maker: VisitMaker,
    person: Person,
    client_id: UUID,
    session_id: UUID,
    number: int,
    dose_ns: float,
) -> None:
    """An assessment now and then, and how sore the client was."""
    at = person.visits[number]
    if number % 4 == 0:
        assessment_id = maker.id()
        rows[t.assessment].append(
            {
                "id": assessment_id,
                "client_id": client_id,
                "session_id": session_id,
                "at": at + timedelta(minutes=1),
                "note": "",
            }
        )
        eased = min(4, number // 2) if person.rise_ln else 0
        rows[t.pain_area].append(
            {
                "id": maker.id(),
                "assessment_id": assessment_id,
                "seq": 0,
                "area": "neck",
                "side": "left",
                "rating_now": max(0, 7 - eased),
                "rating_usual": None,
                "note": "",
            }
        )
    if number % 5 < 3:
        rows[t.soreness].append(
            {
                "id": maker.id(),
                "client_id": client_id,
                "session_id": session_id,
                "at": at + timedelta(days=2),
                "rating": min(10, round(dose_ns / 1500.0)),
                "hours_after": 48.0,
                "note": "",
            }
        )


def _corrections(rows: RowsByTable, maker: VisitMaker, first_session: int, person: Person) -> None:
    """One press of each tenth client is void, and one report is put right."""
    if int(person.code[1:]) % 10:
        return
    ids = {row["id"] for row in rows[t.session][first_session:]}
    for table, entity, what, value in (
        (t.press, "press", "void", ""),
        (t.report, "report", "changed", json.dumps({"kind": "rating", "rating": 3})),
    ):
        row = next((row for row in reversed(rows[table]) if row["session_id"] in ids), None)
        if row is not None:
            rows[t.correction].append(
                {
                    "id": maker.id(),
                    "session_id": row["session_id"],
                    "at": person.visits[-1] + timedelta(hours=1),
                    "who": person.therapist,
                    "entity": entity,
                    "entity_id": row["id"],
                    "what": what,
                    "value": value,
                    "reason": "simulated",
                }
            )
