"""Whatever is wrong, the program says so in one sentence, ends with a code and keeps what it had."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bridge.pty_device import PtyDevice
from tests.cli.devices import play, start_recording, wait_until_listening
from tests.cli.other_encoder import sample
from tests.terminal import run

SIM = "sim://quiet?speed=20"


def complains(*arguments: object, **environment: str) -> str:
    """Run, expect a failure of one sentence without a traceback, and return it."""
    code, out, err = run(*[str(argument) for argument in arguments], **environment)
    assert code != 0
    assert out == ""
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) <= 4, err
    return err


def test_no_such_port(tmp_path):
    assert "/dev/ttyNOTHERE" in complains("record", "--sensor", "/dev/ttyNOTHERE", "--data", tmp_path)


def test_no_such_scenario(tmp_path):
    assert "upper-trapezius" in complains("record", "--sensor", "sim://nowhere", "--data", tmp_path)


def test_no_such_dialect(tmp_path):
    assert "native-binary" in complains("record", "--sensor", SIM, "--dialect", "latin", "--data", tmp_path)


def test_a_port_that_another_program_holds(tmp_path):
    with PtyDevice(tmp_path / "tty") as device:
        first = start_recording(device.url, tmp_path / "one")
        wait_until_listening(device)
        # One that hears nothing would let go of the port by itself.
        time.sleep(0.3)
        device.send(b"".join(sample(i, i * 12_500, 0) for i in range(80)))
        try:
            said = complains("record", "--sensor", device.url, "--data", tmp_path / "two")
            assert "another program" in said or "holds" in said or "use" in said
        finally:
            first.kill()
            first.communicate()


def test_a_device_that_sends_nothing(tmp_path):
    with PtyDevice(tmp_path / "tty") as device:
        assert "nothing" in complains("record", "--sensor", device.url, "--data", tmp_path, "--for", "2")


def test_a_device_that_sends_garbage(tmp_path):
    with PtyDevice(tmp_path / "tty") as device:
        recording = start_recording(device.url, tmp_path, "--for", "2")
        wait_until_listening(device)
        chance = __import__("random").Random(3)
        play(
            device, [(i * 0.05, bytes(chance.randrange(128, 256) for _ in range(60))) for i in range(80)]
        ).join()
        out, err = recording.communicate(timeout=20)
        assert recording.returncode != 0
        assert out == ""
        assert "baud" in err
        assert "Traceback" not in err


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "history.db").write_text("these are my notes")
    assert "not a database" in complains("history", "--data", tmp_path)
    assert (tmp_path / "history.db").read_text() == "these are my notes"


def test_a_record_from_a_newer_version(tmp_path):
    assert run("record", "--sensor", SIM, "--for", "1", "--data", tmp_path)[0] == 0
    with sqlite3.connect(tmp_path / "history.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    assert "newer" in complains("record", "--sensor", SIM, "--for", "1", "--data", tmp_path)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a tiny disk: Linux, as root")
def test_a_full_disk_keeps_what_was_there_and_says_so(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("this machine does not let root mount a disk")
    try:
        code, _, err = run("record", "--sensor", SIM, "--for", "2", "--data", disk)
        assert code == 0, err
        with (disk / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 1024)
            except OSError:
                pass
        code, _, err = run(
            "record", "--sensor", "sim://upper-trapezius?speed=20", "--for", "60", "--data", disk
        )
        assert code != 0
        assert "full" in err
        assert "Traceback" not in err
        (disk / "filler").unlink()
        code, out, _ = run("history", "--data", disk)
        assert code == 0
        assert "samples" in out
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    complains("record", "--sensor", SIM, "--for", "1", "--data", tmp_path / "file" / "below")
    complains("export", "--csv", "/proc/nowhere", "--data", tmp_path)


def test_an_unknown_muscle_is_named_with_the_nearest(tmp_path):
    assert "infraspinatus" in complains(
        "record", "--sensor", SIM, "--point", "infraspinatos, left", "--data", tmp_path
    )


def test_a_band_upside_down(tmp_path):
    assert "upside down" in complains("record", "--sensor", SIM, "--band", "3-2", "--data", tmp_path)
    assert "2.0-3.0" in complains("record", "--sensor", SIM, "--band", "lots", "--data", tmp_path)


def test_settings_that_cannot_be_used_name_the_file_and_the_key(tmp_path):
    (tmp_path / "config.toml").write_text('unit = "furlong"')
    said = complains("settings", "--data", tmp_path)
    assert "config.toml" in said
    assert "kg/cm2" in said


def test_a_calibration_file_that_is_none(tmp_path):
    (tmp_path / "mine.toml").write_text("counts_per_n = 0")
    assert "mine.toml" in complains(
        "record", "--sensor", SIM, "--calibration", tmp_path / "mine.toml", "--data", tmp_path
    )


def test_a_replay_of_something_else(tmp_path):
    (tmp_path / "notes.raw").write_text("hello")
    assert "notes.raw" in complains(
        "record", "--sensor", f"replay://{tmp_path}/notes.raw", "--data", tmp_path
    )
    complains("record", "--sensor", f"replay://{tmp_path}/gone.raw", "--data", tmp_path)


def test_a_client_who_is_not_in_the_record_is_an_error_and_the_nearest_code_is_named(tmp_path):
    code, _, err = run("record", "--sensor", SIM, "--for", "1", "--client", "K-07", "--data", tmp_path)
    assert code == 0, err
    for command in (["history"], ["history", "--json"], ["export", "--csv", tmp_path / "csv"]):
        assert "K-07" in complains(*command, "--client", "K-7", "--data", tmp_path)
    assert not (tmp_path / "csv").exists()


def test_reading_commands_make_no_record_where_there_is_none(tmp_path):
    folder = tmp_path / "not" / "there"
    code, out, _ = run("history", "--data", folder)
    assert (code, out) == (0, "The record is empty.\n")
    code, out, _ = run("history", "--json", "--data", folder)
    assert (code, json.loads(out)) == (0, {"clients": [], "sessions": []})
    complains("history", "--client", "K-07", "--data", folder)
    complains("export", "--csv", tmp_path / "csv", "--data", folder)
    assert list(tmp_path.iterdir()) == []


def test_errors_need_no_folder_of_their_own(tmp_path: Path):
    complains("record", "--sensor", "/dev/ttyNOTHERE", "--data", tmp_path / "new" / "deep")
