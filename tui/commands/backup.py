"""`goodpain backup`, `goodpain restore` and `goodpain recover`: keeping the record safe."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.options import folder_and_settings, with_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedback.history.copies import Backup

_YES = click.option("--yes", is_flag=True, help="Do not ask: for scripts.")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--list", "list_them", is_flag=True, help="List the backups that were made and are still there."
)
@click.option("--check", is_flag=True, help="See whether FILE is whole, and as it was made; make nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_data
@click.pass_context
def backup(
    ctx: click.Context, file: Path | None, list_them: bool, check: bool, as_json: bool, data: Path | None
) -> None:
    """Write a verified copy of the whole record to a new file; a session may run meanwhile.

    Without FILE it goes into the folder “backups” beside the record. Better on another disk: one that breaks takes both
    with it. The copy of an encrypted record is encrypted with the same passphrase.
    """
    from feedback.history import open_for_reading
    from feedback.history.backup import backup as make
    from feedback.history.copies import backups
    from tui.opening import HISTORY_FILE
    from tui.working import working

    folder, _ = folder_and_settings(ctx, data)
    record = folder / HISTORY_FILE
    if list_them:
        _tell_list(backups(record.absolute()), as_json)
        return
    if check:
        if file is None:
            raise click.UsageError(
                "which backup is to be checked? Give its path: `goodpain backup --check FILE`"
            )
        _check(file, record, as_json)
        return
    with open_for_reading(record) as history, working("backup") as work:
        made = make(history, file, work)
    if as_json:
        click.echo(json.dumps(made.to_json()))
        return
    click.echo(made.path)
    click.echo(f"verified: {_held(made.rows)}, {_size(made.size)}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--who", metavar="CODE", default="", help="Who does it (default: your user name).")
@_YES
@with_data
@click.pass_context
def restore(ctx: click.Context, file: Path, who: str, yes: bool, data: Path | None) -> None:
    """Put a backup in the place of the record. The present record is set aside, never overwritten.

    The backup is verified first. Clients and trainees who were erased since it was made are erased from it again.
    """
    from feedback.history.backup import restore as put_back
    from tui.opening import HISTORY_FILE
    from tui.working import working

    folder, _ = folder_and_settings(ctx, data)
    record = folder / HISTORY_FILE
    if record.exists() and not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("putting a backup in the place of the record is confirmed with --yes")
        click.confirm(f"{record} is set aside and {file} takes its place. Go on?", abort=True)
    with working("restoring") as work:
        done = put_back(file, record, who=who, work=work)
    click.echo(f"{done.record} holds {_held(done.rows)} now.")
    if done.aside:
        click.echo(f"The record that was there is {done.aside}")
    if done.forgotten:
        who_was = "1 person" if done.forgotten == 1 else f"{done.forgotten} people"
        click.echo(f"Erased again, as since the backup was made: {who_was}.")
    if done.unread:
        click.echo(
            "goodpain: the record that was there could not be read: if you erased anybody since this backup, erase "
            "them again",
            err=True,
        )


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="NEW",
    help="The new record (default: a free name beside the damaged one).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_data
@click.pass_context
def recover(ctx: click.Context, file: Path | None, to: Path | None, as_json: bool, data: Path | None) -> None:
    """Save what can be saved from a damaged record into a new one. The damaged file is only read.

    Without FILE it is the record itself. Look at the new record, then put it in place with `goodpain restore`.
    """
    from feedback.history import utc_now
    from feedback.history.files import aside_name
    from feedback.history.salvage import recover as save
    from feedback.history.table_words import words
    from tui.opening import HISTORY_FILE
    from tui.report.words import duration
    from tui.working import working

    folder, _ = folder_and_settings(ctx, data)
    damaged = file or folder / HISTORY_FILE
    new = to or aside_name(damaged, "saved", utc_now(), ".db")
    with working("recovering") as work:
        saved = save(damaged, new, work=work)
    if as_json:
        told = {
            "path": str(saved.path),
            "rows": dict(saved.rows),
            "lost": list(saved.lost),
            "clients": list(saved.clients),
            "sessions": saved.sessions,
            "samples": saved.samples,
            "hours": saved.hours,
        }
        click.echo(json.dumps(told))
        return
    click.echo(saved.path)
    click.echo(
        f"saved: {_held({'client': len(saved.clients), 'session': saved.sessions})}, "
        f"{words('press', saved.rows['press'])}, {saved.samples:,} samples ({duration(3600 * saved.hours)})"
    )
    click.echo(
        "lost, or kept without something:" if saved.lost else "Nothing is missing, as far as can be told."
    )
    for sentence in saved.lost:
        click.echo(f"  {sentence}")
    click.echo(f"The damaged file is as it was. To use what was saved: goodpain restore {saved.path}")


def _tell_list(made: list[Backup], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"backups": [one.to_json() for one in made]}))
        return
    if not made:
        click.echo("No backup is known: `goodpain backup` makes one.")
    for one in made:
        click.echo(
            f"{one.made_at.astimezone():%Y-%m-%d %H:%M}  {_size(one.size):>9}  {_held(one.rows)}  {one.path}"
        )


def _check(file: Path, record: Path, as_json: bool) -> None:
    from feedback.history.backup import check_copy
    from tui.working import working

    with working("checking") as work:
        rows, known = check_copy(file, record, work=work)
    if as_json:
        click.echo(json.dumps({"path": str(file), "rows": rows, "as_made": known}))
        return
    click.echo(
        f"{file} is whole: {_held(rows)}"
        + (
            ", every byte as it was made."
            if known
            else "; it is not on the list, so only its inside was checked."
        )
    )


def _held(rows: Mapping[str, int]) -> str:
    """So many clients and sessions."""
    from feedback.history.table_words import words

    return ", ".join(words(table, rows.get(table, 0)) for table in ("client", "session"))


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
