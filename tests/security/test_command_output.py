"""No command lets a terminal be steered by what others wrote: names, serials, notes, titles, messages, arguments."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from tests.practise.test_command import filled
from tests.security.hostile import ATTACK, SHORT, STEERS, hostile_record
from tui.cli import goodpain, main

OWN_COLOURS = re.compile(r"\x1b\[3[123]m(ok|note|problem) *\x1b\[0m")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("hostile")
    filled(folder)
    code = hostile_record(folder)
    database = sqlite3.connect(folder / "history.db")
    with database:
        database.execute("UPDATE trainee SET code = ? WHERE code = 'T-01'", (code,))
    database.close()
    return folder, code


def _said(folder: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(goodpain, ["--data", str(folder), *arguments], color=True)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("history",),
        ("history", "--client", "CODE"),
        ("client", "list"),
        ("client", "show", "CODE"),
        ("care", "--client", "CODE"),
        ("plan", "--client", "CODE"),
        ("audit",),
        ("compact",),
        ("backup",),
        ("backup", "--list"),
        ("practise", "--list"),
        ("practise", "--group"),
        ("practise", "--group", "--json"),
        ("practise", "--progress", "--trainee", "CODE"),
        ("practise", "--progress", "--trainee", "CODE", "--json"),
        ("report", "--client", "CODE"),
        ("cohort", "--least", "1", "--simulated"),
        ("mirror", "--plain", "--for", "0.2"),
        ("settings",),
        ("sensors",),
    ],
    ids=" ".join,
)
def test_what_the_record_holds_is_printed_harmless(
    place: tuple[Path, str], arguments: tuple[str, ...]
) -> None:
    folder, code = place
    exit_code, output = _said(folder, *(code if word == "CODE" else word for word in arguments))
    assert exit_code == 0, output
    assert not STEERS.search(output), repr(output)


@pytest.mark.parametrize(
    "arguments", [("history", "--json"), ("client", "list", "--json"), ("audit", "--json")], ids=" ".join
)
def test_json_is_harmless_and_keeps_every_word(place: tuple[Path, str], arguments: tuple[str, ...]) -> None:
    folder, _ = place
    _, output = _said(folder, *arguments)
    assert not STEERS.search(output)
    assert "\u202e" in json.dumps(json.loads(output), ensure_ascii=False)


@pytest.mark.parametrize(
    "arguments", [("sensors",), ("sensors", "--json"), ("doctor",), ("doctor", "--json")]
)
def test_what_a_plugged_in_device_calls_itself_is_printed_harmless(
    tmp_path: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = ListPortInfo("/dev/ttyUSB0")
    port.vid, port.pid = 0x2341, 0xFFFF
    for name in ("description", "serial_number", "manufacturer", "product", "interface", "location", "hwid"):
        setattr(port, name, f"{name} {ATTACK}")
    monkeypatch.setattr(list_ports, "comports", lambda: [port])
    _, output = _said(tmp_path, *arguments)
    assert "ttyUSB0" in output
    assert not STEERS.search(OWN_COLOURS.sub("", output)), repr(output)


@pytest.mark.parametrize(
    "arguments",
    [
        (ATTACK,),
        ("history", "--client", ATTACK),
        ("client", "show", ATTACK),
        ("care", "--client", ATTACK),
        ("report", "--client", ATTACK),
        ("record", "--sensor", ATTACK.replace("\x00", "")),
        ("record", "--sensor", "sim://upper-trapezius?" + SHORT),
        ("doctor", "--sensor", ATTACK.replace("\x00", ""), "--for", "1"),
        ("practise", "--trainee", SHORT, "--drill", ATTACK, "--plain"),
        ("import", ATTACK.replace("\x00", "")),
        ("restore", ATTACK.replace("\x00", ""), "--yes"),
        ("muscles", ATTACK),
        ("live", "--plain", "--client", SHORT, "--sensor", "sim://bench"),
    ],
    ids=lambda arguments: arguments[0] if len(arguments) > 1 else "command",
)
def test_what_was_typed_is_repeated_harmless(
    tmp_path: Path,
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["goodpain", "--data", str(tmp_path / "data"), *arguments])
    # Put back what the program replaces for good.
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    with pytest.raises(SystemExit) as ended:
        main()
    said = "".join(capsys.readouterr())
    assert said
    assert ended.value.code != 0 or arguments[0] == "muscles"
    said = OWN_COLOURS.sub("", said)
    assert not STEERS.search(said), repr(said)
