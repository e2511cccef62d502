"""`goodpain review` as it is installed, in a real terminal, and its sentences when there is nothing to look at."""

from __future__ import annotations

import os
import shutil

import pytest

from feedback.history import open_history
from tests.terminal import Terminal, run
from tests.tui.review_past import Told, write


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    folder = tmp_path_factory.mktemp("past")
    write(folder, "A17", [Told(9), Told(3, simulated=True)])
    write(folder, "B02", [Told(5)])
    return folder


def test_typed_letters_filter_arrows_go_in_and_a_press_is_replayed(past):
    with Terminal("review", "--data", past) as terminal:
        terminal.wait_for("▸ A17")
        terminal.type("b")
        terminal.wait_for("1 of 2")
        terminal.wait_for("▸ B02")
        terminal.type("\x1b[C\x1b[C\x1b[C\r")
        terminal.wait_for("ends: let go")
        terminal.type(" ")
        terminal.wait_for("▶ 1×")
        terminal.type("++++")
        terminal.wait_for("▶ 16×")
        terminal.wait_for("■ 16×")
        terminal.type("\x11")
        assert terminal.wait() == 0


def test_a_window_that_becomes_small_and_large_again_goes_on(past):
    with Terminal("review", "--data", past, "--client", "a17".upper(), rows=45, columns=140) as terminal:
        terminal.wait_for("Presses")
        terminal.resize(10, 40)
        terminal.wait_for("▸ all points")
        terminal.resize(45, 140)
        terminal.wait_for("Presses")
        terminal.type("\x11")
        assert terminal.wait() == 0


def spoken(folder, *arguments):
    """What is said in a terminal, and the exit code."""
    with Terminal("review", "--data", folder, *arguments, columns=200) as terminal:
        code = terminal.wait()
        return code, " ".join(terminal.text().split())


def test_nothing_to_look_at_is_one_sentence(past, tmp_path):
    code, said = spoken(tmp_path)
    assert code == 1
    assert "there is no record" in said
    open_history(tmp_path / "history.db").close()
    code, said = spoken(tmp_path)
    assert (code, said.startswith("The record is empty: ")) == (0, True)
    code, said = spoken(past, "--client", "A71")
    assert code == 1
    assert "did you mean A17?" in said
    (tmp_path / "history.db").write_bytes(b"no database at all" * 100)
    for name in ("history.db-wal", "history.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    code, said = spoken(tmp_path)
    assert code == 1
    assert "Traceback" not in said
    assert said.count("goodpain:") == 1


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_record_that_may_only_be_read_is_looked_at(past, tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    shutil.copy(past / "history.db", folder)
    (folder / "history.db").chmod(0o400)
    folder.chmod(0o500)
    try:
        with Terminal("review", "--data", folder, columns=120) as terminal:
            # Whoever runs as root may write anyway; then there is nothing to be told.
            terminal.wait_for("▸ A17")
            if not os.access(folder / "history.db", os.W_OK):
                terminal.wait_for("read-only")
            terminal.type("\x11")
            assert terminal.wait() == 0
    finally:
        folder.chmod(0o700)


def test_without_a_terminal_it_says_what_writes_the_same_as_text(past):
    code, _, said = run("review", "--data", past)
    assert code == 1
    assert "goodpain history" in said
