"""Who has not been seen for as long as a record is kept is named, and nobody is erased."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.history import History, SessionStart, open_history
from feedback.history.retention import due_clients, reminder

NOW = datetime(2036, 6, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365.2425)


class Clock:
    """A time of day that is set by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(place: Path | str, clock: Clock):
    with open_history(place, now=clock) as history:
        yield history


def codes(history: History, years: float = 10.0) -> list[str]:
    return [one.code for one in due_clients(history, years, NOW)]


def test_the_last_entry_of_any_kind_counts(kept: History, clock: Clock) -> None:
    entries: dict[str, Callable[[str], object]] = {
        "session": lambda code: kept.begin_session(SessionStart(code, clock.at, 0.0, "thumb", 2.0)).end(
            1.0, {}
        ),
        "soreness": lambda code: kept.care.add_soreness(code, 3),
        "plan": lambda code: kept.care.set_plan(code, kept.care.opening(code, clock.at).plan),
    }
    clock.at = NOW - 12 * YEAR
    for name in entries:
        kept.client(name)
    kept.client("never seen")
    assert sorted(codes(kept)) == sorted([*entries, "never seen"])
    clock.at = NOW - 9.9 * YEAR
    for name, enter in entries.items():
        enter(name)
    assert codes(kept) == ["never seen"]
    assert sorted(codes(kept, 9.0)) == sorted([*entries, "never seen"])
    assert codes(kept, 1e9) == []


def test_longest_ago_comes_first_and_nobody_is_erased(kept: History, clock: Clock) -> None:
    for years in (30, 20, 11, 2):
        clock.at = NOW - years * YEAR
        kept.client(f"A{years}")
    due = due_clients(kept, 10, NOW)
    assert [one.code for one in due] == ["A30", "A20", "A11"]
    assert abs(due[0].last_at - (NOW - 30 * YEAR)) < timedelta(seconds=1)
    assert len(kept.clients()) == 4


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(ages=st.lists(st.floats(0, 40), min_size=1, max_size=6), years=st.floats(0.5, 30))
def test_whoever_is_named_is_older_and_whoever_is_not_is_younger(
    tmp_path_factory: pytest.TempPathFactory, ages: list[float], years: float
) -> None:
    clock = Clock()
    with open_history(tmp_path_factory.mktemp("record") / "record.db", now=clock) as history:
        at: dict[str, datetime] = {}
        for number, age in enumerate(sorted(ages, reverse=True)):
            clock.at = NOW - age * YEAR
            at[f"A{number}"] = history.client(f"A{number}").created_at
        named = codes(history, years)
        assert named == [code for code in at if at[code] < NOW - years * YEAR]


def test_the_reminder_is_one_sentence_or_none(kept: History, clock: Clock) -> None:
    assert reminder(due_clients(kept, 10, NOW), 10) == ""
    clock.at = NOW - 11 * YEAR
    kept.client("A1")
    assert reminder(due_clients(kept, 10, NOW), 10).startswith(
        "for 1 client nothing was entered for more than 10 years"
    )
    kept.client("A2")
    assert "for 2 clients" in reminder(due_clients(kept, 7.5, NOW), 7.5)
    assert "goodpain client list --due" in reminder(due_clients(kept, 7.5, NOW), 7.5)
