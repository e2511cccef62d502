"""The `goodpain` command: what it can do, each command's module imported only when it runs."""

from __future__ import annotations

import contextlib
import importlib
import sys
from keyword import iskeyword
from pathlib import Path
from typing import Any

import click

from tui.printable import keep_console_printable, printable_console
from tui.version import VERSION

COMMANDS = {
    "demo": (
        "tui.commands.live",
        "A live session on the simulated sensor, with a simulated client who talks.",
    ),
    "live": ("tui.commands.live", "A live session on a sensor: pressure, band, cue, reports, record."),
    "practise": (
        "tui.commands.practise",
        "Learn calibrated pressure: drills with the screen and blind, on foam or simulated.",
    ),
    "keys": ("tui.commands.keys", "Learn keys: a pedal, a clicker, a number pad for reports."),
    "sound": ("tui.commands.sound", "Hear the tones of a session and what they mean."),
    "mirror": ("tui.commands.mirror", "The running session, large and simple, in another terminal."),
    "record": ("tui.commands.record", "Record a sensor without a screen, for scripts."),
    "sensors": ("tui.commands.sensors", "List what is plugged in, and what it probably is."),
    "calibrate": ("tui.commands.calibrate", "Calibrate a sensor with known masses, step by step."),
    "check": ("tui.commands.calibrate", "Check a calibrated sensor with one known mass."),
    "doctor": ("tui.commands.doctor", "Tell what is wrong and what to do: program, ports, a sensor."),
    "history": ("tui.commands.history", "Show what is in the record."),
    "review": (
        "tui.commands.review",
        "Look through the record: clients, points, visits, presses; replay, compare, correct.",
    ),
    "compact": ("tui.commands.compact", "Pack the samples of past sessions into half the room."),
    "care": ("tui.commands.care", "Show a client's course: plan, visits, dose, soreness, response."),
    "plan": ("tui.commands.care", "Show or change a client's plan: visits, weeks, homework."),
    "soreness": ("tui.commands.care", "Keep how sore a client was after a visit."),
    "report": (
        "tui.commands.report",
        "Write a report as one HTML file: for the client, the therapist, a referrer.",
    ),
    "export": ("tui.commands.export", "Write the record as tidy CSV tables."),
    "cohort": (
        "tui.commands.cohort",
        "Summarise all clients: bands by muscle, plans, how steadily therapists hold.",
    ),
    "client": (
        "tui.commands.client",
        "List clients, show what is kept of one, hand it over as a zip, erase it for good.",
    ),
    "trainee": (
        "tui.commands.trainee",
        "List trainees, show what is kept of one, hand it over as a zip, erase it for good.",
    ),
    "audit": ("tui.commands.audit", "Show who opened, exported, corrected, erased what, and when."),
    "backup": ("tui.commands.backup", "Write a verified copy of the record; list and check copies."),
    "restore": ("tui.commands.backup", "Put a backup in the place of the record, which is set aside."),
    "recover": ("tui.commands.backup", "Save what can be saved from a damaged record into a new one."),
    "encrypt": ("tui.commands.encrypt", "Encrypt the record with a passphrase."),
    "decrypt": ("tui.commands.encrypt", "Turn an encrypted record back into a plain one."),
    "import": ("tui.commands.export", "Take an export back in, or that of another computer."),
    "simulate": (
        "tui.commands.simulate",
        "Offer a simulated sensor to other programs, on a pty or over TCP.",
    ),
    "simulate-clients": (
        "tui.commands.simulate_clients",
        "Try the learned band on simulated clients; every figure with its definition.",
    ),
    "simulate-histories": (
        "tui.commands.simulate_histories",
        "Make the record of a large practice with simulated clients.",
    ),
    "simulate-learners": (
        "tui.commands.simulate_learners",
        "Try the drills on simulated learners; every figure with its definition.",
    ),
    "simulate-holds": (
        "tui.commands.simulate_holds",
        "Try on simulated holds whether easing, building and sag are told apart.",
    ),
    "simulate-therapists": (
        "tui.commands.simulate_therapists",
        "Try the coach on simulated therapists and clients, with and without it.",
    ),
    "muscles": (
        "tui.commands.muscles",
        "Look up muscles, their trigger points, where the pain is felt, and what asks for care.",
    ),
    "settings": ("tui.commands.sensors", "Show the settings in force and where they are read from."),
}


class Lazy(click.Group):
    """Knows its commands by name and help, and imports a command's module only to run it."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, with a console that no text of others can steer."""
        with printable_console():
            return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself."""
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        name = cmd_name.replace("-", "_")
        # A command that is a word of Python goes by another name there.
        return getattr(importlib.import_module(module), f"{name}_" if iskeyword(name) else name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list from the table, without importing a single command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="goodpain")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the record (default: GOODPAIN_DATA, else the platform's data folder).",
)
@click.pass_context
def goodpain(ctx: click.Context, data: Path | None) -> None:
    """Live pressure against the client's comfort, for trigger-point therapy.

    A training and record aid, not a medical device.
    """
    ctx.obj = data


def main() -> None:
    """Run the command; anything expected that goes wrong is one sentence on stderr and exit code 1."""
    from tui.failures import sentence_of

    keep_console_printable()
    _leave_no_memory_behind()
    try:
        code = goodpain(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away (`goodpain history | head`): nothing to say and nobody to say it to.
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        click.echo(f"goodpain: {sentence}", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _leave_no_memory_behind() -> None:
    """A crash writes nobody's notes and no passphrase into a core file."""
    try:
        import resource
    except ImportError:
        # Windows keeps dumps only where somebody asked it to.
        return
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    # Linux hands a dump to a program in spite of a limit of 0, but not of 1 byte (core(5)).
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (min(1, most) if most >= 0 else 1, most))


if __name__ == "__main__":
    main()
