from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.care import CareError, Soreness, soreness_after_dose, soreness_due
from feedback.care.soreness import ASK_AFTER, ASK_UNTIL

from .strategies import BEGIN, visit

HOUR = timedelta(hours=1)
VISITS = [visit(0, number=0), visit(7, number=1)]


def test_soreness_stands_beside_the_dose_that_came_before_it():
    told = [
        Soreness(4, BEGIN + 24 * HOUR),
        Soreness(2, BEGIN + 40 * HOUR),
        Soreness(6, BEGIN + timedelta(days=8), UUID(int=2)),
    ]
    first, second = soreness_after_dose(VISITS, told)
    assert (first.visit.dose_ns, [s.rating for s in first.told], first.rating) == (300.0, [4, 2], 2)
    assert (second.rating, second.visit) == (6, VISITS[1])


def test_soreness_that_names_its_visit_goes_there_however_late():
    [first, _] = soreness_after_dose(VISITS, [Soreness(3, BEGIN + timedelta(days=20), UUID(int=1))])
    assert first.rating == 3


def test_soreness_long_after_every_visit_belongs_to_none():
    assert all(
        not pair.told for pair in soreness_after_dose(VISITS, [Soreness(3, BEGIN + timedelta(days=30))])
    )


def test_it_is_asked_for_from_the_next_day_on_until_nobody_remembers():
    end = VISITS[1].ended_at
    assert soreness_due(VISITS, [], end + ASK_AFTER - HOUR) is VISITS[0]
    assert soreness_due(VISITS, [], end + ASK_AFTER) is VISITS[1]
    assert soreness_due(VISITS, [], end + ASK_UNTIL) is VISITS[1]
    assert soreness_due(VISITS, [], end + ASK_UNTIL + HOUR) is None


def test_it_is_not_asked_for_twice_nor_of_a_visit_without_pressure():
    now = VISITS[1].ended_at + 24 * HOUR
    assert soreness_due(VISITS, [Soreness(0, now, UUID(int=2))], now) is None
    assert soreness_due([visit(0, presses=0, now=5)], [], BEGIN + 24 * HOUR) is None


@pytest.mark.parametrize("rating", [-1, 11])
def test_soreness_is_from_0_to_10(rating):
    with pytest.raises(CareError, match="from 0 to 10"):
        Soreness(rating, BEGIN)


@given(
    st.lists(st.tuples(st.integers(0, 10), st.floats(-10, 500), st.none() | st.integers(0, 4)), max_size=8)
)
def test_every_telling_stands_at_one_visit_at_most_and_in_order(entries):
    visits = [visit(day, number=number) for number, day in enumerate((0, 3, 6, 13))]
    told = [
        Soreness(rating, BEGIN + hours * HOUR, UUID(int=which) if which else None)
        for rating, hours, which in entries
    ]
    pairs = soreness_after_dose(visits, told)
    assert [pair.visit for pair in pairs] == visits
    placed = [s for pair in pairs for s in pair.told]
    assert len(placed) <= len(told)
    assert sum(s.session_id is not None for s in placed) == sum(s.session_id is not None for s in told)
    for pair in pairs:
        assert list(pair.told) == sorted(pair.told, key=lambda s: s.at)
        assert all(s.session_id in (None, *pair.visit.session_ids) for s in pair.told)
        assert all(s.session_id or s.at >= pair.visit.ended_at for s in pair.told)
