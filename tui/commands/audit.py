"""`goodpain audit`: what was done to the record, when, and by whom."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.options import folder_and_settings, with_data

if TYPE_CHECKING:
    from feedback.history.audit import AuditEntry


@click.command()
@click.option("--client", metavar="CODE", help="Only what is about this client itself.")
@click.option("--since", metavar="DATE", help="Only from this day on (2026-03-02).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_data
@click.pass_context
def audit(
    ctx: click.Context, client: str | None, since: str | None, as_json: bool, data: Path | None
) -> None:
    """List who opened, exported, corrected, erased, backed up, restored or imported, oldest first."""
    from feedback.history import NoHistoryError
    from tui.commands.history import record_to_read

    folder, _ = folder_and_settings(ctx, data)
    try:
        with record_to_read(folder) as record:
            about = None if client is None else record.known_client(client).id
            entries = record.audit_entries(_day(since), about=about)
            codes = {str(one.id): one.code for one in record.clients()}
            codes |= {str(one): code for one, code in record.training.codes().items()}
    except NoHistoryError:
        if client is not None:
            raise
        entries, codes = [], {}
    if as_json:
        click.echo(
            json.dumps(
                {"audit": [{**entry.to_json(), "code": codes.get(entry.entity_id)} for entry in entries]}
            )
        )
        return
    if not entries:
        click.echo("Nothing was noted.")
    for entry in entries:
        click.echo(_line(entry, codes))


def _line(entry: AuditEntry, codes: dict[str, str]) -> str:
    of = codes.get(entry.entity_id, entry.entity_id)
    what = f"{entry.what} {entry.entity} {of}".rstrip() + (f": {entry.detail}" if entry.detail else "")
    return f"{entry.at.astimezone():%Y-%m-%d %H:%M}  {entry.who or '–':<12}  {what}"


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time.min).astimezone().astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.UsageError(f"“{text}” is no day: write it as 2026-03-02") from None
