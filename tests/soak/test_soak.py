"""The soak and the load in small: seconds instead of hours, the same demands but those that need hours."""

from __future__ import annotations

import sys

import pytest

from tests.soak.fast import soak
from tests.soak.load import load
from tests.soak.screens import practise, review

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc, needs ptys")


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_minutes_of_device_time_are_recorded_to_the_last_sample_each_at_its_time(tmp_path):
    run = soak(tmp_path / "soak", [100.0, 60.0], replug_every_s=40.0)
    assert run.failures == []
    assert run.account.well, run.account
    assert run.account.sent == 160 * 80
    assert run.replugs == 3
    assert run.presses == 8
    assert run.reports == 8
    assert run.errors.worst_s < 0.002
    assert run.uses.fd_growth == 0


def test_samples_lost_on_the_way_are_known_to_be_lost_just_there(tmp_path):
    run = soak(tmp_path / "soak", [40.0], lose_one_in=50, spoil_one_in=50)
    assert run.account.known > 60
    assert run.account.well, run.account
    assert run.failures == []


def test_many_sensors_in_one_program_lose_nothing(tmp_path):
    loaded = load(tmp_path / "load", [80.0, 80.0, 80.0, 1000.0], 1.5)
    assert loaded.due == 1.5 * 1240
    assert loaded.recorded == loaded.due, loaded
    assert loaded.problems == ()


def test_a_review_goes_from_press_to_press_and_opens_no_more_files(tmp_path):
    run = review(tmp_path / "review", 4, clients=2)
    assert run.failure == ""
    assert len(run.uses.all) == 2
    assert run.uses.fd_growth == 0


def test_practice_goes_from_attempt_to_attempt_and_opens_no_more_files(tmp_path):
    run = practise(tmp_path / "practise", 2)
    assert run.failure == ""
    assert len(run.uses.all) == 2
    assert run.uses.fd_growth == 0
