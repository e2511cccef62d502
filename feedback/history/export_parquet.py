"""The record as Parquet: the tables of the CSV export with their types, for any engine that reads Parquet.

pyarrow is imported when something is written. One file a table, zstd, some ten thousand rows in memory at a time.
Times of day are timestamps in UTC to the microsecond, seconds are floating-point numbers, ids are text, flags are words
joined by `+` as in the CSV files. The meaning and the unit of a column are in its metadata (`says`, `unit`).
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from feedback.history.errors import ExportError
from feedback.history.export_folder import publish, unwritable, whole_folder
from feedback.history.export_tables import export_tables
from feedback.history.export_types import Kind, Same
from feedback.history.records import check_code
from feedback.history.rows import flag_words
from feedback.history.work import SILENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from feedback.history.export_types import Batch, Column, TableOut
    from feedback.history.store import History
    from feedback.history.work import Work

_GROUP_ROWS = 1 << 17
"""Rows of a row group: what an engine reads at once."""
_WORDS = (Kind.ID, Kind.TEXT, Kind.FLAGS)


def pyarrow() -> Any:
    """The library.

    Raises:
        ExportError: it is not installed.
    """
    try:
        library: Any = importlib.import_module("pyarrow")
        importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise ExportError(
            "Parquet needs the library pyarrow: install it with pip install 'goodpain[parquet]'"
        ) from None
    return library


def export_parquet(
    history: History,
    folder: str | Path,
    client_code: str | None = None,
    work: Work = SILENT,
    *,
    only: Sequence[str] | None = None,
) -> list[Path]:
    """Write the record, or one client's part of it, as one Parquet file a table; returns the files.

    They appear when all of them are whole; those of an earlier export are replaced. They are readable by their owner
    only. That it was exported is noted in the record's audit.

    Args:
        history: the record.
        folder: made when missing.
        client_code: only this client.
        work: who waits for it.
        only: names of the tables wanted; all when None.

    Raises:
        ExportError: pyarrow is missing, or the folder cannot be made or written; nothing of the export is left in it.
        UnknownClientError: nobody has this code.
        HistoryDamagedError: stored samples cannot be read back.
        CancelledError: it was given up; nothing of the export is left.
    """
    library = pyarrow()
    folder = Path(folder).expanduser()
    code = None if client_code is None else check_code(client_code)
    with export_tables(history, code) as tables, whole_folder(folder, ".parquet") as partial:
        wanted = [table for table in tables if only is None or table.name in only]
        total, done, sessions = sum(table.size for table in wanted) + 1, 0, 0
        for table in wanted:
            rows = _write_table(library, table, partial / f"{table.name}.parquet", work, done, total)
            sessions = rows if table.name == "sessions" else sessions
            done += table.size
        written = publish(partial, folder, [f"{table.name}.parquet" for table in wanted])
    about = ("client", str(history.known_client(code).id)) if code else ("record", "")
    history.audit("exported", *about, f"{sessions} sessions as Parquet")
    return written


def arrow_tables(history: History, only: Sequence[str], work: Work = SILENT) -> dict[str, Any]:
    """Some tables of the record as Arrow tables, in memory; for those that are not large.

    Raises:
        ExportError: pyarrow is missing.
        CancelledError: it was given up.
    """
    library = pyarrow()
    found: dict[str, Any] = {}
    with export_tables(history) as tables:
        wanted = [table for table in tables if table.name in only]
        for done, table in enumerate(wanted):
            work.step(done, len(wanted), table.name)
            schema = _schema(library, table)
            batches = [_record_batch(library, schema, table.columns, batch) for batch in table.batches()]
            found[table.name] = library.Table.from_batches(batches, schema)
    return found


def _schema(library: Any, table: TableOut) -> Any:
    schema = library.schema([_field(library, column) for column in table.columns])
    return schema.with_metadata({"says": table.says, "unit of seconds": "s"})


def _write_table(library: Any, table: TableOut, path: Path, work: Work, done: int, total: int) -> int:
    schema = _schema(library, table)
    rows = 0
    kept: list[Any] = []
    waiting = 0
    work.step(done, total, table.name)
    try:
        path.touch(mode=0o600)
        with library.parquet.ParquetWriter(
            path, schema, compression="zstd", **_encodings(table.columns)
        ) as writer:
            for batch in table.batches():
                kept.append(_record_batch(library, schema, table.columns, batch))
                rows += batch.n
                waiting += batch.n
                if waiting >= _GROUP_ROWS:
                    writer.write_table(library.Table.from_batches(kept, schema))
                    kept, waiting = [], 0
                work.step(done + min(rows, table.size), total, table.name)
            if kept:
                writer.write_table(library.Table.from_batches(kept, schema))
    except OSError as error:
        raise unwritable(path.parent.parent / path.name, error) from None
    return rows


def _encodings(columns: Sequence[Column]) -> dict[str, Any]:
    """Numbers by their differences or byte by byte, so that evenly measured ones take little room; words by number."""
    numbers = {
        Kind.WHOLE: "DELTA_BINARY_PACKED",
        Kind.NUMBER: "BYTE_STREAM_SPLIT",
        Kind.SECONDS: "BYTE_STREAM_SPLIT",
    }
    return {
        "use_dictionary": [column.name for column in columns if column.kind in _WORDS],
        "column_encoding": {
            column.name: numbers[column.kind] for column in columns if column.kind in numbers
        },
    }


def _field(library: Any, column: Column) -> Any:
    return library.field(
        column.name,
        _type(library, column.kind),
        nullable=not column.needed,
        metadata={"says": column.says, "unit": column.unit},
    )


def _type(library: Any, kind: Kind) -> Any:
    match kind:
        case Kind.WHOLE:
            return library.int64()
        case Kind.NUMBER | Kind.SECONDS:
            return library.float64()
        case Kind.TRUTH:
            return library.bool_()
        case Kind.TIME:
            return library.timestamp("us", tz="UTC")
        case Kind.BYTES:
            return library.binary()
        case _:
            return library.string()


def _record_batch(library: Any, schema: Any, columns: Sequence[Column], batch: Batch) -> Any:
    arrays = [
        _array(library, column.kind, schema.field(i).type, values, batch.n)
        for i, (column, values) in enumerate(zip(columns, batch.columns, strict=True))
    ]
    return library.RecordBatch.from_arrays(arrays, schema=schema)


def _array(library: Any, kind: Kind, of: Any, values: Sequence[Any] | NDArray[Any] | Same, n: int) -> Any:
    if isinstance(values, Same):
        value = _plain(kind, values.value)
        return library.nulls(n, of) if value is None else library.repeat(library.scalar(value, of), n)
    if isinstance(values, np.ndarray) and kind in (Kind.WHOLE, Kind.NUMBER, Kind.SECONDS):
        mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
        plain = np.ma.getdata(cast(Any, values))
        if kind is Kind.SECONDS:
            plain = plain / 1e6
        return library.array(plain, of, mask=mask, from_pandas=True)
    listed: list[Any] = values.tolist() if isinstance(values, np.ndarray) else list(values)
    if kind in (Kind.ID, Kind.FLAGS):
        # The same few in thousands of rows.
        made = {value: _plain(kind, value) for value in set(listed)}
        return library.array([made[value] for value in listed], of)
    return library.array([_plain(kind, value) for value in listed], of)


def _plain(kind: Kind, value: Any) -> Any:
    if value is None or value != value:
        return None
    match kind:
        case Kind.ID:
            return str(value)
        case Kind.SECONDS:
            return value / 1e6
        case Kind.FLAGS:
            return flag_words(value)
        case _:
            return value
