"""Target: the command line. Commands that end by themselves, with options that make little sense."""

from __future__ import annotations

import io
import os
import shutil
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import click

from tests.fuzz.choosing import Choices
from tests.fuzz.record_targets import _made as made
from tui.cli import goodpain
from tui.failures import sentence_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMMANDS = (
    ("history", "--client", "--json"),
    ("client", "list", "--due", "--json"),
    ("client", "show", "A1", "--json"),
    ("client", "rename", "A1"),
    ("care", "--client", "--json"),
    ("plan", "--client", "--visits", "--weeks", "--goal", "--new"),
    ("soreness", "--client", "3", "--note"),
    ("report", "--client", "--visit", "--for", "--unit", "--out", "--replace"),
    ("audit", "--client", "--since", "--json"),
    ("muscles", "--json"),
    ("settings",),
    (
        "record",
        "--sensor",
        "--for",
        "--client",
        "--point",
        "--band",
        "--ceiling",
        "--tip-area",
        "--baud",
        "--dialect",
    ),
    (
        "practise",
        "--plain",
        "--drill",
        "--hand",
        "--trainee",
        "--sensor",
        "--feedback",
        "--attempts",
        "--list",
    ),
    ("import",),
    ("backup", "--check"),
    ("cohort", "--json"),
)
WORDS = (
    *(
        "A1",
        "A0",
        "nobody",
        "",
        " ",
        "-1",
        "0",
        "1",
        "3",
        "1e400",
        "nan",
        "inf",
        "9" * 30,
        "9" * 5000,
        "2-6",
        "6-2",
        "-",
    ),
    *(
        "2026-03-01",
        "0001-01-01",
        "9999-12-31",
        "2026-02-30",
        "today",
        "kPa",
        "furlong",
        "client",
        "referrer",
    ),
    *(
        "2.0-3.0",
        "3-2",
        "upper trapezius, left, 1",
        ",",
        "/",
        "sim://nowhere",
        "sim://quiet?speed=x",
        "replay://x",
    ),
    *(
        "sim://twin-none",
        "tcp://",
        "ble://",
        "\x1b[31m",
        "\u202e",
        "[red]",
        "=1",
        "../x",
        "a" * 300,
        "\udcff",
        "²",
    ),
    *("follow", "1:0.4 0:1", "steady-hold", "always", "/dev/null", ".", "/nowhere/at/all"),
)
TIRED = frozenset({"record", "practise"})
"""Commands that could go on for long: they are always given an address that leads nowhere."""


def command(data: bytes, folder: Path) -> None:
    """A command ends well, with click's own refusal, or with a sentence."""
    choices = Choices(data)
    name, *options = choices.pick(COMMANDS)
    arguments = [name]
    for _ in range(choices.below(6)):
        what = choices.below(4)
        if what == 0 or not options:
            arguments.append(choices.pick(WORDS))
        else:
            arguments.append(choices.pick(options))
            if what > 1:
                arguments.append(choices.pick(WORDS))
    if name in TIRED:
        arguments += [
            "--sensor",
            choices.pick(("sim://nowhere", "sim://quiet?speed=x", "replay://x", "/dev/nowhere")),
        ]
    here = folder / "data"
    here.mkdir(exist_ok=True)
    shutil.copyfile(made()[0] / "record.db", here / "history.db")
    before, said = os.getcwd(), io.TextIOWrapper(io.BytesIO(), "utf-8", errors="replace")
    os.chdir(folder)
    try:
        with redirect_stdout(said), redirect_stderr(said):
            goodpain.main(["--data", str(here), *arguments], standalone_mode=False)
    except (click.ClickException, click.exceptions.Abort, click.exceptions.Exit, SystemExit):
        pass
    except Exception as error:
        if sentence_of(error) is None:
            raise
    finally:
        os.chdir(before)
        for leftover in folder.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


TARGETS: dict[str, Callable[[bytes, Path], None]] = {"command": command}
