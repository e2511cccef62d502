"""Keys of the user's own: what they mean, how they are learned, and how they come into the settings file."""

from __future__ import annotations

import stat
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App
from textual.binding import BindingsMap

from feedback.comfort import ReportKind
from tests.terminal import Terminal, run
from tests.tui.sessions import running
from tui.key_table import RESERVED, KeyTable, KeyTableError, actions
from tui.keys import live_keys
from tui.screens.learn_keys import KeysApp, LearnKeysScreen
from tui.settings import Settings, SettingsError, load_settings
from tui.settings_file import write_keys

IDS = [action.id for action in actions()]
PRESSABLE = ["g", "l", "m", "space", "enter", "up", "t", "0", "7", "f5", "pagedown", "comma", "b", "tab"]
keys = st.lists(st.sampled_from(PRESSABLE), min_size=1, max_size=3, unique=True)
owns = st.dictionaries(st.sampled_from(IDS[:8] + IDS[-6:]), keys.map(",".join), max_size=5)


def on_the_screen(own: dict[str, str], key: str) -> str | None:
    """What a key means to Textual itself, with the bindings of the live screen."""
    bindings = BindingsMap(live_keys())
    bindings.apply_keymap(App._normalize_keymap(own))
    found = bindings.key_to_bindings.get(key)
    return found[0].id if found else None


@given(owns)
def test_a_key_means_what_the_live_screen_takes_it_for(own: dict[str, str]):
    table = KeyTable(own)
    for key in {*PRESSABLE, "r", "q"}:
        meant = table.meaning(key)
        assert (meant.id if meant else None) == on_the_screen(own, key), key


@given(st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from([*PRESSABLE, *RESERVED]), st.booleans())))
def test_whatever_is_learned_every_action_keeps_a_key_and_no_key_means_two_things(changes):
    table = KeyTable({})
    for name, key, take in changes:
        try:
            table.learn(name, key, take=take)
        except KeyTableError:
            continue
        assert table.meaning(key).id == name == on_the_screen(table.own, key)
    for name in IDS:
        assert table.keys(name)
        assert table.clashes(name) == ()
    for name in IDS:
        try:
            table.reset(name)
        except KeyTableError:
            assert table.is_own(name)
        assert table.keys(name)
    table.reset_all()
    assert all(table.keys(action.id) == action.defaults for action in table.actions)


def test_a_learned_key_comes_beside_those_that_are_there():
    table = KeyTable({})
    table.learn("too-much", "pagedown")
    assert table.own == {"too-much": "m,right,pagedown"}


def test_a_key_with_a_meaning_is_only_taken_when_asked_for():
    table = KeyTable({})
    with pytest.raises(KeyTableError, match="m means “too much”"):
        table.learn("good", "m")
    table.learn("good", "m", take=True)
    assert (table.meaning("m").id, table.keys("too-much")) == ("good", ("right",))


def test_the_only_key_of_stop_cannot_be_taken_away():
    with pytest.raises(KeyTableError, match="space is the only key of “stop”"):
        KeyTable({}).learn("good", "space", take=True)


def test_a_key_set_twice_by_hand_is_told():
    table = KeyTable({"good": "f5,g", "stop": "f5"})
    assert table.meaning("f5").id == "stop"
    assert table.clashes("good") == ("f5",)


# The settings file.

FILE = """# of the practice
unit = "kpa"   # as the books have it

[keys]
# the pedal
good = "pagedown"
rating-5 = "f5" # spare

[areas_cm2]
thumb = 2.2
"""


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "config.toml"


def test_comments_order_and_everything_else_stay(path):
    path.write_text(FILE)
    write_keys(path, {"good": "pagedown,g", "stop": "space,f9"})
    after = path.read_text()
    assert tomllib.loads(after)["keys"] == {"good": "pagedown,g", "stop": "space,f9"}
    for line in ("# of the practice", 'unit = "kpa"   # as the books have it', "# the pedal", "thumb = 2.2"):
        assert line in after
    assert load_settings(path).keys == {"good": "pagedown,g", "stop": "space,f9"}


@given(
    st.sampled_from(
        ["", 'unit = "kpa"', "# only a comment\n", "[areas_cm2]\nthumb = 2.0", FILE, FILE + "\n\n#end"]
    ),
    st.booleans(),
    st.dictionaries(st.sampled_from(IDS), keys.map(",".join)),
    st.dictionaries(st.sampled_from(IDS), keys.map(",".join)),
)
def test_any_keys_can_be_written_over_any_others(tmp_path_factory, before: str, windows: bool, first, second):
    path = tmp_path_factory.mktemp("settings") / "config.toml"
    path.write_bytes((before.replace("\n", "\r\n") if windows else before).encode())
    other = {k: v for k, v in tomllib.loads(before).items() if k != "keys"}
    for own in (first, second):
        write_keys(path, own)
        values = tomllib.loads(path.read_text("utf-8"))
        assert values.pop("keys", {}) == own
        assert values == other
    assert all(line in path.read_text() for line in before.splitlines() if line.startswith("#"))


@pytest.mark.parametrize("text", ['keys.good = "f5"\nunit = "kpa"\n', 'keys = { good = "f5" }\n', "[keys]\n"])
def test_keys_however_they_are_written(path, text):
    path.write_text(text)
    write_keys(path, {"stop": "f9"})
    assert load_settings(path).keys == {"stop": "f9"}


def test_a_missing_file_and_its_folder_are_made(tmp_path):
    path = tmp_path / "deep" / "er" / "config.toml"
    write_keys(path, {"stop": "f9"})
    assert load_settings(path).keys == {"stop": "f9"}


@pytest.mark.parametrize("text", ["[keys", "keys = 3\n", "keys = [1]\n"])
def test_a_broken_file_is_told_and_left_as_it_is(path, text):
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"config\.toml"):
        write_keys(path, {"stop": "f9"})
    assert path.read_text() == text


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SettingsError, match=r"config\.toml"):
        write_keys(tmp_path / "file" / "config.toml", {"stop": "f9"})
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(SettingsError, match=r"config\.toml"):
        write_keys(tmp_path / "config.toml", {"stop": "f9"})


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and links are those of POSIX")
def test_a_link_stays_a_link_and_permissions_stay(tmp_path, path):
    real = tmp_path / "dotfiles.toml"
    real.write_text(FILE)
    real.chmod(0o600)
    path.symlink_to(real)
    write_keys(path, {"stop": "f9"})
    assert path.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert load_settings(path).keys == {"stop": "f9"}
    assert sorted(one.name for one in tmp_path.iterdir()) == ["config.toml", "dotfiles.toml"]


# The screen.


def said(app: App) -> str:
    return str(app.screen.query_one("#ask").content)


def wrong(app: App) -> str:
    return str(app.screen.query_one("#wrong").content)


async def test_learning_one_key_taking_another_and_going_back_to_the_defaults(path):
    path.write_text(FILE)
    app = KeysApp(load_settings(path))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "down", "down", "enter")
        assert said(app).startswith("Press the key that should mean “too much”")
        await pilot.press("f7")
        assert load_settings(path).keys["too-much"] == "m,right,f7"
        await pilot.press("enter", "l")
        assert "l means “too little” now. Enter takes it for “too much”" in said(app)
        await pilot.press("escape", "escape")
        assert load_settings(path).keys["too-much"] == "m,right,f7"
        await pilot.press("enter", "l", "enter")
        assert load_settings(path).keys["too-much"] == "m,right,f7,l"
        await pilot.press("enter", "space", "enter")
        assert wrong(app).startswith("space is the only key of “stop”")
        await pilot.press("escape", "delete")
        assert "too-much" not in load_settings(path).keys
        await pilot.press("d")
        assert load_settings(path).keys == {}
        assert "# the pedal" in path.read_text()


async def test_all_reports_in_turn_and_escape_twice_ends(path):
    app = KeysApp(Settings(path=path))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        for key, report in (("f5", "stop"), ("f6", "too little"), (None, "good"), ("f8", "too much")):
            assert f"“{report}”" in said(app)
            await pilot.press(key or "escape")
        await pilot.press("escape", "escape")
        assert said(app) == "Left as it is"
    assert load_settings(path).keys == {
        "stop": "space,f5", "too-little": "l,left,f6", "too-much": "m,right,f8",
    }  # fmt: skip


async def test_what_a_key_means_is_told_even_of_keys_that_do_something_here(path):
    app = KeysApp(Settings(path=path))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("m")
        assert said(app) == "m means “too much”"
        await pilot.press("t", "a", "enter", "up")
        assert "↑ means “worsening”" in said(app)
        await pilot.press("f12")
        assert "f12 means nothing yet" in said(app)
        await pilot.press("escape")
        assert isinstance(app.screen, LearnKeysScreen)


async def test_keys_that_cannot_be_kept_hold_until_the_end_and_the_screen_says_why(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    app = KeysApp(Settings(path=tmp_path / "file" / "config.toml"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "f7")
        assert wrong(app).startswith("These keys hold until the program ends: the settings in")
        assert "stop" in app._keymap


@pytest.mark.parametrize("size", [(40, 12), (140, 45), (20, 5)])
async def test_every_size_of_terminal_is_survived(path, size):
    app = KeysApp(Settings(path=path))
    async with app.run_test(size=size) as pilot:
        await pilot.press("end", "home", "enter", "f7")
    assert load_settings(path).keys == {"stop": "space,f7"}


async def test_in_a_running_session_a_learned_key_is_a_report_at_once(tmp_path, path):
    settings = Settings(path=path)
    async with running(tmp_path / "data", "sim://quiet", settings=settings) as session:
        await session.app.push_screen(LearnKeysScreen(settings))
        await session.press("down", "down", "down", "enter", "pagedown", "escape")
        await session.until(lambda: not isinstance(session.app.screen, LearnKeysScreen), "the live screen")
        await session.press("pagedown")
        loop = session.app.live_loop
        await session.until(lambda: loop.heard, "a report")
        assert [heard.report.kind for heard in loop.heard] == [ReportKind.TOO_MUCH]


@pytest.mark.terminal
@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals (Linux or macOS)")
def test_a_key_is_learned_in_a_real_terminal_and_listed(tmp_path):
    (tmp_path / "config.toml").write_text("# mine\n")
    with Terminal("keys", "--data", tmp_path) as terminal:
        terminal.wait_for("“too much”")
        terminal.type("\r")
        terminal.wait_for("Press the key that should mean “stop”")
        terminal.type("\x1b[6~")
        terminal.wait_for("pgdn means “stop”")
        terminal.type("\x1b")
        assert terminal.wait() == 0
    assert (tmp_path / "config.toml").read_text() == '# mine\n\n[keys]\nstop = "space,pagedown"\n'
    code, out, err = run("keys", "--data", tmp_path)
    assert code == 0, err
    assert next(line for line in out.splitlines() if line.startswith("stop")).split() == [
        "stop", "“stop”", "space,", "pagedown",
    ]  # fmt: skip
