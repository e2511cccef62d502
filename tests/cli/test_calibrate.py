"""`goodpain calibrate` and `goodpain check`: the installed program, real ports, and the screen."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from firmware_bridge import open_sensor
from firmware_bridge.assessment import Conditions
from firmware_bridge.calibration import CalibrationFile, load, save
from firmware_bridge.loads import parse_loads
from tests.bridge.pty_device import PtyDevice
from tests.cli.other_encoder import meta, sample
from tests.terminal import GOODPAIN, run
from tests.tui.app import shown
from tui.calibrating import CalibrationWanted
from tui.screens.calibrate import CalibrateApp
from tui.settings import Settings

MASSES = "sim://masses?speed=40"
"""0, 1, 2, 1, 0 kg and 2 kg to creep, put on by themselves; 20000 counts a newton, zero at 50000."""


def calibrate(folder: Path, *arguments: str, sensor: str = MASSES, code: int = 0):
    done, out, err = run("calibrate", "--sensor", sensor, "--auto", "--json", "--data", folder, *arguments)
    assert done == code, err
    return json.loads(out) if out else err


def test_a_calibration_finds_the_truth_and_the_sensor_uses_it(tmp_path: Path) -> None:
    result = calibrate(tmp_path, "--area", "1.5")
    assert result["accepted"]
    assert result["counts_per_n"] == pytest.approx(20000, rel=1e-4)
    assert result["zero_counts"] == pytest.approx(50000, abs=20)
    assert result["model"] == "line"
    assert result["hysteresis_pct"] < 0.01
    assert abs(result["creep_pct"]) < 0.01
    assert result["diagnosis"]["saturated"] == 0
    assert result["diagnosis"]["rate_hz"] == pytest.approx(80, rel=0.02)
    assert [point["direction"] for point in result["points"]] == ["up", "up", "up", "down", "down"]
    stated = result["uncertainty"]
    assert 0 < stated["expanded_n"][0] < stated["expanded_n"][-1] < 0.02 * result["largest_load_n"]
    assert len(stated["expanded_kpa"]) == len(stated["force_n"])
    content = load(Path(result["written"]))
    assert (content.serial, content.date, content.tip_area_cm2) == ("SIM-masses-2", date.today(), 1.5)
    assert content.report is not None
    assert content.report.tips == {"probe": 1.5}
    with open_sensor("sim://masses", calibration_folder=tmp_path / "calibrations") as sensor:
        sensor.wait_ready(5)
        assert sensor.info.calibration is not None
        assert sensor.info.calibration.source == "SIM-masses-2.toml"
        assert sensor.info.calibration_warning == ""

    again = calibrate(tmp_path, "--skip-creep")
    assert again["older"] is not None
    assert load(Path(again["older"])) == content
    assert again["creep_pct"] is None
    assert any("creep was not measured" in remark for remark in again["remarks"])


def test_a_wrong_mass_is_refused_and_nothing_is_written_unless_asked(tmp_path: Path) -> None:
    wrong = ("--masses", "0,1kg,2.1kg,1kg,0", "--skip-creep")
    result = calibrate(tmp_path, *wrong, code=1)
    assert not result["accepted"]
    assert result["written"] is None
    assert not (tmp_path / "calibrations").exists()
    kept = calibrate(tmp_path, *wrong, "--keep-anyway", code=1)
    assert not load(Path(kept["written"])).accepted
    _, _, err = run("record", "--sensor", "sim://masses", "--for", "1", "--data", tmp_path)
    assert "not accepted" in err


def test_the_check_is_within_what_is_stated_and_is_logged(tmp_path: Path) -> None:
    bench = "sim://bench?speed=20"
    result = calibrate(tmp_path, "--masses", "0,20N,40N,0", sensor=bench)
    assert any("hysteresis was not measured" in remark for remark in result["remarks"])
    code, out, err = run("check", "--sensor", bench, "--mass", "20N", "--auto", "--json", "--data", tmp_path)
    assert code == 0, err
    good = json.loads(out)
    assert good["passed"]
    assert good["uncertainty_stated"]
    assert abs(good["difference_n"]) < good["allowed_n"] < 0.5
    code, out, _ = run("check", "--sensor", bench, "--mass", "2.2kg", "--auto", "--data", tmp_path)
    assert code == 1
    assert "Not good" in out
    code, out, err = run("check", "--sensor", bench, "--mass", "5kg", "--data", tmp_path)
    assert (code, out) == (1, "")
    assert "5kg is more than the largest load of the calibration" in err.replace("5 kg", "5kg")
    lines = (tmp_path / "calibrations" / "SIM-bench-2.checks.tsv").read_text().splitlines()
    assert [line.split("\t")[7] for line in lines] == ["verdict", "good", "not good"]


def test_an_old_calibration_is_told_when_recording(tmp_path: Path) -> None:
    made = date.today() - timedelta(days=200)
    save(tmp_path / "calibrations" / "SIM-bench-2.toml", CalibrationFile("SIM-bench-2", 50000, 20000, made))
    _, _, err = run("record", "--sensor", "sim://bench", "--for", "1", "--data", tmp_path)
    assert "200 days old" in err
    (tmp_path / "config.toml").write_text("calibration_days = 365\n")
    _, _, err = run("record", "--sensor", "sim://bench", "--for", "1", "--data", tmp_path)
    assert "days old" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("calibrate", "--sensor", "sim://bench", "--masses", "1kg,2kg"),
        ("calibrate", "--sensor", "sim://bench", "--masses", "0,2,3"),
        ("calibrate", "--sensor", "sim://bench", "--gravity", "1.6"),
        ("calibrate", "--sensor", "sim://bench", "--hold", "0"),
        ("calibrate", "--sensor", "sim://bench", "--area", "-1"),
        ("calibrate", "--sensor", "sim://bench", "--mass-tolerance", "0"),
        ("calibrate", "--sensor", "/dev/no-such-port"),
        ("check", "--sensor", "sim://bench", "--mass", "0"),
        ("check", "--sensor", "sim://bench", "--mass", "2"),
        ("calibrate", "--sensor", "sim://bench", "--auto", "--wait", "-1"),
        (
            "calibrate",
            "--sensor",
            "sim://bench?speed=40",
            "--auto",
            "--wait",
            "3",
            "--masses",
            "0,5kg",
            "--json",
        ),
        ("calibrate", "--sensor", "sim://bench?speed=20", "--plain", "--diagnose", "1"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, _, err = run(*arguments, "--data", tmp_path)
    assert code == 1
    assert len(err.strip().splitlines()) == 1
    assert err.startswith("goodpain: ")


class Scale:
    """A cell without serial number on a pty, with whatever rests on it."""

    def __init__(self, device: PtyDevice) -> None:
        self.force_n = 0.0
        self._device = device
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        start_s, seq = time.monotonic(), 0
        while not self._stop.is_set():
            if seq % 100 == 0:
                self._device.send(meta(proto=1, rate_hz=80))
            counts = round(1000 - 5000 * self.force_n + (seq * 7) % 5)
            self._device.send(sample(seq, int(seq / 80 * 1e6), counts))
            seq += 1
            time.sleep(max(0.0, start_s + seq / 80 - time.monotonic()))

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def test_enter_on_a_line_goes_on_and_a_sensor_without_serial_needs_a_name(tmp_path: Path) -> None:
    with PtyDevice(tmp_path / "ttyCELL") as device:
        cell = Scale(device)
        try:
            _guided(tmp_path, device, cell)
        finally:
            cell.stop()


def _guided(tmp_path: Path, device: PtyDevice, cell: Scale) -> None:
    options = ["--plain", "--masses", "0,10N,20N,10N,0", "--hold", "0.5", "--diagnose", "1", "--skip-creep"]
    command = [str(GOODPAIN), "calibrate", "--sensor", device.url, "--data", str(tmp_path), *options]
    nameless = subprocess.run(command, input="", capture_output=True, text=True, timeout=30, check=False)
    assert nameless.returncode == 1
    assert "--serial" in nameless.stderr

    program = subprocess.Popen(
        [*command, "--serial", "my cell"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        env=None,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    out: list[str] = []
    loads = iter((0.0, 10.0, 20.0, 10.0, 0.0))
    for line in program.stdout:
        out.append(line)
        if "(Enter)" not in line:
            continue
        if "warm" not in line and "ten minutes" not in line:
            cell.force_n = next(loads, 0.0)
            time.sleep(0.4)
        program.stdin.write("\n")
        program.stdin.flush()
    assert program.wait(30) == 0, "".join(out)
    program.stdin.close()
    program.stdout.close()
    assert program.stderr is not None
    program.stderr.close()
    content = load(tmp_path / "calibrations" / "my cell.toml")
    assert content.counts_per_n == pytest.approx(-5000, rel=1e-3)
    assert content.accepted


def test_a_pulled_plug_is_told_while_lines_are_written_and_nothing_is_written(tmp_path: Path) -> None:
    with PtyDevice(tmp_path / "ttyCELL") as device:
        cell = Scale(device)
        options = [
            "--plain",
            "--masses",
            "0,10N,20N,0",
            "--diagnose",
            "0.5",
            "--skip-creep",
            "--serial",
            "cell",
        ]
        command = [str(GOODPAIN), "calibrate", "--sensor", device.url, "--data", str(tmp_path), *options]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, **pipes, text=True, bufsize=1) as program:
            try:
                assert program.stdin is not None
                assert program.stdout is not None
                assert program.stderr is not None
                assert "Step 1" in program.stdout.readline()
                cell.stop()
                device.unplug()
                assert "ttyCELL" in program.stderr.readline()
                device.plug_in()
                cell = Scale(device)
                assert "the sensor is back" in program.stderr.readline()
                program.stdin.write("q\n")
                program.stdin.flush()
                assert program.wait(30) == 130
            finally:
                cell.stop()
                program.kill()
    assert not (tmp_path / "calibrations").exists()


@pytest.mark.parametrize("size", [(80, 24), (140, 45), (50, 16)])
async def test_the_screen_ends_with_the_verdict_at_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    wanted = CalibrationWanted(
        parse_loads("0,1kg,2kg,1kg,0"),
        tmp_path,
        auto=True,
        conditions=Conditions(tip_area_cm2=1.0),
        creep_s=0,
    )
    with open_sensor("sim://masses?speed=15") as sensor:
        sensor.wait_ready(5)
        app = CalibrateApp(sensor, wanted, Settings())
        async with app.run_test(size=size) as pilot:
            for _ in range(1600):
                await pilot.pause(0.05)
                if app.result is not None:
                    break
            await pilot.pause(0.3)
            text = "\n".join(shown(app))
            assert "ACCEPTED" in text
            assert all(len(row) <= size[0] for row in shown(app))
            await pilot.press("escape")
    assert app.result is not None
    assert app.result.path == tmp_path / "SIM-masses-2.toml"


async def test_the_screen_keeps_a_refused_calibration_only_when_told(tmp_path: Path) -> None:
    wanted = CalibrationWanted(parse_loads("0,1kg,2.1kg,1kg,0"), tmp_path, auto=True, creep_s=0)
    with open_sensor(MASSES) as sensor:
        sensor.wait_ready(5)
        app = CalibrateApp(sensor, wanted, Settings(glyphs="ascii"))
        async with app.run_test(size=(100, 30)) as pilot:
            for _ in range(600):
                await pilot.pause(0.05)
                if "NOT ACCEPTED" in "\n".join(shown(app)):
                    break
            assert "NOT ACCEPTED" in "\n".join(shown(app))
            assert app.result is not None
            assert app.result.path is None
            await pilot.press("k")
            for _ in range(200):
                await pilot.pause(0.05)
                if app.result.path is not None:
                    break
            assert app.result.path is not None
    assert not load(tmp_path / "SIM-masses-2.toml").accepted


async def test_enter_drives_the_screen(tmp_path: Path) -> None:
    wanted = CalibrationWanted(parse_loads("0,1kg,2kg,1kg,0"), tmp_path, diagnose_s=2.0)
    with open_sensor("sim://bench?speed=5") as sensor:
        sensor.wait_ready(5)
        app = CalibrateApp(sensor, wanted, Settings())
        async with app.run_test(size=(80, 24)) as pilot:
            for wanted_text in ("Step 2 of 8", "Step 3 of 8"):
                for _ in range(200):
                    await pilot.pause(0.05)
                    if wanted_text in "\n".join(shown(app)):
                        break
                assert wanted_text in "\n".join(shown(app))
                await pilot.press("enter")
            await pilot.press("escape")
    assert app.result is None
