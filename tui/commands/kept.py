"""What is kept of somebody, printed: `goodpain client show` and `goodpain trainee show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from feedback.history.audit import AuditEntry

LATEST = 10


class Known(Protocol):
    """A client or a trainee, as the record knows them."""

    @property
    def code(self) -> str:
        """Never a name."""
        ...

    @property
    def created_at(self) -> datetime:
        """When they were first put into the record, UTC."""
        ...

    @property
    def note(self) -> str:
        """About them; may be empty."""
        ...


def tell_kept(known: Known, rows: Mapping[str, int], entries: Sequence[AuditEntry], own_table: str) -> None:
    """Print since when, the note, how much of what there is, and who looked at it latest.

    Args:
        known: whose it is.
        rows: by table, how many of its rows are theirs.
        entries: of the audit, the oldest first.
        own_table: the table with the one row about themselves, which is no news.
    """
    from feedback.history.table_words import words

    click.echo(f"{known.code}, in the record since {known.created_at.astimezone():%Y-%m-%d}")
    if known.note:
        click.echo(f"  note: {known.note}")
    for name, count in rows.items():
        if count and name != own_table:
            number, _, what = words(name, count).partition(" ")
            click.echo(f"  {int(number):>8,} {what}")
    for entry in entries[-LATEST:]:
        click.echo(f"  {entry.at.astimezone():%Y-%m-%d %H:%M}  {entry.what} by {entry.who or 'somebody'}")
