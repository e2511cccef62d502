"""What erasing a client and erasing a trainee have in common: it is confirmed, told, and copies are settled."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from feedback.history.forget import Forgotten

WHO = click.option("--who", metavar="CODE", default="", help="Who does it (default: your user name).")


def with_erasing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--yes` and `--copies`."""
    command = click.option(
        "--copies",
        type=click.Choice(["ask", "keep", "delete"]),
        default="ask",
        show_default=True,
        help="What becomes of backups and other copies that hold the same.",
    )(command)
    return click.option("--yes", metavar="CODE", help="The code again, instead of typing it: for scripts.")(
        command
    )


def confirm_erasing(code: str, yes: str | None, held: str) -> None:
    """The code has to be typed, or said twice on the command line.

    Args:
        code: of whoever is to be erased.
        yes: what was said on the command line; None when nothing was.
        held: what is kept of them, in words.

    Raises:
        click.UsageError: it is another code, or nobody is there to be asked.
    """
    if yes is None:
        if not sys.stdin.isatty():
            raise click.UsageError(
                f"erasing for good is confirmed with --yes {code}, where there is no terminal"
            )
        click.echo(f"{code}: {held} will be erased for good. This cannot be undone.")
        yes = click.prompt("Type the code to go on", default="", show_default=False)
    if yes != code:
        raise click.UsageError(f"“{yes}” is not {code}: nothing was erased")


def tell_erased(gone: Forgotten, what: str, whom: str, copies: str) -> None:
    """Say what went, then do with the copies as was asked.

    Args:
        gone: what was erased.
        what: the same in words, but for the samples.
        whom: client or trainee.
        copies: ask, keep or delete.
    """
    for path in gone.removed:
        click.echo(f"removed too: {path}")
    click.echo(f"Erased for good: {what}, {gone.samples:,} samples.")
    if gone.unclean:
        click.echo(f"goodpain: {gone.unclean}", err=True)
    for path in gone.doubtful:
        click.echo(
            f"goodpain: {path} is on the list of backups and is none, or not as it was made: it is left as it is, look "
            "at it yourself",
            err=True,
        )
    if gone.copies:
        _settle_copies(gone, copies, whom)


def many(count: int, one: str, several: str = "") -> str:
    """So many of a thing."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def _settle_copies(gone: Forgotten, copies: str, whom: str) -> None:
    from feedback.history.files import erase_file

    click.echo(f"These copies were made before and still hold the {whom}, or cannot be looked into:")
    for path in gone.copies:
        click.echo(f"  {path}")
    if copies == "ask":
        asked = sys.stdin.isatty() and click.confirm(
            "Delete these copies too? They hold all others in the record as well"
        )
        copies = "delete" if asked else "keep"
    if copies == "keep":
        click.echo(f"They are as they were. `goodpain restore` erases the {whom} again when one is put back.")
        return
    for path in gone.copies:
        try:
            erase_file(path)
        except OSError as error:
            click.echo(f"goodpain: {path} cannot be removed ({error.strerror}): remove it yourself", err=True)
    click.echo("They are gone. `goodpain backup` makes a new one.")
