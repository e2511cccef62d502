"""The course of a hold, worked out a second time cell by cell, and its rules at their limits."""

import math
from itertools import product

import numpy as np
import pytest

from feedback.band import CourseKind, Felt, course_of
from feedback.band.course import CourseReader
from feedback.band.course_fit import Between, CourseFit, settled
from feedback.comfort import Report, ReportKind

EXPONENTS = (1.0, 1.9, 3.8)
WORDS = [
    Between(0.0, 0.0, 5.5, 6.5, 0.003),
    Between(8.0, -0.1, 0.0, 5.5, 0.1),
    Between(20.0, -0.05, 3.5, 7.5, 0.05),
    Between(30.0, 0.02, 7.5, math.inf, 0.05),
]
Z95 = 1.6448536269514722


def by_hand(words: list[Between]) -> tuple[np.ndarray, np.ndarray, dict[tuple[float, float], float]]:
    """Posterior of `change`, its axis, and the expected change of the rating between pairs of times."""
    levels = np.linspace(math.log(0.5), math.log(14.0), 31)
    changes = np.linspace(-2.1, 1.5, 49)
    noises = [(z, 0.13 * math.exp(0.6 * z)) for z in (-2.0, -1.0, 0.0, 1.0, 2.0)]
    low, middle, high = (math.log(n) for n in EXPONENTS)
    steep = [
        math.exp(middle + z / Z95 * ((high - middle) if z > 0 else (middle - low)))
        for z in (-1.2815515655446004, -0.5244005127080407, 0.0, 0.5244005127080407, 1.2815515655446004)
    ]
    of_change = np.zeros(49)
    points = {(0.0, 30.0): 0.0, (8.0, 20.0): 0.0}
    total = 0.0
    for n, (z, noise), (i, change) in product(steep, noises, enumerate(changes.tolist())):
        level = levels
        chance = np.full(31, math.exp(-0.5 * (z**2 + (change / 0.8) ** 2)))
        for word in words:
            pain = word.pressure_ln * n + level + (1 - math.exp(-word.time_s / 15.0)) * change

            def below(edge, pain=pain, noise=noise):
                if edge <= 0:
                    return np.zeros(31)
                if edge == math.inf:
                    return np.ones(31)
                return 1 / (1 + np.exp(-math.pi / math.sqrt(3) * (math.log(edge) - pain) / noise))

            chance = chance * (0.97 * (below(word.high) - below(word.low)) + word.slip)
        of_change[i] += chance.sum()
        total += chance.sum()
        for first, last in points:
            at = [np.minimum(np.exp(level + (1 - math.exp(-t / 15.0)) * change), 10.0) for t in (first, last)]
            points[first, last] += float((chance * (at[1] - at[0])).sum())
    return of_change / total, changes, {pair: value / total for pair, value in points.items()}


@pytest.mark.parametrize("count", [0, 1, 4])
def test_what_is_believed_of_a_hold_is_the_product_of_its_words(count):
    fit = CourseFit(EXPONENTS)
    for word in WORDS[:count]:
        fit.add(word)
        fit.chance(0.0, 1.0)  # what was worked out before the next word does not stay
    of_change, changes, points = by_hand(WORDS[:count])
    for low, high in ((-math.inf, math.log(0.75)), (math.log(1.3), math.inf), (-0.3, 0.3)):
        expected = of_change[(changes > low) & (changes < high)].sum()
        assert fit.chance(low, high) == pytest.approx(float(expected), rel=1e-6)
    mean = float(of_change @ changes)
    assert fit.spread() == pytest.approx(math.sqrt(float(of_change @ (changes - mean) ** 2)), rel=1e-6)
    for (first, last), expected in points.items():
        assert fit.points(first, last) == pytest.approx(expected, rel=1e-6)


def test_most_of_a_course_comes_in_its_first_half_minute():
    assert settled(0.0) == 0.0
    assert settled(15.0) == pytest.approx(1 - math.exp(-1))
    assert settled(30.0) == pytest.approx(1 - math.exp(-2))


def read(*felt: Felt, start_s: float | None = None) -> tuple:
    """What a reader made of it, against the same words given to the fit by hand."""
    reader = CourseReader(EXPONENTS, start_s)
    for one in felt:
        reader.feel(one)
    return reader._fit.chance(-math.inf, -0.1), reader._fit.spread()


def fitted(*words: Between) -> tuple:
    fit = CourseFit(EXPONENTS)
    for word in words:
        fit.add(word)
    return fit.chance(-math.inf, -0.1), fit.spread()


SLIP = 0.03 / 11


def test_each_word_is_its_part_of_the_scale_at_its_time_and_pressure():
    down = math.log(180.0 / 200.0)
    assert read(Felt(5.0, 200.0, 6), Felt(13.0, 180.0, 4)) == fitted(
        Between(0.0, 0.0, 5.5, 6.5, SLIP), Between(8.0, down, 3.5, 4.5, SLIP)
    )
    assert read(Felt(5.0, 200.0, 10), Felt(13.0, 180.0, 0), start_s=2.0) == fitted(
        Between(3.0, 0.0, 9.5, math.inf, SLIP), Between(11.0, down, 0.0, 0.5, SLIP)
    )
    verdicts = [
        Felt(5.0 + i, 200.0, verdict=kind)
        for i, kind in enumerate((ReportKind.TOO_LITTLE, ReportKind.GOOD, ReportKind.TOO_MUCH))
    ]
    assert read(*verdicts) == fitted(
        Between(0.0, 0.0, 0.0, 3.5, 0.05),
        Between(1.0, 0.0, 3.5, 7.5, 0.05),
        Between(2.0, 0.0, 7.5, math.inf, 0.05),
    )
    assert read(Felt(1.0, 200.0, 5), start_s=4.0) == fitted(Between(0.0, 0.0, 4.5, 5.5, SLIP))


def test_easing_and_worsening_are_told_from_the_word_before():
    def trend(time_s, way):
        return Felt(time_s, 200.0, trend=way)

    assert read(Felt(0.0, 200.0, 6), trend(8.0, -1), trend(16.0, -1), trend(24.0, 1)) == fitted(
        Between(0.0, 0.0, 5.5, 6.5, SLIP),
        Between(8.0, 0.0, 0.0, 5.5, 0.1),
        Between(16.0, 0.0, 0.0, 4.5, 0.1),
        Between(24.0, 0.0, 4.5, math.inf, 0.1),
    )
    # With no number before it, the middle of good pain.
    assert read(trend(0.0, -1)) == fitted(Between(0.0, 0.0, 0.0, 5.0, 0.1))
    assert read(trend(0.0, 1)) == fitted(Between(0.0, 0.0, 6.0, math.inf, 0.1))
    assert read(Felt(0.0, 200.0, 0), trend(1.0, -1), trend(2.0, 1)) == fitted(
        Between(0.0, 0.0, 0.0, 0.5, SLIP),
        Between(1.0, 0.0, 0.0, 0.5, 0.1),
        Between(2.0, 0.0, 0.5, math.inf, 0.1),
    )
    assert read(Felt(0.0, 200.0, 10), trend(1.0, 1), trend(2.0, -1)) == fitted(
        Between(0.0, 0.0, 9.5, math.inf, SLIP),
        Between(1.0, 0.0, 10.5, math.inf, 0.1),
        Between(2.0, 0.0, 0.0, 9.5, 0.1),
    )


def hold(*pairs: tuple[float, float]) -> list[Felt]:
    return [Felt(8.0 * i, p, r) for i, (p, r) in enumerate(pairs)]


@pytest.mark.parametrize(("last_kpa", "told"), [(131.0, True), (129.0, False), (269.0, True), (271.0, False)])
def test_a_pressure_that_changed_by_more_than_a_third_is_too_far(last_kpa, told):
    course = course_of(hold((200, 6), (200, 6), (last_kpa, 6), (200, 6), (200, 6)))
    assert ("changed too much" not in course.sentence) == told


def test_a_course_says_what_the_pressure_explains_and_how_much_it_changed():
    felt = hold((240, 6), (232, 6), (225, 5), (218, 5), (214, 5), (212, 5))
    course = course_of(felt)
    reader = CourseReader()
    for one in felt:
        reader.feel(one)
    assert course.change == reader._fit.points(0.0, 40.0)
    assert course.pressure_change == pytest.approx(212 / 240 - 1)
    assert course.change + course.by_pressure == pytest.approx(-1.0)
    words = [Felt(f.time_s, f.pressure_kpa, verdict=ReportKind.GOOD) for f in felt[:-1]] + felt[-1:]
    assert course_of(words).by_pressure is None


@pytest.mark.parametrize(
    ("felt", "sentence"),
    [
        (hold((240, 6), (232, 6), (225, 5), (218, 5), (214, 5), (212, 5)),
         "steady: the falling rating may only be the pressure (pressure fell 12%)"),
        (hold((212, 5), (214, 5), (218, 5), (225, 5), (232, 6), (240, 6)),
         "steady: the rising rating may only be the pressure (pressure rose 13%)"),
        (hold((240, 6), (240, 6), (240, 5), (240, 6), (240, 5)),
         "steady: the change is too small to call a trend (pressure held)"),
        (hold((240, 6), (240, 6), (240, 6), (240, 6), (240, 6)), "steady (pressure held)"),
        (hold((240, 7), (240, 6), (240, 5), (240, 4), (240, 4), (240, 3)),
         "easing: less pain than the pressure explains (pressure held)"),
        (hold((240, 3), (240, 4), (240, 4), (240, 5), (240, 6), (240, 6)),
         "building: more pain than the pressure explains (pressure held)"),
        (hold((240, 6), (240, 4)), "not clear yet: ask again later in the hold"),
        (hold((240, 6)), "too few words in this hold to tell its course"),
    ],
)  # fmt: skip
def test_each_course_is_told_in_its_words(felt, sentence):
    assert course_of(felt).sentence == sentence


def test_words_of_one_moment_are_taken_numbers_first():
    felt = [Felt(0.0, 200.0, 6), Felt(8.0, 200.0, trend=-1), Felt(8.0, 200.0, 5), Felt(8.0, 200.0, trend=1)]
    assert course_of(felt) == course_of([felt[0], felt[2], felt[1], felt[3]])
    assert course_of(felt, start_s=-20.0) != course_of(felt)


@pytest.mark.parametrize(
    ("report", "felt"),
    [
        (Report(ReportKind.RATING, 3.0, 7), Felt(3.0, 200.0, 7.0)),
        (Report(ReportKind.EASING, 3.0), Felt(3.0, 200.0, trend=-1)),
        (Report(ReportKind.WORSENING, 3.0), Felt(3.0, 200.0, trend=1)),
        (Report(ReportKind.GOOD, 3.0), Felt(3.0, 200.0, verdict=ReportKind.GOOD)),
        (Report(ReportKind.STOP, 3.0), Felt(3.0, 200.0, verdict=ReportKind.TOO_MUCH)),
        (Report(ReportKind.THERE, 3.0), None),
    ],
)
def test_a_report_becomes_what_was_felt(report, felt):
    assert Felt.of(report, 200.0) == felt


@pytest.mark.parametrize("rating", [0, 10])
def test_the_ends_of_the_scale_can_be_felt_and_a_course_known_for_certain_called(rating):
    assert Felt(0.0, 1e-3, rating).rating == rating
    assert course_of(hold(*[(200.0, rating)] * 8)).kind is not CourseKind.UNKNOWN
