from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.band import Band
from feedback.band.source import SetBand
from feedback.coach import PhaseKind, RateCue, TechniqueKind, rules
from feedback.comfort import Report, ReportKind
from feedback.guidance import Cue
from feedback.session import Session
from feedback.tones import APART_S, FLASH_S, Flash, Tone, Tones, tone_of
from tests.feedback.signals import blocks, trapezoid
from tests.feedback.test_session import Written, place
from tests.sound.views import ALARM, LOST, WAITING, coaching, view

STEP_S = 0.04

COACHED = st.one_of(
    st.none(),
    st.builds(
        coaching,
        st.sampled_from(PhaseKind),
        kind=st.sampled_from(TechniqueKind),
        rate=st.sampled_from([None, *RateCue]),
        ended=st.integers(0, 3),
        rule=st.sampled_from(["", *rules.RULES]),
    ),
)
VIEWS = st.one_of(
    st.just(LOST),
    st.just(WAITING),
    st.builds(
        view,
        st.sampled_from([c for c in Cue if c is not Cue.NO_SIGNAL]),
        alarm=st.sampled_from([None, ALARM]),
        coach=COACHED,
        pressure_kpa=st.floats(0, 500),
        ramp_kpa_per_s=st.floats(-500, 500),
    ),
)
SPANS = st.lists(st.tuples(VIEWS, st.floats(0.01, 5.0)), max_size=12)
"""Moments, each lasting for some seconds."""


def heard(spans, step_s=STEP_S):
    """What begins, and when, while these moments follow each other."""
    tones, now_s, began = Tones(), 100.0, []
    for one, lasts_s in spans:
        end_s = now_s + lasts_s
        while now_s < end_s:
            tone = tones.next(one, now_s)
            if tone is not Tone.SILENT:
                began.append((round(now_s - 100.0, 3), tone))
            now_s += step_s
    return began


def names(spans):
    return [tone for _, tone in heard(spans)]


@given(SPANS, st.floats(0.1, 20.0))
def test_in_the_band_it_is_silent_whatever_was_before(before, lasts_s):
    began = heard([*before, (view(Cue.HOLD), lasts_s)])
    until_s = sum(lasts_s for _, lasts_s in before) + STEP_S * (len(before) + 1)
    # A phase that ended as the hand came into the band may still be told.
    assert [tone for at_s, tone in began if at_s > until_s and tone is not Tone.PHASE_END] == []


@given(SPANS, st.sampled_from([view(Cue.HOLD, alarm=ALARM), view(Cue.STOP), view(Cue.READY, alarm=ALARM)]))
def test_the_alarm_sounds_at_once_and_never_pauses_for_longer_than_half_a_second(before, alarm):
    tones, now_s = Tones(), 0.0
    for one, lasts_s in before:
        tones.next(one, now_s)
        now_s += lasts_s
    if before and tone_of(before[-1][0]) is Tone.STOP:
        tones.next(view(Cue.HOLD), now_s)
    began = [at for at in range(100) if tones.next(alarm, now_s + at * STEP_S) is Tone.STOP]
    assert began[0] == 0
    assert max(b - a for a, b in pairwise(began)) * STEP_S <= 0.5 + STEP_S


@given(VIEWS, st.integers(1, 200))
def test_while_there_is_no_signal_at_most_one_tone_is_heard_however_it_was_lost(before, n):
    tones = Tones()
    tones.next(before, 0.0)
    began = [tones.next(LOST, i * STEP_S) for i in range(1, n)]
    assert [tone for tone in began if tone is not Tone.SILENT] in ([], [Tone.SIGNAL_LOST])


def test_a_signal_that_comes_and_goes_is_not_told_each_time():
    flapping = [(view(Cue.HOLD), 0.4), (LOST, 0.6)] * 10
    assert names(flapping) == [Tone.SIGNAL_LOST] * 2


def test_before_the_first_sample_nothing_is_heard():
    assert names([(WAITING, 10)]) == []


@given(SPANS)
def test_two_tones_never_run_into_each_other_but_for_the_alarm(spans):
    began = heard(spans)
    for (a_s, _), (b_s, tone) in pairwise(began):
        assert tone is Tone.STOP or b_s - a_s >= APART_S - 1e-6


def test_too_much_is_said_at_once_and_then_slowly():
    began = heard([(view(Cue.HOLD), 1.0), (view(Cue.EASE_OFF), 10.0)])
    assert {tone for _, tone in began} == {Tone.TOO_MUCH}
    assert began[0][0] == pytest.approx(1.0, abs=2 * STEP_S)
    assert len(began) == 5


def test_too_little_is_only_said_when_it_lasts_and_more_slowly_still():
    assert names([(view(Cue.PRESS), 0.5), (view(Cue.HOLD), 1.0)]) == []
    assert names([(view(Cue.PRESS), 10.0)]) == [Tone.TOO_LITTLE] * 3


def test_a_hand_that_rocks_at_the_edge_of_the_band_is_not_beeped_at_each_time():
    assert len(heard([(view(Cue.HOLD), 0.3), (view(Cue.EASE_OFF), 0.3)] * 20)) <= 12
    assert heard([(view(Cue.HOLD), 0.3), (view(Cue.PRESS), 0.3)] * 20) == []


@pytest.mark.parametrize("ramp_kpa_per_s", [150.0, -150.0])
def test_a_hand_on_its_way_up_or_letting_go_is_not_told_to_press(ramp_kpa_per_s):
    assert names([(view(Cue.PRESS, pressure_kpa=100.0, ramp_kpa_per_s=ramp_kpa_per_s), 5.0)]) == []


def test_while_ramping_slower_and_faster_are_told_and_the_right_rate_is_silent():
    def ramping(rate):
        return view(Cue.PRESS, coach=coaching(PhaseKind.RAMP, rate=rate))

    assert set(names([(ramping(RateCue.SLOWER), 3.0)])) == {Tone.SLOWER}
    assert set(names([(ramping(RateCue.FASTER), 3.0)])) == {Tone.FASTER}
    assert names([(ramping(RateCue.GOOD), 10.0)]) == []


@pytest.mark.parametrize("phase", [PhaseKind.EASE, PhaseKind.REST, PhaseKind.RELEASE])
def test_less_than_the_band_is_silent_where_the_coach_asked_for_less(phase):
    assert names([(view(Cue.PRESS, coach=coaching(phase)), 10.0)]) == []


@pytest.mark.parametrize("phase", [PhaseKind.RELEASE, PhaseKind.REST])
def test_a_hand_that_stays_where_it_was_asked_to_let_go_is_told_after_some_patience(phase):
    asked = view(Cue.HOLD, coach=coaching(phase, elapsed_s=1.0))
    still = view(Cue.HOLD, coach=coaching(phase, elapsed_s=5.0))
    leaving = view(Cue.HOLD, coach=coaching(phase, elapsed_s=5.0), ramp_kpa_per_s=-150.0)
    assert names([(asked, 2.0), (leaving, 2.0)]) == []
    assert names([(still, 1.0)]) == [Tone.TOO_MUCH]


def test_too_much_is_not_repeated_to_a_hand_that_is_easing_off():
    assert names([(view(Cue.EASE_OFF), 0.5), (view(Cue.EASE_OFF, ramp_kpa_per_s=-150.0), 9.0)]) == [
        Tone.TOO_MUCH
    ]


def test_a_threshold_is_measured_through_the_band_without_its_tones():
    measuring = coaching(PhaseKind.RAMP, kind=TechniqueKind.THRESHOLD, rate=RateCue.GOOD)
    assert names([(view(Cue.PRESS, coach=measuring), 5.0), (view(Cue.EASE_OFF, coach=measuring), 5.0)]) == []
    assert set(names([(view(Cue.STOP, coach=measuring), 5.0)])) == {Tone.STOP}


def holding(ended, rule, cue=Cue.HOLD):
    return view(cue, coach=coaching(PhaseKind.HOLD, ended=ended, rule=rule))


def test_the_end_of_a_phase_is_heard_once():
    spans = [(holding(1, rules.REACHED), 2.0), (holding(2, rules.TIME_UP), 5.0)]
    assert names(spans) == [Tone.PHASE_END]


@pytest.mark.parametrize("rule", [rules.LET_GO, rules.MOVED_ON, rules.SIGNAL_LOST])
def test_a_phase_that_the_hand_ended_itself_is_not_told_to_it(rule):
    assert names([(holding(1, rules.REACHED), 2.0), (holding(2, rule), 5.0)]) == []


def test_a_phase_that_ends_in_an_alarm_is_told_as_the_alarm():
    spans = [
        (holding(1, rules.REACHED), 1.0),
        (holding(2, rules.TIME_UP, Cue.STOP), 2.0),
        (holding(2, ""), 2.0),
    ]
    assert set(names(spans)) == {Tone.STOP}


def test_changing_the_technique_is_no_end_of_a_phase():
    assert names([(view(Cue.HOLD), 1.0), (holding(5, rules.TIME_UP), 1.0), (view(Cue.HOLD), 1.0)]) == []


@given(SPANS)
def test_never_more_than_three_flashes_begin_in_a_second(spans):
    flash, now_s, lit, begins = Flash(), 0.0, Tone.SILENT, []
    for one, lasts_s in spans:
        end_s = now_s + lasts_s
        while now_s < end_s:
            shown = flash.of(one, now_s)
            if shown is not Tone.SILENT and shown is not lit:
                begins.append(now_s)
            lit = shown
            now_s += 1 / 30
    assert all(b - a > 1.0 for a, b in zip(begins, begins[3:], strict=False))


def test_the_alarm_flashes_at_once_and_goes_dark_in_between():
    flash = Flash()
    shown = [flash.of(view(Cue.STOP), i / 30) for i in range(60)]
    assert shown[0] is Tone.STOP
    assert set(shown) == {Tone.STOP, Tone.SILENT}
    assert shown.count(Tone.STOP) == pytest.approx(60 * FLASH_S / 0.5, abs=4)


def test_a_whole_press_is_heard_as_it_went():
    """Real samples through a real session: straight up through the band to the ceiling, and let go."""
    session = Session(place(), Written(), SetBand(Band(150.0, 250.0)), start_s=0.0, ceiling_kpa=300.0)
    tones, began = Tones(), []
    time_s, force_n = trapezoid(level_n=32.0, ramp_s=8.0, hold_s=1.0)
    for block in blocks(time_s, force_n, 1):
        session.feed(block)
        now_s = float(block.time_s[-1])
        if (tone := tones.next(session.view(now_s), now_s)) is not Tone.SILENT:
            began.append((round(now_s, 1), tone))
    in_order = list(dict.fromkeys(tone for _, tone in began))
    assert in_order == [Tone.TOO_MUCH, Tone.STOP]
    first = {tone: next(at_s for at_s, one in began if one is tone) for tone in in_order}
    assert first[Tone.TOO_MUCH] == pytest.approx(1 + 8 * 25 / 32, abs=0.15)
    assert first[Tone.STOP] == pytest.approx(1 + 8 * 30 / 32, abs=0.15)
    # On the way down there is silence from the band on: the hand is letting go.
    assert began[-1][0] <= 1 + 8 + 1 + 8 * (1 - 25 / 32) + 0.1


def test_the_client_s_stop_sounds_until_the_hand_has_let_go():
    session = Session(place(), Written(), SetBand(Band(150.0, 250.0)), start_s=0.0, ceiling_kpa=300.0)
    tones, began = Tones(), []
    time_s, force_n = trapezoid(level_n=20.0, ramp_s=2.0, hold_s=6.0)
    said = False
    for block in blocks(time_s, force_n, 1):
        session.feed(block)
        now_s = float(block.time_s[-1])
        if now_s > 5.0 and not said:
            said = bool(session.report(Report(ReportKind.STOP, now_s)))
        if tones.next(session.view(now_s), now_s) is Tone.STOP:
            began.append(now_s)
    assert began[0] == pytest.approx(5.0, abs=0.1)
    assert began[-1] == pytest.approx(11.0, abs=0.7)
