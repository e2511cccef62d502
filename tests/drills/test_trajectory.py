"""The target over time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.drills import Difficulty, FeedbackMode, Piece, Trajectory, task_of
from feedback.drills.library import shipped_drills

DRILLS = sorted(shipped_drills().values(), key=lambda d: d.name)
tasks = st.builds(
    lambda drill, area, number, duration, feedback: task_of(
        drill,
        tip_area_cm2=area,
        number=number,
        difficulty=Difficulty(duration=duration),
        feedback=feedback,
    ),
    st.sampled_from(DRILLS),
    st.floats(0.3, 5.0),
    st.integers(0, 50),
    st.floats(0.5, 2.0),
    st.sampled_from(FeedbackMode),
)


@given(tasks, st.lists(st.floats(-5, 200), min_size=1, max_size=20))
def test_the_target_stays_within_its_bounds_and_its_tolerance_around_it(task, seconds):
    line = task.trajectory
    value, tolerance = line.value_kpa(seconds), line.tolerance_kpa(seconds)
    assert np.all(value >= 0)
    assert np.all(value <= line.highest_kpa * (1 + 1e-9))
    assert np.all(tolerance >= line.tolerance_share * value * (1 - 1e-9))
    assert np.all(value + tolerance <= line.top_kpa * (1 + 1e-9))
    assert not np.any(line.scored(seconds) & ((np.array(seconds) < 0) | (np.array(seconds) > line.end_s)))


@given(tasks)
def test_the_target_never_jumps_while_the_tip_is_on(task):
    line = task.trajectory
    for before, after in zip(line.pieces, line.pieces[1:], strict=False):
        assert before.end_s == after.start_s
        if not (before.off or after.off):
            ends = before.value_kpa(np.array(before.end_s)), after.value_kpa(np.array(after.start_s))
            assert ends[0] == pytest.approx(float(ends[1]), rel=1e-6, abs=1e-6)


@given(tasks, st.floats(0.02, 0.5))
def test_another_tolerance_leaves_the_target_as_it_is(task, share):
    line = task.trajectory
    at = np.linspace(0, line.end_s, 50)
    assert np.array_equal(line.within(share).value_kpa(at), line.value_kpa(at))
    assert line.within(share).tolerance_kpa(at) == pytest.approx(share * line.scale_kpa(at))


@given(st.floats(0.3, 5.0), st.floats(0.3, 5.0))
def test_a_target_in_newtons_is_the_same_force_under_any_tip(one, other):
    drill = shipped_drills()["ramp-5-n"]
    forces = [
        task_of(drill, tip_area_cm2=area).trajectory.value_kpa(2.5) * area / 10 for area in (one, other)
    ]
    assert forces[0] == pytest.approx(forces[1])
    assert forces[0] == pytest.approx(12.5)


def test_a_wave_goes_up_first_and_a_trapezoid_holds_its_top():
    wave = task_of(shipped_drills()["sine"], tip_area_cm2=1.0).trajectory
    kg = 98.0665
    assert wave.value_kpa([4.0, 6.0, 10.0]) == pytest.approx([1.5 * kg, 2.0 * kg, 1.0 * kg])
    steps = task_of(shipped_drills()["trapezoids"], tip_area_cm2=1.0).trajectory
    assert steps.value_kpa([3.0, 6.0, 11.0, 14.0, 20.0]) == pytest.approx(
        [0.6 * kg, 2.0 * kg, 2.0 * kg, 0.6 * kg, 2.0 * kg]
    )


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (Piece(1.0, 2.0, 1, 1, scored=True, do=""),),
        (Piece(0.0, 2.0, 1, 1, scored=True, do=""), Piece(3.0, 4.0, 1, 1, scored=True, do="")),
        (Piece(0.0, 0.0, 1, 1, scored=True, do=""),),
        (Piece(0.0, 2.0, -1, 1, scored=True, do=""),),
    ],
)
def test_pieces_with_holes_are_no_trajectory(pieces):
    with pytest.raises(ValueError):
        Trajectory(pieces, 0.1)
