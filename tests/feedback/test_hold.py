import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.band import BandError, CourseKind
from feedback.comfort import Report, ReportKind
from feedback.hold import HoldRules, HoldWatch

RATE_HZ = 80.0
START_S = 100.0


def times(seconds: float) -> np.ndarray:
    return START_S + np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def trembling(kpa, seconds: float) -> np.ndarray:
    """A held pressure with tremor of 2 % at 10 Hz and a slow wander of 1.5 %."""
    t = times(seconds)
    return kpa * (1 + 0.02 * np.sin(62.8 * t) + 0.015 * np.sin(1.3 * t))


def sagging(kpa: float, seconds: float, share: float) -> np.ndarray:
    return kpa * (1 - share * (1 - np.exp(-(times(seconds) - START_S) / 12.6)))


def rating(value: int, at_s: float) -> Report:
    return Report(ReportKind.RATING, START_S + at_s, value)


def watched(kpa: np.ndarray, ratings=(), every_s: float = 5.0, **settings) -> HoldWatch:
    """A hold fed to its end, with ratings at even times."""
    watch = HoldWatch(**settings)
    watch.restart(START_S)
    watch.feed(START_S + np.arange(len(kpa)) / RATE_HZ, kpa)
    for i, value in enumerate(ratings, start=1):
        watch.heard(rating(value, i * every_s), float(kpa[min(round(i * every_s * RATE_HZ), len(kpa) - 1)]))
    return watch


def test_there_is_no_hold_before_one_has_begun():
    watch = HoldWatch()
    watch.feed([1.0], [200.0])
    watch.heard(Report(ReportKind.RATING, 1.0, 5), 200.0)
    assert watch.now(2.0) is None


def test_tremor_and_wander_are_no_sag():
    now = watched(trembling(200.0, 40)).now(START_S + 40)
    assert not now.sagging
    assert abs(now.sag_pct) < 4
    assert now.lasted_s == pytest.approx(40)


def test_the_published_sag_of_a_hand_is_seen_within_a_quarter_of_a_minute():
    now = watched(sagging(trembling(200.0, 15), 15, 0.193)).now(START_S + 15)
    assert now.sagging
    assert now.sag_pct == pytest.approx(10, abs=3)
    assert "the hand sags" in now.sentence


def test_nothing_is_said_of_sag_in_the_first_seconds():
    assert watched(trembling(200.0, 4)).now(START_S + 4).sag_pct is None


FALLING = (6, 6, 5, 4, 4, 3, 3, 3, 3, 3)


def test_ratings_that_fall_at_held_pressure_ease():
    now = watched(trembling(200.0, 55), FALLING).now(START_S + 55)
    assert now.kind is CourseKind.EASING
    assert not now.not_easing
    assert (now.rating_first, now.rating_last) == (6, 3)


def test_the_same_ratings_under_a_hand_that_sags_are_not_called_easing():
    # As steep as this client is, the pressure explains what is said.
    said = (6, 6, 5, 5, 4, 4, 4, 4, 4, 4)
    assert watched(trembling(200.0, 55), said).now(START_S + 55).kind is CourseKind.EASING
    now = watched(sagging(200.0, 55, 0.193), said, exponents=(2.5, 3.0, 3.5)).now(START_S + 55)
    assert now.kind is CourseKind.STEADY
    assert now.sagging
    assert "may only be the pressure" in now.sentence


def test_pain_that_stays_at_held_pressure_is_not_easing_from_30_s_on():
    early = watched(trembling(200.0, 28), (5, 5, 5, 5, 5)).now(START_S + 28)
    assert not early.not_easing
    late = watched(trembling(200.0, 34), (5, 5, 5, 5, 5, 5)).now(START_S + 34)
    assert late.not_easing
    assert "not easing after 30 s" in late.sentence


def test_what_was_said_after_30_s_is_not_taken_back_by_a_wobble():
    kpa = np.concatenate([trembling(200.0, 34), np.full(240, 150.0), np.full(240, 200.0)])
    assert watched(kpa, (5, 5, 5, 5, 5, 5)).now(START_S + 40).not_easing


def test_not_easing_is_not_said_of_a_pressure_that_was_never_held():
    kpa = 300.0 * np.exp(-(times(60) - START_S) / 80.0)
    assert not watched(kpa, (5,) * 11).now(START_S + 60).not_easing


def test_not_easing_needs_words():
    assert not watched(trembling(200.0, 60), (5, 5)).now(START_S + 60).not_easing


def test_a_silence_of_the_sensor_breaks_a_held_pressure():
    watch = HoldWatch()
    watch.restart(START_S)
    for begin_s in (0.0, 30.0):
        t = START_S + begin_s + np.arange(20 * 80) / RATE_HZ
        watch.feed(t, np.full(len(t), 200.0))
    for i in range(1, 10):
        watch.heard(rating(5, 5.0 * i), 200.0)
    assert not watch.now(START_S + 50).not_easing


def test_another_level_asked_for_is_no_sag_and_the_course_goes_on():
    watch = watched(trembling(200.0, 20), (6, 5, 4))
    watch.level_again(START_S + 20)
    t = START_S + 20 + np.arange(800) / RATE_HZ
    watch.feed(t, np.full(len(t), 160.0))
    now = watch.now(START_S + 30)
    assert not now.sagging
    assert (now.rating_first, now.rating_last, now.lasted_s) == (6, 4, pytest.approx(30))


def test_a_new_hold_forgets_the_one_before():
    watch = watched(sagging(200.0, 55, 0.3), FALLING)
    watch.restart(START_S + 60, (1.0, 1.5, 2.0))
    now = watch.now(START_S + 61)
    assert (now.kind, now.sag_pct, now.rating_first, now.not_easing) == (
        CourseKind.UNKNOWN,
        None,
        None,
        False,
    )


def test_marks_and_words_without_a_pressure_and_of_before_tell_no_course():
    watch = watched(trembling(200.0, 30))
    watch.heard(Report(ReportKind.THERE, START_S + 3), 200.0)
    watch.heard(rating(9, 5), None)
    watch.heard(rating(9, 6), 0.0)
    watch.heard(rating(9, -5), 200.0)
    assert watch.now(START_S + 30).rating_first is None


def test_what_is_not_measured_is_passed_over():
    kpa = trembling(200.0, 20)
    holed = kpa.copy()
    holed[::3] = np.nan
    assert watched(holed).now(START_S + 20).sag_pct == pytest.approx(
        watched(kpa).now(START_S + 20).sag_pct, abs=0.5
    )


@given(st.lists(st.integers(1, 700), max_size=8))
def test_any_split_of_the_samples_gives_the_same(cuts):
    kpa = sagging(trembling(200.0, 10), 10, 0.2)
    t = times(10)
    whole, parts = HoldWatch(), HoldWatch()
    for watch in (whole, parts):
        watch.restart(START_S)
    whole.feed(t, kpa)
    for some_t, some_kpa in zip(np.split(t, sorted(cuts)), np.split(kpa, sorted(cuts)), strict=True):
        parts.feed(some_t, some_kpa)
    assert parts.now(START_S + 10) == whole.now(START_S + 10)


RATINGS = st.lists(st.integers(0, 10), min_size=2, max_size=6)


@given(RATINGS, st.randoms())
def test_a_report_that_comes_late_is_put_in_its_place(values, random):
    reports = [rating(value, 5.0 * i) for i, value in enumerate(values, start=1)]
    watches = []
    for order in (reports, random.sample(reports, len(reports))):
        watch = watched(trembling(200.0, 35))
        for report in order:
            watch.heard(report, 200.0)
        watches.append(watch.now(START_S + 35))
    assert watches[0] == watches[1]


@given(RATINGS, st.integers(0, 10))
def test_a_report_taken_back_was_never_said(values, slip):
    kpa = trembling(200.0, 40)
    clean, mended = watched(kpa, values), watched(kpa, values)
    mended.heard(rating(slip, 36), 200.0)
    mended.took_back(rating(slip, 36))
    assert mended.now(START_S + 40) == clean.now(START_S + 40)


@pytest.mark.parametrize("wrong", [{"sag_pct": 0}, {"mean_s": -1}, {"words": 1}, {"not_easing_s": 0}])
def test_rules_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="rules of a hold"):
        HoldRules(**wrong)


def test_exponents_that_cannot_be_are_refused():
    with pytest.raises(BandError):
        HoldWatch().restart(0.0, (0.0, 1.0, 2.0))
