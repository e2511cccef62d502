"""The playing process: real processes, a card that plays to nowhere, and none at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.guidance import Cue
from feedback.tones import Tone
from tests.sound.views import ALARM, view
from tui.settings import Settings, SettingsError, load_settings
from tui.sound import Sound
from tui.sound.child import CARD_GONE, ENDED, NO_CARD, NO_LIBRARY, PLAYER, Child, player_command
from tui.sound.player import order_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and process groups as on POSIX")

ANY_CARD = {"GOODPAIN_SOUND_BACKEND": ""}
NO_SUCH_CARD = {"GOODPAIN_SOUND_BACKEND": "wasapi"}
"""A backend that is not on this system: what a computer without a sound card says."""


def until(condition, what, timeout_s=20.0):
    end_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end_s, f"{what} did not happen"
        time.sleep(0.01)


def gone(pid):
    """It has ended, whether or not anybody has asked for its exit code."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False
    return stat.rpartition(")")[2].split()[0] in "ZX"


def tones_in(log):
    return [line.split()[-1] for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def log(tmp_path):
    return tmp_path / "tones"


@pytest.fixture
def card(log):
    """The environment of a computer with a sound card, which nobody hears."""
    pytest.importorskip("miniaudio")
    return {"GOODPAIN_SOUND_BACKEND": "null", "GOODPAIN_SOUND_LOG": str(log)}


@pytest.fixture
def sounds():
    """Makes sounds that are closed in the end."""
    made = []

    def make(child, **settings):
        made.append(Sound(output=child, **settings))
        return made[-1]

    yield make
    for sound in made:
        sound.close()


def test_tones_reach_the_playing_process_with_their_volume(card, log, sounds):
    child = Child(environment=card)
    sound = sounds(child, volume=0.3)
    until(lambda: child.ready, "a ready player")
    assert sound.state == "sound on 30 %"
    sound.follow(view(Cue.HOLD))
    sound.follow(view(Cue.EASE_OFF))
    until(lambda: tones_in(log) == ["too_much"], "the tone")
    assert log.read_text().split()[2] == "0.30"
    assert not sound.take_bell()


def test_the_alarm_is_heard_at_its_least_volume_though_everything_is_muted(card, log, sounds):
    child = Child(environment=card)
    sound = sounds(child, volume=0.1)
    until(lambda: child.ready, "a ready player")
    assert sound.toggle_mute() == "muted"
    sound.follow(view(Cue.EASE_OFF))
    sound.follow(view(Cue.HOLD, alarm=ALARM))
    until(lambda: tones_in(log) == ["stop"], "the alarm")
    assert log.read_text().split()[2] == "0.80"


def test_without_a_sound_card_the_bell_rings_and_it_is_said_once(sounds):
    pytest.importorskip("miniaudio")
    child = Child(environment=NO_SUCH_CARD)
    sound = sounds(child)
    until(lambda: child.problem, "the end of the search for a card")
    assert child.problem == NO_CARD
    assert sound.state == "bell only: no sound card"
    assert sound.take_news() == "The terminal's bell rings in place of tones: no sound card"
    assert sound.take_news() == ""
    sound.follow(view(Cue.EASE_OFF))
    assert sound.take_bell()
    assert not sound.take_bell()


def test_without_the_library_the_bell_rings_and_it_is_said_what_to_install(sounds):
    hidden = f"import sys; sys.modules['miniaudio'] = None; {PLAYER}"
    child = Child([sys.executable, "-c", hidden], ANY_CARD)
    sound = sounds(child)
    until(lambda: child.problem, "the end of the search for the library")
    assert child.problem == NO_LIBRARY
    assert "pip install 'goodpain[sound]'" in sound.take_news()
    assert sound.state == "bell only: the sound library is not installed"


def test_the_bell_alone_can_be_chosen_and_is_not_news(sounds):
    child = Child(environment={"GOODPAIN_SOUND_BACKEND": "bell"})
    sound = sounds(child)
    until(lambda: child.problem, "the choice")
    assert child.pid is None
    assert (sound.state, sound.take_news()) == ("bell only", "")


def test_the_bell_is_sparse(sounds):
    now = [0.0]
    sound = sounds(Child(environment={"GOODPAIN_SOUND_BACKEND": "bell"}), clock=lambda: now[0])
    rang = 0
    for i in range(1000):
        now[0] = i * 0.02
        sound.follow(view(Cue.STOP if i < 500 else Cue.EASE_OFF))
        rang += sound.take_bell()
    assert rang <= 10 + 4


def test_a_killed_player_is_started_again_and_the_alarm_rings_the_bell_meanwhile(card, log, sounds):
    child = Child(environment=card, back_off_s=(0.2,) * 3)
    now = [0.0]
    sound = sounds(child, clock=lambda: now[0])
    until(lambda: child.ready, "a ready player")
    first = child.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: not child.ready, "the end of the player")
    sound.follow(view(Cue.STOP))
    assert sound.take_bell()
    until(lambda: child.ready and child.pid != first, "another player")
    now[0] = time.monotonic()
    sound.follow(view(Cue.STOP))
    until(lambda: tones_in(log) == ["stop"], "the alarm")
    assert sound.take_news() == ""


def test_a_player_that_keeps_ending_is_given_up_for_the_bell(sounds):
    child = Child([sys.executable, "-c", "print('ready x')"], ANY_CARD, back_off_s=(0.0, 0.0))
    sound = sounds(child)
    until(lambda: child.problem, "giving up")
    assert child.problem == ENDED
    assert sound.state == "bell only: the sound process keeps ending"


def test_a_card_that_is_pulled_is_looked_for_again_and_then_told(sounds):
    child = Child([sys.executable, "-c", "print('ready x'); print('card-gone')"], ANY_CARD, back_off_s=(0.0,))
    sound = sounds(child)
    until(lambda: child.problem, "giving up")
    assert child.problem == CARD_GONE
    assert sound.take_news() == "The terminal's bell rings in place of tones: the sound card is gone"


def test_a_player_that_does_not_read_never_makes_the_session_wait_and_is_replaced(sounds):
    child = Child(
        [sys.executable, "-c", "import time; print('ready x', flush=True); time.sleep(100)"],
        ANY_CARD,
        back_off_s=(0.0,) * 9,
    )
    sounds(child)
    until(lambda: child.ready, "a ready player")
    first = child.pid
    # Far more than a pipe holds: whoever waited for it would wait for good.
    assert any(not child.send("stop 1.00 0.0", 0.0) for _ in range(20_000))
    assert child.pid == first
    assert not child.send("stop 1.00 9.0", 9.0)
    until(lambda: child.ready and child.pid != first, "another player")
    until(lambda: gone(first), "the end of the first")


def test_a_player_that_is_slow_to_hear_is_not_relied_on(sounds):
    child = Child(
        [sys.executable, "-c", "import time; print('ready x', flush=True); time.sleep(100)"], ANY_CARD
    )
    now = [0.0]
    sound = sounds(child, clock=lambda: now[0])
    until(lambda: child.ready, "a ready player")
    rang = []
    for _ in range(4):
        sound.follow(view(Cue.STOP))
        rang.append(sound.take_bell())
        now[0] += 0.5
    assert rang[0] is False
    assert any(rang[1:3])


PARENT = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tui.sound.child import Child
child = Child()
while not child.ready:
    time.sleep(0.01)
print(child.pid, flush=True)
time.sleep(100)
"""


def test_the_player_ends_when_its_parent_is_killed(card):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, env={**os.environ, **card}
    ) as parent:
        pid = int(parent.stdout.readline())
        assert not gone(pid)
        parent.kill()
    until(lambda: gone(pid), "the end of the player")


def test_the_player_ends_in_order_with_its_stdin_and_ctrl_c_is_not_for_it(card):
    with subprocess.Popen(
        player_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **card}
    ) as player:
        assert player.stdout.readline() == b"ready Null\n"
        player.send_signal(signal.SIGINT)
        player.stdin.write(b"stop 1.0 0.0\n")
        player.stdin.flush()
        assert player.stdout.readline() == b"heard\n"
        player.stdin.close()
        assert player.wait(10) == 0


def test_closing_ends_the_player(card):
    child = Child(environment=card)
    until(lambda: child.ready, "a ready player")
    pid = child.pid
    child.close()
    assert gone(pid)
    assert not child.send("stop 1.00 0.0", 0.0)


def test_closing_while_it_is_starting_leaves_nothing_behind(card):
    child = Child(environment=card)
    child.close()
    until(lambda: child.pid is None or gone(child.pid), "the end of the player")


@given(st.binary(max_size=60))
def test_a_line_that_is_not_an_order_is_passed_over(line):
    order = order_of(line)
    assert order is None or isinstance(order[0], Tone)


def test_an_order_is_read_as_it_was_written():
    assert order_of(b"too_much 0.50 12.25") == (Tone.TOO_MUCH, 0.5, 12.25)


class Heard:
    """A card that keeps what it is given."""

    problem = ""
    ready = True

    def __init__(self):
        self.lines = []

    def send(self, line, now_s):
        self.lines.append(line.split(" ")[0])
        return True

    def close(self):
        pass


@given(
    st.lists(
        st.tuples(st.sampled_from(["louder", "softer", "toggle_mute"]), st.sampled_from(list(Cue))),
        max_size=40,
    )
)
def test_no_way_of_pressing_the_keys_silences_the_alarm(presses):
    now = [0.0]
    card = Heard()
    sound = Sound(output=card, clock=lambda: now[0])
    for key, cue in presses:
        getattr(sound, key)()
        sound.follow(view(cue))
        now[0] += 0.5
    card.lines.clear()
    sound.follow(view(Cue.STOP))
    assert card.lines == ["stop"]
    assert sound.gain(Tone.STOP) >= 0.8


def test_volume_goes_up_and_down_in_steps_and_never_to_nothing():
    sound = Sound(output=Heard(), volume=0.5)
    assert sound.louder() == "sound on 60 %"
    for _ in range(20):
        sound.softer()
    assert sound.state == "sound on 10 %"
    for _ in range(20):
        sound.louder()
    assert sound.state == "sound on 100 %"
    assert sound.toggle_mute() == "muted"
    assert sound.gain(Tone.TOO_MUCH) == 0.0
    assert sound.softer() == "sound on 90 %"


def test_what_was_changed_is_in_the_settings_next_time_and_comments_stay(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('# ours\nunit = "kPa"\n\n[keys]\nstop = "f1"\n')
    for press in ("softer", "toggle_mute"):
        settings = load_settings(path)
        sound = Sound(output=Heard(), on=settings.sound, volume=settings.volume, keep=Sound.keeper(settings))
        getattr(sound, press)()
        sound.close()
    after = load_settings(path)
    assert (after.sound, after.volume, after.keys) == (False, 0.4, {"stop": "f1"})
    assert path.read_text().startswith("# ours\n")


def test_what_was_not_changed_is_not_written(tmp_path):
    path = tmp_path / "config.toml"
    Sound(output=Heard(), keep=Sound.keeper(Settings(path=path))).close()
    assert not path.exists()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('sound = "loud"', "sound must be true or false"),
        ("volume = 0", "volume must be a number above 0 and up to 1"),
        ("volume = 1.5", "volume must be a number above 0 and up to 1"),
        ("volume = true", "volume must be a number above 0 and up to 1"),
        ("volume = nan", "volume must be a number above 0 and up to 1"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_its_reason(tmp_path, line, why):
    path = tmp_path / "config.toml"
    path.write_text(line)
    with pytest.raises(SettingsError, match=why):
        load_settings(path)
