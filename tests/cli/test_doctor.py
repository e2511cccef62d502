"""`goodpain doctor`: each thing that can be wrong is named, with what to do; nothing else is."""

from __future__ import annotations

import grp
import json
import os
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from firmware_bridge.calibration import MAX_AGE_DAYS, CalibrationFile, file_name, save
from firmware_bridge.doctor import (
    Finding,
    PortFacts,
    SignalFacts,
    Verdict,
    check_calibration,
    check_group,
    check_port,
    check_signal,
)
from firmware_bridge.doctor_facts import port_facts
from firmware_bridge.sensors import SensorPort
from sim.serve import pty_server
from tests.bridge.pty_device import PtyDevice
from tests.cli.devices import start_recording, wait_until_listening
from tests.terminal import Terminal, run
from tui.commands.doctor import check_terminal, page

GOOD = SignalFacts(
    seconds=10,
    dialect="Goodpain binary frames",
    samples=800,
    rate_hz=80,
    announced_hz=80,
    has_clock=True,
    has_numbers=True,
    skew_ppm=3000,
    answers_pings=True,
    round_trips_s=(0.003, 0.004, 0.005),
    noise_counts=20,
    noise_n=0.001,
    calibration_source="sensor",
)


def verdicts(facts: SignalFacts) -> dict[str, Verdict]:
    return {finding.subject: finding.verdict for finding in check_signal(facts)}


def changed(**values: object) -> SignalFacts:
    from dataclasses import replace

    return replace(GOOD, **values)  # type: ignore[arg-type]


def test_a_good_sensor_has_nothing_to_do() -> None:
    assert set(verdicts(GOOD).values()) == {Verdict.OK}
    assert all(not finding.todo for finding in check_signal(GOOD))


@pytest.mark.parametrize(
    ("values", "subject", "verdict"),
    [
        ({"lost": 4}, "loss", Verdict.NOTE),
        ({"lost": 40}, "loss", Verdict.PROBLEM),
        ({"checksum_errors": 2}, "loss", Verdict.NOTE),
        ({"rate_hz": 5.0, "announced_hz": None}, "rate", Verdict.NOTE),
        ({"rate_hz": 60.0}, "rate", Verdict.NOTE),
        ({"skew_ppm": None}, "clock", Verdict.NOTE),
        ({"skew_ppm": 15000.0}, "clock", Verdict.NOTE),
        ({"round_trips_s": ()}, "latency", Verdict.NOTE),
        ({"round_trips_s": (0.03, 0.035, 0.04)}, "latency", Verdict.NOTE),
        ({"noise_n": 0.2}, "noise", Verdict.NOTE),
        ({"noise_n": 2.0}, "noise", Verdict.PROBLEM),
        ({"saturated": 100}, "noise", Verdict.PROBLEM),
        ({"problem": "The sensor is ill: cure it"}, "sensor", Verdict.PROBLEM),
        ({"samples": 0}, "signal", Verdict.PROBLEM),
    ],
)
def test_what_is_wrong_with_a_signal_is_named_with_what_to_do(
    values: dict[str, object], subject: str, verdict: Verdict
) -> None:
    (found,) = [finding for finding in check_signal(changed(**values)) if finding.subject == subject]
    assert found.verdict is verdict
    assert found.todo or subject == "sensor"


def test_a_sensor_without_numbers_clock_and_pings_is_not_blamed() -> None:
    facts = changed(has_clock=False, has_numbers=False, answers_pings=False, skew_ppm=None, round_trips_s=())
    assert set(verdicts(facts).values()) == {Verdict.OK}


def test_the_age_of_a_calibration_is_told() -> None:
    today = date(2026, 5, 1)
    young = CalibrationFile("A", 0, 1000, date=today - timedelta(days=3))
    old = CalibrationFile("A", 0, 1000, date=today - timedelta(days=MAX_AGE_DAYS + 1))
    assert check_calibration(GOOD, young, today).verdict is Verdict.OK
    assert "3 days old" in check_calibration(GOOD, young, today).text
    assert check_calibration(GOOD, old, today).verdict is Verdict.NOTE
    assert check_calibration(GOOD, None, today).verdict is Verdict.NOTE
    assert check_calibration(changed(calibration_source=""), None, today).verdict is Verdict.PROBLEM


def test_a_port_that_may_not_be_opened_names_the_group() -> None:
    found = check_port(
        PortFacts("/dev/ttyUSB0", usb="0403:6001", openable=False, group="dialout"), wanted=False
    )
    assert found.verdict is Verdict.PROBLEM
    assert "usermod -aG dialout" in found.todo


def test_a_group_that_would_not_help_is_never_named(tmp_path: Path) -> None:
    barred = PortFacts("/dev/ttyS0", openable=False)
    assert "usermod" not in check_port(barred, wanted=True).todo
    assert "chmod a+rw /dev/ttyS0" in check_port(barred, wanted=True).todo
    joined = PortFacts("/dev/ttyUSB0", openable=False, group="dialout", joined=True)
    assert check_port(joined, wanted=True).todo.startswith("log out and in again")
    assert "usermod" not in check_group(["users"], ["dialout"], root=False, joined=True).todo
    assert check_group(["users"], ["dialout"], root=False, all_open=True).verdict is Verdict.OK
    # A real file whose group may read and write it, and one whose group may not.
    port = tmp_path / "tty"
    port.write_bytes(b"")
    if os.geteuid() == 0:
        os.chown(port, 0, grp.getgrnam("dialout").gr_gid)
    for mode, helps in ((0o600, False), (0o640, False), (0o660, True)):
        port.chmod(mode)
        assert bool(port_facts(SensorPort(str(port), "", None, None, "", "")).group) == helps


def test_beside_advice_not_all_is_well() -> None:
    ok, note, problem = (Finding("x", verdict, "seen") for verdict in Verdict)
    assert page([ok])[-1] == "All is well."
    assert page([ok, note])[-1] == "No problem. Notes: 1."
    assert page([ok, note, problem])[-1] == "One problem. Notes: 1."


def test_a_held_port_is_a_problem_only_where_it_is_wanted() -> None:
    port = PortFacts("/dev/ttyUSB0", holders=("minicom (process 7)",))
    assert check_port(port, wanted=True).verdict is Verdict.PROBLEM
    assert check_port(port, wanted=False).verdict is Verdict.NOTE
    assert "minicom (process 7)" in check_port(port, wanted=True).text


def test_a_slow_latency_timer_of_an_adapter_is_found_and_low_latency_offered(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB7").mkdir()
    timer = tmp_path / "ttyUSB7" / "latency_timer"
    timer.write_text("16\n")
    port = SensorPort("/dev/ttyUSB7", "", 0x0403, 0x6001, "", "FTDI adapter")
    found = check_port(port_facts(port, tmp_path), wanted=False)
    assert (found.verdict, "16 ms" in found.text, str(timer) in found.todo) == (Verdict.NOTE, True, True)
    timer.write_text("1\n")
    assert check_port(port_facts(port, tmp_path), wanted=False).verdict is Verdict.OK


def test_a_user_outside_the_group_is_told_how_to_join() -> None:
    assert "usermod -aG dialout" in check_group(["users"], ["dialout"], root=False).todo
    assert check_group(["users", "dialout"], ["dialout"], root=False).verdict is Verdict.OK
    assert check_group([], ["dialout"], root=True).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("columns", "rows", "encoding", "environment", "verdict"),
    [
        (120, 40, "utf-8", {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "ok"),
        (60, 40, "utf-8", {"TERM": "xterm-256color"}, "note"),
        (120, 40, "ascii", {"TERM": "xterm"}, "note"),
        (120, 40, "utf-8", {"TERM": "dumb"}, "note"),
    ],
)
def test_a_terminal_that_cannot_show_the_screen_is_noticed(
    columns: int, rows: int, encoding: str, environment: dict[str, str], verdict: str
) -> None:
    assert check_terminal(True, columns, rows, encoding, environment).verdict == verdict


def doctor(folder: Path, *arguments: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
    code, out, err = run("doctor", "--json", "--data", folder, *arguments)
    assert err == ""
    found = json.loads(out)
    assert found["ok"] == (code == 0)
    subjects: dict[str, list[dict[str, str]]] = {}
    for finding in found["findings"]:
        subjects.setdefault(finding["subject"], []).append(finding)
    return code, subjects


def test_the_page_of_a_good_sensor_fits_80_columns_and_one_screen(tmp_path: Path) -> None:
    with Terminal(
        "doctor", "--sensor", "sim://bench", "--for", "2", "--data", str(tmp_path), rows=40
    ) as terminal:
        code = terminal.wait(30)
        text = terminal.text()
    assert code == 0, text
    for words in ("python", "textual", "80×40", "0 of 1", "there and back", "calibration", "No problem"):
        assert words in text, words


def test_a_lossy_sensor_is_a_problem_and_exit_code_1(tmp_path: Path) -> None:
    code, found = doctor(tmp_path, "--sensor", "sim://bench?drop=0.05", "--for", "3")
    assert code == 1
    assert found["loss"][0]["verdict"] == "problem"
    assert found["latency"][0]["verdict"] == "ok"


def test_the_calibration_kept_for_the_sensor_is_found_and_dated(tmp_path: Path) -> None:
    serial = "SIM-bench-1"
    content = CalibrationFile(serial, 84_000, 20_000, date=date.today() - timedelta(days=400))
    save(tmp_path / "calibrations" / file_name(serial), content)
    _, found = doctor(tmp_path, "--sensor", "sim://bench?seed=1", "--for", "1.5")
    assert found["calibration"][0]["verdict"] == "note"
    assert "400 days old" in found["calibration"][0]["text"]


def test_a_sensor_that_is_not_there_and_a_damaged_record_are_sentences(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4000)
    code, found = doctor(tmp_path, "--sensor", "/dev/ttyNOWHERE")
    assert code == 1
    assert "There is no port /dev/ttyNOWHERE" in found["sensor"][0]["text"]
    assert found["record"][0]["verdict"] == "problem"


def test_the_doctor_changes_nothing_in_the_record_folder(tmp_path: Path) -> None:
    doctor(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_holder_of_a_busy_port_is_named(tmp_path: Path) -> None:
    with PtyDevice(tmp_path / "ttyGAUGE") as device:
        other = start_recording(device.url, tmp_path / "other")
        try:
            wait_until_listening(device)
            code, found = doctor(tmp_path / "mine", "--sensor", device.url)
        finally:
            other.terminate()
            other.communicate(timeout=20)
    assert code == 1
    assert any(f"process {other.pid}" in finding["text"] for finding in found["port"])
    assert "in use" in found["sensor"][0]["text"]


def test_a_gauge_that_is_asked_is_examined_too(tmp_path: Path) -> None:
    with pty_server("sim://twin-mark-10", threading.Event()) as server:
        code, found = doctor(tmp_path, "--sensor", server.path, "--dialect", "mark-10", "--for", "3")
    assert found["dialect"][0]["text"] == "Mark-10 force gauge"
    assert found["rate"][0]["verdict"] == "ok"
    assert "cannot be known" in found["loss"][0]["text"]
    assert code == 0


def test_a_broken_settings_file_does_not_stop_the_doctor(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("unit = 3\n")
    code, found = doctor(tmp_path)
    assert code == 1
    assert "unit" in found["settings"][0]["text"]
