"""A trainee who is forgotten is gone from every file as a client is, and nobody else is touched."""

from __future__ import annotations

import time
import uuid
from datetime import UTC
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
import sqlalchemy as sa

from feedback.drills import Purpose, Skip
from feedback.history import (
    History,
    SessionRunsError,
    SessionStart,
    export_csv,
    import_csv,
    open_history,
    tables,
)
from feedback.history.backup import backup, restore
from feedback.history.errors import HistoryReadOnlyError, UnknownTraineeError
from feedback.history.forget import forget_trainee, rows_of_trainee, token_of
from feedback.history.records import utc_now
from feedback.history.training_records import AttemptKept
from tests.practise.making import AT, CALIBRATION, T0_S, blocks_of, kept_attempt

from .conftest import STARTED_AT
from .test_forget import traces


def practised(history: History, code: str, off_share: float = 0.0) -> None:
    """A trainee with something in every table that a trainee can have."""
    for number in range(2):
        history.training.add(*kept_attempt(code, off_share=off_share + 0.01 * number))
    history.training.skip(Skip(code, "short-hold", Purpose.BASELINE, AT))
    history.audit("handed out", "trainee", str(history.training.known(code).id), "everything, as a zip")


def needles(history: History, code: str) -> list[bytes]:
    """The code, every id and every piece of samples that only this trainee has, as they stand in a file."""
    trainee = history.training.known(code)
    ids = {trainee.id}
    found = {code.encode()}
    with history.database.reading() as connection:
        for table in (tables.attempt, tables.training_skip):
            ids.update(
                connection.execute(sa.select(table.c.id).where(table.c.trainee_id == trainee.id)).scalars()
            )
        chunk = tables.attempt_chunk.c
        mine, others = (
            {
                bytes(payload)
                for payload in connection.execute(sa.select(chunk.payload).where(where)).scalars()
            }
            for where in (chunk.attempt_id.in_(ids), chunk.attempt_id.not_in(ids))
        )
        found.update(mine - others)
    for one in ids:
        found.update((one.hex.encode(), one.bytes, str(one).encode()))
    assert len(found) > 12
    return sorted(found)


def left(history: History, but: UUID | None = None) -> dict[str, list[tuple]]:
    """All rows but the audit's, and but those of one trainee."""
    gone = set() if but is None else {but}
    rows: dict[str, list[tuple]] = {}
    with history.database.reading() as connection:
        for table in tables.metadata.sorted_tables:
            rows[table.name] = []
            for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings():
                if not gone & {value for value in row.values() if isinstance(value, UUID)}:
                    rows[table.name].append(tuple(row.values()))
                elif isinstance(row.get("id"), UUID):
                    gone.add(row["id"])
    rows.pop("audit")
    return rows


def begun(history: History, kept: AttemptKept, code: str):
    """An attempt that is under way."""
    journal = history.training.begin(code)
    journal.begin(kept.start, AT, T0_S, CALIBRATION)
    for block in blocks_of(np.zeros(40)):
        journal.samples(block)
    return journal


def test_nothing_of_a_forgotten_trainee_is_left_in_any_file(history: History, path: Path) -> None:
    practised(history, "Other-1")
    practised(history, "Quentin-77", 0.04)
    practised(history, "Other-2", 0.09)
    # What was given under the same code as a therapist's is the client's.
    history.begin_session(SessionStart("K-1", STARTED_AT, T0_S, "thumb", 2.0, therapist="Quentin-77")).close()
    history.recover()
    trainee = history.training.known("Quentin-77")
    wanted = needles(history, "Quentin-77")
    wanted.remove(b"Quentin-77")
    others = left(history, trainee.id)
    assert rows_of_trainee(history, "Quentin-77")["attempt"] == 2

    gone = forget_trainee(history, "Quentin-77", who="T1")

    assert (gone.attempts, gone.sessions, gone.session_ids, gone.unclean, gone.copies) == (2, 0, (), "", ())
    assert gone.samples > 400
    assert traces(path, wanted) == []
    history.close()
    assert traces(path, wanted) == []
    with open_history(path) as again:
        assert left(again) == others
        [entry] = again.audit_entries(what="forgot")
        assert (entry.who, entry.entity, entry.detail) == ("T1", "trainee", "2 attempts")
        assert entry.entity_id == token_of(trainee.id)
        assert [one.code for one in again.training.trainees()] == ["Other-1", "Other-2"]
        with pytest.raises(UnknownTraineeError, match="it knows Other-1, Other-2"):
            forget_trainee(again, "Quentin-77")
        [session] = again.given_by("Quentin-77")
        assert again.session(session).client_code == "K-1"


def test_the_code_itself_is_gone_where_nobody_else_has_it(path: Path) -> None:
    with open_history(path) as history:
        practised(history, "Quentin-77")
        assert traces(path, [b"Quentin-77"])
        forget_trainee(history, "Quentin-77")
        assert traces(path, [b"Quentin-77"]) == []


def test_a_trainee_whose_attempt_runs_is_not_forgotten(history: History) -> None:
    _, kept = kept_attempt()
    journal = begun(history, kept, "T-01")
    while not rows_of_trainee(history, "T-01")["attempt"]:
        time.sleep(0.01)
    with pytest.raises(SessionRunsError, match="an attempt of T-01 is running"):
        forget_trainee(history, "T-01")
    assert history.training.known("T-01")
    journal.close()
    assert forget_trainee(history, "T-01").attempts == 1
    assert history.training.recover() == []


def test_an_attempt_that_was_cut_off_goes_with_its_rescue_file(history: History, path: Path) -> None:
    _, kept = kept_attempt()
    journal = begun(history, kept, "T-01")
    journal.close()
    mine = path.with_name(f"goodpain-rescue-{journal.id.hex}.jsonl.refused")
    other = path.with_name(f"goodpain-rescue-{uuid.uuid4().hex}.jsonl")
    for file in (mine, other):
        file.write_text("samples")
    assert forget_trainee(history, "T-01").removed == (mine,)
    assert other.exists()


def test_a_backup_from_before_is_named_and_brings_nobody_back(path: Path) -> None:
    with open_history(path) as history:
        practised(history, "T-02")
        early = path.with_name("early.db")
        backup(history, early)
        practised(history, "T-01")
        copy = path.with_name("T-01.db")
        backup(history, copy)
        assert forget_trainee(history, "T-01").copies == (copy,)
        assert str(copy) not in path.with_name(f"{path.name}.backups").read_text()
    done = restore(copy, path)
    assert done.forgotten == 1
    with open_history(path) as history:
        assert [one.code for one in history.training.trainees()] == ["T-02"]
        assert history.check() == []


def test_a_trainee_who_is_imported_again_stays(path: Path, tmp_path: Path) -> None:
    with open_history(path) as history:
        practised(history, "T-01")
        export_csv(history, tmp_path / "out")
        forget_trainee(history, "T-01")
        assert import_csv(history, tmp_path / "out").taken_back == ("T-01",)
        copy = tmp_path / "copy.db"
        backup(history, copy)
    assert restore(copy, path).forgotten == 0
    with open_history(path) as history:
        assert [one.code for one in history.training.trainees()] == ["T-01"]


def test_a_record_that_may_only_be_read_forgets_no_trainee(history: History, path: Path) -> None:
    practised(history, "T-01")
    with open_history(path, read_only=True) as reader, pytest.raises(HistoryReadOnlyError):
        forget_trainee(reader, "T-01")
    assert history.training.training("T-01").attempts[0].at.astimezone(UTC) < utc_now()


def test_an_export_of_a_trainee_has_all_of_theirs_and_nothing_of_others(path: Path, tmp_path: Path) -> None:
    with open_history(path) as history:
        practised(history, "T-01")
        practised(history, "T-02")
        history.begin_session(SessionStart("K-1", STARTED_AT, T0_S, "thumb", 2.0)).end(T0_S + 1, {})
        files = export_csv(history, tmp_path / "out", trainee_code="T-01")
        everything = {file.name: file.read_text("utf-8") for file in files}
        trainee = history.training.known("T-01")
        [entry] = history.audit_entries(what="exported")
    assert (entry.entity, entry.entity_id, entry.detail) == ("trainee", str(trainee.id), "2 attempts as CSV")
    assert all("T-02" not in text and "K-1" not in text for text in everything.values())
    assert everything["drills.csv"].count("T-01") == 2
    assert everything["drill_samples.csv"].count("T-01") > 400
    assert everything["drill_skips.csv"].count("T-01") == 1
    assert len(everything["sessions.csv"].splitlines()) == 1
    with open_history(tmp_path / "other.db") as other:
        import_csv(other, tmp_path / "out")
        assert other.training.training("T-01").attempts
