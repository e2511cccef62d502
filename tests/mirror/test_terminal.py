"""The installed program: a mirror in a real terminal beside a real session in another."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal, run

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals (Linux or macOS)"),
]

# Nothing presses for 5 s, then 20 N on 1 cm², then 40 N: a band and a ceiling for each.
SESSION = ["--client", "K-07", "--point", "infraspinatus, left", "--band", "1.5-2.5", "--ceiling", "9"]
PRESSED = "2.04 kg/cm²"


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home of its own, so that no other session of this user is seen."""
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path


def session(home: Path, url: str = "sim://bench?noise=0&speed=2") -> Terminal:
    return Terminal("live", "--sensor", url, *SESSION, "--data", home / "data")


def mirror(home: Path, *options: str, rows: int = 16, columns: int = 60) -> Terminal:
    """In a narrow terminal, where the pressure stands as plain text beside the picture."""
    return Terminal("mirror", *options, "--data", home / "data", rows=rows, columns=columns)


def test_a_mirror_waits_shows_the_session_and_survives_its_death(home):
    with mirror(home) as second:
        second.wait_for("waiting for one to begin")
        with session(home) as first:
            second.wait_for(PRESSED)
            first.type("7")
            second.wait_for("7/10 · said 0 s ago")
            first.signal(signal.SIGKILL)
            second.wait_for("nothing new comes from the session")
            assert "kg/cm²" not in second.text()
            second.wait_for("waiting for one to begin")
        second.type("q")
        assert second.wait() == 0
        assert b"\x1b[?1049l" in second.written


def test_a_frozen_session_is_no_signal_and_one_that_goes_on_is_shown_again(home):
    with session(home, "sim://bench?noise=0&speed=0.5") as first, mirror(home) as second:
        second.wait_for("0.00 kg/cm²")
        first.signal(signal.SIGSTOP)
        try:
            second.wait_for(lambda text: "K-07" not in text)
            assert "kg/cm²" not in second.text()
        finally:
            first.signal(signal.SIGCONT)
        second.wait_for("kg/cm²")


def test_killed_and_frozen_mirrors_never_touch_the_session(home):
    with session(home) as first:
        first.wait_for("K-07")
        with mirror(home) as one, mirror(home, "--face", "client") as other:
            one.wait_for("kg/cm²")
            other.wait_for("infraspinatus, left")
            one.signal(signal.SIGKILL)
            other.signal(signal.SIGSTOP)
            first.type("7")
            first.wait_for("7/10")
            other.signal(signal.SIGCONT)
        first.type("q")
        first.wait_for("End this session?")
        first.type("\r")
        assert first.wait() == 0
    _, out, _ = run("history", "--json", "--data", home / "data")
    (kept,) = json.loads(out)["sessions"]
    assert (kept["ended_how"], kept["lost"]) == ("ended", 0)
    assert [report["rating"] for report in kept["reports"]] == [7]
    assert not [path for path in (home / "home").rglob("*.mirror") if os.path.exists(path)]


def test_the_clients_face_in_a_small_terminal_has_no_figure_but_the_scale(home):
    with session(home) as first, mirror(home, "--face", "client", rows=12, columns=40) as second:
        second.wait_for("good")
        first.type("6")
        text = second.wait_for("[6]")
        assert "you said 6" in text
        assert "kg/cm²" not in text
        assert "K-07" not in text


def test_any_size_of_terminal_is_survived(home):
    with session(home), mirror(home, rows=3, columns=12) as second:
        for rows, columns in ((45, 140), (12, 40), (1, 1), (24, 80)):
            second.read(0.3)
            second.resize(rows, columns)
        second.wait_for("q ends")
        second.type("q")
        assert second.wait() == 0


def test_without_a_terminal_a_mirror_writes_lines(home):
    with session(home, "sim://bench?noise=0&speed=4") as first:
        first.wait_for("K-07")
        code, out, err = run("mirror", "--for", "2", "--data", home / "data")
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0].endswith("NO SESSION, waiting for one to begin")
    assert any("2.04 kg/cm², HOLD" in line for line in lines)


def test_an_unknown_face_or_setting_is_one_sentence(home):
    code, _, err = run("mirror", "--face", "cat", "--data", home / "data")
    assert code == 2
    assert "observer" in err
    (home / "data").mkdir()
    (home / "data" / "config.toml").write_text('theme = "plaid"\n')
    with mirror(home) as second:
        assert second.wait() == 1
        assert "theme “plaid” does not exist" in " ".join(second.text().split())
