"""`goodpain export` and `goodpain import`: the record as files, and back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.options import folder_and_settings, with_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedback.history import History
    from feedback.history.work import Work


def _folder_for(option: str, says: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(option, type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help=says)


@click.command()
@_folder_for("--csv", "Tables of text, without loss: sessions.csv, presses.csv, reports.csv, samples.csv, …")
@_folder_for("--parquet", "The same tables with their types, for any engine that reads Parquet.")
@_folder_for("--fhir", "FHIR R4 resources as NDJSON, for the records of other systems.")
@_folder_for("--bids", "A BIDS data set, for research: signals and events. The folder must be new.")
@_folder_for("--edf", "EDF+ files, one a session, for programs that show signals. The folder must be new.")
@click.option("--client", metavar="CODE", help="Only this client.")
@with_data
@click.pass_context
def export(ctx: click.Context, client: str | None, data: Path | None, **folders: Path | None) -> None:
    """Write the record as files, in one or several formats, each in a folder of its own.

    The CSV files leave nothing out and round nothing: `goodpain import` brings back the same record. What every column
    means is in datapackage.json beside them.
    """
    from tui.commands.history import record_to_read
    from tui.working import working

    wanted = {name: folder for name, folder in folders.items() if folder is not None}
    if not wanted:
        raise click.UsageError("say where to write: --csv FOLDER, or another format (--help lists them)")
    record_folder, _ = folder_and_settings(ctx, data)
    with record_to_read(record_folder) as record:
        code = None if client is None else record.known_client(client).code
        for name, folder in wanted.items():
            with working("exporting") as work:
                paths = _WRITERS[name](record, folder, code, work)
            for path in paths:
                click.echo(path)


def _csv(record: History, folder: Path, code: str | None, work: Work) -> list[Path]:
    from feedback.history import export_csv
    from tui.version import VERSION

    return export_csv(record, folder, code, work, app_version=VERSION)


def _parquet(record: History, folder: Path, code: str | None, work: Work) -> list[Path]:
    from feedback.history.export_parquet import export_parquet

    return export_parquet(record, folder, code, work)


def _fhir(record: History, folder: Path, code: str | None, work: Work) -> list[Path]:
    from feedback.history.export_fhir import export_fhir
    from tui.version import VERSION

    return export_fhir(record, folder, code, work, app_version=VERSION)


def _bids(record: History, folder: Path, code: str | None, work: Work) -> list[Path]:
    from feedback.history.export_bids import export_bids
    from tui.version import VERSION

    export_bids(record, folder, code, work, app_version=VERSION)
    return [folder]


def _edf(record: History, folder: Path, code: str | None, work: Work) -> list[Path]:
    from feedback.history.export_edf import export_edf

    export_edf(record, folder, code, work)
    return [folder]


_WRITERS: dict[str, Callable[[History, Path, str | None, Work], list[Path]]] = {
    "csv": _csv,
    "parquet": _parquet,
    "fhir": _fhir,
    "bids": _bids,
    "edf": _edf,
}


@contextlib.contextmanager
def _unmade_on_failure(record: Path) -> Iterator[None]:
    """A record that was made only for an import which came to nothing does not stay."""
    new = not record.exists()
    try:
        yield
    except BaseException:
        if new:
            with contextlib.suppress(OSError):
                running = record.with_name(f"{record.name}.running")
                if running.exists():
                    # Not where a session runs meanwhile.
                    running.rmdir()
                for ending in ("", "-wal", "-shm"):
                    record.with_name(record.name + ending).unlink(missing_ok=True)
        raise


@click.command("import")
@click.argument("place", metavar="FOLDER|ZIP", type=click.Path(path_type=Path))
@click.option(
    "--changed", is_flag=True, help="Also take in files that were changed since they were exported."
)
@click.option(
    "--unended", is_flag=True, help="Also take in sessions that had not ended when they were exported."
)
@with_data
@click.pass_context
def import_(ctx: click.Context, place: Path, changed: bool, unended: bool, data: Path | None) -> None:
    """Take an export back in, from its folder or a zip of it: all of it or nothing.

    What is in the record already is passed over, so that the records of several computers can be put together. A
    client whose code is in the record is taken for the same person.
    """
    from feedback.history import import_csv, open_history
    from tui.console import tell_recovered
    from tui.opening import HISTORY_FILE
    from tui.working import working

    record_folder, _ = folder_and_settings(ctx, data)
    with (
        _unmade_on_failure(record_folder / HISTORY_FILE),
        open_history(record_folder / HISTORY_FILE) as record,
    ):
        tell_recovered(record.recover())
        with working("importing") as work:
            result = import_csv(record, place, work, changed=changed, unended=unended)
        tell_recovered(record.recover())
    for name, count in result.added.items():
        click.echo(f"{count:>10,} {name.replace('_', ' ')}")
    there = sum(result.there.values())
    click.echo(
        ("Nothing was new" if not result.added else "These are new")
        + (f"; {there:,} rows were in the record already." if there else ".")
    )
    if result.merged:
        codes = ", ".join(result.merged[:10]) + (", …" if len(result.merged) > 10 else "")
        click.echo(f"Put to those who have the same code here: {codes}.")
    if result.taken_back:
        click.echo(
            f"goodpain: erased from this record before, and in it again: {', '.join(result.taken_back)}; "
            "`goodpain client forget` (`goodpain trainee forget`) erases them again",
            err=True,
        )
    for sentence in result.left_out:
        click.echo(f"goodpain: {sentence}", err=True)
