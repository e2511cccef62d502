"""The screens of an attempt, driven by keys in the real app."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from feedback.drills import FeedbackMode, Purpose, Stage, Void, task_of
from feedback.units import KG_PER_CM2
from sim.steering import Steering
from tests.practise.rooms import QUICK, Room, drill_of, turn_of
from tests.practise.stepped import Floats, SteppedSensor
from tui.drill_lines import drawn_trace, lines_of_task
from tui.drill_picture import DrillPicture
from tui.raster import Glyphs, Kind
from tui.scale import pressure_axis
from tui.screens.practise.attempt import AttemptScreen
from tui.screens.practise.block import KeptScreen
from tui.screens.practise.estimate import EstimateScreen
from tui.screens.practise.result import ResultScreen
from tui.screens.practise.steer import COARSE_N, FINE_N, TOUCH_N, SteeredHand
from tui.widgets.word_panel import WordPanel

ASKED_N = 19.6
"""2.0 kg/cm² under 1 cm²."""


def hand(pressed_n: float, end_s: float = 9.0) -> SteppedSensor:
    """On the skin from 0.5 s, at its force from 2 s, off at the end."""

    def force_n(time_s: Floats) -> Floats:
        pressed = 3.0 + (pressed_n - 3.0) * np.clip((time_s - 1.6) / 0.4, 0.0, 1.0)
        return np.where((time_s < 0.5) | (time_s > end_s), 0.0, pressed)

    sensor = SteppedSensor(force_n)
    sensor.advance(0.1)
    return sensor


def screen_of(room: Room) -> AttemptScreen:
    screen = room.app.screen
    assert isinstance(screen, AttemptScreen)
    return screen


def word(room: Room) -> str:
    return screen_of(room).query_one(WordPanel).plain


async def until_screen(room: Room, kind: type) -> None:
    await room.until(lambda: isinstance(room.app.screen, kind), kind.__name__)
    await room.settled()


def test_an_attempt_with_the_screen_says_what_to_do_and_shows_the_pressure_and_ends_in_its_result(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        async with turn_of(tmp_path, sensor=hand(ASKED_N)) as room:
            await room.until_text("lightly")
            await room.at(0.4)
            assert word(room) == "touch"
            await room.at(1.0)
            assert word(room) == "get set"
            await room.at(1.7)
            assert word(room) == "▼ press"
            await room.at(3.5)
            assert word(room) == "● hold"
            assert "kg/cm², 2.00 asked" in room.text()
            assert "Inside 100 %" in room.text()
            sensor = room.sensor
            assert sensor is not None
            sensor.advance(4.4)
            await until_screen(room, ResultScreen)
            text = room.text()
            assert "Inside: on the target on the whole" in text
            assert "light or heavy" in text
            assert "how far you press too heavy (+) or too light (-) on the whole" in text
            await room.press("space")
            await room.until(lambda: room.kept is not None, "the end of the turn")
        (record,) = room.kept or []
        assert record.inside is True
        assert record.purpose is Purpose.PRACTICE

    asyncio.run(go())


def test_the_result_is_held_against_the_own_earlier_attempts_and_gives_one_sentence_of_advice(
    tmp_path: Path,
) -> None:
    async def go() -> None:
        sensor = SteppedSensor(lambda t: 0 * t)

        def force_n(time_s: Floats) -> Floats:
            turn, t = np.divmod(time_s, 6.0)
            pressed = ASKED_N * (0.80 + 0.04 * turn)
            pressed = 3.0 + (pressed - 3.0) * np.clip((t - 1.6) / 0.4, 0.0, 1.0)
            return np.where((t < 0.5) | (t > 5.0), 0.0, pressed)

        sensor._force_n = force_n
        sensor.advance(0.1)
        async with turn_of(tmp_path, sensor=sensor, of=4, size=(140, 45)) as room:
            for attempt in range(4):
                await room.until_text("lightly")
                sensor.advance(6.0 * attempt + 0.4)
                await room.until(lambda: word(room) == "touch", "ready")
                for moment in (1.0, 2.0, 3.0, 4.5):
                    sensor.advance(6.0 * attempt + moment)
                    await asyncio.sleep(0.02)
                await until_screen(room, ResultScreen)
                if attempt == 0:
                    assert "your first with the screen" in room.text()
                if attempt < 3:
                    sensor.advance(6.0 * attempt + 6.1)
                    await room.press("space")
            text = room.text()
            assert "Within ±8 %; your last 3 with the screen: ±16 %, the best ±12 %." in text
            assert "You press 14 % light with the screen" in text
            row = next(row for row in room.rows() if row.strip().startswith("light or heavy"))
            assert "−0.16 kg/cm²" in row
            assert "−1.6 N" in row
            assert "−8 %" in row
            assert "−16 %" in row

    asyncio.run(go())


def test_a_blind_attempt_asks_what_it_was_before_it_shows_anything(tmp_path: Path) -> None:
    async def go() -> None:
        async with turn_of(tmp_path, feedback=FeedbackMode.NONE, sensor=hand(15.0)) as room:
            await room.until_text("lightly")
            for at_s in (1.0, 2.5, 4.4):
                await room.at(at_s)
            await until_screen(room, EstimateScreen)
            assert "What do you think your pressure was?" in room.text()
            await room.press("enter")
            await room.until_text("Say a number first")
            await room.press("pageup", "pageup", "pageup", "up", "enter")
            await until_screen(room, ResultScreen)
            assert "your guess was 1 % above" in room.text() or "your guess was 1 % below" in room.text()
            await room.press("space")
            await room.until(lambda: room.kept is not None, "the end")
        (record,) = room.kept or []
        assert record.estimate_kpa == pytest.approx(1.55 * 98.0665)

    asyncio.run(go())


def test_no_idea_is_an_answer_too(tmp_path: Path) -> None:
    async def go() -> None:
        async with turn_of(tmp_path, feedback=FeedbackMode.NONE, sensor=hand(15.0)) as room:
            await room.until_text("lightly")
            for at_s in (1.0, 2.5, 4.4):
                await room.at(at_s)
            await until_screen(room, EstimateScreen)
            await room.press("n")
            await until_screen(room, ResultScreen)
            await room.press("escape")
            await room.until(lambda: room.kept is not None, "the end")
        (record,) = room.kept or []
        assert record.estimate_kpa is None
        assert record.counts

    asyncio.run(go())


def test_a_look_shows_the_pressure_for_two_seconds_and_is_counted(tmp_path: Path) -> None:
    slow = QUICK.replace("hold_s = 1.5", "hold_s = 6")

    async def go() -> None:
        async with turn_of(tmp_path, feedback=FeedbackMode.ON_DEMAND, drill=slow, sensor=hand(15.0)) as room:
            await room.until_text("lightly")
            await room.at(1.0)
            await room.at(3.0)
            assert "Space or Enter shows your pressure" in room.text()
            assert word(room) == "hold"
            await room.press("space")
            await room.at(3.5)
            assert word(room) == "▼ press"
            await room.at(4.9)
            assert word(room) == "▼ press"
            await room.at(5.2)
            assert word(room) == "hold"
            assert "Looked once." in room.text()
            await room.press("escape")
            await until_screen(room, ResultScreen)
            await room.press("escape")
            await room.until(lambda: room.kept is not None, "the end")
        (record,) = room.kept or []
        assert record.looks == 1
        assert record.void is Void.GIVEN_UP

    asyncio.run(go())


@pytest.mark.parametrize("purpose", [Purpose.PRACTICE, Purpose.TEST])
def test_a_sensor_that_is_unplugged_makes_the_attempt_void_which_is_said_kept_and_offered_again(
    tmp_path: Path, purpose: Purpose
) -> None:
    async def go() -> None:
        async with turn_of(tmp_path, purpose=purpose, of=5, sensor=hand(ASKED_N)) as room:
            await room.until_text("lightly")
            for at_s in (1.0, 2.5):
                await room.at(at_s)
            assert room.sensor is not None
            room.sensor.unplug()
            await until_screen(room, KeptScreen if purpose is Purpose.TEST else ResultScreen)
            text = " ".join(room.text().split())
            assert "The sensor fell silent, so this attempt does not count" in text
            assert "It is kept all the same." in text
            assert "the same again" in text
            await room.press("escape")
            await room.until(lambda: room.kept is not None, "the end")
            (record,) = room.kept or []
            assert record.void is Void.SIGNAL
            kept = room.studio.training("T-01").attempts  # type: ignore[attr-defined]
            assert [a.void for a in kept] == [Void.SIGNAL]

    asyncio.run(go())


def test_leaving_before_the_first_touch_keeps_nothing(tmp_path: Path) -> None:
    async def go() -> None:
        async with turn_of(tmp_path, sensor=hand(ASKED_N)) as room:
            await room.until_text("lightly")
            await room.press("escape")
            await room.until(lambda: room.kept is not None, "the end")
            assert room.kept == []

    asyncio.run(go())


def test_with_no_sensor_the_keys_move_a_simulated_hand_through_a_whole_attempt(tmp_path: Path) -> None:
    def steady(studio: object) -> SteeredHand:
        return SteeredHand(Steering(studio.sensor_url), np.random.default_rng(1))  # type: ignore[attr-defined]

    async def go() -> None:
        url = "sim://upper-trapezius?hand=steered&seed=3&speed=2"
        async with turn_of(tmp_path, url=url, hand=steady) as room:
            await room.until_text("lightly")
            assert "Simulated hand" in room.text()
            await room.press("up")
            await room.until(lambda: screen_of(room).view.stage is Stage.RUNNING, "the go")
            await room.press(*["pageup"] * 8)
            await until_screen(room, ResultScreen)
            assert "(simulated sensor)" in room.text()
            await room.press("space")
            await room.until(lambda: room.kept is not None, "the end")
        (record,) = room.kept or []
        assert record.counts
        assert record.scores is not None
        assert record.scores.mean_kpa is not None
        assert record.scores.mean_kpa > 100

    asyncio.run(go())


def test_a_stroke_touches_first_then_moves_by_more_or_less_and_never_by_a_known_amount() -> None:
    steering = Steering("sim://upper-trapezius?hand=steered&seed=9071")
    hands = SteeredHand(steering, np.random.default_rng(2))
    tops: list[float] = []
    for _ in range(30):
        hands.renew()
        assert steering.aimed_n == 0
        hands.stroke("down")
        assert steering.aimed_n == 0
        hands.stroke("up")
        assert steering.aimed_n == TOUCH_N
        for _ in range(8):
            hands.stroke("far_up")
        before_n = steering.aimed_n
        hands.stroke("up")
        tops.append(steering.aimed_n)
        assert 0 < steering.aimed_n - before_n < 4 * FINE_N
    assert np.mean(tops) == pytest.approx(TOUCH_N + 8 * COARSE_N + FINE_N, rel=0.15)
    assert np.std(tops) / np.mean(tops) > 0.08
    hands.let_go()
    assert steering.aimed_n == 0


def picture(glyphs: Glyphs = Glyphs.BRAILLE, text: str = QUICK) -> DrillPicture:
    task = task_of(drill_of(text), tip_area_cm2=1.0)
    shown = DrillPicture(pressure_axis(KG_PER_CM2, floor_kpa=100.0), glyphs=glyphs)
    shown.set_lines(lines_of_task(task))
    return shown


@pytest.mark.parametrize("glyphs", list(Glyphs))
def test_the_chart_shows_the_target_in_its_tolerance_and_the_trace_where_it_was_pressed(
    glyphs: Glyphs,
) -> None:
    shown = picture(glyphs)
    before = shown.draw(67, 14, 1.5)
    held = before.upper | before.lower
    assert held[:, 7:].any(axis=0)[-20:].all()
    assert not held[:, 7:20].any()  # the way there has no tolerance
    rows = np.flatnonzero(held[:, -1])
    target_row = np.flatnonzero(before.kinds[:13, -1] == Kind.TARGET)
    assert rows.min() <= target_row.min() <= target_row.max() <= rows.max()
    times = np.arange(0.0, 2.0, 0.03)
    shown.append(times, np.full(len(times), 100.0))
    after = shown.draw(67, 14, 2.0)
    traced = np.flatnonzero((after.kinds == Kind.TRACE).any(axis=0))
    # 2.0 of 2.5 s in 60 cells.
    assert traced.min() == 7
    assert abs(traced.max() - (7 + 48)) <= 1
    low = np.flatnonzero(after.kinds[:, 30] == Kind.TRACE)
    assert low.min() > rows.max()


def test_nothing_is_drawn_of_a_target_that_is_not_told() -> None:
    text = QUICK.replace('kind = "find"', 'kind = "reproduce"')
    task = task_of(drill_of(text), tip_area_cm2=1.0, feedback=FeedbackMode.NONE)
    shown = DrillPicture(pressure_axis(KG_PER_CM2))
    shown.set_lines(lines_of_task(task))
    frame = shown.draw(80, 14, 1.0)
    assert not (frame.upper | frame.lower).any()
    assert not (frame.kinds == Kind.TARGET).any()


def test_an_attempt_from_the_record_is_drawn_as_it_was(tmp_path: Path) -> None:
    async def go() -> None:
        async with turn_of(tmp_path, sensor=hand(15.0)) as room:
            await room.until_text("lightly")
            for at_s in (1.0, 2.0, 3.0, 4.4):
                await room.at(at_s)
            await until_screen(room, ResultScreen)
            await room.press("space")
            await room.until(lambda: room.kept is not None, "the end")
            (record,) = room.kept or []
            trace = room.studio.trace(record)  # type: ignore[attr-defined]
        assert trace is not None
        drawn = drawn_trace(trace)
        assert drawn.lines is not None
        target, lower, upper = drawn.lines.at([2.0])
        assert target[0] == pytest.approx(196.1, abs=0.2)
        assert (upper - lower)[0] == pytest.approx(2 * 0.15 * 196.1 * record.tolerance_share / 0.15, abs=1)
        held = drawn.pressure_kpa[(drawn.time_s > 1.2) & (drawn.time_s < 2.4)]
        assert held == pytest.approx(np.full(len(held), 150.0), abs=1)

    asyncio.run(go())
