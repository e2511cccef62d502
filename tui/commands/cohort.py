"""`goodpain cohort`: all clients together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.options import folder_and_settings, with_data

if TYPE_CHECKING:
    from feedback.history.cohort import Cohort
    from feedback.units import PressureUnit


@click.command()
@click.option(
    "--parquet",
    "files",
    type=click.Path(path_type=Path, file_okay=False),
    help="Read these files of `goodpain export --parquet` instead of the record.",
)
@click.option(
    "--least",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Leave out groups of fewer clients: figures of a few can be traced to persons.",
)
@click.option("--simulated", is_flag=True, help="Of the simulated sessions instead of the others.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_data
@click.pass_context
def cohort(
    ctx: click.Context, files: Path | None, least: int, simulated: bool, as_json: bool, data: Path | None
) -> None:
    """Summarise all clients: bands by muscle, what became of plans, how steadily therapists hold.

    The figures come from plain SQL over the tables of the Parquet export: docs/cohort.md shows it for other programs.
    """
    from feedback.care.shipped import rules
    from feedback.history.cohort import Asked, cohort_of, cohort_of_record
    from tui.commands.history import record_to_read
    from tui.working import working

    folder, settings = folder_and_settings(ctx, data)
    rule = rules(folder).response
    asked = Asked(least, simulated, rule.rating_points, rule.threshold_kpa)
    if files is not None:
        found = cohort_of(files, asked)
    else:
        with record_to_read(folder) as record, working("reading") as work:
            found = cohort_of_record(record, asked, work)
    if as_json:
        click.echo(json.dumps(found.to_json(), allow_nan=False))
    else:
        click.echo("\n".join(cohort_lines(found, settings.unit)))


def cohort_lines(found: Cohort, unit: PressureUnit) -> list[str]:
    """The summary for people."""
    from feedback.history.table_words import words

    held = (("client", found.clients), ("session", found.sessions), ("press", found.presses))
    lines = [
        ", ".join(words(table, count) for table, count in held)
        + (" – SIMULATED: proves nothing about people." if found.simulated else ".")
    ]
    if found.muscles:
        lines += ["", f"Bands in force, {unit.label}: median (middle half)"]
        for m in found.muscles:
            lines.append(
                f"  {m.muscle}, {m.applicator} {m.tip_area_cm2:g} cm², {m.clients} clients, {m.points} points: "
                f"{_spread(m.lower_kpa, m.lower_quartiles_kpa, unit)} to "
                f"{_spread(m.upper_kpa, m.upper_quartiles_kpa, unit)}"
            )
    if found.plans:
        lines += ["", "Plans"]
        for p in found.plans:
            lines.append(
                f"  {p.visits} visits in {p.weeks_min} to {p.weeks_max} weeks: {p.clients} clients, "
                f"{p.finished} have had them; median {p.visits_given:g} visits"
            )
            if p.pain_change is not None:
                lines.append(
                    f"    pain now {_signed(p.pain_change)} of 10 (median of {p.pain_judged}); down by "
                    f"{found.rating_points:g} or more in {p.pain_less}"
                )
            if p.threshold_change_kpa is not None:
                sign = _sign(p.threshold_change_kpa)
                lines.append(
                    f"    pressure threshold {sign}{unit.text(abs(p.threshold_change_kpa))} (median of "
                    f"{p.thresholds_judged} points); up by {unit.text(found.threshold_kpa)} or more, beyond the error "
                    f"of measuring, at {p.thresholds_higher}"
                )
    if found.therapists:
        lines += ["", "Therapists: pressure lost during holds, median (middle half)"]
        for t in found.therapists:
            in_band = (
                "" if t.in_band_share is None else f"; {100 * t.in_band_share:.0f} % of the time in the band"
            )
            lines.append(
                f"  {t.therapist or 'no code'}: {t.holds} holds, {t.clients} clients: {t.sag_pct:.1f} % "
                f"({t.sag_quartiles_pct[0]:.1f} to {t.sag_quartiles_pct[1]:.1f}){in_band}"
            )
    if found.left_out:
        groups = "1 group" if found.left_out == 1 else f"{found.left_out} groups"
        lines += ["", f"{groups} of fewer than {found.least} clients left out (--least)."]
    if found.others:
        kind, option = ("other", "without --simulated") if found.simulated else ("simulated", "--simulated")
        sessions = words("session", found.others)
        number, _, name = sessions.partition(" ")
        lines += ["", f"In no figure here: {number} {kind} {name} ({option})."]
    return lines


def _sign(change: float) -> str:
    return "+" if change >= 0 else "−"


def _signed(change: float) -> str:
    return f"{_sign(change)}{abs(change):g}"


def _spread(middle_kpa: float, quartiles_kpa: tuple[float, float], unit: PressureUnit) -> str:
    low, high = (unit.text(edge, unit=False) for edge in quartiles_kpa)
    return f"{unit.text(middle_kpa, unit=False)} ({low}–{high})"
