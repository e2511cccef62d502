"""A hostile device and a hostile record in a real terminal: nothing of theirs reaches it raw."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from pathlib import Path

import pytest

import feedback.drills
from firmware_bridge import wire
from tests.bridge.pty_device import PtyDevice
from tests.cli.devices import wait_until_listening
from tests.security.hostile import ATTACK, CODE, STEERS, hostile_record
from tests.terminal import Terminal

THEIRS = [
    b"\x1b]0;renamed",
    b"\x1b]8;;http",
    b"\x1b[31m\x9b8m",
    *(c.encode() for c in ("\x9b", "\x85", "\u202e", "\u2066", "\u200e", "\u2028", "\ufeff", "\U000e0041")),
]
"""What is theirs alone: a screen of ours never writes these."""


def _harmless(terminal: Terminal) -> None:
    written = terminal.written
    assert not [theirs for theirs in THEIRS if theirs in written], written[-3000:]
    # A title of the window is the first thing that an attack asks for, in whichever form.
    assert b"\x1b]0;" not in written
    assert b"\x1b]2;" not in written


@pytest.fixture
def device(tmp_path: Path) -> PtyDevice:
    with PtyDevice(tmp_path / "ttyEVIL") as port:
        yield port


def _speak(port: PtyDevice, stop: threading.Event) -> None:
    """Name, serial and messages that attack; samples that are all right."""
    wait_until_listening(port, 30.0)
    words = {name: f"{name} {ATTACK}".replace("\n", "") for name in ("device", "serial", "fw", "unit")}
    port.send(
        wire.encode_meta(
            0, {"proto": "1", "counts_per_n": "1000", "zero_counts": "0", "rate_hz": "80", **words}
        )
    )
    seq = 0
    while not stop.wait(1 / 80):
        port.send(wire.encode_sample(seq, seq * 12_500, (20_000,)))
        if seq % 60 == 10:
            port.send(wire.encode_log(seq * 12_500, f"a message {ATTACK}"))
        seq += 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("live", "--client", "A17", "--point", "infraspinatus, left"),
        ("live", "--plain", "--client", "A17"),
        ("record", "--for", "2"),
    ],
    ids=["screen", "plain", "record"],
)
def test_what_a_device_says_does_not_steer_the_terminal(
    tmp_path: Path, device: PtyDevice, arguments: tuple[str, ...]
) -> None:
    stop = threading.Event()
    speaker = threading.Thread(target=_speak, args=(device, stop))
    speaker.start()
    data = tmp_path / "data"
    try:
        with Terminal(
            *arguments,
            "--sensor",
            device.url,
            "--dialect",
            "native-binary",
            "--data",
            data,
            rows=40,
            columns=160,
        ) as terminal:
            terminal.wait_for("a message", 25.0)
            if arguments[0] == "live":
                terminal.type("q\r" if "--plain" in arguments else "\x11")
                terminal.read(0.5)
                terminal.type("\r")
            stop.set()
            terminal.wait(20.0)
            _harmless(terminal)
    finally:
        stop.set()
        speaker.join(5.0)
    with sqlite3.connect(data / "history.db") as record:
        ((serial, device_name, source),) = record.execute(
            "SELECT sensor_serial, sensor_device, (SELECT source FROM calibration) FROM session"
        )
    assert serial.startswith("serial ")
    assert not STEERS.search(serial + device_name + source)


def test_a_hostile_record_is_looked_through_without_harm(tmp_path: Path) -> None:
    hostile_record(tmp_path)
    with Terminal("review", "--data", tmp_path, rows=40, columns=160) as terminal:
        terminal.wait_for("A17", 25.0)
        for keys in ("\r", "\r", "\r"):
            terminal.type(keys)
            terminal.read(0.3)
        terminal.type("\x11")
        terminal.wait(20.0)
        _harmless(terminal)
        assert "Traceback" not in terminal.text()


def test_hostile_codes_points_and_drills_are_chosen_from_without_harm(tmp_path: Path) -> None:
    hostile_record(tmp_path)
    drills = tmp_path / "drills"
    drills.mkdir()
    shipped = Path(feedback.drills.__file__).parent / "shipped"
    words = json.dumps(ATTACK.replace("\x00", ""))
    for file in sorted(shipped.glob("*.toml"))[:2]:
        text = re.sub(
            r"(?m)^(title|about) = .*", rf"\1 = {words}".replace("\\", "\\\\"), file.read_text("utf-8")
        )
        (drills / f"own-{file.name}").write_text(text, "utf-8")
    (drills / "[red]\x1b[2J.toml").write_text("title = [", "utf-8")
    for arguments, first, keys in (
        (("live", "--sensor", "sim://bench"), "Whose session?", (CODE[:6], "\t", "inf")),
        (
            ("practise", "--trainee", "[red]T1", "--sensor", "sim://bench"),
            "How far",
            ("d", "\x1b[B", "\x1b[B"),
        ),
    ):
        with Terminal(*arguments, "--data", tmp_path, rows=40, columns=160) as terminal:
            terminal.wait_for(first, 25.0)
            for key in keys:
                terminal.type(key)
                terminal.read(0.15)
            assert "[red]" in terminal.text()
            terminal.type("\x11")
            terminal.wait(20.0)
            _harmless(terminal)


def test_a_hostile_device_is_calibrated_and_mirrored_without_harm(tmp_path: Path, device: PtyDevice) -> None:
    stop = threading.Event()
    speaker = threading.Thread(target=_speak, args=(device, stop))
    speaker.start()
    data = tmp_path / "data"
    sensor = ("--sensor", device.url, "--dialect", "native-binary", "--data", data)
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    try:
        with Terminal("calibrate", *sensor, rows=40, columns=160) as terminal:
            terminal.wait_for("Step 1", 40.0)
            terminal.read(1.0)
            terminal.type("\x11")
            terminal.wait(20.0)
            _harmless(terminal)
            assert "Traceback" not in terminal.text()
        hostile_record(data)
        with (
            Terminal(
                "live",
                "--client",
                CODE,
                "--point",
                "infraspinatus, left",
                *sensor,
                rows=40,
                columns=160,
                **home,
            ) as live,
            Terminal("mirror", "--data", data, rows=40, columns=160, **home) as mirror,
        ):
            live.wait_for("a message", 40.0)
            mirror.wait_for("infraspinatus", 40.0)
            mirror.type("q")
            mirror.read(1.0)
            _harmless(mirror)
            _harmless(live)
    finally:
        stop.set()
        speaker.join(5.0)
