"""The record as tidy CSV: one table a file, one observation a row, units in the headers, times in UTC.

Everything is in the one system of units that the record uses (N, kPa, cm2, s), whatever the screen shows. An empty
cell means "not known". Nothing is rounded and nothing left out, so that `import_csv` brings back the same record:
reports that were taken back are marked, what was corrected stands beside what was written first. Columns that only
help the reader (`client`, `at_utc`, `duration_s`, …) say so in `datapackage.json`.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from feedback.history.csv_rows import CsvRows
from feedback.history.export_folder import publish, unwritable, whole_folder, write_file
from feedback.history.export_manifest import MANIFEST, FileFacts, manifest_text
from feedback.history.export_tables import export_tables
from feedback.history.records import check_code, utc_now
from feedback.history.work import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from feedback.history.export_types import TableOut
    from feedback.history.store import History
    from feedback.history.work import Work


def export_csv(
    history: History,
    folder: str | Path,
    client_code: str | None = None,
    work: Work = SILENT,
    *,
    trainee_code: str | None = None,
    app_version: str = "",
    now: Callable[[], datetime] = utc_now,
) -> list[Path]:
    """Write the record, or one client's or one trainee's part, as CSV files and `datapackage.json`; returns them.

    The files appear when all of them are whole, the manifest last; those of an earlier export are replaced. They are
    readable by their owner only. That it was exported is noted in the record's audit.

    Raises:
        ExportError: the folder cannot be made or written; nothing of the export is left in it.
        UnknownClientError, UnknownTraineeError: nobody has this code.
        HistoryDamagedError: stored samples cannot be read back.
        CancelledError: it was given up; nothing of the export is left.
    """
    folder = Path(folder).expanduser()
    code = None if client_code is None else check_code(client_code)
    trainee = None if trainee_code is None else check_code(trainee_code)
    with export_tables(history, code, trainee) as tables:
        clients = next(table for table in tables if table.name == "clients")
        at = [column.name for column in clients.columns].index("client")
        codes = sorted(row[at] for row in clients.rows())
        with whole_folder(folder, ".csv") as partial:
            files = _write_tables(tables, partial, work)
            manifest = manifest_text(tables, files, codes=codes, app_version=app_version, at=now())
            write_file(partial / MANIFEST, manifest.encode())
            written = publish(partial, folder, [*(f"{table.name}.csv" for table in tables), MANIFEST])
    rows = {file.table: file.rows for file in files}
    if trainee:
        about, what = ("trainee", str(history.training.known(trainee).id)), f"{rows['drills']} attempts"
    else:
        about = ("client", str(history.known_client(code).id)) if code else ("record", "")
        what = f"{rows['sessions']} sessions"
    history.audit("exported", *about, f"{what} as CSV")
    return written


def _write_tables(tables: Sequence[TableOut], folder: Path, work: Work) -> list[FileFacts]:
    total = sum(table.size for table in tables) + 1
    before = 0
    files: list[FileFacts] = []
    for table in tables:
        path = folder / f"{table.name}.csv"
        rows = CsvRows(table.columns)
        size = count = 0
        checksum = hashlib.sha256()
        work.step(before, total, table.name)
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb", 1 << 20) as file:
                data = rows.header()
                batches = table.batches()
                while data is not None:
                    file.write(data)
                    checksum.update(data)
                    size += len(data)
                    batch = next(batches, None)
                    data = None if batch is None else rows.rows(batch)
                    if batch is not None:
                        count += batch.n
                        work.step(before + min(count, table.size), total, table.name)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise unwritable(folder.parent / path.name, error) from None
        before += table.size
        files.append(FileFacts(table.name, size, count, checksum.hexdigest()))
    work.step(total, total)
    return files
