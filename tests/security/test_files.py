"""Files and folders of Goodpain are their owner's alone, whatever the umask is and whatever lies in their way."""

from __future__ import annotations

import ast
import json
import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from feedback.history import open_history
from feedback.private_file import private_folder, write_whole
from firmware_bridge import calibration
from tests.security.product import calls, keyword, modules
from tests.terminal import Terminal
from tui.cli import goodpain
from tui.mirror.writer import MirrorWriter
from tui.settings_file import write_values

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights of files are others on this system")


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.usefixtures("no_umask")
def test_folders_above_a_folder_are_made_for_their_owner_too(tmp_path: Path) -> None:
    private_folder(tmp_path / "a" / "b" / "c")
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")} == {0o700}


def test_a_folder_that_is_there_keeps_its_rights_and_a_file_in_its_place_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o755)
    private_folder(tmp_path / "a")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o755
    (tmp_path / "b").write_text("")
    with pytest.raises(FileExistsError):
        private_folder(tmp_path / "b")


@pytest.mark.usefixtures("no_umask")
def test_a_whole_file_takes_the_place_of_a_link_and_not_of_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("as it was")
    (tmp_path / "ours").symlink_to("theirs")
    write_whole(tmp_path / "ours", b"new")
    assert (tmp_path / "theirs").read_text() == "as it was"
    assert not (tmp_path / "ours").is_symlink()
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ours", "theirs"]


def test_a_file_that_cannot_be_put_in_place_leaves_nothing_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError) as refused:
        write_whole(tmp_path / "a", b"new")
    assert refused.value.filename == str(tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.usefixtures("no_umask")
def test_nothing_that_a_command_writes_can_be_read_by_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, data, out = tmp_path / "home", tmp_path / "new" / "data", tmp_path / "out" / "deep"
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "GOODPAIN_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GOODPAIN_CONFIG", str(home / "settings" / "config.toml"))
    sim = "sim://upper-trapezius?speed=10"
    for arguments in (
        ("record", "--sensor", sim, "--for", "5", "--client", "A17", "--raw", str(tmp_path / "raw")),
        ("plan", "--client", "A17", "--visits", "4"),
        ("export", *(word for kind in ("csv", "bids", "fhir") for word in (f"--{kind}", str(out / kind)))),
        ("report", "--client", "A17"),
        ("report", "--client", "A17", "--out", str(tmp_path / "reports" / "deep" / "r.html")),
        ("backup",),
        ("backup", str(tmp_path / "backups" / "deep" / "b.db")),
        ("client", "zip", "A17", str(tmp_path / "zip" / "a.zip")),
        ("practise", "--group", "--export", str(tmp_path / "group.csv")),
        ("compact",),
    ):
        done = CliRunner().invoke(goodpain, ["--data", str(data), *arguments])
        assert done.exit_code == 0, (arguments, done.output)
    write_values(home / "settings" / "config.toml", {"therapist": "T1"})
    slot = MirrorWriter(data, uuid4())
    slot.close()
    write_calibration(data / "calibrations" / "a.toml")
    found = {path: stat.S_IMODE(path.lstat().st_mode) for path in tmp_path.rglob("*")}
    assert len(found) > 40
    assert {path: oct(mode) for path, mode in found.items() if mode & 0o077} == {}


@pytest.mark.parametrize(("mode", "problem"), [(0o777, True), (0o1777, True), (0o755, False), (0o700, False)])
def test_the_doctor_tells_of_a_folder_that_everybody_may_write_to(
    tmp_path: Path, mode: int, problem: bool
) -> None:
    tmp_path.chmod(mode)
    done = CliRunner().invoke(goodpain, ["--data", str(tmp_path), "doctor", "--json"])
    (record,) = [one for one in json.loads(done.stdout)["findings"] if one["subject"] == "record"]
    assert ("chmod 700" in record["todo"]) is problem
    assert (record["verdict"] == "problem") is problem


def test_what_an_export_tidies_up_is_never_behind_a_link(tmp_path: Path) -> None:
    theirs, out = tmp_path / "theirs", tmp_path / "out"
    theirs.mkdir()
    (theirs / "letter").write_text("dear")
    out.mkdir()
    (out / ".goodpain-export-x").symlink_to(theirs)
    (out / "clients.csv").symlink_to(theirs / "letter")
    with open_history(tmp_path / "history.db") as history:
        history.client("A17")
    done = CliRunner().invoke(goodpain, ["--data", str(tmp_path), "export", "--csv", str(out)])
    assert done.exit_code == 0, done.output
    assert [path.name for path in theirs.iterdir()] == ["letter"]
    assert (theirs / "letter").read_text() == "dear"
    assert "A17" in (out / "clients.csv").read_text()


def write_calibration(path: Path) -> None:
    calibration.save(path, calibration.CalibrationFile("a", 0.0, 1000.0))
    calibration.keep(path, calibration.CalibrationFile("a", 0.0, 1001.0))


@pytest.fixture
def cores() -> Iterator[None]:
    """Core files are as large as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.mark.usefixtures("cores")
def test_a_program_that_runs_leaves_no_core_and_tells_no_passphrase(tmp_path: Path) -> None:
    limits = Path("/proc/self/limits")
    if not limits.exists():
        pytest.skip("/proc is not there to look into")
    secret = "correct horse battery staple"
    words = tmp_path / "words"
    words.write_text(f"{secret}\n")
    words.chmod(0o600)
    with open_history(tmp_path / "history.db", passphrase=secret) as history:
        history.client("A17")
    with Terminal("review", "--data", tmp_path, GOODPAIN_PASSPHRASE_FILE=str(words)) as terminal:
        terminal.wait_for("A17", 40.0)
        process = Path("/proc") / str(terminal.pid)
        (core,) = [
            line.split()[4] for line in (process / "limits").read_text().splitlines() if "core file" in line
        ]
        assert core in ("0", "1")
        for name in ("cmdline", "environ"):
            assert secret.encode() not in (process / name).read_bytes()
        assert secret.encode() not in terminal.written
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path != words]
    assert not [path for path in kept if secret.encode() in path.read_bytes()]


def test_every_folder_is_made_by_the_room_that_makes_them_private() -> None:
    wrong = [
        f"{path}:{call.lineno}"
        for path, tree in modules()
        for name, call in calls(tree)
        if name.endswith((".mkdir", "os.makedirs"))
        and path != "feedback/private_file.py"
        and not (isinstance(mode := keyword(call, "mode"), ast.Constant) and mode.value == 0o700)
    ]
    # `parents=True` makes folders that others may write to, whatever the mode says.
    wrong += [
        f"{path}:{call.lineno} parents"
        for path, tree in modules()
        for name, call in calls(tree)
        if name.endswith(".mkdir") and keyword(call, "parents") is not None
    ]
    assert not wrong, "\n".join(wrong)


def test_every_file_is_made_for_its_owner() -> None:
    wrong: list[str] = []
    for path, tree in modules():
        for name, call in calls(tree):
            if name.endswith((".write_text", ".write_bytes")):
                wrong.append(f"{path}:{call.lineno} {name}")
            if name == "os.open" and any(
                isinstance(node, ast.Attribute) and node.attr == "O_CREAT" for node in ast.walk(call)
            ):
                flags = {node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute)}
                last = call.args[-1]
                if not (isinstance(last, ast.Constant) and last.value == 0o600):
                    wrong.append(f"{path}:{call.lineno} no mode")
                if "O_TRUNC" in flags:
                    wrong.append(f"{path}:{call.lineno} writes over what lies there")
            # `open(…, "w")` and `Path.open("a")` follow the umask unless they have an opener of ours.
            modes = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            writes = any(set(mode) <= set("rwaxbt+") and set(mode) & set("wax") for mode in modes[:2])
            if name.split(".")[-1] == "open" and writes and keyword(call, "opener") is None:
                wrong.append(f"{path}:{call.lineno} {name} without opener=private")
    assert not wrong, "\n".join(wrong)
