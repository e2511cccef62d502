"""Whatever hand and client do, the coach stays sane."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.coach import PhaseKind
from feedback.coach.rules import RULES
from feedback.comfort import Report, ReportKind
from tests.coach.table import SHIPPED, Table, learning, shipped

QUICK = [
    shipped("sustained-release", hold_min_s=1, hold_s=2, hold_max_s=3, ease_s=0.5, rounds=2),
    shipped("threshold-5n", rest_s=1.0, repeats=2),
    shipped("short-presses", presses=2, hold_s=1.0, hold_min_s=0.5, rest_s=0.5),
    SHIPPED["free"],
]

deeds = st.one_of(
    st.tuples(st.just("move"), st.floats(0, 45), st.floats(5, 100)),
    st.tuples(st.just("stay"), st.floats(0.1, 1.5)),
    st.tuples(st.just("say"), st.sampled_from(ReportKind), st.integers(0, 10)),
    st.tuples(st.just("undo")),
    st.tuples(st.just("resume")),
    st.tuples(st.just("move_on")),
    st.tuples(st.just("silence"), st.floats(0.2, 3.0)),
)


def do(table, deed):
    session, now_s = table.session, table.now_s
    match deed:
        case "move", to_n, n_per_s:
            table.move(to_n, n_per_s)
        case "stay", seconds:
            table.stay(seconds)
        case "say", kind, rating:
            session.report(Report(kind, now_s, rating if kind is ReportKind.RATING else None))
        case "undo", *_:
            session.undo(now_s)
        case "resume", *_:
            session.resume(now_s)
        case "move_on", *_:
            session.move_on(now_s)
        case "silence", seconds:
            table.now_s += seconds


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(QUICK), st.booleans(), st.lists(deeds, max_size=9))
def test_phases_follow_one_another_and_what_is_said_fits_on_the_screen(technique, learned, script):
    table = Table(technique, learning() if learned else None, ceiling_kpa=350)
    for deed in script:
        do(table, deed)
        now = table.coach
        assert 0 < len(now.do) <= 24
        assert "\n" not in now.why + now.then
        assert (now.rate is None) or now.phase is PhaseKind.RAMP
        assert now.elapsed_s >= 0
        assert 1 <= now.round <= max(now.rounds, 1)
        assert now.target_kpa is None or 0 < now.target_kpa < 350
        assert now.ended == len(table.journal.phases)
        if table.view.alarm:
            assert now.phase not in (PhaseKind.RAMP, PhaseKind.HOLD, PhaseKind.EASE)
    table.session.end(table.now_s, {})
    before_s = 0.0
    for record in table.journal.phases:
        assert before_s <= record.start_s <= record.end_s <= table.now_s
        before_s = record.end_s
        assert record.rule in RULES
        assert record.kind not in (PhaseKind.READY, PhaseKind.DONE)
        assert record.rate_kpa_per_s is None or record.kind is PhaseKind.RAMP
    for result in table.journal.results:
        assert len(result.values_kpa) == len(result.used) == len(result.rates_kpa_per_s)
        assert min(result.values_kpa) > 0
        assert min(result.values_kpa) <= result.mean_kpa <= max(result.values_kpa) + 1e-6
