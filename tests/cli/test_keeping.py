"""`goodpain client`, `audit`, `backup`, `restore`, `recover`, `encrypt`, `decrypt`, as they are typed."""

from __future__ import annotations

import json
import os
import stat
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from feedback.history import SessionStart, open_history, utc_now
from feedback.history.driver import looks_encrypted
from feedback.points import Point
from feedback.press import Press
from tests.practise.making import kept_attempt
from tests.terminal import Terminal
from tui.cli import main

POINT = Point("upper trapezius", "left", "1")
PRESS = Press(1.0, 31.0, 30.0, 150.0, 2.0, 30.0, 140.0, 60.0, None, 4.0, 800.0, 0, 0, "release")
PASSPHRASE = "four quiet words"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A record with a visit of A17 and of B18, and a client who was made twelve years ago."""
    place = tmp_path / "data"
    with open_history(place / "history.db") as history:
        for code in ("A17", "B18"):
            point = history.point(code, POINT)
            start = SessionStart(code, utc_now() - timedelta(days=8), 0.0, "thumb", 2.0)
            journal = history.begin_session(start)
            journal.point(point.id, 0.0)
            journal.press(uuid4(), PRESS)
            journal.note(f"about {code}", 3.0)
            journal.end(60.0, {})
    with open_history(place / "history.db", now=lambda: utc_now() - timedelta(days=12 * 366)) as history:
        history.client("Old")
    return place


class Typed:
    """What is typed goes to the program's own `main`, in this process: starting one takes most of a second."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def run(self, folder: Path, *arguments: object) -> tuple[object, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["goodpain", "--data", str(folder), *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capsys.readouterr()
        return ended.value.code, out, err

    def goodpain(self, folder: Path, *arguments: object) -> str:
        code, out, _ = self.run(folder, *arguments)
        assert code == 0
        return out

    def complains(self, folder: Path, *arguments: object) -> str:
        code, _, err = self.run(folder, *arguments)
        assert code in (1, 2)
        assert "Traceback" not in err
        return err


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Typed:
    monkeypatch.setenv("GOODPAIN_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Typed(capsys, monkeypatch)


def test_clients_are_listed_and_those_kept_long_enough_are_named(
    typed: Typed, folder: Path, tmp_path: Path
) -> None:
    assert [line.split()[0] for line in typed.goodpain(folder, "client", "list").splitlines()] == [
        "A17",
        "B18",
        "Old",
    ]
    assert typed.goodpain(folder, "client", "list", "--due").startswith("Old  0 sessions")
    (tmp_path / "none.toml").write_text("retention_years = 20\n")
    assert "in the last 20 years" in typed.goodpain(folder, "client", "list", "--due")
    told = json.loads(typed.goodpain(folder, "client", "list", "--json"))
    assert [(one["code"], one["due"]) for one in told["clients"]] == [
        ("A17", False),
        ("B18", False),
        ("Old", False),
    ]
    (tmp_path / "none.toml").write_text("retention_years = 0\n")
    assert "retention_years must be a number above 0" in typed.complains(folder, "client", "list")


def test_a_client_is_erased_when_the_code_is_given_twice(typed: Typed, folder: Path, tmp_path: Path) -> None:
    reports = folder / "reports"
    reports.mkdir()
    mine, other = "goodpain-A17-client-2026-03-02.html", "goodpain-A17-2-client-2026-03-02.html"
    for name in (mine, other):
        (reports / name).write_text("A17")
    with open_history(folder / "history.db") as history:
        [session] = history.sessions("A17")
    mirror = tmp_path / "cache" / "goodpain" / "mirror"
    mirror.mkdir(parents=True)
    left = mirror / f"0123-{1:020d}-{session.id.hex}.mirror"
    left.write_text("140 kPa")
    copy = Path(typed.goodpain(folder, "backup").splitlines()[0])

    assert "--yes A17" in typed.complains(folder, "client", "forget", "A17")
    assert "“B18” is not A17" in typed.complains(folder, "client", "forget", "A17", "--yes", "B18")
    assert "did you mean A17" in typed.complains(folder, "client", "forget", "A7", "--yes", "A7")
    told = typed.goodpain(folder, "client", "forget", "A17", "--yes", "A17", "--who", "T1")

    assert "Erased for good: 1 session, 1 press, 0 samples." in told
    assert str(copy) in told
    assert copy.exists()
    assert [file.name for file in reports.iterdir()] == [other]
    assert not left.exists()
    assert "no client “A17”" in typed.complains(folder, "history", "--client", "A17")
    assert "forgot client" in typed.goodpain(folder, "audit")
    copies = ["--copies", "delete"]
    assert "They are gone" in typed.goodpain(folder, "client", "forget", "B18", "--yes", "B18", *copies)
    assert not copy.exists()
    assert typed.goodpain(folder, "client", "sweep") == "Swept.\n"


def test_a_person_types_the_code_and_is_asked_about_the_copies(folder: Path) -> None:
    with open_history(folder / "history.db") as history:
        copy = history.backup().path
    with Terminal("--data", folder, "client", "forget", "A17") as terminal:
        terminal.wait_for("Type the code")
        terminal.type("A17\r")
        terminal.wait_for("Delete these copies too?")
        terminal.type("y\r")
        assert terminal.wait() == 0
    assert not copy.exists()
    with open_history(folder / "history.db") as history:
        assert [client.code for client in history.clients()] == ["B18", "Old"]


def test_everything_about_a_client_goes_into_one_zip_and_nothing_about_others(
    typed: Typed, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "A17.zip"
    assert typed.goodpain(folder, "client", "zip", "A17", file, "--who", "T1") == f"{file}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert {"README.txt", "report.html", "report-therapist.html", "tables/samples.csv"} <= set(inside)
    assert b"about A17" in inside["tables/events.csv"]
    assert all(b"B18" not in data for data in inside.values())
    assert sorted(tmp_path.glob(".*")) == []
    told = json.loads(typed.goodpain(folder, "audit", "--client", "A17", "--json"))["audit"]
    assert [(one["what"], one["code"]) for one in told] == [
        (what, "A17") for what in ("opened", "exported", "handed out")
    ]
    assert told[-1]["who"] == "T1"
    assert "there already" in typed.complains(folder, "client", "zip", "A17", file)


def test_whoever_looks_at_a_clients_history_is_noted_and_whoever_lists_all_is_not(
    typed: Typed, folder: Path
) -> None:
    typed.goodpain(folder, "history")
    assert typed.goodpain(folder, "audit") == "Nothing was noted.\n"
    typed.goodpain(folder, "history", "--client", "A17")
    typed.goodpain(folder, "care", "--client", "A17")
    assert typed.goodpain(folder, "audit").count("opened client A17") == 2
    assert "is no day" in typed.complains(folder, "audit", "--since", "yesterday")
    assert typed.goodpain(folder, "audit", "--since", "2999-01-01") == "Nothing was noted.\n"


def test_a_trainee_is_shown_handed_over_and_erased(typed: Typed, folder: Path, tmp_path: Path) -> None:
    with open_history(folder / "history.db") as history:
        for code in ("T-01", "T-02"):
            history.training.add(*kept_attempt(code))
    assert [line.split()[:3] for line in typed.goodpain(folder, "trainee", "list").splitlines()] == [
        ["T-01", "1", "attempt"],
        ["T-02", "1", "attempt"],
    ]
    assert "1 attempt of trainees\n" in typed.goodpain(folder, "trainee", "show", "T-01")
    file = tmp_path / "T-01.zip"
    assert typed.goodpain(folder, "trainee", "zip", "T-01", file, "--who", "Q") == f"{file}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert b"T-01" in inside["tables/drills.csv"]
    assert b"short-hold" in inside["progress.txt"]
    assert all(b"T-02" not in data and b"A17" not in data for data in inside.values())
    assert "handed out trainee T-01" in typed.goodpain(folder, "audit")
    told = json.loads(typed.goodpain(folder, "trainee", "show", "T-01", "--json"))
    assert [(one["what"], one["who"]) for one in told["audit"]][-1] == ("handed out", "Q")
    copy = Path(typed.goodpain(folder, "backup").splitlines()[0])

    assert "--yes T-01" in typed.complains(folder, "trainee", "forget", "T-01")
    assert "“T-02” is not T-01" in typed.complains(folder, "trainee", "forget", "T-01", "--yes", "T-02")
    assert "did you mean T-0" in typed.complains(folder, "trainee", "forget", "T-9", "--yes", "T-9")
    said = typed.goodpain(folder, "trainee", "forget", "T-01", "--yes", "T-01")
    assert "Erased for good: 1 attempt, " in said
    assert str(copy) in said
    assert typed.goodpain(folder, "trainee", "list").startswith("T-02")
    assert "forgot trainee" in typed.goodpain(folder, "audit")
    assert "1 person" in typed.goodpain(folder, "restore", copy, "--yes")
    assert typed.goodpain(folder, "trainee", "list").startswith("T-02")
    assert "No trainee yet." in typed.goodpain(tmp_path / "nothing", "trainee", "list")
    assert not (tmp_path / "nothing").exists()


def test_a_code_is_changed_and_what_is_kept_of_a_client_is_shown(typed: Typed, folder: Path) -> None:
    assert typed.goodpain(folder, "client", "rename", "A17", "Q1").startswith("A17 is Q1 now.")
    assert "there is a client “B18” already" in typed.complains(folder, "client", "rename", "Q1", "B18")
    told = typed.goodpain(folder, "client", "show", "Q1")
    assert "1 session\n" in told
    assert "1 press\n" in told
    assert "renamed by" in told
    assert json.loads(typed.goodpain(folder, "client", "show", "Q1", "--json"))["rows"]["press"] == 1


def test_a_backup_is_made_listed_checked_and_put_back(typed: Typed, folder: Path, tmp_path: Path) -> None:
    first = Path(typed.goodpain(folder, "backup").splitlines()[0])
    second = tmp_path / "elsewhere" / "monday.db"
    assert json.loads(typed.goodpain(folder, "backup", second, "--json"))["rows"]["client"] == 3
    listed = json.loads(typed.goodpain(folder, "backup", "--list", "--json"))["backups"]
    assert [one["path"] for one in listed] == [str(first), str(second)]
    assert "every byte as it was made" in typed.goodpain(folder, "backup", "--check", second)
    typed.goodpain(folder, "client", "rename", "A17", "Q1")
    assert "--yes" in typed.complains(folder, "restore", first)
    told = typed.goodpain(folder, "restore", first, "--yes")
    assert "history.db.aside-" in told
    assert "A17" in typed.goodpain(folder, "client", "list")
    second.write_bytes(second.read_bytes()[:-4096])
    assert "not as it was made" in typed.complains(folder, "backup", "--check", second)
    assert "no file" in typed.complains(folder, "restore", tmp_path / "none.db", "--yes")


def test_a_damaged_record_points_to_recover_and_what_is_saved_can_be_put_in_place(
    typed: Typed, folder: Path
) -> None:
    record = folder / "history.db"
    data = bytearray(record.read_bytes())
    data[:100] = bytes(100)
    record.write_bytes(data)
    assert "`goodpain recover` saves what can be saved" in typed.complains(folder, "history")
    told = json.loads(typed.goodpain(folder, "recover", "--json"))
    assert (told["clients"], told["sessions"], told["lost"]) == (["A17", "B18", "Old"], 2, [])
    assert record.read_bytes() == data
    assert Path(told["path"]).name.startswith("history.db.saved-")
    assert Path(told["path"]).suffix == ".db"
    assert Path(typed.goodpain(folder, "recover").splitlines()[0]).is_file()
    again = typed.goodpain(folder, "recover", record, "--to", folder / "second.db")
    assert "Nothing is missing" in again
    assert "goodpain restore" in again
    typed.goodpain(folder, "restore", told["path"], "--yes")
    assert "about A17" in typed.goodpain(folder, "history")


def test_a_script_hands_the_passphrase_over_in_a_file_or_descriptor(
    typed: Typed, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sqlcipher3")
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSPHRASE}\n")
    secret.chmod(0o644)
    monkeypatch.setenv("GOODPAIN_PASSPHRASE_FILE", str(secret))
    assert "chmod 600" in typed.complains(folder, "encrypt")
    secret.chmod(0o600)
    told = typed.goodpain(folder, "encrypt", "--delete-old")
    assert "is encrypted now" in told
    assert looks_encrypted(folder / "history.db")
    assert "about A17" in typed.goodpain(folder, "history", "--client", "A17")
    typed.goodpain(folder, "backup")
    secret.write_text("another one\n")
    assert "this passphrase does not open" in typed.complains(folder, "history")
    monkeypatch.delenv("GOODPAIN_PASSPHRASE_FILE")
    assert "GOODPAIN_PASSPHRASE_FILE" in typed.complains(folder, "history")
    reading, writing = os.pipe()
    os.write(writing, f"{PASSPHRASE}\n".encode())
    os.close(writing)
    monkeypatch.setenv("GOODPAIN_PASSPHRASE_FD", str(reading))
    assert "is plain now" in typed.goodpain(folder, "decrypt", "--delete-old")
    assert not looks_encrypted(folder / "history.db")


def test_a_person_is_asked_for_the_passphrase_and_does_not_see_it(folder: Path) -> None:
    pytest.importorskip("sqlcipher3")
    with Terminal("--data", folder, "encrypt", "--delete-old") as terminal:
        terminal.wait_for("New passphrase")
        terminal.type(f"{PASSPHRASE}\r")
        terminal.wait_for("The same again")
        terminal.type(f"{PASSPHRASE}\r")
        assert terminal.wait() == 0
        assert PASSPHRASE not in terminal.text()
    with Terminal("--data", folder, "history") as terminal:
        terminal.wait_for("Passphrase of")
        terminal.type(f"{PASSPHRASE}\r")
        assert terminal.wait() == 0
        assert "about A17" in terminal.text()
        assert PASSPHRASE not in terminal.text()
