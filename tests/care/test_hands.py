import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.care import CareError, HandsRule, hands_of, sag_pct_per_min
from feedback.press import Press


def press(start_s: float, hold_s: float = 12.0, sag_pct: float | None = 5.0, dose_ns: float = 100.0) -> Press:
    """A press with a second up and a second down."""
    end_s = start_s + hold_s + 2
    return Press(
        start_s,
        end_s,
        20.0,
        200.0,
        start_s + 1,
        end_s - 1,
        180.0,
        60.0,
        None,
        sag_pct,
        dose_ns,
        0,
        0,
        "release",
    )


def presses(*sags: float | None) -> list[Press]:
    return [press(20.0 * number, sag_pct=sag) for number, sag in enumerate(sags)]


def test_sag_is_per_minute_between_the_middles_of_first_and_last_seconds():
    assert sag_pct_per_min(press(0, hold_s=12, sag_pct=5)) == pytest.approx(5 / 10 * 60)
    assert sag_pct_per_min(press(0, hold_s=6, sag_pct=5), min_hold_s=8) is None
    assert sag_pct_per_min(press(0, sag_pct=None)) is None


def test_a_hand_that_gives_way_sooner_is_tired_and_the_rule_says_that_it_is_assumed():
    hands = hands_of(presses(4, 4, 5, 8, 9, 9), 0, 130)
    assert hands.tired
    assert hands.trend == "more sag"
    assert "rest it" in hands.sentence
    assert hands.rule.startswith("Assumed:")
    assert (hands.first_pct_per_min, hands.last_pct_per_min) == (pytest.approx(24), pytest.approx(54))


@pytest.mark.parametrize("sags", [(5,) * 6, (9, 9, 9, 4, 4, 4), (0.2, 0.2, 0.2, 0.5, 0.5, 0.5)])
def test_a_hand_that_holds_is_left_in_peace(sags):
    hands = hands_of(presses(*sags), 0, 130)
    assert not hands.tired
    assert hands.sentence == ""


def test_too_few_holds_say_nothing():
    hands = hands_of(presses(1, 1, 20, 20, 20), 0, 100)
    assert (hands.trend, hands.tired, hands.first_pct_per_min) == ("too few holds", False, None)
    assert hands.sag_pct_per_min == pytest.approx(120)


def test_dose_and_rest_are_of_the_whole_visit():
    hands = hands_of(presses(5, 5), 0, 100)
    assert (hands.presses, hands.press_s, hands.rest_s) == (2, 28, 72)
    assert (hands.dose_ns, hands.rest_share) == (200, 0.72)


def test_before_the_first_press_there_is_only_rest():
    hands = hands_of([], 5, 5)
    assert (hands.presses, hands.rest_share, hands.sag_pct_per_min, hands.dose_ns) == (0, 1.0, None, 0)


def test_holds_tell_the_sag_where_pressure_was_eased_on_purpose():
    eased = presses(40, 40, 40, 40, 40, 40)
    hands = hands_of(eased, 0, 130, holds=presses(5, 5, 5, 5, 5, 5))
    assert hands.sag_pct_per_min == pytest.approx(30)
    assert hands.presses == 6


@pytest.mark.parametrize(
    "wrong",
    [{"compare": 1}, {"min_hold_s": 4}, {"growth": 1}, {"more_pct_per_min": -1}, {"growth": math.inf}],
)
def test_a_rule_that_is_none_is_refused(wrong):
    with pytest.raises(CareError):
        HandsRule(**wrong)


@given(st.lists(st.none() | st.floats(-30, 60), max_size=12), st.floats(0, 500))
def test_a_tired_hand_always_lost_more_at_the_end(sags, now_s):
    hands = hands_of(presses(*sags), 0, now_s)
    assert 0 <= hands.rest_share <= 1
    assert math.isfinite(hands.dose_ns)
    assert hands.tired == bool(hands.sentence)
    if hands.tired:
        assert hands.last_pct_per_min - hands.first_pct_per_min >= HandsRule().more_pct_per_min
