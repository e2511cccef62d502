"""`goodpain client`: who is in the record, what is kept of them, everything handed over, everything erased."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commands.erasing import WHO, confirm_erasing, many, tell_erased, with_erasing
from tui.commands.kept import tell_kept
from tui.options import folder_and_settings, with_data

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


@click.group()
def client() -> None:
    """List clients, show what is kept of one, hand it over, give another code, erase it for good."""


@client.command("list")
@click.option("--due", is_flag=True, help="Only clients not seen for as long as `retention_years` says.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_data
@click.pass_context
def list_clients(ctx: click.Context, due: bool, as_json: bool, data: Path | None) -> None:
    """List the clients, or those whose records have been kept for long enough. Nothing is erased by itself."""
    from feedback.history import NoHistoryError, utc_now
    from feedback.history.retention import due_clients
    from tui.commands.history import record_to_read

    folder, settings = folder_and_settings(ctx, data)
    years = settings.retention_years
    try:
        with record_to_read(folder) as record:
            clients = record.clients()
            late = {one.id: one for one in due_clients(record, years, utc_now())}
    except NoHistoryError:
        clients, late = [], {}
    if due:
        clients = sorted((one for one in clients if one.id in late), key=lambda one: late[one.id].last_at)
    if as_json:
        rows = [{**one.to_json(), "due": one.id in late} for one in clients]
        click.echo(json.dumps({"retention_years": years, "clients": rows}))
        return
    if not clients:
        click.echo(
            f"For everybody something was entered in the last {years:g} years." if due else "No client yet."
        )
    for one in clients:
        seen = f"last seen {one.last_seen.astimezone():%Y-%m-%d}" if one.last_seen else "never seen"
        if one.id in late:
            seen += f", nothing entered since {late[one.id].last_at.astimezone():%Y-%m-%d}"
        click.echo(f"{one.code}  {many(one.sessions, 'session')}, {many(one.points, 'point')}, {seen}")


@client.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_data
@click.pass_context
def show(ctx: click.Context, code: str, as_json: bool, data: Path | None) -> None:
    """Show what is kept of a client, table by table, and who looked at it."""
    from feedback.history.forget import rows_of
    from tui.commands.care import open_record

    folder, _ = folder_and_settings(ctx, data)
    with open_record(folder, code, to_read=True) as (record, found):
        known = record.known_client(found)
        rows = rows_of(record, found)
        summary = next(one for one in record.clients() if one.id == known.id)
        entries = record.audit_entries(about=known.id)
    if as_json:
        told = {**summary.to_json(), "rows": rows, "audit": [entry.to_json() for entry in entries]}
        click.echo(json.dumps(told))
        return
    tell_kept(known, rows, entries, "client")


@client.command()
@click.argument("code")
@with_erasing
@WHO
@with_data
@click.pass_context
def forget(ctx: click.Context, code: str, yes: str | None, copies: str, who: str, data: Path | None) -> None:
    """Erase a client for good: every session, sample, report, note and plan. It cannot be undone.

    One line of the audit remains: when, who, and a number that names nobody. Give them what is theirs first with
    `goodpain client zip`.
    """
    from feedback.history.forget import forget as erase
    from tui.commands.care import open_record
    from tui.working import working

    folder, _ = folder_and_settings(ctx, data)
    with open_record(folder, code, to_read=False) as (record, found):
        held = f"{many(len(record.sessions(found)), 'session')} at {many(len(record.points(found)), 'point')}"
        confirm_erasing(found, yes, held)
        with working("erasing") as work:
            gone = erase(record, found, who, work)
    for path in _own_leftovers(folder, found, gone.session_ids):
        click.echo(f"removed too: {path}")
    tell_erased(
        gone, f"{many(gone.sessions, 'session')}, {many(gone.presses, 'press', 'presses')}", "client", copies
    )


@client.command()
@with_data
@click.pass_context
def sweep(ctx: click.Context, data: Path | None) -> None:
    """Build the record's file anew, so that nothing of what was erased is left in a corner of it."""
    from feedback.history import open_history
    from tui.opening import HISTORY_FILE

    folder, _ = folder_and_settings(ctx, data)
    with open_history(folder / HISTORY_FILE, create=False) as record:
        why = record.database.sweep()
    if why:
        raise click.ClickException(why)
    click.echo("Swept.")


@client.command()
@click.argument("code")
@click.argument("new")
@WHO
@with_data
@click.pass_context
def rename(ctx: click.Context, code: str, new: str, who: str, data: Path | None) -> None:
    """Give a client another code, for the day a name was typed instead of one."""
    from feedback.history.renaming import rename_client
    from tui.commands.care import open_record

    folder, _ = folder_and_settings(ctx, data)
    with open_record(folder, code, to_read=False) as (record, found):
        renamed, unclean = rename_client(record, found, new, who)
    click.echo(f"{found} is {renamed.code} now. Backups, reports and exports made before still say {found}.")
    if unclean:
        click.echo(f"goodpain: {unclean}", err=True)


@client.command("zip")
@click.argument("code")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@WHO
@with_data
@click.pass_context
def zip_client(ctx: click.Context, code: str, file: Path, who: str, data: Path | None) -> None:
    """Write everything that is kept of a client into one zip: tables, reports to read, and what is what.

    For the right of access: whoever it is about may have it. The zip is not encrypted.
    """
    from tui.access import write_access_zip
    from tui.commands.care import open_record, rules_of
    from tui.commands.report import own_lines
    from tui.working import working

    folder, settings = folder_and_settings(ctx, data)
    with open_record(folder, code, to_read=True) as (record, found), working("collecting") as work:
        path = write_access_zip(
            record, found, file, folder, settings.unit, rules_of(folder), own_lines(folder), work
        )
        record.audit("handed out", "client", str(record.known_client(found).id), "everything, as a zip", who)
    click.echo(path)
    click.echo(
        "It holds health data and is not encrypted: hand it over in person, or encrypt it first.", err=True
    )


def _own_leftovers(folder: Path, code: str, session_ids: Sequence[UUID]) -> list[Path]:
    """Remove what the screens and reports left in files: mirrors of these sessions, reports about this client."""
    from feedback.history.files import erase_file
    from tui.mirror.place import mirror_folder

    wanted = {session_id.hex for session_id in session_ids}
    found = [path for path in mirror_folder().glob("*.mirror") if path.stem.rpartition("-")[2] in wanted]
    found += _reports_of(folder, code)
    gone: list[Path] = []
    for path in found:
        with contextlib.suppress(OSError):
            erase_file(path)
            gone.append(path)
    return gone


def _reports_of(folder: Path, code: str) -> list[Path]:
    """Reports about a client in the folder where `goodpain report` puts them, by the names that it gives."""
    from tui.report.page import AUDIENCES
    from tui.report.saving import FOLDER

    # As `tui.report.saving.usual_path` spells codes.
    plain = re.sub(r"[^\w.-]+", "-", code).strip("-.") or "client"
    named = re.compile(
        rf"goodpain-{re.escape(plain)}(-visit-\d+)?-({'|'.join(AUDIENCES)})-\d{{4}}-\d\d-\d\d(-\d+)?\.html"
    )
    return sorted(path for path in (folder / FOLDER).glob("goodpain-*.html") if named.fullmatch(path.name))
