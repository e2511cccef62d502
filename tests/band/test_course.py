import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.band import BandError, CourseKind, Felt, GoodPainBand, course_of


def hold(*pairs: tuple[float, float]) -> list[Felt]:
    return [Felt(float(10 * i), p, r) for i, (p, r) in enumerate(pairs)]


def test_a_rating_that_falls_while_pressure_sags_is_not_easing():
    course = course_of(hold((240, 6), (222, 5), (210, 4)))
    assert course.kind is CourseKind.STEADY
    assert "only be the pressure" in course.sentence
    assert course.by_pressure == pytest.approx(4 - 6 - course.change)
    assert course.by_pressure < -0.5


def test_the_same_fall_at_steady_pressure_is_easing():
    course = course_of(hold((240, 6), (238, 5), (240, 4)))
    assert course.kind is CourseKind.EASING
    assert course.change == pytest.approx(-2.0)
    assert course.sentence.startswith("easing")


def test_one_point_is_noise():
    assert course_of(hold((240, 6), (240, 5))).kind is CourseKind.STEADY


def test_two_steps_in_a_row_are_a_trend_after_the_pressure_is_taken_out():
    # 1 % less pressure explains a tenth of a point: what is left of each step is still a step.
    course = course_of(hold((240, 6), (239, 5), (238, 4)))
    assert course.kind is CourseKind.EASING
    assert course_of(hold((240, 6), (240, 5), (240, 5))).kind is CourseKind.STEADY


def test_pain_that_grows_at_constant_pressure_is_building():
    assert course_of(hold((240, 4), (239, 5), (240, 6))).kind is CourseKind.BUILDING


def test_pain_that_grows_because_pressure_does_is_not_building():
    assert course_of(hold((220, 5), (250, 7))).kind is CourseKind.STEADY


def test_pain_that_stays_while_pressure_sags_much_may_be_building():
    assert course_of(hold((250, 6), (180, 6))).kind is CourseKind.BUILDING


def test_ratings_that_stay_while_pressure_rises_are_easing_only_if_every_exponent_says_so():
    assert course_of(hold((200, 6), (230, 6)), (1.0, 1.9, 3.8)).kind is CourseKind.STEADY
    assert course_of(hold((200, 6), (250, 5)), (1.5, 1.9, 2.4)).kind is CourseKind.EASING


def test_words_count_as_steps():
    said = [Felt(0, 240, 6), Felt(10, 239, None, -1), Felt(20, 239, None, -1)]
    assert course_of(said).kind is CourseKind.EASING
    sagging = [Felt(0, 240, 6), Felt(10, 222, None, -1), Felt(20, 210, None, -1)]
    assert course_of(sagging).kind is CourseKind.STEADY
    assert course_of([Felt(0, 240, None, -1)]).kind is CourseKind.STEADY
    assert course_of([Felt(0, 240, None, 1), Felt(9, 240, None, 1)]).kind is CourseKind.BUILDING


@pytest.mark.parametrize("felt", [[], hold((240, 6))])
def test_too_few_ratings_have_no_course(felt):
    course = course_of(felt)
    assert course.kind is CourseKind.UNKNOWN
    assert course.change is None
    assert "too few" in course.sentence


def test_a_pressure_that_changed_by_half_has_no_course():
    assert course_of(hold((300, 6), (150, 1))).kind is CourseKind.UNKNOWN


def test_the_clients_own_exponent_is_used():
    steep = GoodPainBand.start(ceiling_kpa=600).mark("there", 200).mark("enough", 240)
    felt = hold((240, 7), (225, 4))
    assert course_of(felt, (0.5, 0.6, 0.7)).kind is CourseKind.EASING
    assert course_of(felt, steep.exponent_interval()).kind is CourseKind.STEADY


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Felt(0, 0, 5),
        lambda: Felt(0, math.nan, 5),
        lambda: Felt(math.nan, 200, 5),
        lambda: Felt(0, 200, 11),
        lambda: Felt(0, 200),
        lambda: Felt(0, 200, 5, 1),
        lambda: course_of(hold((200, 5), (200, 5)), (0, 1, 2)),
    ],
)
def test_what_cannot_be_felt_is_refused(wrong):
    with pytest.raises(BandError):
        wrong()


@given(
    st.floats(100, 400),
    st.integers(1, 10),
    st.floats(1.0, 3.8),
    st.lists(st.floats(0.80, 1.15), min_size=1, max_size=6),
)
def test_ratings_that_only_follow_the_pressure_are_never_easing_or_building(p0, r0, n, shares):
    felt = [Felt(0.0, p0, r0)]
    felt += [Felt(float(i + 1), p0 * share, min(r0 * share**n, 10.0)) for i, share in enumerate(shares)]
    assert course_of(felt, (n, n, n)).kind is CourseKind.STEADY or any(r0 * share**n > 10 for share in shares)


@given(st.lists(st.tuples(st.floats(100, 130), st.integers(0, 10)), min_size=2, max_size=8), st.randoms())
def test_the_order_in_which_they_are_handed_in_does_not_matter(pairs, random):
    felt = hold(*pairs)
    shuffled = list(felt)
    random.shuffle(shuffled)
    assert course_of(shuffled) == course_of(felt)
