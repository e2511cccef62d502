import math

import numpy as np
import pytest

from feedback.band import BandError, GoodPainBand, Manner
from feedback.band.grid import POPULATION, Lattice, build_grid
from feedback.comfort import Report, ReportKind


@pytest.fixture
def fresh() -> GoodPainBand:
    return GoodPainBand.start(ceiling_kpa=600.0)


def test_before_anything_is_said_there_is_no_band_and_it_says_what_would_settle_it(fresh):
    estimate = fresh.band()
    assert estimate.band is None
    assert estimate.reason == "nothing is known of this point yet"
    assert "there" in estimate.settle
    assert 100 < estimate.stay_below_kpa < 300
    assert estimate.because == "from other people only: nothing said yet"


def test_one_onset_mark_makes_a_band_that_begins_near_the_mark(fresh):
    band = fresh.mark(ReportKind.THERE, 300.0).band().band
    assert band is not None
    assert 0.9 * 300 < band.lower_kpa < 1.05 * 300 < band.upper_kpa
    assert band.source == "learned"
    assert band.because == "from 1 mark today"


def test_reports_make_the_band_narrower_in_its_intervals(fresh):
    once = fresh.mark("there", 200.0)
    often = once.rating(5, 220.0).rating(6, 230.0).rating(4, 205.0).rating(7, 240.0)

    def width(model):
        low, high = model.band().threshold_interval_kpa
        return math.log(high / low)

    assert width(often) < 0.75 * width(once)
    assert often.because == "from 1 mark, 4 ratings today"


def test_the_reaction_delay_times_the_ramp_is_taken_off_a_mark(fresh):
    slow, fast = fresh.mark("there", 200.0), fresh.mark("there", 230.0, ramp_kpa_per_s=60.0)
    assert fast.band().lower_kpa == pytest.approx(slow.band().lower_kpa)


def test_a_ramp_too_steep_for_its_mark_still_leaves_a_pressure(fresh):
    steep = fresh.mark("there", 100.0, ramp_kpa_per_s=1e6).band()
    assert steep.lower_kpa == pytest.approx(fresh.mark("there", 50.0).band().lower_kpa)


def test_a_wide_single_answer_is_no_band_yet(fresh):
    estimate = fresh.verdict("too_little", 200.0).band()
    assert estimate.band is None
    assert "too wide" in estimate.reason


def test_ratings_from_four_to_seven_are_good_pain(fresh):
    for r in (4, 5, 6, 7):
        model = fresh
        for _ in range(12):
            model = model.rating(r, 250.0)
        band = model.band()
        assert band.lower_kpa < 250 < band.threshold_kpa


def test_a_larger_tip_expects_a_lower_threshold():
    small = GoodPainBand.start(ceiling_kpa=900, tip_area_cm2=0.5).band().lower_kpa
    large = GoodPainBand.start(ceiling_kpa=900, tip_area_cm2=2.0).band().lower_kpa
    # Defrin 2003: 406 to 205 kPa from 0.5 to 2 cm².
    assert small / large == pytest.approx(406 / 205, rel=0.01)


def test_treatment_is_advised_inside_the_band_above_its_middle(fresh):
    model = fresh.mark("there", 200.0).mark("enough", 320.0)
    band = model.band().band
    advice = model.next_pressure(Manner.TREAT)
    share = math.log(advice.pressure_kpa / band.lower_kpa) / math.log(band.upper_kpa / band.lower_kpa)
    assert 0.5 <= share <= 2 / 3
    assert advice.manner is Manner.TREAT


def test_without_a_band_treatment_falls_back_to_learning_from_low(fresh):
    advice = fresh.next_pressure("treat")
    assert advice.manner is Manner.LEARN
    assert advice.pressure_kpa < 120
    assert advice.why == "learning: begin low"


def test_asking_is_worth_most_at_the_start_and_least_far_below_the_band(fresh):
    known = fresh.mark("there", 200.0).mark("enough", 320.0)
    assert fresh.worth_asking(225.0) > known.worth_asking(200.0) > known.worth_asking(40.0)
    assert known.worth_asking(1e-3) == pytest.approx(0.0, abs=0.01)
    assert known.worth_asking(1e9) == pytest.approx(0.0, abs=0.01)


def test_a_trend_teaches_the_edges_nothing(fresh):
    assert fresh.hear(Report(ReportKind.EASING, 1.0), 200.0) is fresh


def test_hear_takes_every_report_to_its_place(fresh):
    heard = (
        fresh.hear(Report(ReportKind.THERE, 1.0), 200.0, 30.0)
        .hear(Report(ReportKind.GOOD, 2.0), 220.0)
        .hear(Report(ReportKind.RATING, 3.0, rating=6), 230.0)
    )
    direct = fresh.mark("there", 200.0, 30.0).verdict("good", 220.0).rating(6, 230.0)
    assert heard.band() == direct.band()
    assert heard.because == "from 1 mark, 1 verdict, 1 rating today"


@pytest.mark.parametrize("pressure", [0.0, -5.0, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "call",
    [
        lambda m, p: m.mark("there", p),
        lambda m, p: m.verdict("good", p),
        lambda m, p: m.rating(5, p),
        lambda m, p: m.stop(p),
        lambda m, p: m.worth_asking(p),
    ],
)
def test_a_pressure_that_cannot_be_is_refused_in_one_sentence(fresh, call, pressure):
    before = fresh.mass.copy()
    with pytest.raises(BandError, match="pressure above 0 kPa"):
        call(fresh, pressure)
    np.testing.assert_array_equal(fresh.mass, before)


@pytest.mark.parametrize("r", [11, -1, 5.5, math.nan, None, "good"])
def test_a_rating_that_cannot_be_is_refused(fresh, r):
    with pytest.raises(BandError, match="whole number from 0 to 10"):
        fresh.rating(r, 200.0)


def test_other_words_are_refused_with_the_words_that_are_meant(fresh):
    with pytest.raises(BandError, match="“there” or “enough”, not “good”"):
        fresh.mark(ReportKind.GOOD, 200.0)
    with pytest.raises(BandError, match="“too little” or “good” or “too much”"):
        fresh.verdict("lovely", 200.0)
    with pytest.raises(BandError, match="“learn” or to “treat”"):
        fresh.next_pressure("guess")
    with pytest.raises(BandError, match="rate at which pressure rises"):
        fresh.mark("there", 200.0, math.nan)
    with pytest.raises(BandError, match="no good pressure was there"):
        fresh.hear(Report(ReportKind.GOOD, 1.0), None)


@pytest.mark.parametrize(
    "settings",
    [
        {"ceiling_kpa": 0},
        {"ceiling_kpa": math.nan},
        {"ceiling_kpa": 500, "alpha": 0.6},
        {"ceiling_kpa": 500, "tip_area_cm2": 0},
    ],
)
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(BandError):
        GoodPainBand.start(**settings)


def test_pressures_far_outside_anything_human_do_no_harm(fresh):
    for p in (1e-300, 1e-6, 1e6, 1e300):
        for model in (
            fresh.mark("there", p),
            fresh.mark("enough", p),
            fresh.verdict("too_much", p),
            fresh.rating(10, p),
            fresh.rating(0, p),
        ):
            estimate = model.band()
            assert math.isfinite(estimate.stay_below_kpa)
            assert model.mass.sum() == pytest.approx(1.0)
            assert model.next_pressure("learn").pressure_kpa > 0


def test_time_moves_the_thresholds_up_and_makes_them_less_sure(fresh):
    model = fresh.mark("there", 200.0).mark("enough", 300.0)
    later = model.ease(600.0)
    assert later.band().lower_kpa / model.band().lower_kpa == pytest.approx(math.exp(0.13), rel=0.03)
    low, high = model.band().lower_interval_kpa
    later_low, later_high = later.band().lower_interval_kpa
    assert later_high / later_low > high / low


def test_a_minute_in_many_steps_is_a_minute_in_one(fresh):
    model = fresh.mark("there", 200.0).mark("enough", 300.0)
    steps = model
    for _ in range(600):
        steps = steps.ease(0.1)
    once = model.ease(60.0)
    assert steps.band().lower_kpa == pytest.approx(once.band().lower_kpa, rel=1e-3)
    assert steps.band().upper_interval_kpa == pytest.approx(once.band().upper_interval_kpa, rel=2e-3)
    with pytest.raises(BandError, match="time cannot go back"):
        model.ease(-1.0)


def test_the_next_visit_starts_near_where_the_last_ended_but_less_sure(fresh):
    model = fresh
    for p, r in ((280, 4), (300, 5), (320, 6), (340, 7), (310, 5), (330, 6)):
        model = model.rating(r, float(p))
    carried = model.ease(300.0).carry_over()
    assert carried.band().lower_kpa == pytest.approx(model.band().lower_kpa, rel=0.07)
    low, high = model.band().lower_interval_kpa
    carried_low, carried_high = carried.band().lower_interval_kpa
    assert carried_high / carried_low > high / low
    assert carried.because == "nothing said today; 1 visit before"
    assert carried.mark("there", 290.0).carry_over().because == "nothing said today; 2 visits before"
    assert carried.carry_over().told.visits == 1


def test_a_model_that_heard_nothing_is_carried_over_as_new(fresh):
    assert fresh.carry_over().band() == fresh.band()


def test_steeper_raters_have_a_larger_exponent(fresh):
    steep = fresh.mark("there", 200.0).mark("enough", 240.0)
    shallow = fresh.mark("there", 200.0).mark("enough", 400.0)
    assert steep.exponent_interval()[1] > shallow.exponent_interval()[1]
    assert list(steep.exponent_interval()) == sorted(steep.exponent_interval())


def test_a_finer_grid_gives_the_same_edges(fresh):
    fine = GoodPainBand.start(
        ceiling_kpa=600.0,
        grid=build_grid(POPULATION, Lattice(na=161, nw=60, ns=13, step=0.02125, first_w=4)),
    )

    def told(model):
        return (
            model.mark("there", 210.0, 30.0).rating(5, 230.0).rating(8, 300.0).verdict("good", 240.0).band()
        )

    coarse_band, fine_band = told(fresh), told(fine)
    assert coarse_band.lower_kpa == pytest.approx(fine_band.lower_kpa, rel=0.01)
    assert coarse_band.upper_kpa == pytest.approx(fine_band.upper_kpa, rel=0.01)
    assert coarse_band.threshold_interval_kpa == pytest.approx(fine_band.threshold_interval_kpa, rel=0.02)
