"""The ledger itself: what it calls recorded, known, silent and wrong, and what it prints of what was not tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from feedback.history import SessionStart, open_history
from feedback.signal import ForceBlock
from tests.torture.cases import Case
from tests.torture.ledger import Outcome, counts_of, found_in
from tests.torture.report import Row, Run

START = SessionStart("A17", datetime(2026, 3, 1, 9, tzinfo=UTC), 0.0, "probe", 1.0)


def written(record: Path, numbers: Sequence[int], *, lost: int = 0) -> None:
    """A session of samples with these numbers; the last block says that samples before it are lost."""
    with open_history(record) as history:
        journal = history.begin_session(START)
        for some, missing in ((numbers[:5], 0), (numbers[5:], lost)):
            times_s = np.array(some, np.float64) / 80
            counts = np.array([counts_of(n) for n in some], np.int32)
            journal.samples(ForceBlock.of(times_s, np.full(len(some), np.nan), counts, 0, lost=missing))
        journal.end(1.0, {})
        journal.close()


@pytest.mark.parametrize(
    ("numbers", "lost", "expected"),
    [
        (range(10), 0, (10, 0, 0, 0)),
        ([0, 1, 2, 3, 4, 6, 7, 8, 9], 1, (9, 1, 0, 0)),
        ([0, 1, 2, 3, 4, 6, 7, 8, 9], 0, (9, 0, 1, 0)),
        ([0, 1, 2, 3, 4, 7, 8, 9], 1, (8, 1, 1, 0)),
        ([0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9], 0, (10, 0, 0, 1)),
        ([0, 1, 2, 3, 4, 5, 77, 6, 7, 8, 9], 0, (10, 0, 0, 1)),
        ([0, 1, 2, 3, 4, 5, 6], 0, (7, 3, 0, 0)),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9], 0, (9, 0, 1, 0)),
    ],
)
def test_each_sample_is_recorded_known_lost_silently_lost_or_wrong(
    tmp_path: Path, numbers: Sequence[int], lost: int, expected: tuple[int, ...]
) -> None:
    written(tmp_path / "history.db", list(numbers), lost=lost)
    found = found_in(tmp_path / "history.db", range(10))
    assert (found.recorded, found.known, found.silent, found.wrong) == expected
    assert found.sent == found.recorded + found.known + found.silent == 10


def row(name: str, outcome: Outcome | None, missing: str = "") -> Row:
    return Row("Faults", Case(name, lambda _: Outcome(), missing=missing), outcome)


def test_what_was_not_tried_is_listed_with_its_reason_and_counted_and_is_no_failure() -> None:
    run = Run([row("tried", Outcome(tries=2, sent=9, recorded=9)), row("absent", None, "needs gcc")], 3.0)
    text = "\n".join(run.lines())
    assert "not tried: needs gcc" in text
    assert run.last_line.startswith("1 faults tried in 3 s, 1 not tried: 0 samples lost silently")
    assert run.well
    assert "Not tried: absent: it needs gcc." in run.page({})


@pytest.mark.parametrize(
    "outcome", [Outcome(tries=1, silent=1), Outcome(tries=1, wrong=1), Outcome(tries=1, failures=["no"])]
)
def test_one_fault_that_is_not_as_it_must_be_makes_the_run_not_well(outcome: Outcome) -> None:
    run = Run([row("well", Outcome(tries=1)), row("ill", outcome)], 3.0)
    assert not run.well
    assert "NOT WELL" in "\n".join(run.lines())
    assert "NOT WELL: ill" in run.page({})


def test_the_page_holds_no_folder_of_a_run_and_breaks_no_table() -> None:
    seen = "the record /tmp/tmpab12/3/data/history.db is | locked; /tmp/x/4/ttySENSOR is <gone>"
    page = Run([row("said", Outcome(tries=1, seen=seen))], 1.0).page({"system": "any"})
    assert "the record …/history.db is \\| locked; …/ttySENSOR is &lt;gone>" in page
