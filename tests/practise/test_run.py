"""Attempts on real and simulated sensors: what is kept, and what makes them void."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from feedback.drills import AttemptView, FeedbackMode, Purpose, ScoreKey, Stage, TaskError, Void
from feedback.signal import Quality
from firmware_bridge.errors import CalibrationError, SilentSensorError
from sim.bus import BUS
from sim.steering import Steering
from tests.practise.foam import NO_CALIBRATION, Foam
from tui.practise.clients import DrillClient
from tui.practise.opening import practise_studio
from tui.practise.run import PractiseRun
from tui.practise.studio import PractiseStudio
from tui.settings import Settings
from tui.wanted import SensorWanted

QUICK = """
title = "Quick"
kind = "find"
about = "Press it."
target = "100 kPa"
tolerance_pct = 15
get_set_s = 0.2
reach_s = 0.5
hold_s = 0.5
"""
LONG = QUICK.replace("Quick", "Long").replace("hold_s = 0.5", "hold_s = 60")
SIM = "sim://upper-trapezius?hand=steered&speed=5"


@contextmanager
def studio_of(
    folder: Path, url: str, *, now: Callable[[], datetime] | None = None, **drills: str
) -> Iterator[PractiseStudio]:
    own = folder / "drills"
    own.mkdir(exist_ok=True)
    for name, text in (drills or {"quick": QUICK, "long": LONG}).items():
        (own / f"{name}.toml").write_text(text)
    more = {"now": now} if now else {}
    with practise_studio(folder, Settings(), SensorWanted(url), tip_area_cm2=1.0, **more) as studio:
        yield studio


def begun(
    studio: PractiseStudio, drill: str = "quick", mode: FeedbackMode = FeedbackMode.ALWAYS, **more: object
) -> PractiseRun:
    task = studio.task("T-01", drill, Purpose.FREE, mode)
    run = studio.begin(task, trainee="T-01", purpose=Purpose.FREE, **more)  # type: ignore[arg-type]
    run.start()
    return run


def until(condition: Callable[[], object], what: str, timeout_s: float = 20.0) -> None:
    end_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end_s, what
        time.sleep(0.01)


def reach(run: PractiseRun, *stages: Stage) -> AttemptView:
    until(lambda: run.view().stage in stages, f"never {stages}: {run.view()}")
    return run.view()


def touched(foam: Foam | SimulatedFoam, run: PractiseRun) -> None:
    """Off first, then light contact until the go."""
    foam.press_kpa = 0.0
    until(lambda: not run.lift and run._newest_s is not None, "no sample")
    foam.press_kpa = 35.0
    reach(run, Stage.RUNNING)


class SimulatedFoam:
    """The same handle on a simulated sensor, whose time runs faster."""

    def __init__(self, url: str = SIM) -> None:
        self.url = url
        BUS.forget(url)
        self._hand = Steering(url)

    @property
    def press_kpa(self) -> float:
        return self._hand.pressure_kpa

    @press_kpa.setter
    def press_kpa(self, kpa: float) -> None:
        self._hand.aim_kpa(kpa)


@pytest.fixture
def simulated() -> SimulatedFoam:
    return SimulatedFoam()


@pytest.fixture
def foam(tmp_path: Path) -> Iterator[Foam]:
    with Foam(tmp_path) as device:
        yield device


def test_an_attempt_on_a_real_port_is_scored_and_every_sample_of_it_is_kept(tmp_path, foam) -> None:
    with studio_of(tmp_path, foam.url) as studio:
        run = begun(studio)
        assert studio.simulated is False
        touched(foam, run)
        foam.press_kpa = 104.0
        view = reach(run, Stage.ENDED)
        assert view.outcome is not None
        record = studio.keep(run)
        assert record is not None
        assert record.inside is True
        assert record.scores is not None
        assert record.scores[ScoreKey.CONSTANT].pct == pytest.approx(4.0, abs=0.2)
        assert studio.training("T-01").attempts == (record,)
        trace = studio.trace(record)
        assert trace is not None
        assert trace.simulated is False
        assert trace.go_s is not None
        assert run.outcome is not None
        assert trace.drill_text == QUICK
        kept_s = np.concatenate([b.time_s for b in trace.blocks])
        assert kept_s[0] == 0.0
        assert kept_s[-1] == pytest.approx(trace.end_s, abs=0.02)
        assert np.diff(kept_s).max() < 0.2
        force = np.concatenate([b.force_n for b in trace.blocks])
        pressed = run.outcome.pressed
        n = len(pressed.time_s)
        assert force[-n:] * 10 == pytest.approx(pressed.pressure_kpa, abs=1e-3)
        assert (force[:-n] < 2.0).all()


def test_pulling_the_plug_in_an_attempt_makes_it_void_and_keeps_it(tmp_path, foam) -> None:
    with studio_of(tmp_path, foam.url) as studio:
        run = begun(studio, "long")
        touched(foam, run)
        foam.press_kpa = 100.0
        until(lambda: run.view().elapsed_s > 0.8, "the attempt does not go on")
        foam.unplug()
        view = reach(run, Stage.VOID)
        assert view.void is Void.SIGNAL
        assert "gone" in run.problem
        record = studio.keep(run)
        assert record is not None
        assert not record.counts
        assert studio.training("T-01").attempts[0].void is Void.SIGNAL
        trace = studio.trace(record)
        assert trace is not None
        assert sum(map(len, trace.blocks)) > 60


def test_a_sensor_that_falls_silent_makes_it_void(tmp_path, foam) -> None:
    with studio_of(tmp_path, foam.url) as studio:
        run = begun(studio, "long")
        touched(foam, run)
        foam.speaking = False
        assert reach(run, Stage.VOID).void is Void.SIGNAL
        assert studio.keep(run) is not None


def test_while_nothing_is_pressed_a_pulled_plug_is_told_and_the_attempt_waits(tmp_path) -> None:
    simulated = SimulatedFoam(f"{SIM}&unplug_at=4&replug_at=9")
    with studio_of(tmp_path, simulated.url) as studio:
        run = begun(studio)
        until(lambda: "gone" in run.problem, "no problem is told")
        assert run.view().stage is Stage.WAITING
        until(lambda: not run.problem, "the sensor does not come back")
        touched(simulated, run)
        simulated.press_kpa = 100.0
        reach(run, Stage.ENDED)
        assert studio.keep(run) is not None


def test_a_sensor_at_its_limit_makes_it_void(tmp_path, foam) -> None:
    with studio_of(tmp_path, foam.url) as studio:
        run = begun(studio, "long")
        touched(foam, run)
        foam.saturated = True
        assert reach(run, Stage.VOID).void is Void.SATURATED
        record = studio.keep(run)
        assert record is not None
        trace = studio.trace(record)
        assert trace is not None
        assert trace.blocks[-1].quality[-1] & Quality.SATURATED


def test_setting_the_zero_in_the_middle_makes_it_void(tmp_path, foam) -> None:
    with studio_of(tmp_path, foam.url) as studio:
        run = begun(studio, "long")
        touched(foam, run)
        until(lambda: run.view().elapsed_s > 1.0, "the attempt does not go on")
        studio.sensor.tare(under_load=True)
        assert reach(run, Stage.VOID).void is Void.ZERO
        record = studio.keep(run)
        assert record is not None
        trace = studio.trace(record)
        assert trace is not None
        # Read with the calibration that was in force before: the light contact is still 3.5 N.
        assert np.median(np.concatenate([b.force_n for b in trace.blocks])[-40:-10]) == pytest.approx(
            3.5, abs=0.1
        )


def test_above_the_ceiling_it_is_void_whatever_is_shown(tmp_path, simulated) -> None:
    with studio_of(tmp_path, simulated.url) as studio:
        studio.ceiling_kpa = 200.0
        run = begun(studio, "long", FeedbackMode.NONE)
        touched(simulated, run)
        simulated.press_kpa = 210.0
        assert reach(run, Stage.VOID).void is Void.CEILING
        assert studio.keep(run) is not None


def test_nothing_begins_while_the_tip_is_still_on_from_before(tmp_path, simulated) -> None:
    with studio_of(tmp_path, simulated.url) as studio:
        studio.sensor.wait_ready(5.0)
        simulated.press_kpa = 80.0
        until(lambda: simulated.press_kpa > 60.0, "the hand does not press")
        time.sleep(0.1)
        run = begun(studio)
        until(lambda: run.lift, "nobody is asked to lift")
        time.sleep(0.6)
        assert run.view().stage is Stage.WAITING
        touched(simulated, run)
        assert not run.lift
        run.give_up()
        studio.keep(run)


def test_an_uncalibrated_sensor_is_refused_with_what_to_do(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tui.practise.studio.CALIBRATED_WITHIN_S", 0.3)
    with Foam(tmp_path, NO_CALIBRATION) as device, studio_of(tmp_path, device.url) as studio:
        with pytest.raises(CalibrationError, match="calibrate it first"):
            begun(studio)
        assert studio.training("T-01").attempts == ()


def test_a_sensor_that_says_nothing_is_refused_with_what_to_do(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tui.practise.studio.READY_WITHIN_S", 0.3)
    with Foam(tmp_path, "") as device, studio_of(tmp_path, device.url) as studio:
        device.speaking = False
        with pytest.raises(SilentSensorError):
            begun(studio)


def test_a_target_beyond_the_sensor_or_the_ceiling_is_refused_with_its_figures(tmp_path, simulated) -> None:
    hard = QUICK.replace("100 kPa", "900 kPa")
    beyond = QUICK.replace("100 kPa", "200000 kPa")
    with studio_of(tmp_path, simulated.url, hard=hard, beyond=beyond, quick=QUICK) as studio:
        run = begun(studio)
        studio.keep(run)
        studio.ceiling_kpa = float("inf")
        with pytest.raises(TaskError, match="more than the sensor can measure"):
            studio.task("T-01", "beyond", Purpose.FREE)
        studio.ceiling_kpa = 500.0
        with pytest.raises(TaskError, match=r"above the ceiling.*10\.55 kg/cm².*5\.10 kg/cm²"):
            studio.task("T-01", "hard", Purpose.FREE)
        with pytest.raises(TaskError, match="there is no drill “nothing”"):
            studio.task("T-01", "nothing", Purpose.FREE)


def test_giving_up_before_any_contact_leaves_nothing(tmp_path, simulated) -> None:
    with studio_of(tmp_path, simulated.url) as studio:
        run = begun(studio)
        run.give_up()
        assert run.view().void is Void.GIVEN_UP
        assert studio.keep(run) is None
        assert studio.training("T-01").attempts == ()


def test_giving_up_in_the_middle_is_kept(tmp_path, simulated) -> None:
    with studio_of(tmp_path, simulated.url) as studio:
        run = begun(studio, "long")
        touched(simulated, run)
        run.close()
        record = studio.keep(run)
        assert record is not None
        assert record.void is Void.GIVEN_UP


def test_a_blind_attempt_waits_for_what_the_trainee_thinks_it_was(tmp_path, foam) -> None:
    with studio_of(tmp_path, foam.url) as studio:
        run = begun(studio, mode=FeedbackMode.NONE)
        touched(foam, run)
        seen: list[AttemptView] = []
        foam.press_kpa = 104.0
        until(lambda: seen.append(run.view()) or seen[-1].stage is Stage.ESTIMATE, "never asked")
        assert all(view.hidden and view.shown is None and view.outcome is None for view in seen)
        with pytest.raises(ValueError, match="0 or more"):
            run.estimate(-1.0)
        # What was pressed is in the record already: a program that dies now loses the answer, nothing else.
        until(lambda: studio.training("T-01").attempts, "not written before the answer")
        (before,) = studio.training("T-01").attempts
        assert before.counts
        assert before.estimate_kpa is None
        run.estimate(91.0)
        record = studio.keep(run)
        assert record is not None
        assert record.estimate_kpa == 91.0
        assert studio.training("T-01").attempts == (record,)
        assert record.scores is not None
        assert record.scores[ScoreKey.ESTIMATE].pct == pytest.approx(-13.0, abs=0.3)


def test_a_blind_attempt_without_an_answer_counts_all_the_same(tmp_path, simulated) -> None:
    with studio_of(tmp_path, simulated.url) as studio:
        for answer in (lambda run: run.estimate(None), lambda run: run.give_up(), lambda run: None):
            run = begun(studio, mode=FeedbackMode.NONE)
            touched(simulated, run)
            simulated.press_kpa = 100.0
            reach(run, Stage.ESTIMATE)
            answer(run)
            record = studio.keep(run)
            assert record is not None
            assert record.counts
            assert record.estimate_kpa is None
        assert len(studio.training("T-01").of("quick")) == 3


def test_looking_is_counted_and_lasts_two_seconds(tmp_path, simulated) -> None:
    with studio_of(tmp_path, simulated.url) as studio:
        run = begun(studio, "long", FeedbackMode.ON_DEMAND)
        assert run.look() is False
        touched(simulated, run)
        assert run.view().shown is None
        looks = 0

        def seen() -> bool:
            # Two seconds are short on a clock that runs five times as fast: on a busy computer one looks again.
            nonlocal looks
            looks += run.look()
            return run.view().shown is not None

        until(seen, "shown")
        until(lambda: run.view().shown is None, "shown for ever", 10.0)
        run.give_up()
        record = studio.keep(run)
        assert record is not None
        assert record.looks == looks


def test_what_is_pressed_between_two_attempts_belongs_to_neither(tmp_path, simulated) -> None:
    with studio_of(tmp_path, simulated.url) as studio:
        first = begun(studio)
        touched(simulated, first)
        simulated.press_kpa = 100.0
        reach(first, Stage.ENDED)
        studio.keep(first)
        assert len(first.recorded) > 0
        before = sum(map(len, first.recorded))
        simulated.press_kpa = 0.0
        time.sleep(0.4)
        simulated.press_kpa = 90.0
        time.sleep(0.4)
        second = begun(studio)
        # The screen of the first may still be there and look.
        for _ in range(20):
            first.view()
            time.sleep(0.01)
        assert sum(map(len, first.recorded)) == before
        assert second.view().stage is Stage.WAITING
        touched(simulated, second)
        simulated.press_kpa = 100.0
        reach(second, Stage.ENDED)
        assert studio.keep(second) is not None
        assert len(studio.training("T-01").attempts) == 2


def test_a_watcher_that_fails_is_let_go_and_told(tmp_path, simulated) -> None:
    class Failing:
        closed = 0

        def follow(self, view: AttemptView) -> None:
            raise RuntimeError("no card")

        def close(self) -> None:
            Failing.closed += 1

    with studio_of(tmp_path, simulated.url) as studio:
        run = begun(studio, watchers=[Failing()])
        until(lambda: "failing failed" in run.problem, "not told")
        touched(simulated, run)
        simulated.press_kpa = 100.0
        reach(run, Stage.ENDED)
        assert studio.keep(run) is not None
        assert Failing.closed == 1


def test_attempts_follow_each_other_also_when_the_clock_is_set_back(tmp_path, simulated) -> None:
    at = [datetime.fromisoformat("2026-05-01T10:00:00+02:00")]
    with studio_of(tmp_path, simulated.url, now=lambda: at[0]) as studio:
        for _ in range(2):
            run = begun(studio)
            touched(simulated, run)
            simulated.press_kpa = 100.0
            reach(run, Stage.ENDED)
            studio.keep(run)
            at[0] = datetime.fromisoformat("2026-05-01T09:00:00+02:00")
        one, two = studio.training("T-01").attempts
        assert two.at > one.at
        assert two.at.utcoffset() == one.at.utcoffset()


def test_an_attempt_with_the_simulated_sensor_is_called_so(tmp_path, simulated) -> None:
    with studio_of(tmp_path, simulated.url) as studio:
        assert studio.steered
        assert studio.simulated
        run = begun(studio)
        touched(simulated, run)
        simulated.press_kpa = 100.0
        reach(run, Stage.ENDED)
        record = studio.keep(run)
        assert record is not None
        assert record.counts
        trace = studio.trace(record)
        assert trace is not None
        assert trace.simulated is True


@pytest.mark.parametrize("drill", ["threshold", "release-fearful", "release-robust"])
def test_a_simulated_client_is_within_reach_and_always_the_same(tmp_path, drill: str) -> None:
    with studio_of(tmp_path, SIM) as studio:
        task = studio.task("T-01", drill, Purpose.FREE)
        for number in range(40):
            one, other = (DrillClient(UUID(int=number), task, 900.0) for _ in range(2))
            low, high = one.good_kpa
            assert one.good_kpa == other.good_kpa
            assert 0 < low < high < 900.0
            if drill == "threshold":
                assert low < task.trajectory.highest_kpa
