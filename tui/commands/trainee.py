"""`goodpain trainee`: who practises, what is kept of them, everything handed over, everything erased."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commands.erasing import WHO, confirm_erasing, many, tell_erased, with_erasing
from tui.commands.kept import tell_kept
from tui.options import folder_and_settings, with_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedback.history import History


@click.group()
def trainee() -> None:
    """List trainees, show what is kept of one, hand it over, erase it for good."""


@trainee.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_data
@click.pass_context
def list_trainees(ctx: click.Context, as_json: bool, data: Path | None) -> None:
    """List the trainees: attempts, and when they last practised."""
    from feedback.history import NoHistoryError
    from feedback.history.records import plain
    from tui.commands.practise_looking import record_of_practice

    folder, _ = folder_and_settings(ctx, data)
    try:
        with record_of_practice(folder) as record:
            trainees = record.training.trainees()
    except NoHistoryError:
        trainees = []
    if as_json:
        click.echo(json.dumps({"trainees": [plain(one) for one in trainees]}, default=str))
        return
    if not trainees:
        click.echo("No trainee yet.")
    for one in trainees:
        last = f"last {one.last_at:%Y-%m-%d}" if one.last_at else "never practised"
        click.echo(f"{one.code}  {many(one.attempts, 'attempt')} ({one.void} void), {last}")


@trainee.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_data
@click.pass_context
def show(ctx: click.Context, code: str, as_json: bool, data: Path | None) -> None:
    """Show what is kept of a trainee, table by table."""
    from feedback.history.forget import rows_of_trainee
    from tui.commands.practise_looking import record_of_practice

    folder, _ = folder_and_settings(ctx, data)
    with record_of_practice(folder) as record:
        known = record.training.known(code)
        rows = rows_of_trainee(record, known.code)
        entries = record.audit_entries(about=known.id)
    if as_json:
        told = {"code": known.code, "rows": rows, "audit": [entry.to_json() for entry in entries]}
        click.echo(json.dumps(told))
        return
    tell_kept(known, rows, entries, "trainee")


@trainee.command()
@click.argument("code")
@with_erasing
@WHO
@with_data
@click.pass_context
def forget(ctx: click.Context, code: str, yes: str | None, copies: str, who: str, data: Path | None) -> None:
    """Erase a trainee for good: every attempt, sample, estimate and skipped step. It cannot be undone.

    One line of the audit remains: when, who, and a number that names nobody. Give them what is theirs first with
    `goodpain trainee zip`. Visits that were given under the same code as a therapist's belong to the clients and stay.
    """
    from feedback.history.forget import forget_trainee, rows_of_trainee
    from tui.working import working

    folder, _ = folder_and_settings(ctx, data)
    with _to_write(folder) as record:
        found = record.training.known(code).code
        confirm_erasing(found, yes, many(rows_of_trainee(record, found)["attempt"], "attempt"))
        with working("erasing") as work:
            gone = forget_trainee(record, found, who, work)
    tell_erased(gone, many(gone.attempts, "attempt"), "trainee", copies)


@trainee.command("zip")
@click.argument("code")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@WHO
@with_data
@click.pass_context
def zip_trainee(ctx: click.Context, code: str, file: Path, who: str, data: Path | None) -> None:
    """Write everything that is kept of a trainee into one zip: tables, the progress to read, and what is what.

    For the right of access: whoever it is about may have it. The zip is not encrypted.
    """
    from tui.access import write_trainee_zip
    from tui.commands.practise_looking import progress_of, record_of_practice
    from tui.working import working

    folder, settings = folder_and_settings(ctx, data)
    with record_of_practice(folder) as record, working("collecting") as work:
        known = record.training.known(code)
        path = write_trainee_zip(record, known.code, file, progress_of(record, settings, known.code), work)
        record.audit("handed out", "trainee", str(known.id), "everything, as a zip", who)
    click.echo(path)
    click.echo("It is not encrypted: hand it over in person, or encrypt it first.", err=True)


@contextmanager
def _to_write(folder: Path) -> Iterator[History]:
    """The record, with what was cut off or rescued in its place."""
    from feedback.history import open_history
    from tui.console import tell_recovered
    from tui.opening import HISTORY_FILE

    with open_history(folder / HISTORY_FILE, create=False) as record:
        tell_recovered(record.recover())
        record.training.recover()
        yield record
