"""`goodpain report`: one HTML file for the client, the therapist, or whoever referred the client."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedback.small_file import read_small
from tui.options import folder_and_settings, with_data

if TYPE_CHECKING:
    from uuid import UUID

    from feedback.history import History

OWN_LINES = "when-to-call.txt"
"""In the folder of the record: what the client's report says instead of the usual lines, one a line."""
_NUMBER_MAX = 9
"""Digits in the number of a visit."""
_FOR = click.Choice(["client", "therapist", "referrer"])


@click.command()
@click.option("--client", metavar="CODE", required=True, help="Client code.")
@click.option(
    "--visit",
    metavar="N|DATE",
    help="One visit: its number as `goodpain care` counts them, its date (2026-03-02), or “last” "
    "(default: the whole course).",
)
@click.option("--for", "audience", type=_FOR, default="therapist", show_default=True, help="Whom it is for.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write it (default: a free name in the folder “reports” beside the record).",
)
@click.option("--unit", metavar="UNIT", help="Of pressures: kg/cm2, N/cm2, kPa or lb/in2 (default: as set).")
@click.option("--replace", is_flag=True, help="Replace the file when there is one of that name.")
@with_data
@click.pass_context
def report(
    ctx: click.Context,
    client: str,
    visit: str | None,
    audience: str,
    out: Path | None,
    unit: str | None,
    replace: bool,
    data: Path | None,
) -> None:
    """Write a report as one HTML file that opens in any browser, without a network, and prints well."""
    from feedback.atlas.shipped import OWN_NAME, load_atlas
    from feedback.units import pressure_unit
    from tui.commands.care import open_record, rules_of
    from tui.report.page import WHEN_TO_CALL, report_html
    from tui.report.saving import ReportExistsError, save, usual_path

    folder, settings = folder_and_settings(ctx, data)
    shown = settings.unit
    if unit is not None:
        try:
            shown = pressure_unit(unit)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    if out is not None and out.exists() and not replace:
        raise click.ClickException(str(ReportExistsError(out)))
    now = datetime.now().astimezone()
    with open_record(folder, client, to_read=True) as (history, code):
        number, session_id = (None, None) if visit is None else visit_of(history, code, visit)
        html = report_html(
            history,
            code,
            session_id,
            audience,  # type: ignore[arg-type]
            shown,
            now,
            rules=rules_of(folder),
            atlas=load_atlas(folder / OWN_NAME),
            when_to_call=own_lines(folder) or WHEN_TO_CALL,
        )
        path = out or usual_path(folder, code, audience, now.date(), number)  # type: ignore[arg-type]
        try:
            save(path, html, replace=replace)
        except ReportExistsError as error:
            raise click.ClickException(str(error)) from None
        history.audit("report", "client", str(history.known_client(code).id), f"for {audience}")
    click.echo(path)


def visit_of(history: History, code: str, wanted: str) -> tuple[int, UUID]:
    """Number and first session of the visit that is meant.

    Raises:
        click.UsageError: there is none, or there are several.
    """
    visits = [visit for visit in history.care.visits(code) if visit.pressed]
    where = f"see `goodpain care --client {code}`"
    if not visits:
        raise click.UsageError(f"{code} has no visit yet at which something was pressed")
    numbers: list[int] = []
    if wanted.strip().lower() == "last":
        numbers = [len(visits)]
    elif wanted.strip().isdecimal() and len(wanted.strip()) <= _NUMBER_MAX:
        numbers = [int(wanted)]
        if not 1 <= numbers[0] <= len(visits):
            there = f"there {'is' if len(visits) == 1 else 'are'} {len(visits)}"
            raise click.UsageError(f"{code} has no visit {wanted}: {there}, {where}")
    else:
        try:
            day = date.fromisoformat(wanted.strip())
        except ValueError:
            raise click.UsageError(
                f"“{wanted}” is no visit: give a number, a date such as {visits[-1].at.astimezone():%Y-%m-%d}, or last"
            ) from None
        numbers = [n for n, visit in enumerate(visits, 1) if visit.at.astimezone().date() == day]
        if not numbers:
            raise click.UsageError(f"{code} has no visit on {day}: {where}")
        if len(numbers) > 1:
            raise click.UsageError(
                f"{code} has visits {' and '.join(map(str, numbers))} on {day}: give one of the numbers"
            )
    found = visits[numbers[0] - 1].session_id
    if found is None:
        raise click.UsageError(f"{code} has no visit {wanted}: {where}")
    return numbers[0], found


def own_lines(folder: Path) -> list[str]:
    """The therapist's own lines that tell a client when to call; none when there is no such file."""
    try:
        text = read_small(folder / OWN_LINES)
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        raise click.ClickException(
            f"{folder / OWN_LINES} is not text in UTF-8: save it so, or remove it"
        ) from None
    return [line.strip().removeprefix("- ") for line in text.splitlines() if line.strip()]
