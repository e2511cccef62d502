"""Drills beside presses of real treatment, from the record to the screen."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest

from feedback.band import Band
from feedback.drills import ScoreKey
from feedback.history import SessionStart, open_history
from feedback.points import Point
from feedback.press import PressDetector
from feedback.signal import Calibration, ForceBlock
from tests.practise.at_home import MONDAY, at_home
from tests.practise.past import LIGHT_AT_FIRST, keep_training
from tui.opening import HISTORY_FILE
from tui.practise_presses import treated_by

BAND = (180.0, 220.0)
RATE_HZ = 80


def treat(folder, *, therapist, client, kpa, url="serial:///dev/x", band=BAND, sag_pct=0.0, presses=3):
    """A visit with presses of twelve seconds at a pressure, each on 1 cm²."""
    times_s = 100.0 + np.arange(presses * 20 * RATE_HZ) / RATE_HZ
    into = (times_s - 100.0) % 20.0
    on = (into > 2) & (into < 14)
    pressure = np.where(on, kpa * (1 - sag_pct / 100 * (into - 2) / 60), 0.0)
    block = ForceBlock.of(times_s, pressure / 10.0, np.rint(pressure * 100).astype(np.int32))
    with open_history(folder / HISTORY_FILE, now=lambda: MONDAY) as history:
        start = SessionStart(client, MONDAY, 100.0, "probe", 1.0, sensor_url=url, therapist=therapist)
        journal = history.begin_session(start)
        journal.calibration(Calibration(0.0, 1000.0, "test"), 100.0)
        journal.point(history.point(client, Point("soleus", "left")).id, 100.0)
        if band is not None:
            journal.band(Band(*band), 500.0, 100.0)
        journal.samples(block)
        for press in PressDetector(1.0).feed(block, None):
            journal.press(uuid4(), press)
        journal.end(float(times_s[-1]), {})
        journal.close()


def test_presses_that_are_light_by_a_tenth_and_sag_are_scored_so(tmp_path):
    treat(tmp_path, therapist="M1", client="A17", kpa=180.0, sag_pct=20.0)
    with open_history(tmp_path / HISTORY_FILE) as history:
        found = treated_by(history, "M1")
    assert len(found.scores) == 3
    for scores in found.scores:
        assert scores[ScoreKey.CONSTANT].pct == pytest.approx(-11.8, abs=0.6)
        assert scores[ScoreKey.SAG].pct == pytest.approx(18.0, abs=1.0)


def test_a_clients_code_finds_that_clients_presses_and_a_therapists_comes_first(tmp_path):
    treat(tmp_path, therapist="M1", client="A17", kpa=200.0)
    treat(tmp_path, therapist="A17", client="B02", kpa=240.0, presses=2)
    with open_history(tmp_path / HISTORY_FILE) as history:
        assert len(treated_by(history, "B02").scores) == 2
        assert len(treated_by(history, "A17").scores) == 2  # as a therapist
        assert treated_by(history, "Z9").scores == ()
        assert len(treated_by(history, "M1", most=2).scores) == 2


def test_presses_without_a_band_are_left_out_and_simulated_ones_are_called_so(tmp_path):
    treat(tmp_path, therapist="M1", client="A17", kpa=200.0, band=None)
    treat(tmp_path, therapist="M1", client="A17", kpa=200.0, url="sim://bench")
    with open_history(tmp_path / HISTORY_FILE) as history:
        found = treated_by(history, "M1")
    assert (len(found.scores), found.left_out, found.simulated) == (3, 3, 3)


async def test_the_screen_sets_drills_beside_presses_and_asks_for_another_code(tmp_path):
    keep_training(tmp_path, "T-01", LIGHT_AT_FIRST, MONDAY, (0,))
    treat(tmp_path, therapist="M1", client="A17", kpa=210.0, url="sim://bench")
    async with at_home(tmp_path, now=MONDAY + timedelta(hours=2)) as here:
        await here.press("p", "r")
        await here.until_text("No presses of T-01 that could be scored")
        await here.press("w")
        await here.until_text("Whose presses?")
        await here.press(*["backspace"] * 4, *"M1", "enter")
        await here.until_text(
            "in treatment 5 % off", "real presses", "+5 %", "3 presses on a simulated sensor"
        )
        assert "drills" in here.text()
