"""What the band says of itself: why there is none, what holds it back, what to press next, what is worth asking."""

import dataclasses
import math

import numpy as np
import pytest

from feedback.band import (
    Advice,
    Band,
    BandError,
    BandNow,
    GoodPainBand,
    LearnedBand,
    Manner,
    SetBand,
    Told,
    likelihood,
)
from feedback.band.guard import Guard
from feedback.comfort import Report, ReportKind


def fresh(ceiling_kpa: float = 600.0) -> GoodPainBand:
    return GoodPainBand.start(ceiling_kpa=ceiling_kpa)


def known(ceiling_kpa: float = 600.0) -> GoodPainBand:
    return fresh(ceiling_kpa).mark("there", 200.0).mark("enough", 320.0).rating(5, 240.0).rating(6, 260.0)


# The edges


@pytest.mark.parametrize(
    "edges",
    [
        (0.0, 100.0),
        (-1.0, 100.0),
        (math.nan, 100.0),
        (100.0, math.inf),
        (100.0, math.nan),
        (math.inf, math.inf),
    ],
)
def test_a_band_of_pressures_that_cannot_be_is_refused(edges):
    with pytest.raises(BandError, match="above 0"):
        Band(*edges)


@pytest.mark.parametrize("edges", [(100.0, 100.0), (200.0, 100.0)])
def test_a_band_upside_down_is_refused(edges):
    with pytest.raises(BandError, match="upside down"):
        Band(*edges)


def test_a_band_set_by_hand_says_so():
    band = Band(1e-3, 1e6)
    assert (band.lower_kpa, band.upper_kpa, band.source, band.because) == (1e-3, 1e6, "set", "")
    assert band.lower_interval_kpa is band.upper_interval_kpa is None


# What it rests on


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(), "from other people only: nothing said yet"),
        (Told(marks=1, verdicts=2, ratings=1, stops=3), "from 1 mark, 2 verdicts, 1 rating, 3 stops today"),
        (Told(marks=2, stops=1, visits=1), "from 2 marks, 1 stop today; 1 visit before"),
        (Told(visits=2), "nothing said today; 2 visits before"),
    ],
)
def test_what_a_band_rests_on_is_said_in_one_line(told, words):
    assert told.because == words
    assert told.today == told.marks + told.verdicts + told.ratings + told.stops


# Why there is none


def test_each_reason_for_no_band_comes_with_what_settles_it():
    heard_nothing = fresh().band()
    assert heard_nothing.reason.startswith("nothing is known")
    assert "“there”" in heard_nothing.settle

    wide = fresh().verdict("too_little", 200.0).band()
    low, high = wide.lower_interval_kpa
    assert "too wide open" in wide.reason
    assert high / low > 2.5
    assert "hold and ask" in wide.settle

    at_ceiling = known(200.0).band()
    assert at_ceiling.reason.startswith("good pain seems to begin at the ceiling")
    assert "another tip" in at_ceiling.settle

    limited = known().verdict("too_much", 205.0).verdict("good", 240.0).band()
    assert limited.reason.startswith("the client found it too much: the limit is down")
    assert limited.settle == "stay below it, hold and ask again"
    assert limited.upper_kpa / limited.lower_kpa > 1.04 > limited.stay_below_kpa / limited.lower_kpa

    close = fresh()
    for _ in range(12):
        close = close.mark("there", 200.0).mark("enough", 205.0)
    close = close.band(0.01)
    assert "lie too close together" in close.reason
    assert "stay below the limit" in close.settle
    assert close.upper_kpa / close.lower_kpa < 1.04

    for estimate in (heard_nothing, wide, at_ceiling, limited, close):
        assert estimate.band is None
        assert math.isfinite(estimate.stay_below_kpa)


def test_a_band_needs_a_lower_edge_known_to_a_factor_of_two_and_a_half():
    for model in (fresh().mark("there", 200.0), fresh().rating(5, 200.0), fresh().verdict("good", 200.0)):
        estimate = model.band()
        low, high = estimate.lower_interval_kpa
        assert (estimate.band is not None) == (high / low <= 2.5)


def test_a_band_at_a_second_visit_needs_no_word_of_today():
    estimate = known().carry_over().band()
    assert estimate.band is not None
    assert estimate.because == "nothing said today; 1 visit before"
    assert estimate.reason == estimate.settle == ""


# What holds it back


def test_what_holds_the_edge_back_is_named():
    assert known().band().held_back in ("", "the client found it too much")
    free = fresh().mark("there", 200.0)
    assert free.band().held_back == ""
    assert free.band().stay_below_kpa == pytest.approx(free.band().upper_kpa)
    assert free.with_settings(ceiling_kpa=210.0).band().held_back == "the ceiling"
    assert free.with_settings(ceiling_kpa=210.0).band().stay_below_kpa == pytest.approx(210.0)
    stopped = known().stop(250.0).band()
    assert stopped.held_back == "the client said stop"
    assert stopped.stay_below_kpa == pytest.approx(250 / 1.2)
    rising = fresh().mark("there", 100.0)
    for _ in range(3):
        rising = rising.rating(2, 290.0)
    assert rising.band().held_back == "it rises by at most a tenth with each answer"
    before = rising.band().stay_below_kpa
    capped = rising.mark("enough", before * 0.95).band()
    assert capped.held_back == "the client found it too much"
    assert capped.stay_below_kpa == pytest.approx(before * 0.95)
    assert rising.rating(2, 290.0).band().stay_below_kpa == pytest.approx(before * 1.1)


def test_another_alpha_is_not_held_by_the_edge_shown_but_by_what_the_client_said():
    model = fresh().mark("there", 100.0)
    for _ in range(3):
        model = model.rating(2, 290.0)
    shown, cap = model.band().stay_below_kpa, math.exp(model.guard.hard_ln)
    asked = model.band(0.4)
    assert asked.alpha == 0.4
    assert shown < asked.stay_below_kpa == pytest.approx(min(asked.upper_kpa, cap))
    changed = model.with_settings(alpha=0.4)
    assert changed.alpha == 0.4
    assert changed.band().stay_below_kpa == pytest.approx(asked.stay_below_kpa)


def test_intervals_end_where_a_hard_rule_does():
    band = known().with_settings(ceiling_kpa=260.0).band().band
    assert band.upper_kpa == pytest.approx(260.0)
    assert band.upper_interval_kpa[1] == pytest.approx(260.0)
    assert band.upper_interval_kpa[0] < 260.0


@pytest.mark.parametrize("alpha", [0.009, 0.5, math.nan, -0.1])
def test_an_alpha_outside_its_range_is_refused_and_its_ends_are_not(alpha):
    model = fresh()
    for call in (lambda: model.band(alpha), lambda: model.with_settings(alpha=alpha)):
        with pytest.raises(BandError, match=r"within 0\.01 to 0\.49"):
            call()
    with pytest.raises(BandError, match="ceiling"):
        model.with_settings(ceiling_kpa=-1.0)
    assert model.with_settings(alpha=0.01).alpha == 0.01
    assert model.with_settings(alpha=0.49).alpha == 0.49


# The guard


def test_the_guard_keeps_the_lowest_cap_and_lets_it_rise_by_a_tenth_with_each_answer_borne():
    guard = Guard()
    assert (guard.hard_ln, guard.shown_ln, guard.tolerated_ln) == (math.inf, math.inf, -math.inf)
    assert not guard.stopped
    guard = guard.capped(5.5, 5.4).show(5.4)
    assert guard.hard_ln == 5.4
    assert guard.capped(5.2, 5.4).hard_ln == 5.2
    assert guard.capped(5.9, 6.0).hard_ln == 5.4
    after = guard.tolerated(5.0)
    assert (after.tolerated_ln, after.cap_ln, after.shown_ln) == (
        5.0,
        pytest.approx(5.4 + math.log(1.1)),
        pytest.approx(5.4 + math.log(1.1)),
    )
    assert after.tolerated(4.0).tolerated_ln == 5.0
    stopped = after.stop(5.2)
    assert stopped.stopped
    assert stopped.hard_ln == pytest.approx(5.2 - math.log(1.2))
    assert stopped.stop(6.0).hard_ln == stopped.hard_ln
    assert stopped.tolerated(5.0).hard_ln == stopped.hard_ln
    assert after.stop(math.inf).hard_ln == after.cap_ln


# The next pressure


def test_treatment_is_three_fifths_up_the_band_in_ln_pressure():
    band = known().band().band
    advice = known().next_pressure("treat")
    share = math.log(advice.pressure_kpa / band.lower_kpa) / math.log(band.upper_kpa / band.lower_kpa)
    assert share == pytest.approx(0.6)
    assert advice == Advice(advice.pressure_kpa, "a little above the middle of the band", Manner.TREAT)


def test_the_first_press_is_where_one_in_twenty_feels_good_pain():
    advice = fresh().next_pressure("learn")
    assert advice.why == "learning: begin low"
    assert advice.pressure_kpa == pytest.approx(225 * math.exp(-1.645 * 0.45), rel=0.02)


def test_learning_goes_one_step_above_what_was_borne():
    advice = fresh().verdict("too_little", 60.0).next_pressure("learn")
    assert advice.why == "learning: one step above what the client has tolerated"
    assert advice.pressure_kpa == pytest.approx(72.0)


def test_learning_stops_at_the_ceiling_and_at_what_the_client_said():
    for model, limit_kpa in (
        (fresh(70.0).verdict("too_little", 65.0), 70.0),
        (fresh().verdict("too_little", 90.0).mark("enough", 95.0), 95.0),
    ):
        advice = model.next_pressure("learn")
        assert advice.why == "learning: no higher, held by the ceiling or by what the client said"
        assert advice.pressure_kpa == pytest.approx(limit_kpa)


def test_learning_stops_where_one_in_four_would_be_too_much():
    model = fresh()
    for _ in range(3):
        model = model.verdict("good", 290.0).verdict("too_much", 420.0)
    model = dataclasses.replace(model, guard=Guard(tolerated_ln=math.log(400.0)))
    advice = model.next_pressure("learn")
    grid, much = model.grid, model.grid.too_much @ model.grid.by_upper(model.mass).ravel()
    risk = float(np.interp(math.log(advice.pressure_kpa) - model.centre_ln, grid.x, much))
    assert risk <= 0.255
    if advice.why == "learning: no higher, more could be too much":
        assert risk == pytest.approx(0.25, abs=0.005)
    else:
        assert advice.why == "learning: the answer here tells most"


def test_where_the_answer_tells_most_no_allowed_pressure_tells_more():
    model = known()
    advice = model.next_pressure("learn")
    assert advice.why == "learning: the answer here tells most"
    here = model.worth_asking(advice.pressure_kpa)
    top = min(math.exp(model.guard.tolerated_ln) * 1.2, math.exp(model.guard.hard_ln), 600.0)
    for share in np.linspace(0.5, 1.0, 12):
        assert model.worth_asking(top * share) <= here + 1e-3


def test_after_a_stop_nothing_is_advised_in_either_manner():
    for manner in Manner:
        advice = known().stop(None).next_pressure(manner)
        assert (advice.pressure_kpa, advice.manner) == (None, manner)
        assert advice.why.startswith("the client said stop")


def test_what_a_verdict_is_worth_is_the_entropy_it_takes_away():
    model = fresh().mark("there", 200.0)
    grid = model.grid
    at = int(np.argmin(np.abs(grid.x + model.centre_ln - math.log(250.0))))
    x = float(grid.x[at])
    kpa = math.exp(x + model.centre_ln)

    def entropy(mass):
        return -float((mass[mass > 0] * np.log2(mass[mass > 0])).sum())

    # Expected fall of the entropy over the cells, each answer with its probability.
    gain = entropy(model.mass)
    for kind in (ReportKind.TOO_LITTLE, ReportKind.GOOD, ReportKind.TOO_MUCH):
        joint = model.mass * likelihood.verdict(grid, kind, x)
        p = float(joint.sum())
        gain -= p * entropy(joint / p)
    # The prediction of "too much" lets one client in six scatter more: the two need not agree to the last digit.
    assert model.worth_asking(kpa) == pytest.approx(gain, rel=0.02)
    assert gain > 0.3


# A visit


def test_carrying_over_takes_back_the_easing_and_leans_a_tenth_to_the_population():
    model = known().ease(300.0)
    carried = model.carry_over()
    again = known().carry_over()
    assert carried.centre_ln == again.centre_ln == fresh().centre_ln
    assert (carried.eased_s, carried.told, carried.guard.stopped) == (0.0, Told(visits=1), False)
    assert carried.guard.cap_ln == math.inf
    assert carried.band().lower_kpa == pytest.approx(again.band().lower_kpa, rel=0.01)
    assert (carried.mass > 0.099 * model.grid.prior).all()
    assert carried.mass.sum() == pytest.approx(1.0)
    assert carried.carry_over().told == Told(visits=1)
    assert carried.rating(5, 240.0).carry_over().told == Told(visits=2)


def test_a_visit_in_which_nothing_was_said_is_none():
    start = GoodPainBand.start(ceiling_kpa=500.0, tip_area_cm2=2.0, alpha=0.1).ease(100.0)
    carried = start.carry_over()
    assert (carried.told, carried.eased_s) == (Told(), 0.0)
    assert (carried.ceiling_kpa, carried.tip_area_cm2, carried.alpha) == (500.0, 2.0, 0.1)
    assert carried.centre_ln == GoodPainBand.start(ceiling_kpa=500.0, tip_area_cm2=2.0).centre_ln


def test_time_moves_the_centre_by_the_share_of_the_visits_easing():
    model = known()
    assert model.ease(0.0).centre_ln == model.centre_ln
    later = model.ease(100.0).ease(140.0)
    assert later.eased_s == 240.0
    assert later.centre_ln - model.centre_ln == pytest.approx(0.13 * (1 - math.exp(-1)))
    for dt_s in (-1e-9, math.inf, math.nan):
        with pytest.raises(BandError, match="go back"):
            model.ease(dt_s)


def test_a_stop_counts_as_too_much_at_its_pressure_and_as_nothing_without_one():
    at, nowhere = known().stop(300.0), known().stop()
    assert at.mass == pytest.approx(known().verdict("too_much", 300.0).mass)
    assert nowhere.mass is not None
    assert nowhere.mass == pytest.approx(known().mass)
    assert at.told.stops == nowhere.told.stops == 1
    assert nowhere.band().stay_below_kpa == pytest.approx(known().band().stay_below_kpa)
    assert not at.resume().guard.stopped


@pytest.mark.parametrize(("r", "much"), [(7, False), (8, True), (10, True)])
def test_a_rating_from_eight_on_is_too_much(r, much):
    after = fresh().mark("there", 200.0).rating(r, 190.0)
    assert (after.band().stay_below_kpa <= 190.0 / 1.2 * (1 + 1e-9)) == much
    assert fresh().rating(r, 190.0).guard.tolerated_ln == (-math.inf if much else math.log(190.0))


def test_there_is_borne_and_enough_is_a_cap_where_it_was_felt():
    there = fresh().mark("there", 200.0, 40.0)
    assert there.guard.tolerated_ln == pytest.approx(math.log(180.0))
    enough = fresh().mark("enough", 200.0, 40.0)
    assert enough.guard.tolerated_ln == -math.inf
    assert enough.guard.cap_ln <= math.log(180.0)
    assert enough.told == Told(marks=1)


# As a session's source


@pytest.mark.parametrize("kind", ["heard", "felt", "resume", "took_back", "learned"])
def test_a_set_band_never_moves_and_hands_on_what_it_hears(kind):
    said: list[tuple] = []

    class Learner:
        def __getattr__(self, name):
            return lambda *given: said.append((name, *given)) or b"known"

    report = Report(ReportKind.GOOD, 1.0)
    given = {"heard": (report, 200.0, 3.0), "felt": (200.0, 0.5), "took_back": (report,)}.get(kind, ())
    band = Band(100.0, 200.0)
    source = SetBand(band, Learner())  # type: ignore[arg-type]
    result = getattr(source, kind)(*given)
    assert said == [(kind, *given)]
    assert result == (b"known" if kind == "learned" else None)
    assert source.now() == BandNow(band, "set by the therapist, locked")
    alone = SetBand(None)
    assert getattr(alone, kind)(*given) is None
    assert alone.now().band is None
    assert "press b" in alone.now().line
    assert SetBand(Band(1.0, 2.0, because="as on paper")).now().line == "as on paper"


def test_what_is_held_back_is_said_behind_what_the_band_rests_on():
    source = LearnedBand(known().with_settings(ceiling_kpa=250.0))
    now = source.now()
    assert now.line == "from 2 marks, 2 ratings today; held back: the ceiling"
    assert now.stay_below_kpa == pytest.approx(250.0)
    assert now.ask == ""


@pytest.mark.parametrize(("seconds", "asks"), [(3.9, False), (4.1, True)])
def test_a_question_needs_four_seconds_under_pressure(seconds, asks):
    source = LearnedBand(fresh())
    for _ in range(round(seconds * 10)):
        source.felt(220.0, 0.1)
    now = source.now()
    assert bool(now.ask) == asks
    assert (now.band, now.line) == (None, source.now().line)
    source.heard(Report(ReportKind.STOP, 5.0), None, 0.0)
    for _ in range(60):
        source.felt(220.0, 0.1)
    assert source.now().ask == ""


def test_a_question_is_about_the_pressure_of_the_last_seconds_and_only_where_it_would_teach():
    source = LearnedBand(known())
    for _ in range(60):
        source.felt(20.0, 0.1)
    assert source.now().ask == ""
    for _ in range(100):
        source.felt(270.0, 0.1)
    worth = source.model.worth_asking(270.0)
    assert bool(source.now().ask) == (worth >= 0.2)
    wide = LearnedBand(fresh())
    for _ in range(60):
        wide.felt(20.0, 0.1)
    assert wide.now().ask == ""
    for _ in range(20):  # two seconds: the mean is two thirds of the way there
        wide.felt(300.0, 0.1)
    assert wide._pressure_kpa == pytest.approx(20 + 280 * (1 - 0.95**20), rel=0.02)
    assert wide.now().ask == "too little, good, too much?"


def test_time_without_pressure_is_not_felt():
    source = LearnedBand(known())
    for pressure, dt_s in (
        (0.0, 1.0),
        (-5.0, 1.0),
        (200.0, 0.0),
        (200.0, -1.0),
        (math.nan, 1.0),
        (200.0, math.nan),
    ):
        source.felt(pressure, dt_s)
    assert source.model.eased_s == 0.0
    source.felt(0.5, 0.5)
    assert source.model.eased_s == 0.5
    assert source.model.eased_s == 0.5


def test_another_ceiling_is_in_force_at_once_and_the_same_one_changes_nothing():
    source = LearnedBand(known())
    before = source.model
    source.set_ceiling(600.0)
    assert source.model is before
    source.felt(200.0, 3.0)
    source.set_ceiling(230.0)
    assert source.now().stay_below_kpa == pytest.approx(230.0)
    assert source.model.eased_s == 3.0


def test_a_learner_has_nothing_to_keep_until_something_was_said():
    source = LearnedBand(fresh())
    source.felt(200.0, 5.0)
    assert source.learned() is None
    source.heard(Report(ReportKind.GOOD, 1.0), 200.0, 0.0)
    assert GoodPainBand.from_bytes(source.learned()).told == Told(verdicts=1)
    assert LearnedBand(known().carry_over()).learned() is not None


def test_only_the_newest_report_is_taken_back_with_the_ceiling_and_the_time_kept():
    source = LearnedBand(known())
    first, second = Report(ReportKind.GOOD, 1.0), Report(ReportKind.TOO_MUCH, 2.0)
    source.heard(first, 210.0, 0.0)
    source.felt(210.0, 2.0)
    source.heard(second, 230.0, 0.0)
    source.felt(210.0, 3.0)
    source.set_ceiling(500.0)
    told = source.model.told
    source.took_back(first)
    assert source.model.told == told
    source.took_back(second)
    assert source.model.told == Told(marks=2, verdicts=1, ratings=2)
    assert (source.model.ceiling_kpa, source.model.eased_s) == (500.0, pytest.approx(5.0))
    source.took_back(second)
    assert source.model.told == Told(marks=2, verdicts=1, ratings=2)
    source.took_back(first)
    assert source.model.told == Told(marks=2, ratings=2)
    assert source.model.eased_s == pytest.approx(5.0)


def test_taking_back_a_stop_goes_on_and_taking_back_another_word_leaves_a_stop():
    source = LearnedBand(known())
    stop, good = Report(ReportKind.STOP, 1.0), Report(ReportKind.GOOD, 2.0)
    source.heard(stop, 300.0, 0.0)
    source.took_back(stop)
    assert not source.model.guard.stopped
    source.heard(stop, 300.0, 0.0)
    source.heard(good, 200.0, 0.0)
    source.took_back(good)
    assert source.model.guard.stopped
    source.heard(good, 200.0, 0.0)
    source.resume()
    source.took_back(good)
    assert not source.model.guard.stopped


def test_time_makes_a_threshold_less_sure_by_its_share_of_the_visits_spread():
    def variance(model):
        of_a = model.grid.by_lower(model.mass).sum(axis=0)
        mean = float(of_a @ model.grid.a)
        return float(of_a @ (model.grid.a - mean) ** 2)

    gained = variance(known().ease(240.0)) - variance(known())
    assert gained == pytest.approx((1 - math.exp(-1)) * 0.08**2, rel=0.05)


def test_intervals_hold_nine_in_ten_of_what_is_believed():
    model = known()
    estimate, grid = model.band(), model.grid
    for axis, mass, interval in (
        (grid.a, grid.by_lower(model.mass).sum(axis=0), estimate.lower_interval_kpa),
        (grid.b, grid.by_upper(model.mass).sum(axis=0), estimate.threshold_interval_kpa),
    ):
        # Half a cell more at either end: mass is spread evenly over each.
        edges = np.append(axis - 0.5 * grid.lattice.step, axis[-1] + 0.5 * grid.lattice.step)
        below = np.interp(
            [math.log(kpa) - model.centre_ln for kpa in interval], edges, np.append(0, np.cumsum(mass))
        )
        assert below == pytest.approx([0.05, 0.95], abs=1e-6)
    assert estimate.threshold_interval_kpa[0] < estimate.threshold_kpa < estimate.threshold_interval_kpa[1]


def test_a_tip_without_end_is_refused():
    for area in (math.inf, math.nan, 0.0, -1.0):
        with pytest.raises(BandError, match="tip area"):
            GoodPainBand.start(ceiling_kpa=500.0, tip_area_cm2=area)
