"""An export taken back in: all of it or nothing.

First everything is read, checked and set aside in a nameless file; the record is not touched before all of it made
sense. Then it is entered in one transaction, which is short, so that a session which runs meanwhile can write.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.history import tables as t
from feedback.history.audit import note
from feedback.history.errors import BadImportError
from feedback.history.export_tables import all_specs
from feedback.history.forget import TOOK_BACK, forgotten_tokens, token_of
from feedback.history.import_merge import Merge
from feedback.history.import_rows import Known, long_cells, read_rows
from feedback.history.import_samples import read_chunks
from feedback.history.import_source import open_source
from feedback.history.import_staged import Staged
from feedback.history.records import utc_now
from feedback.history.work import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from feedback.history.import_source import Source
    from feedback.history.store import History
    from feedback.history.work import Work

_READING = 0.9
"""Share of the time that goes into reading."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did.

    Attributes:
        added: rows that are new in the record, by table of the export (`samples` counts samples).
        there: rows that the record had already.
        merged: codes of clients and trainees who were in the record under the same code from elsewhere: what came is
            theirs now.
        taken_back: codes of clients and trainees who had been erased from this record for good, and are in it again.
        left_out: sentences on what was not taken in, such as a session that had not ended when it was exported.
    """

    added: dict[str, int] = field(default_factory=dict[str, int])
    there: dict[str, int] = field(default_factory=dict[str, int])
    merged: tuple[str, ...] = ()
    taken_back: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def import_csv(
    history: History,
    place: str | Path,
    work: Work = SILENT,
    *,
    changed: bool = False,
    unended: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> ImportResult:
    """Take in what `export_csv` wrote, from its folder or from a zip of it: all of it or nothing.

    Rows whose id is in the record are passed over, so that the records of several stations can be put together, and
    the same export can be taken in twice. A client or trainee whose code is in the record with another id is the same
    person: what comes is added to theirs, and so it is with points of the same name.

    Args:
        history: takes it in.
        place: a folder, or a zip.
        work: is told how far it is.
        changed: take in files that were changed since they were exported, if all in them makes sense.
        unended: take in sessions that had not ended when they were exported too. Otherwise they are left out: the next
            export has them whole, and what was there before would keep the rest of them out.
        now: the time of day, for the record's audit.

    Raises:
        BadImportError: the files are no whole export of ours; the message names file, line and column.
        HistoryError: the record refuses; it is then as it was.
        CancelledError: it was given up; the record is as it was.
    """
    place = Path(place).expanduser()
    database = history.database
    with long_cells(), open_source(place, changed=changed) as source, Staged(database.path) as staged:
        _stage(source, staged, work)
        merge = Merge(unended=unended)
        batches = max(1, staged.batches)
        with database.writing() as connection:
            for i, (name, table, rows) in enumerate(staged.replay()):
                work.step(_READING + (1 - _READING) * i / batches, 1.0, name)
                merge.add(connection, name, table, rows)
            work.step(1.0, 1.0)
            at = now()
            forgotten = forgotten_tokens(connection)
            back = [
                (code, kind, token)
                for (kind, one), code in merge.people.items()
                if (token := token_of(one)) in forgotten
            ]
            for _, kind, token in back:
                note(connection, at, TOOK_BACK, kind, token)
            note(connection, at, "imported", "record", "", f"{sum(merge.added.values())} rows")
    return ImportResult(
        added=dict(merge.added),
        there=dict(Counter(merge.there)),
        merged=tuple(sorted(merge.merged)),
        taken_back=tuple(sorted(code for code, _, _ in back)),
        left_out=tuple(merge.left_out),
    )


def _stage(source: Source, staged: Staged, work: Work) -> None:
    known = Known()
    read = 0
    for spec in all_specs():
        if spec.table is None:
            continue
        if spec.name not in source.files:
            raise BadImportError(
                f"{source.name} lacks the table {spec.name}: the export is not whole, export again"
            )

        def told(count: int, name: str = spec.name) -> None:
            nonlocal read
            read += count
            work.step(_READING * min(1.0, read / source.total), 1.0, name)

        with source.table(spec.name, told) as stream:
            reader = read_chunks if spec.table in (t.sample_chunk, t.attempt_chunk) else read_rows
            for rows in reader(spec, stream, known):
                staged.add(spec.name, spec.table, rows)
