"""What a mirror is told of a session."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from feedback.comfort import ReportKind
from feedback.guidance import Cue
from tests.mirror.views import pressed
from tui.mirror.snapshot import SnapshotError, from_bytes, snapshot_of, to_bytes


def test_a_snapshot_holds_the_pressure_the_band_and_what_was_said_and_when():
    now = snapshot_of(pressed(said=(ReportKind.RATING, 6)))
    assert now.pressure_kpa == pytest.approx(200, abs=5)
    assert (now.cue, now.lower_kpa, now.upper_kpa, now.ceiling_kpa) == (Cue.HOLD, 150, 250, 350)
    assert (now.said, now.rating) == ("6/10", 6)
    assert now.said_ago_s == pytest.approx(1.0, abs=0.1)
    assert (now.client_code, now.point, now.region) == (
        "K-07",
        "upper trapezius, left, 1",
        "upper trapezius, left",
    )


def test_a_word_after_a_rating_leaves_the_rating_on_the_scale():
    now = snapshot_of(pressed(said=(ReportKind.TOO_MUCH, None)))
    assert (now.said, now.rating, now.rating_ago_s) == ("too much", None, None)


def test_nothing_is_measured_in_the_snapshot_of_a_silent_sensor():
    now = snapshot_of(pressed(after_s=1.0))
    assert not now.live
    assert (now.pressure_kpa, now.press_s, now.hold_s) == (None, None, None)
    assert now.cue is Cue.NO_SIGNAL


def test_the_ceiling_is_an_alarm():
    now = snapshot_of(pressed(level_n=40.0))
    assert now.alarm
    assert now.cue is Cue.STOP


@pytest.mark.parametrize("level_n", [5.0, 20.0, 40.0])
def test_bytes_and_back_are_the_same_snapshot(level_n: float):
    now = snapshot_of(pressed(level_n, said=(ReportKind.RATING, 3)))
    assert from_bytes(to_bytes(now)) == now
    assert len(to_bytes(now)) < 2000


def test_words_of_any_length_fit():
    view = pressed()
    view = replace(
        view, suspect="x" * 10**6, prompt="ä" * 10**6, place=replace(view.place, client_code="K" * 10**6)
    )
    assert len(to_bytes(snapshot_of(view))) < 4000


@pytest.mark.parametrize(
    "change",
    [{"format": 2}, {"cue": "fly"}, {"more": 1}, {"pressure_kpa": ...}, {"coach": {"phase": "hold"}}],
)
def test_another_version_is_told_and_not_guessed(change: dict):
    values = json.loads(to_bytes(snapshot_of(pressed())))
    for key, value in change.items():
        if value is ...:
            del values[key]
        else:
            values[key] = value
    with pytest.raises(SnapshotError, match="another version"):
        from_bytes(json.dumps(values).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"7", b"{}", b"\xff\xfe", b"null"])
def test_bytes_that_are_no_snapshot_are_refused(data: bytes):
    with pytest.raises(SnapshotError):
        from_bytes(data)
