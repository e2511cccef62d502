import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.history.cells import CellError, fixed, reader_of, writer_of
from feedback.history.csv_rows import CsvRows
from feedback.history.digits import MAX_DIGITS, from_digits, squeezed, to_digits
from feedback.history.export_types import Batch, Column, Kind, Same

WHOLE = st.integers(-(10**17), 10**17)
SMALL = st.integers(-1200, 1200)
CELLS = st.lists(st.one_of(WHOLE, SMALL, st.none()), min_size=1, max_size=30)


def written(values: list[int | None], decimals: int) -> list[str]:
    hidden = np.array([value is None for value in values])
    numbers = np.array([value or 0 for value in values], np.int64)
    text = squeezed([to_digits(numbers, decimals, hidden), b"\n"], len(values)).decode()
    return text.split("\n")[:-1]


@given(CELLS, st.sampled_from([0, 1, 3, 6]))
def test_columns_of_digits_say_what_python_says(values: list[int | None], decimals: int) -> None:
    cells = written(values, decimals)
    for value, cell in zip(values, cells, strict=True):
        if value is None:
            assert cell == ""
        else:
            digits = f"{abs(value):0{decimals + 1}d}"
            point = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
            assert cell == ("-" if value < 0 else "") + point


@given(CELLS, st.sampled_from([0, 1, 3, 6]))
def test_columns_of_digits_read_back(values: list[int | None], decimals: int) -> None:
    cells = [cell.encode() for cell in written(values, decimals)]
    ends = np.cumsum([len(cell) + 1 for cell in cells]) - 1
    starts = ends - [len(cell) for cell in cells]
    read, empty = from_digits(np.frombuffer(b",".join(cells) + b",", np.uint8), starts, ends, decimals)
    assert [
        None if none else value for value, none in zip(read.tolist(), empty.tolist(), strict=True)
    ] == values


@given(st.binary(max_size=24), st.sampled_from([0, 6]))
def test_what_is_no_number_is_refused(cell: bytes, decimals: int) -> None:
    data = np.frombuffer(cell + b"\n", np.uint8)
    try:
        [value], [empty] = from_digits(data, np.array([0]), np.array([len(cell)]), decimals)
    except ValueError:
        return
    if empty:
        assert cell == b""
        return
    text = cell.decode("ascii")
    digits = text.removeprefix("-").replace(".", "")
    assert digits.isdecimal()
    assert len(digits) <= MAX_DIGITS
    assert int(text.replace(".", "")) == value
    assert (text[-decimals - 1] == "." and text.count(".") == 1) if decimals else "." not in text


@given(st.lists(st.one_of(st.none(), st.floats(width=32)), min_size=1, max_size=20), st.sampled_from([3, 4]))
def test_rounded_numbers_are_the_same_in_columns_and_one_by_one(
    values: list[float | None], decimals: int
) -> None:
    """So that an export does not depend on how its rows were cut into batches."""
    column = Column("force_n", Kind.NUMBER, "", decimals=decimals)
    array = np.array([np.nan if value is None else value for value in values])
    rows = CsvRows([column, Column("x", Kind.WHOLE, "")])
    together = rows.rows(Batch(len(values), (array, Same(1)))).decode().split("\r\n")[:-1]
    one_by_one = [writer_of(column)(None if np.isnan(value) else float(value)) for value in array]
    assert [line.removesuffix(",1") for line in together] == one_by_one


def test_rounding_keeps_signs_and_places() -> None:
    assert [fixed(value, 3) for value in (-0.0004, -0.0006, 12.3456, 1e-9)] == [
        "0.000",
        "-0.001",
        "12.346",
        "0.000",
    ]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_any_text_reads_back_and_no_spreadsheet_runs_it(text: str, needed: bool) -> None:
    column = Column("note", Kind.TEXT, "", needed=needed, kept="note")
    cell = writer_of(column)(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert reader_of(column)(cell) == text
    line = CsvRows([column, column]).rows(Batch(1, ([text], [text]))).decode()
    assert next(csv.reader(io.StringIO(line, newline=""))) == [cell, cell]


@given(st.floats(allow_nan=False))
def test_any_number_reads_back_as_the_same_bits(value: float) -> None:
    column = Column("x_kpa", Kind.NUMBER, "", kept="x_kpa")
    read = reader_of(column)(writer_of(column)(value))
    assert np.float64(read).tobytes() == np.float64(value).tobytes()


@given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**16 - 1), st.binary())
def test_any_time_flags_and_bytes_read_back(t_us: int, flags: int, data: bytes) -> None:
    for kind, value in ((Kind.SECONDS, t_us), (Kind.FLAGS, flags), (Kind.BYTES, data)):
        column = Column("x", kind, "", kept="x", needed=kind is Kind.FLAGS)
        assert reader_of(column)(writer_of(column)(value)) == value


@given(st.sampled_from([k for k in Kind if k is not Kind.TEXT]), st.text())
def test_any_cell_is_read_or_refused(kind: Kind, cell: str) -> None:
    column = Column("x", kind, "", kept="x")
    try:
        value = reader_of(column)(cell)
    except CellError:
        return
    assert reader_of(column)(writer_of(column)(value)) == value


def test_seconds_may_be_written_with_fewer_decimals() -> None:
    read = reader_of(Column("time_s", Kind.SECONDS, "", kept="t_us"))
    assert [read(cell) for cell in ("1", "1.5", "-0.000001", "")] == [1_000_000, 1_500_000, -1, None]
    with pytest.raises(CellError, match="is not a number of seconds"):
        read("1.0000001")
