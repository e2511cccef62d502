"""What happens while a calibration or the settings are written, and where nobody reads what the program says."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from firmware_bridge.calibration import CalibrationFile, load, save
from firmware_bridge.errors import CalibrationError
from tests.bridge.pty_device import PtyDevice
from tests.cli.devices import wait_until_listening
from tests.cli.other_encoder import sample
from tests.terminal import GOODPAIN, run
from tests.torture.cases import Case
from tests.torture.ledger import Outcome
from tests.torture.power import CREATED, SYNCED, WRITTEN, packed
from tests.torture.power_faults import cuts, logged
from tests.torture.preload import NEEDS_PRELOAD
from tests.torture.rig import Device, play, recording, timed
from tests.torture.small_disk import NEEDS_DISK, fill, small_disk
from tui.settings import SettingsError, load_settings

SERIAL = "SIM-masses-2"
OLD = CalibrationFile(SERIAL, 1234.5, 4321.0, date(2026, 1, 2), note="the one before")
CALIBRATE = ("calibrate", "--sensor", "sim://masses?speed=15", "--auto", "--skip-creep", "--json")
SETTINGS = '# mine\nunit = "kPa"\n\n[keys]\nrating-5 = "f5" # the pedal\n'
WRITER = """
import sys
from pathlib import Path
from tui.settings_file import write_keys, write_values
print("begins", flush=True)
for i in range(int(sys.argv[2])):
    write_values(Path(sys.argv[1]), {"therapist": f"T{i % 7}" * 300})
    write_keys(Path(sys.argv[1]), {"rating-5": f"f{i % 12 + 1}"})
"""


def _old(data: Path) -> Path:
    path = data / "calibrations" / f"{SERIAL}.toml"
    save(path, OLD)
    return path


def _whole(outcome: Outcome, path: Path) -> str:
    """The calibration in force is the old one, or a whole new one with the old one kept beside it."""
    outcome.tries += 1
    try:
        found = load(path)
        if found == OLD:
            return "old"
        older = [load(one) for one in path.parent.glob(f"{SERIAL}@*.toml")]
        outcome.must(OLD in older, "the calibration before is gone")
        outcome.must(found.accepted and found.report is not None, "the new calibration is not whole")
    except CalibrationError as error:
        outcome.failures.append(str(error))
    return "new"


def _calibration_killed(folder: Path) -> Outcome:
    """SIGKILL at random moments of a calibration, and as soon as its file is being written."""
    outcome = Outcome()
    begun_s = time.monotonic()
    _old(folder / "whole")
    code, _, err = run(*CALIBRATE, "--data", folder / "whole")
    outcome.must(code == 0, err)
    lasts_s = time.monotonic() - begun_s
    chance = random.Random(9)
    ended: list[str] = []
    for i in range(8):
        data = folder / str(i)
        path = _old(data)
        writing = i >= 4
        process = subprocess.Popen(
            [str(GOODPAIN), *CALIBRATE, "--data", str(data)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        end_s = time.monotonic() + (60.0 if writing else chance.uniform(0.1, lasts_s))
        while time.monotonic() < end_s and process.poll() is None:
            if writing and len(list(path.parent.iterdir())) > 1:
                time.sleep(chance.uniform(0.0, 0.01))
                break
            time.sleep(0 if writing else 0.01)
        process.kill()
        process.wait()
        ended.append(_whole(outcome, path))
    outcome.seen = "nothing was told to be written; the sensor goes on with the calibration before"
    outcome.kept = (
        f"a whole calibration: {ended.count('old')} times the old one, {ended.count('new')} times the new one"
    )
    return outcome


def _calibration_unplugged(folder: Path) -> Outcome:
    """The sensor is pulled in the middle of a calibration."""
    outcome = Outcome(tries=1)
    data = folder / "data"
    path = data / "calibrations" / "cell.toml"
    save(path, OLD)
    command = ["calibrate", "--auto", "--json", "--skip-creep", "--masses", "0,10N,20N,0", "--diagnose", "1"]
    command += ["--dialect", "native-binary"]
    with PtyDevice(folder / "ttyCELL") as port:
        process = subprocess.Popen(
            [str(GOODPAIN), *command, "--serial", "cell", "--sensor", port.url, "--data", str(data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        wait_until_listening(port, 60.0)
        time.sleep(0.3)
        # Through the diagnosis and the zero, into the first load.
        play(
            port, timed(sample(i, i * 12_500, 1000 + (50_000 if i > 500 else 0) + i % 5) for i in range(600))
        )
        port.unplug()
        out, err = process.communicate(timeout=120)
    outcome.seen = " / ".join(line.removeprefix("goodpain: ") for line in err.strip().splitlines())
    outcome.kept = "the calibration before, as it was"
    outcome.must(process.returncode == 1 and not out.strip(), f"exit code {process.returncode}: {out}")
    outcome.must("Traceback" not in err and "nothing was written" in err, err)
    outcome.must(load(path) == OLD and len(list(path.parent.iterdir())) == 1, "something was written")
    return outcome


def _calibration_full(folder: Path) -> Outcome:
    """The disk is full when the calibration is to be written."""
    outcome = Outcome(tries=2)
    for room in (0, 600):
        with small_disk(folder / f"disk{room}") as disk:
            path = _old(disk / "data")
            filler = fill(disk)
            with filler.open("r+b") as file:
                # Whole pages: room for the copy of the old file, not for the new one.
                file.truncate(filler.stat().st_size - 4096 * bool(room))
            code, out, err = run(*CALIBRATE, "--data", disk / "data")
            outcome.must(code == 1 and not out.strip(), f"exit code {code}: {out}")
            outcome.must(len(err.strip().splitlines()) == 1 and "Traceback" not in err, err)
            outcome.must(load(path) == OLD, "the calibration before is damaged")
            left = sorted(one.name for one in path.parent.iterdir())
            outcome.must(left == [path.name], f"left behind: {left}")
            outcome.seen = err.strip().removeprefix("goodpain: ")
    outcome.kept = "the calibration before, as it was, and nothing beside it"
    return outcome


def _cut(
    folder: Path, under: Path, command: list[str], rounds: int, whole: Callable[[Outcome, Path], object]
) -> Outcome:
    """The power fails while a command works on the files of a folder, which are on the disk before."""
    outcome = Outcome()
    environment = logged(folder, under)
    found = [path for path in sorted(under.rglob("*")) if path.is_file()]
    before = [
        packed(CREATED, path) + packed(WRITTEN, path, path.read_bytes()) + packed(SYNCED, path)
        for path in found
    ]
    (folder / "log").write_bytes(b"".join([*before, packed(SYNCED, under)]))
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=120
    )
    outcome.must(done.returncode == 0, done.stderr)
    # Few writes, and many ways in which each may be on the disk or not.
    for seed in range(rounds):
        for _, copy, _ in cuts(folder, under, 1_000, seed, 3 * len(found) + 1):
            whole(outcome, copy)
    return outcome


def _calibration_cut(folder: Path) -> Outcome:
    under = folder / "data" / "calibrations"
    _old(folder / "data")
    command = [str(GOODPAIN), *CALIBRATE, "--data", str(folder / "data")]
    outcome = _cut(folder, under, command, 20, lambda all_, copy: _whole(all_, copy / f"{SERIAL}.toml"))
    outcome.seen = "nothing: the calibration is the one before, or the new one"
    outcome.kept = (
        f"a whole calibration in all {outcome.tries} copies; where it is the new one, the old one beside it"
    )
    return outcome


def _settings(outcome: Outcome, path: Path) -> None:
    """The settings are whole, and what the user wrote into them is there."""
    outcome.tries += 1
    try:
        found = load_settings(path)
        outcome.must(found.unit.key == "kpa" and "rating-5" in found.keys, f"they are {found}")
        text = path.read_text("utf-8")
        outcome.must("# mine" in text and "# the pedal" in text, f"comments are gone: {text[:200]}")
    except SettingsError as error:
        outcome.failures.append(str(error))


def _settings_killed(folder: Path) -> Outcome:
    """SIGKILL at random moments while the settings are written again and again."""
    outcome = Outcome()
    chance = random.Random(4)
    folder.mkdir(parents=True)
    path = folder / "config.toml"
    path.write_text(SETTINGS, "utf-8")
    for _ in range(20):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), "100000"], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.1))
            process.kill()
        _settings(outcome, path)
    outcome.seen = "nothing: the settings are the old or the new ones"
    outcome.kept = f"whole settings with the user's comments, {outcome.tries} times"
    return outcome


def _settings_cut(folder: Path) -> Outcome:
    under = folder / "data"
    under.mkdir(parents=True)
    (under / "config.toml").write_text(SETTINGS, "utf-8")
    command = [sys.executable, "-c", WRITER, str(under / "config.toml"), "4"]
    outcome = _cut(folder, under, command, 5, lambda all_, copy: _settings(all_, copy / "config.toml"))
    outcome.seen = "nothing: the settings are the old or the new ones"
    outcome.kept = f"whole settings with the user's comments, in all {outcome.tries} copies"
    return outcome


def _unheard(folder: Path) -> Outcome:
    """Whoever started a recording reads neither its summary nor its complaints any more."""
    outcome = Outcome()
    for which in ("stdout", "stderr"):
        device = Device()
        with recording(folder / which, "--for", "7") as at:
            pipe = getattr(at.process, which)
            pipe.close()
            setattr(at.process, which, None)
            play(at.port, timed(device.frame() for _ in range(120)))
            time.sleep(0.3)
            at.port.unplug()
            time.sleep(0.5)
            at.port.plug_in()
            wait_until_listening(at.port, 30.0)
            time.sleep(0.3)
            at.port.send(device.reboot())
            play(at.port, timed(device.frame() for _ in range(120)))
            time.sleep(0.3)
            sent = len(device.sent)
            at.process.communicate(timeout=60)
            found = at.found(device)
        outcome.add(found)
        outcome.must(found.recorded == sent, f"{which} closed: {found.recorded} of {sent} samples")
        outcome.must(found.ended == ("ended",), f"{which} closed: {found.ended}")
    outcome.seen = "nothing: nobody reads it; the exit code is 1 where the summary found no reader"
    outcome.kept = f"{outcome.recorded} of {outcome.sent} samples, also those after the plug was pulled"
    return outcome


TITLE = "What is written beside the record"
CASES = [
    Case("calibration killed at random moments", _calibration_killed),
    Case("unplugged in the middle of a calibration", _calibration_unplugged),
    Case("disk full when a calibration is written", _calibration_full, missing=NEEDS_DISK),
    Case("power cut while a calibration is written", _calibration_cut, missing=NEEDS_PRELOAD),
    Case("killed while the settings are written", _settings_killed),
    Case("power cut while the settings are written", _settings_cut, missing=NEEDS_PRELOAD),
    Case("nobody reads what a recording says", _unheard),
]
