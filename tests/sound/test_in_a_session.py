"""The installed program with its sound process, in a real terminal."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.terminal import Terminal, run

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc"),
]

ALWAYS_TOO_MUCH = ["live", "--sensor", "sim://upper-trapezius?seed=2", "--client", "K-07", "--ceiling", "0.5"]
ALWAYS_TOO_MUCH += ["--point", "upper trapezius, left"]


def children_of(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, *_ = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(parent) == pid and state not in "ZX":
            found.append(int(stat.parent.name))
    return found


def stops_in(log):
    return log.read_text().count(" stop\n") if log.exists() else 0


def read_until(terminal, condition, what, timeout_s=30.0):
    end_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end_s, f"{what} did not happen; the screen shows\n{terminal.text()}"
        assert terminal.read(0.05), f"the program ended; it said\n{terminal.text()}"


def test_a_session_goes_on_when_its_sound_process_is_killed_and_the_tones_come_back(tmp_path):
    pytest.importorskip("miniaudio")
    log = tmp_path / "tones"
    sound = {"GOODPAIN_SOUND_BACKEND": "null", "GOODPAIN_SOUND_LOG": str(log)}
    with Terminal(*ALWAYS_TOO_MUCH, "--data", tmp_path, **sound) as terminal:
        read_until(terminal, lambda: stops_in(log) >= 2, "the alarm")
        (player,) = children_of(terminal.pid)
        os.kill(player, signal.SIGKILL)
        heard = stops_in(log)
        read_until(terminal, lambda: stops_in(log) >= heard + 2, "the alarm after the restart")
        (another,) = children_of(terminal.pid)
        assert another != player
        # The program is killed as hard: nobody is left to play.
        terminal.signal(signal.SIGKILL)
        end_s = time.monotonic() + 20
        while Path(f"/proc/{another}").exists() and children_state(another) not in "ZX":
            assert time.monotonic() < end_s, "the player lives on"
            time.sleep(0.02)


def children_state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def test_what_a_sound_system_says_never_reaches_the_screen(tmp_path):
    """Without a card the system's sound library writes pages of its own to stderr."""
    pytest.importorskip("miniaudio")
    with Terminal(*ALWAYS_TOO_MUCH, "--data", tmp_path, GOODPAIN_SOUND_BACKEND="alsa") as terminal:
        terminal.wait_for(lambda text: re.search(r"\b0 lost", text) is not None)
        terminal.read(1.0)
        assert b"ALSA" not in terminal.written


def test_the_tones_can_be_heard_by_name_and_a_computer_without_a_card_says_so():
    pytest.importorskip("miniaudio")
    code, out, err = run("sound", "stop", GOODPAIN_SOUND_BACKEND="null")
    assert (code, err) == (0, "")
    assert out.startswith("stop")
    code, out, err = run("sound", GOODPAIN_SOUND_BACKEND="wasapi")
    assert (code, out) == (1, "")
    assert "no sound card" in err
    assert len(err.strip().splitlines()) == 1
