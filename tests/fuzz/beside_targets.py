"""Targets: small things beside the record and around it: passphrases of scripts, keys, lists, scores, addresses."""

from __future__ import annotations

import json
import math
import os
import stat
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from feedback.drills.storing import scores_data, scores_from
from feedback.history import LockedHistoryError
from feedback.history.copies import backups, copies_of, known_backup, list_file, strike_out
from feedback.history.sealed import read_lines, write_lines
from firmware_bridge.ble_port import _name_of
from firmware_bridge.errors import BridgeError
from firmware_bridge.ports import open_port
from tests.fuzz.choosing import Choices
from tests.fuzz.documents import ODD_JSON, changed, json_of
from tests.fuzz.refusals import printable, sentence
from tests.practise.making import kept_attempt
from tui.commands.report import OWN_LINES, own_lines
from tui.key_table import RESERVED, KeyTable, KeyTableError
from tui.passphrase import DESCRIPTOR, FILE, TerminalKeeper
from tui.settings import load_settings
from tui.settings_file import write_keys
from tui.sound.player import order_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WORDS = "correct horse battery"


def passphrase(data: bytes, folder: Path) -> None:
    """A script's passphrase is one line of text, or it is said what is wrong without a word of it."""
    choices = Choices(data)
    path = folder / "words"
    content = b"".join(
        choices.pick((WORDS.encode(), b"\n", b"\r\n", b"\xff", b"\0", b"\xef\xbb\xbf", choices.bytes(5)))
        for _ in range(choices.below(5))
    )
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    path.chmod(choices.pick((0o600, 0o600, 0o600, 0o644, 0o400)))
    kind = choices.below(5)
    opened = os.open(path, os.O_RDONLY) if kind == 1 else None
    numbers = ("-1", "x", "", "9" * 5000, "1e3", "²", "12345")
    told = {
        0: {FILE: str(path)},
        1: {DESCRIPTOR: str(opened)},
        2: {DESCRIPTOR: choices.pick(numbers)},
        3: {FILE: str(folder / choices.pick(("", "none", "x" * 300, "words/x")))},
        4: {FILE: str(path), DESCRIPTOR: choices.pick(numbers)},
    }[kind]
    before = {name: os.environ.pop(name, None) for name in (FILE, DESCRIPTOR)}
    os.environ.update(told)
    try:
        found = TerminalKeeper().passphrase(folder / "history.db")
        assert found is None or ("\n" not in found and found)
    except LockedHistoryError as error:
        sentence(error, *told.values(), str(path), "descriptor")
        told_of = str(error)
    else:
        told_of = ""
    finally:
        if opened is not None:
            with suppress(OSError):
                os.close(opened)
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
    assert WORDS not in told_of


_KEYS = (
    *("f5", "space", "a", "g", "comma", "left", "ctrl+left", "escape", "f2", "1", "t", "plus", "shift+tab"),
    *("é", "unknown", "<ignore>", "f99", " ", "a,b", ",", "", "q,space"),
)


def keys(data: bytes, folder: Path) -> None:
    """Whatever was set and is learnt, a key means one thing, the way out stays, and the file holds what is in force."""
    choices = Choices(data)
    ids = [action.id for action in KeyTable({}).actions]
    own = {
        choices.pick(ids) if choices.below(8) else choices.text(8): ",".join(
            choices.pick(_KEYS) if choices.below(5) else choices.text(8) for _ in range(choices.below(3) + 1)
        )
        for _ in range(choices.below(5))
    }
    table = KeyTable(own)
    for _ in range(choices.below(6)):
        name, what = choices.pick(ids), choices.below(6)
        try:
            if what == 0:
                table.reset(name)
            elif what == 1:
                table.reset_all()
            else:
                # As a terminal names keys: one, without commas.
                key = choices.pick(_KEYS).strip().replace(",", "")
                if key:
                    table.learn(name, key, take=what > 3)
                    assert key in table.keys(name)
                    assert key not in RESERVED
        except KeyTableError as error:
            sentence(error)
        for action in table.actions:
            assert all(table.meaning(key) is action for key in table.keys(action.id))
        table.clashes(name)
    mine = {name: value for name, value in table.own.items() if name in ids and value.strip(", ")}
    path = folder / "config.toml"
    path.unlink(missing_ok=True)
    with suppress(UnicodeEncodeError):
        printable_keys = {name: value for name, value in mine.items() if value.isprintable()}
        write_keys(path, printable_keys)
        assert load_settings(path).keys == printable_keys


LIST = {
    "goodpain_backups": 1,
    "backups": [
        {
            "path": "/tmp/goodpain-20260301-093000.db",
            "made_at": "2026-03-01T09:30:00+00:00",
            "size": 10,
            "sha256": "0" * 64,
            "rows": {"client": 1},
        }
    ],
}


def lists(data: bytes, folder: Path) -> None:
    """A list of backups that makes no sense is empty; own lines are text, or refused; orders to the sound end."""
    choices = Choices(data)
    record = folder / "history.db"
    text = json_of(changed(LIST, choices, ODD_JSON)) if choices.below(6) else choices.text(200)
    list_file(record).write_text(text, "utf-8", errors="replace")
    for one in backups(record):
        assert one.path.exists()
        json.dumps(one.to_json())
    known_backup(record, folder / "x.db")
    copies_of(record)
    strike_out(record, choices.pick(("A1", "A", "", "[x]", "*", choices.text(6))))
    (folder / OWN_LINES).write_bytes(b"- " + choices.bytes(40))
    try:
        assert all(line.strip() == line.strip("\n") or line for line in own_lines(folder))
    except click.ClickException as error:
        sentence(error, OWN_LINES)
    words = ("too_little", "silent", "0.5", "nan", "1e400", " ", "1", "²", choices.text(6))
    line = " ".join(choices.pick(words) for _ in range(choices.below(4))).encode("utf-8", "replace")
    if (order := order_of(line)) is not None:
        assert math.isfinite(order[1])
        assert math.isfinite(order[2])


@cache
def _scores() -> dict[str, Any]:
    record, _ = kept_attempt()
    assert record.scores is not None
    return json.loads(json.dumps(scores_data(record.scores)))


def scores(data: bytes, _: Path) -> None:
    """Stored scores are numbers and read back the same, or they are none."""
    choices = Choices(data)
    try:
        told = json.loads(json_of(changed(_scores(), choices, ODD_JSON)))
        found = scores_from(told)
    except (ValueError, RecursionError):
        return
    assert scores_from(json.loads(json.dumps(scores_data(found)))) == found
    for score in found.scores:
        assert all(one is None or math.isfinite(one) for one in (score.value, score.newtons, score.pct))
    for window in found.windows:
        assert all(one is None or math.isfinite(one) for one in (window.target_kpa, window.mean_kpa))
    assert all(
        one is None or math.isfinite(one) for one in (found.target_kpa, found.mean_kpa, found.felt_kpa)
    )


_PARTS = (
    *(
        "sim://",
        "replay://",
        "ble://",
        "SIM://",
        "sim:",
        "quiet",
        "upper-trapezius",
        "twin-mark-10",
        "?",
        "&",
    ),
    *(
        "speed=1",
        "speed=0",
        "speed=-1",
        "speed=nan",
        "seed=9",
        "=",
        "%00",
        "%zz",
        "/",
        "../..",
        "[",
        "]",
        "@",
    ),
    *("\0", "\x1b", "one.raw", ":", "99999", "²", "#", " ", "a" * 300),
)


def addresses(data: bytes, folder: Path) -> None:
    """An address opens something simulated or recorded, or is refused in a sentence; nothing is reached by network."""
    choices = Choices(data)
    text = choices.pick(("sim://", "replay://", "ble://")) + "".join(
        choices.pick(_PARTS) if choices.below(4) else choices.text(12) for _ in range(choices.below(5))
    )
    baud = choices.pick((115_200, 0, -1, 1, 2**31, 2**70))
    try:
        if text.startswith("ble://"):
            assert _name_of(text)
            return
        port = open_port(text, baud)
    except BridgeError as error:
        sentence(error)
        return
    try:
        assert math.isfinite(port.now_s())
        for _ in range(3):
            chunk = port.read()
            if chunk is None:
                break
            assert math.isfinite(chunk.arrival_s)
            assert len(chunk.data) <= 1 << 17
        printable(port.url.encode("utf-8", "replace").decode().translate({0x1B: None, 0: None}))
    finally:
        port.close()


@cache
def _sealed(folder: Path) -> bytes:
    path = folder / "made.sealed"
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, stat.S_IRUSR | stat.S_IWUSR))
    header = {"goodpain_rescue": 1, "record": "x", "session_id": str(UUID(int=1))}
    write_lines(path, WORDS, [json.dumps(header), *(f"line {number}" for number in range(300))])
    return path.read_bytes()


def sealed(data: bytes, folder: Path) -> None:
    """An encrypted rescue file that was damaged gives the lines that were written, or none."""
    choices = Choices(data)
    spoilt = bytearray(_sealed(folder))
    for _ in range(choices.below(3)):
        at = choices.below(len(spoilt))
        if choices.below(3):
            new = choices.bytes(choices.below(6) + 1)
            spoilt[at : at + len(new)] = new
        else:
            del spoilt[at : at + choices.below(5000)]
    path = folder / "one.sealed"
    path.write_bytes(spoilt)
    try:
        found = read_lines(path, choices.pick((WORDS, WORDS, WORDS, "", "\0", "x'00'")))
    except (OSError, LockedHistoryError):
        return
    assert found[1:] == [f"line {number}" for number in range(300)]


TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    "passphrase": passphrase,
    "keys": keys,
    "lists": lists,
    "scores": scores,
    "addresses": addresses,
    "sealed": sealed,
}
