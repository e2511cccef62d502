"""What follows a session: told at once, told off when it fails, and let go in the end."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from feedback.band import Band
from feedback.band.source import SetBand
from feedback.guidance import Cue
from feedback.session import Session
from feedback.signal import NoticeKind
from feedback.units import KG_PER_CM2
from firmware_bridge import open_sensor, wire
from tests.bridge.pty_device import PtyDevice
from tests.cli.devices import play
from tests.feedback.test_session import Written, place
from tui.live_loop import LiveLoop
from tui.summary import session_json, summary_lines

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals (Linux or macOS)")

RATE_HZ = 80
META = wire.encode_meta(0, {"proto": "1", "counts_per_n": "1000", "zero_counts": "0"})


def sample(i, force_n):
    return (META if i == 0 else b"") + wire.encode_sample(
        i, round(i * 1e6 / RATE_HZ), [round(force_n * 1000)]
    )


def until(condition, what, timeout_s=20.0):
    end_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end_s, f"{what} did not happen"
        time.sleep(0.01)


class Witness:
    def __init__(self):
        self.views, self.threads, self.closed = [], set(), 0

    def follow(self, view):
        self.views.append(view)
        self.threads.add(threading.current_thread())

    def close(self):
        self.closed += 1

    def cues(self):
        """Which cues were seen, each change once."""
        cues = [view.cue for view in self.views]
        return [cue for i, cue in enumerate(cues) if i == 0 or cue is not cues[i - 1]]


class Stumbling(Witness):
    def follow(self, view):
        super().follow(view)
        raise RuntimeError("it stumbled")


class Leaving(Witness):
    def close(self):
        super().close()
        raise OSError("no way out")


@pytest.fixture
def device(tmp_path):
    with PtyDevice(tmp_path / "tty") as device:
        yield device


@pytest.fixture
def loops(device):
    """Makes loops on the device; they are closed in the end."""
    sensor = open_sensor(device.url, dialect="native-binary")
    made = []

    def make(*followers):
        session = Session(place(), Written(), SetBand(Band(150.0, 250.0)), start_s=0.0, ceiling_kpa=300.0)
        made.append(LiveLoop(sensor, session, followers=followers))
        return made[-1]

    yield make
    for loop in made:
        loop.close()
    sensor.close()


def steps(*levels_n, samples=24):
    """Samples at their times: each level for so many."""
    forces_n = [level for level in levels_n for _ in range(samples)]
    return [(i / RATE_HZ, sample(i, force_n)) for i, force_n in enumerate(forces_n)]


def test_a_follower_sees_every_change_of_the_cue_from_one_thread_and_is_let_go(device, loops):
    witness = Witness()
    loop = loops(witness)
    loop.start()
    play(device, steps(0.5, 10.0, 20.0, 27.0, 35.0, 20.0)).join()
    until(lambda: loop.totals.samples == 144, "all samples")
    until(lambda: witness.views[-1].cue is Cue.NO_SIGNAL, "the end of the signal")
    wanted = [Cue.READY, Cue.PRESS, Cue.HOLD, Cue.EASE_OFF, Cue.STOP]
    seen = iter(witness.cues())
    assert all(cue in seen for cue in wanted), witness.cues()
    assert len(witness.threads) == 1
    assert threading.current_thread() not in witness.threads
    loop.close()
    assert witness.closed == 1


def test_the_alarm_reaches_a_follower_although_somebody_else_takes_the_samples(device, loops):
    """A busy screen takes over what the sensor delivers, again and again."""
    witness = Witness()
    loop = loops(witness)
    loop.start()
    playing = play(device, steps(0.5, 20.0, 35.0))
    while playing.is_alive():
        loop.newest_n()
    until(lambda: Cue.STOP in witness.cues(), "the alarm")


def test_a_follower_that_fails_is_told_once_and_the_session_goes_on_without_it(device, loops):
    stumbling, witness = Stumbling(), Witness()
    loop = loops(stumbling, witness)
    loop.start()
    play(device, steps(20.0, 20.0)).join()
    until(lambda: loop.totals.samples == 48, "all samples")
    assert len(stumbling.views) == stumbling.closed == 1
    assert len(witness.views) > 1
    told = [n.text for n in loop.told(0) if n.kind is NoticeKind.MESSAGE]
    assert told == ["the stumbling failed (RuntimeError('it stumbled')): the session goes on without it"]
    assert loop.failure is None


def test_a_follower_that_cannot_be_closed_keeps_nobody_from_closing(device, loops):
    leaving, witness = Leaving(), Witness()
    loop = loops(leaving, witness)
    loop.start()
    loop.close()
    assert (leaving.closed, witness.closed) == (1, 1)


def test_without_samples_a_follower_is_still_shown_the_session(loops):
    witness = Witness()
    loops(witness).start()
    until(lambda: len(witness.views) >= 5, "five views")
    assert witness.views[-1].waiting


def test_the_rate_of_a_session_counts_steps_and_not_samples(device, loops):
    loop = loops()
    play(device, steps(20.0, samples=16)).join()
    until(lambda: loop.poll() or loop.totals.samples == 16, "the samples")
    assert loop.rate_hz == pytest.approx(RATE_HZ, rel=0.04)  # sixteen samples are fifteen steps
    # Then a silence of 1.5 s, which is no step.
    play(device, [(1.5, b"".join(sample(i, 20.0) for i in range(136, 145)))]).join()
    until(lambda: loop.poll() or loop.totals.samples == 25, "nine more")
    assert loop.rate_hz == pytest.approx(RATE_HZ, rel=0.1)


def test_the_rate_of_a_session_outlives_its_signal(device, loops):
    loop = loops()
    play(device, steps(20.0, samples=40)).join()
    until(lambda: loop.poll() or loop.totals.samples == 40, "the samples")
    device.unplug()
    until(lambda: loop.health().rate_hz == 0, "the loss of the signal")
    assert session_json(loop, "id", 0.0)["rate_hz"] == pytest.approx(RATE_HZ, rel=0.04)
    assert any("a second" in line for line in summary_lines(loop, KG_PER_CM2))
    loop.end()
    ((_, figures),) = loop._session._journal.of("end")
    assert figures["rate_hz"] == pytest.approx(RATE_HZ, rel=0.04)
