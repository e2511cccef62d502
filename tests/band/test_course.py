import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.band import BandError, CourseKind, Felt, GoodPainBand, course_of
from feedback.comfort import MARKS, Report, ReportKind


def hold(*pairs: tuple[float, float], every_s: float = 8.0) -> list[Felt]:
    """Ratings of one hold, each with the pressure of its moment."""
    return [Felt(every_s * i, p, r) for i, (p, r) in enumerate(pairs)]


FALLING = (7, 6, 5, 4, 4, 3)


def test_ratings_that_fall_at_steady_pressure_are_easing():
    course = course_of(hold(*((240.0, r) for r in FALLING)))
    assert course.kind is CourseKind.EASING
    assert course.change < -2
    assert course.sentence.startswith("easing")


def test_the_same_ratings_while_the_pressure_sags_with_them_are_not_easing():
    course = course_of(hold(*((240.0 * (r / 7) ** 0.4, r) for r in FALLING)))
    assert course.kind is not CourseKind.EASING
    assert course.by_pressure < -0.5


def test_ratings_that_only_follow_a_small_sag_are_steady_and_it_is_said():
    course = course_of(hold((240, 6), (232, 6), (225, 5), (218, 5), (214, 5), (212, 5)))
    assert course.kind is CourseKind.STEADY
    assert "only be the pressure" in course.sentence


def test_one_point_is_noise():
    assert course_of(hold((240, 6), (240, 6), (240, 5), (240, 6), (240, 5))).kind is CourseKind.STEADY


def test_two_ratings_alone_are_never_a_trend():
    assert course_of(hold((240, 6), (240, 5))).kind in (CourseKind.STEADY, CourseKind.UNKNOWN)


def test_pain_that_grows_at_constant_pressure_is_building():
    assert course_of(hold(*((240.0, r) for r in (3, 4, 4, 5, 6, 6)))).kind is CourseKind.BUILDING


def test_pain_that_grows_because_pressure_does_is_not_building():
    grows = hold((200, 4), (206, 4), (212, 5), (218, 5), (224, 5), (230, 5))
    assert course_of(grows).kind is not CourseKind.BUILDING


def test_pain_that_stays_while_pressure_sags_much_is_not_easing():
    stays = hold((250, 6), (235, 6), (220, 6), (205, 6), (195, 6), (185, 6))
    assert course_of(stays).kind in (CourseKind.BUILDING, CourseKind.STEADY)


def test_words_of_trend_count_too():
    start = [Felt(0, 240, 6), Felt(6, 240, 6)]
    easing = [Felt(12.0 + 8 * i, 240, None, -1) for i in range(5)]
    worse = [Felt(12.0 + 8 * i, 240, None, 1) for i in range(5)]
    assert course_of(start + easing).kind is CourseKind.EASING
    assert course_of(start + worse).kind is CourseKind.BUILDING


@pytest.mark.parametrize("felt", [[], hold((240, 6))])
def test_too_few_ratings_have_no_course(felt):
    course = course_of(felt)
    assert course.kind is CourseKind.UNKNOWN
    assert course.change is None
    assert "too few" in course.sentence


def test_a_pressure_that_changed_by_half_has_no_course():
    assert course_of(hold((300, 6), (150, 1))).kind is CourseKind.UNKNOWN


def test_the_clients_own_exponent_is_used():
    """The same fall is all pressure to a client whose ratings grow steeply, and more than pressure to a flat one."""
    steep = GoodPainBand.start(ceiling_kpa=600).mark("there", 200).mark("enough", 240)
    felt = hold((240, 7), (236, 6), (232, 6), (228, 5), (225, 5), (222, 4))
    flat_change = course_of(felt, (0.5, 0.6, 0.7)).change
    steep_change = course_of(felt, steep.exponent_interval()).change
    assert flat_change < steep_change
    assert course_of(felt, steep.exponent_interval()).kind is not CourseKind.EASING


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
    st.floats(3, 6),
    st.floats(1.0, 3.8),
    st.lists(st.floats(0.85, 1.1), min_size=1, max_size=8),
)
def test_ratings_that_only_follow_the_pressure_are_never_easing_or_building(p0, r0, n, shares):
    felt = [Felt(0.0, p0, r0)]
    felt += [Felt(6.0 * (i + 1), p0 * share, r0 * share**n) for i, share in enumerate(shares)]
    assert course_of(felt, (n, n, n)).kind in (CourseKind.STEADY, CourseKind.UNKNOWN)


@given(st.lists(st.tuples(st.floats(100, 130), st.integers(0, 10)), min_size=2, max_size=8), st.randoms())
def test_the_order_in_which_they_are_handed_in_does_not_matter(pairs, random):
    felt = hold(*pairs)
    shuffled = list(felt)
    random.shuffle(shuffled)
    assert course_of(shuffled) == course_of(felt)


def test_verdicts_count_as_parts_of_the_scale():
    said = [ReportKind.TOO_MUCH, ReportKind.TOO_MUCH, ReportKind.GOOD, *[ReportKind.TOO_LITTLE] * 4]
    felt = [Felt(8.0 * i, 240.0, verdict=kind) for i, kind in enumerate(said)]
    assert course_of(felt).kind is CourseKind.EASING
    assert course_of([Felt(f.time_s, 240.0, verdict=ReportKind.GOOD) for f in felt]).kind in (
        CourseKind.STEADY,
        CourseKind.UNKNOWN,
    )


@pytest.mark.parametrize("kind", list(ReportKind))
def test_every_report_but_a_mark_says_something_of_a_course(kind):
    report = Report(kind, 3.0, 7 if kind is ReportKind.RATING else None)
    felt = Felt.of(report, 200.0)
    assert (felt is None) == (kind in MARKS)
    if kind is ReportKind.STOP:
        assert felt.verdict is ReportKind.TOO_MUCH


def test_ratings_that_scatter_widely_call_no_trend_that_steady_ones_call():
    calm = hold(*((240.0, r) for r in (6, 6, 5, 5, 4, 4)))
    wild = hold(*((240.0, r) for r in (6, 2, 8, 3, 9, 4)))
    assert course_of(calm).kind is CourseKind.EASING
    assert course_of(wild).kind in (CourseKind.STEADY, CourseKind.UNKNOWN)


def test_one_slip_does_not_undo_a_course():
    slipped = hold(*((240.0, r) for r in (7, 6, 5, 10, 4, 4, 3)))
    assert course_of(slipped).kind is CourseKind.EASING


def test_exponents_that_fall_are_refused():
    with pytest.raises(BandError, match="above 0"):
        course_of(hold((200, 5), (200, 5)), (3.0, 2.0, 1.0))
