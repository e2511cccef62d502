"""The way through a calibration: samples and “ready” in, points out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from feedback.signal import ForceBlock, Quality
from firmware_bridge.diagnosis import diagnose, noise_of
from firmware_bridge.errors import CalibrationError
from firmware_bridge.loads import Load, local_gravity, parse_load, parse_loads
from firmware_bridge.procedure import Procedure, StepKind

LOADS = parse_loads("0,1kg,2kg,1kg,0")
PER_N = 20000.0
RATE_HZ = 80


class Cell:
    """Gives a procedure what a cell would send, and knows the time."""

    def __init__(self, procedure: Procedure, *, per_n: float = PER_N, noise: float = 30.0) -> None:
        self.procedure = procedure
        self.now_s = 100.0
        self._per_n = per_n
        self._noise = noise
        self._chance = np.random.default_rng(4)

    def feel(self, force_n: float, seconds: float, *, quality: int = 0, wobble_n: float = 0.0) -> None:
        for _ in range(round(seconds * 10)):
            time_s = self.now_s + np.arange(8) / RATE_HZ
            self.now_s += 0.1
            moving = wobble_n * np.sin(time_s * 20)
            exact = 5000 + self._per_n * (force_n + moving) + self._noise * self._chance.standard_normal(8)
            self.procedure.feed(ForceBlock.of(time_s, np.full(8, np.nan), np.rint(exact), quality))

    def press(self, force_n: float) -> None:
        """Load, say ready, and wait."""
        self.feel(force_n, 1.0)
        self.procedure.proceed()
        self.feel(force_n, 4.0)

    def begin(self) -> None:
        """Through the diagnosis and the warm-up."""
        self.feel(0.0, 4.0)
        self.feel(30.0, 1.0)
        self.feel(0.0, 6.0)
        self.procedure.proceed()


def guided(**options: float) -> Cell:
    cell = Cell(Procedure(LOADS, **options))
    cell.begin()
    assert cell.procedure.now.step.kind is StepKind.LOAD
    return cell


@pytest.mark.parametrize("per_n", [PER_N, -PER_N])
def test_a_guided_calibration_measures_every_load(per_n: float) -> None:
    procedure = Procedure(LOADS)
    cell = Cell(procedure, per_n=per_n)
    cell.begin()
    for load in LOADS:
        cell.press(load.force_n)
    assert procedure.now.step.kind is StepKind.CREEP
    cell.feel(LOADS[2].force_n, 2.0)
    procedure.proceed()
    cell.feel(LOADS[2].force_n, 61.0)
    assert procedure.done
    assert [point.load for point in procedure.points] == ["0", "1 kg", "2 kg", "1 kg", "0"]
    for point, load in zip(procedure.points, LOADS, strict=True):
        assert point.counts == pytest.approx(5000 + per_n * load.force_n, abs=15)
        assert point.sd_counts == pytest.approx(30, rel=0.3)
    assert procedure.trace is not None
    assert procedure.trace.time_s[-1] - procedure.trace.time_s[0] == pytest.approx(60, abs=0.2)


def test_the_diagnosis_tells_rate_noise_values_and_range() -> None:
    found = guided().procedure.diagnosis
    assert found is not None
    assert found.rate_hz == pytest.approx(80, rel=0.01)
    assert found.noise_counts == pytest.approx(30, rel=0.2)
    assert found.saturated == 0
    assert found.range_counts == pytest.approx(600_000, rel=0.01)
    assert found.pressed
    assert found.problem == ""


def test_a_diagnosis_with_saturated_samples_does_not_go_on_until_it_is_repeated() -> None:
    procedure = Procedure(LOADS)
    cell = Cell(procedure)
    cell.feel(0.0, 5.0)
    cell.feel(300.0, 1.0, quality=int(Quality.SATURATED))
    cell.feel(0.0, 6.0)
    assert procedure.now.step.kind is StepKind.DIAGNOSE
    assert "limit" in procedure.now.problem
    procedure.proceed()
    cell.feel(0.0, 11.0)
    assert procedure.now.step.kind is StepKind.WARM_UP


def test_one_value_only_means_the_wiring() -> None:
    procedure = Procedure(LOADS)
    Cell(procedure, noise=0.0).feel(0.0, 11.0)
    assert procedure.now.step.kind is StepKind.DIAGNOSE
    assert "wiring" in procedure.now.problem


def test_a_load_that_moves_is_not_taken() -> None:
    cell = guided()
    cell.press(0.0)
    cell.feel(9.8, 1.0, wobble_n=2.0)
    cell.procedure.proceed()
    cell.feel(9.8, 4.0, wobble_n=2.0)
    assert "moves" in cell.procedure.now.problem
    assert len(cell.procedure.points) == 1
    cell.press(9.8)
    assert len(cell.procedure.points) == 2


def test_a_load_that_is_not_there_or_goes_the_wrong_way_is_not_taken() -> None:
    cell = guided()
    cell.press(0.0)
    cell.press(0.0)
    assert "did not change" in cell.procedure.now.problem
    cell.press(9.8)
    cell.press(4.0)
    assert "wrong way" in cell.procedure.now.problem
    assert len(cell.procedure.points) == 2


def test_back_measures_the_last_load_again() -> None:
    cell = guided()
    cell.press(0.0)
    cell.press(12.0)
    cell.procedure.back()
    assert cell.procedure.now.step.title == "1 kg"
    cell.press(9.8)
    assert [round(point.counts / 1000) for point in cell.procedure.points] == [5, 201]


def test_the_creep_test_can_be_skipped_and_needs_its_load() -> None:
    cell = guided()
    for load in LOADS:
        cell.press(load.force_n)
    cell.procedure.proceed()
    cell.feel(0.0, 2.0)
    assert "not 2 kg" in cell.procedure.now.problem
    cell.procedure.skip()
    assert cell.procedure.done
    assert cell.procedure.trace is None


def automatic(cell: Cell, forces: Sequence[float], each_s: float = 6.0) -> None:
    for force_n in forces:
        cell.feel(force_n, each_s)


def test_by_itself_each_load_is_taken_once_it_rests() -> None:
    procedure = Procedure(LOADS, auto=True)
    cell = Cell(procedure)
    cell.feel(0.0, 5.0)
    cell.feel(25.0, 1.0)
    automatic(cell, (0, 9.80665, 19.6133, 9.80665, 0))
    automatic(cell, (19.6133,), 64.0)
    assert procedure.done
    assert procedure.trace is not None
    assert [round((p.counts - 5000) / PER_N, 2) for p in procedure.points] == [0, 9.81, 19.61, 9.81, 0]


def test_by_itself_it_begins_anew_in_the_middle_of_the_masses() -> None:
    procedure = Procedure(parse_loads("0,20N,40N,0"), auto=True, creep_s=0)
    cell = Cell(procedure)
    automatic(cell, (0, 20, 40, 0, 20, 40, 0), 5.0)
    assert procedure.done
    assert [round((p.counts - 5000) / PER_N, 1) for p in procedure.points] == [0, 20, 40, 0]


def test_by_itself_it_does_not_wait_for_ever() -> None:
    procedure = Procedure(LOADS, auto=True)
    Cell(procedure).feel(0.0, 140.0)
    assert "no further load" in procedure.failed


@pytest.mark.parametrize("wait_s", [15.0, 60.0])
def test_by_itself_it_gives_up_on_a_load_that_does_not_come_to_rest(wait_s: float) -> None:
    procedure = Procedure(LOADS, auto=True, wait_s=wait_s)
    cell = Cell(procedure)
    automatic(cell, (0,), 11.0)
    cell.feel(LOADS[1].force_n, wait_s - 5, wobble_n=3.0)
    assert procedure.failed == ""
    cell.feel(LOADS[1].force_n, 15.0, wobble_n=3.0)
    assert f"did not come to rest within {wait_s:.0f} s (1 kg was asked for)" in procedure.failed


def test_by_itself_it_does_not_begin_anew_for_ever() -> None:
    procedure = Procedure(parse_loads("0,20N,40N,0"), auto=True, creep_s=0)
    cell = Cell(procedure)
    automatic(cell, (0, 30, 10) * 8, 5.0)
    assert "another order" in procedure.failed


def test_a_creep_test_that_is_broken_off_is_left_out_by_itself() -> None:
    procedure = Procedure(LOADS, auto=True)
    cell = Cell(procedure)
    cell.feel(0.0, 11.0)
    automatic(cell, (0, 9.80665, 19.6133, 9.80665, 0))
    automatic(cell, (19.6133, 0.0), 20.0)
    assert procedure.done
    assert procedure.trace is None


@pytest.mark.parametrize(
    ("text", "force_n"),
    [
        ("0", 0.0),
        ("2kg", 19.6133),
        ("2.0 kg", 19.6133),
        ("500 g", 4.903325),
        ("1,5kg", 14.709975),
        ("20N", 20.0),
        ("1 lb", 4.4482216),
        ("0 kg", 0.0),
    ],
)
def test_loads_are_read_as_people_write_them(text: str, force_n: float) -> None:
    assert parse_load(text).force_n == pytest.approx(force_n)


@pytest.mark.parametrize("text", ["", "2", "kg", "2 stone", "-1kg", "1e3kg", "nan N", "5000kg"])
def test_what_is_no_load_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(CalibrationError):
        parse_load(text)


@pytest.mark.parametrize("text", ["1kg,2kg", "0", "0,1kg,0", "0,1kg,1kg,2kg", ""])
def test_loads_that_make_no_calibration_are_refused(text: str) -> None:
    with pytest.raises(CalibrationError):
        parse_loads(text)


def test_gravity_is_of_this_planet() -> None:
    assert local_gravity(None) == 9.80665
    assert local_gravity(9.81) == 9.81
    with pytest.raises(CalibrationError):
        local_gravity(1.62)


def test_noise_is_seen_through_what_moves_slowly() -> None:
    chance = np.random.default_rng(1)
    counts = 1e5 * np.sin(np.arange(800) / 100) + 40 * chance.standard_normal(800)
    assert noise_of(counts) == pytest.approx(40, rel=0.2)
    assert noise_of(np.full(100, 7.0)) == 0
    assert diagnose(np.empty(0), np.empty(0), 0).problem


def test_a_time_that_cannot_be_is_refused() -> None:
    with pytest.raises(CalibrationError):
        Procedure((Load(0, "0", False),), hold_s=0)


def test_a_load_is_not_measured_over_a_silence() -> None:
    cell = guided()
    cell.feel(0.0, 1.0)
    cell.procedure.proceed()
    cell.feel(0.0, 1.0)
    cell.now_s += 5.0
    cell.feel(0.0, 0.1)
    now = cell.procedure.now
    assert not now.measuring
    assert "silent" in now.problem
    assert cell.procedure.points == []
    cell.press(0.0)
    assert [point.samples for point in cell.procedure.points] == [pytest.approx(3 * RATE_HZ, abs=8)]


def test_a_load_taken_by_itself_is_measured_for_all_of_its_time_after_a_silence() -> None:
    procedure = Procedure(LOADS, auto=True)
    cell = Cell(procedure)
    cell.begin()
    while not procedure.points:
        cell.feel(0.0, 0.1)
    cell.feel(LOADS[1].force_n, 1.0)
    cell.now_s += 5.0
    cell.feel(LOADS[1].force_n, 5.0)
    assert [point.samples for point in procedure.points] == pytest.approx([3 * RATE_HZ] * 2, abs=8)
