"""`goodpain encrypt` and `goodpain decrypt`: the record behind a passphrase, and back."""

from __future__ import annotations

from pathlib import Path

import click

from tui.options import folder_and_settings, keeper_of, with_data

_ERASE = click.option(
    "--delete-old",
    is_flag=True,
    help="Overwrite and delete the record as it was, instead of setting it aside.",
)
_WHO = click.option("--who", metavar="CODE", default="", help="Who does it (default: your user name).")


@click.command()
@_ERASE
@_WHO
@with_data
@click.pass_context
def encrypt(ctx: click.Context, delete_old: bool, who: str, data: Path | None) -> None:
    """Encrypt the record with a passphrase, asked for twice. Without it nobody can ever open the record again.

    Every command asks for it from then on. For scripts, GOODPAIN_PASSPHRASE_FILE names a file that holds it, or
    GOODPAIN_PASSPHRASE_FD an open descriptor.
    """
    from feedback.history.copies import copies_of
    from feedback.history.driver import looks_encrypted
    from feedback.history.encryption import check_plain
    from feedback.history.encryption import encrypt as convert
    from tui.opening import HISTORY_FILE
    from tui.working import working

    folder, _ = folder_and_settings(ctx, data)
    record = folder / HISTORY_FILE
    check_plain(record)
    passphrase = keeper_of(ctx).new_passphrase()
    with working("encrypting") as work:
        done = convert(record, passphrase, erase_old=delete_old, who=who, work=work)
    click.echo(f"{done.record} is encrypted now. Nobody can open it without the passphrase: keep that safe.")
    plain = [path for path in copies_of(record.absolute()) if not looks_encrypted(path)]
    if plain:
        click.echo("These copies are not encrypted; delete them when you are sure of the passphrase:")
        for path in plain:
            click.echo(f"  {path}")
    click.echo(
        "Not encrypted either: what you export, reports, raw captures, and, while a session runs, the small file that "
        "`goodpain mirror` reads. Backups and rescue files are encrypted from now on."
    )


@click.command()
@_ERASE
@_WHO
@with_data
@click.pass_context
def decrypt(ctx: click.Context, delete_old: bool, who: str, data: Path | None) -> None:
    """Turn an encrypted record back into a plain one that any SQLite tool can read."""
    from feedback.history import LockedHistoryError, NoHistoryError
    from feedback.history.encryption import decrypt as convert
    from feedback.history.keeper import ask_keeper
    from tui.opening import HISTORY_FILE
    from tui.working import working

    folder, _ = folder_and_settings(ctx, data)
    record = folder / HISTORY_FILE
    if not record.exists():
        raise NoHistoryError(
            f"there is no record {record} yet: record a session first, or give another place"
        )
    passphrase = ask_keeper(record)
    if passphrase is None:
        raise LockedHistoryError(
            "the passphrase has to be typed on a terminal, or stand in a file that GOODPAIN_PASSPHRASE_FILE names"
        )
    with working("decrypting") as work:
        done = convert(record, passphrase, erase_old=delete_old, who=who, work=work)
    click.echo(f"{done.record} is plain now: whoever can read the file can read the record.")
    if done.aside:
        click.echo(f"The encrypted one is {done.aside}")
