"""Targets: what the record takes in, with a real record each time: exports, rescue files, damaged databases."""

from __future__ import annotations

import base64
import csv
import io
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from feedback.atlas import Atlas, load_atlas
from feedback.history import HistoryError, SessionStart, export_csv, import_csv, open_history
from feedback.history import tables as t
from feedback.history.courses import body_values, client_course, point_courses
from feedback.history.salvage import recover
from tests.fuzz.choosing import Choices
from tests.fuzz.documents import ODD_JSON, changed, json_of
from tests.fuzz.refusals import sentence
from tests.history.conftest import CALIBRATION, STARTED_AT, T0_S
from tests.history.filled import treated
from tests.history.test_recover import blocks
from tests.practise.making import kept_attempt
from tui.report.page import report_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feedback.history import History

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ODD_CELLS = (
    *(
        "",
        "'",
        "''",
        "-1",
        "0",
        "1",
        "1.5",
        "nan",
        "INF",
        "-INF",
        "1e400",
        "9223372036854775807",
        "9" * 30,
        "yes",
    ),
    *("2026-03-01T09:30:00.000000Z", "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z", "A" * 400),
    *(
        "=1+1",
        "\x1b[31m",
        "\u202e",
        "\0",
        '"',
        "\r\n",
        "[]",
        "[" * 20_000,
        "bit 15",
        "AAAA",
        "²",
        "9" * 18 + ".5",
    ),
)


def read_all(path: Path, part: int) -> None:
    """What a record shows, one part of it, without an exception that is not its own."""
    with open_history(path) as history:
        with refused():
            history.recover()
        for found in history.check():
            sentence(found)
        with refused():
            _PARTS[part % len(_PARTS)](history)


@contextmanager
def refused() -> Iterator[None]:
    """The record may refuse, in a sentence."""
    try:
        yield
    except HistoryError as error:
        sentence(error)


def _sessions(history: History) -> None:
    for session in history.sessions():
        for block in history.samples(session.id):
            assert np.isfinite(block.time_s).all()
    for client in history.clients():
        history.points(client.code)


def _reviewed(history: History) -> None:
    for client in history.review.clients():
        for point in history.review.points(client.id):
            history.review.presses(point_id=point.id)
        for visit in history.review.visits(client.id):
            for press in history.review.presses(visit.session_id)[:5]:
                history.review.press(press.id)
                history.review.trace(press.id)


def _courses(history: History) -> None:
    for client in history.clients():
        history.care.opening(client.code, NOW)
        point_courses(history, client.code)
        client_course(history, client.code, NOW)
        body_values(history, client.code, "dose", _atlas())


def _reports(history: History) -> None:
    for client in history.clients():
        for audience in ("client", "therapist", "referrer"):
            html = report_html(history, client.code, None, audience, now=NOW, atlas=_atlas())
            assert html.startswith("<!DOCTYPE html>")
            assert "<script" not in html.lower()


def _practised(history: History) -> None:
    for trainee in history.training.trainees():
        history.training.training(trainee.code)
    for attempt in history.training.attempts():
        history.training.trace(attempt.attempt_id)
    list(history.audit_entries())


_PARTS = (_sessions, _reviewed, _courses, _reports, _practised)


@cache
def _atlas() -> Atlas:
    return load_atlas()


@cache
def _made() -> tuple[Path, UUID]:
    """A record of two clients and a session that was cut off."""
    folder = Path(tempfile.mkdtemp(prefix="goodpain-fuzz-"))
    with open_history(folder / "record.db") as history:
        for number in range(2):
            treated(history, f"A{number}", blocks, number)
        history.training.add(*kept_attempt())
    with open_history(folder / "cut.db") as history:
        treated(history, "A1", blocks)
        journal = history.begin_session(SessionStart("A1", STARTED_AT, T0_S, "thumb", 2.0))
        journal.calibration(CALIBRATION, T0_S)
        journal.note("a note", T0_S + 1)
        with (
            closing(sqlite3.connect(folder / "cut.db")) as source,
            closing(sqlite3.connect(folder / "cut-off.db")) as copy,
        ):
            source.backup(copy)
    return folder, journal.id


def damaged(data: bytes, folder: Path) -> None:
    """What comes out of a damaged file is a record that is whole; or it is said that nothing is left."""
    choices = Choices(data)
    spoilt = bytearray((_made()[0] / "record.db").read_bytes())
    for _ in range(choices.below(12) + 1):
        at = choices.below(len(spoilt))
        what = choices.below(4)
        if what == 0:
            at -= at % 4096
            spoilt[at : at + 4096] = bytes(4096)
        elif what == 1:
            del spoilt[at : at + choices.below(9000)]
        else:
            new = choices.bytes(choices.below(12) + 1)
            spoilt[at : at + len(new)] = new
        if not spoilt:
            break
    broken, new = folder / "damaged.db", folder / "new.db"
    broken.write_bytes(spoilt)
    new.unlink(missing_ok=True)
    part = zlib.crc32(data)
    with refused():
        recover(broken, new)
        with open_history(new) as history:
            assert history.check() == []
        read_all(new, part)
    for leftover in folder.glob("damaged.db-*"):
        leftover.unlink()
    # And as it is, opened like any other.
    with refused():
        read_all(broken, part)
    for leftover in folder.glob("*.db*"):
        leftover.unlink()


@cache
def _rows() -> list[dict[str, Any]]:
    """Rows of the session that was cut off, as lines of a rescue file."""
    engine = sa.create_engine(f"sqlite:///{_made()[0] / 'record.db'}")
    lines: list[dict[str, Any]] = []

    def plain(value: object) -> object:
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        return str(value) if isinstance(value, UUID) else value

    with engine.connect() as connection:
        for table in t.metadata.sorted_tables:
            for row in connection.execute(sa.select(table).limit(1)).mappings():
                values = {key: plain(value) for key, value in row.items()}
                if "id" in values and "session_id" in values:
                    values["id"] = str(UUID(int=len(lines)))
                if "session_id" in values:
                    values["session_id"] = str(_made()[1])
                lines.append({"table": table.name, "update": False, "values": values})
    engine.dispose()
    return lines


def rescue(data: bytes, folder: Path) -> None:
    """A rescue file is taken in or put aside, and the record opens and shows what it has."""
    choices = Choices(data)
    made, session_id = _made()
    path = folder / "record.db"
    shutil.copyfile(made / "cut-off.db", path)
    header = {"goodpain_rescue": 1, "record": str(path), "session_id": str(session_id)}
    rows = [row for row in _rows() if choices.below(4) == 0] or _rows()[:2]
    lines = changed([header, *rows], choices, ODD_JSON) if choices.below(8) else []
    text = "".join(json_of(line) + "\n" for line in lines) + choices.text()
    name = folder / f"goodpain-rescue-{session_id.hex}.jsonl"
    name.write_text(text, "utf-8", errors="replace")
    try:
        read_all(path, zlib.crc32(data))
    finally:
        for leftover in [*folder.glob("record.db*"), *folder.glob("goodpain-rescue-*")]:
            if leftover.is_file():
                leftover.unlink()


@cache
def _export() -> dict[str, bytes]:
    made = _made()[0]
    with open_history(made / "record.db") as history:
        export_csv(history, made / "out", app_version="1")
    with open_history(made / "empty.db"):
        pass
    return {file.name: file.read_bytes() for file in sorted((made / "out").iterdir())}


def _fresh(folder: Path) -> Path:
    _export()
    return Path(shutil.copyfile(_made()[0] / "empty.db", folder / "taken.db"))


def _take(place: Path, folder: Path, part: int) -> None:
    path = _fresh(folder)
    try:
        with open_history(path) as history:
            try:
                import_csv(history, place, changed=True)
            except HistoryError as error:
                sentence(error, place.name, ".csv")
                assert history.clients() == []
                return
            tables = None if part % 4 else exported(history, folder / "taken")
        if tables is None:
            read_all(path, part >> 2)
            return
        for used in folder.glob("taken.db*"):
            used.unlink()
        with open_history(_fresh(folder)) as history:
            import_csv(history, folder / "taken")
            assert exported(history, folder / "again") == tables
    finally:
        for leftover in folder.glob("taken.db*"):
            leftover.unlink()


def exported(history: History, place: Path) -> dict[str, bytes]:
    """The tables of an export of the whole record."""
    shutil.rmtree(place, ignore_errors=True)
    export_csv(history, place, app_version="1")
    return {file.name: file.read_bytes() for file in place.glob("*.csv")}


def export(data: bytes, folder: Path) -> None:
    """An export with other cells is taken in whole and can be exported again, or refused and nothing is changed."""
    choices = Choices(data)
    files = dict(_export())
    tables = [name for name in files if name.endswith(".csv") and files[name].count(b"\n") > 1]
    for _ in range(choices.below(3) + 1):
        name = choices.pick(tables)
        rows = list(csv.reader(io.StringIO(files[name].decode("utf-8-sig"), newline="")))
        if len(rows) < 2:
            continue
        at = 1 + choices.below(min(len(rows) - 1, 50))
        what = choices.below(8)
        if what == 0:
            del rows[at]
        elif what == 1:
            rows.append(list(rows[at]))
        elif what == 2:
            rows[0][choices.below(len(rows[0]))] = choices.text()
        elif rows[at]:
            cell = choices.below(len(rows[at]))
            other = rows[1 + choices.below(len(rows) - 1)]
            if what == 3:
                rows[at][cell : cell + 1] = other[cell : cell + 1]
            else:
                rows[at][cell] = choices.text() if what == 4 else choices.pick(ODD_CELLS)
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows)
        files[name] = out.getvalue().encode("utf-8", "surrogatepass")
    place = folder / "export"
    place.mkdir(exist_ok=True)
    for name, content in files.items():
        (place / name).write_bytes(content)
    _take(place, folder, zlib.crc32(data))


@cache
def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _export().items():
            archive.writestr(name, content)
    return out.getvalue()


def zipped(data: bytes, folder: Path) -> None:
    """A damaged zip is refused, or what it holds is taken in."""
    choices = Choices(data)
    spoilt = bytearray(_zip())
    index = spoilt.rfind(b"PK\x01\x02", 0, len(spoilt) // 2) if choices.below(2) else 0
    start = spoilt.find(b"PK\x01\x02") if choices.below(2) else max(0, index)
    for _ in range(choices.below(5) + 1):
        at = min(len(spoilt) - 1, start + choices.below(len(spoilt) - start))
        new = choices.bytes(choices.below(5) + 1)
        spoilt[at : at + len(new)] = new
    place = folder / "export.zip"
    place.write_bytes(spoilt)
    _take(place, folder, zlib.crc32(data))


TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    "damaged": damaged,
    "rescue": rescue,
    "export": export,
    "zip": zipped,
}
