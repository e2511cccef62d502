"""`goodpain care`, `goodpain plan` and `goodpain soreness`: the course of a client's visits."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.options import folder_and_settings, with_data
from tui.texts import course_over_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from feedback.care import CareRules, SorenessAfterDose, VisitFigures, VisitOpening
    from feedback.history import History
    from feedback.units import PressureUnit

HANDS_FOR = 4
"""The hands of so many of the last visits are shown: a usual course."""

with_client = click.option("--client", metavar="CODE", required=True, help="Client code.")


class Weeks(click.ParamType):
    """`2-6`, or `4` for a single number of weeks."""

    name = "weeks"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Both numbers, the smaller one first."""
        if isinstance(value, tuple):
            return value
        first, _, last = str(value).replace("–", "-").partition("-")
        try:
            return int(first), int(last or first)
        except ValueError:
            self.fail(f"“{value}” is no number of weeks: write 2-6, or 4", param, ctx)


@contextmanager
def open_record(folder: Path, client: str, *, to_read: bool) -> Iterator[tuple[History, str]]:
    """The record and the client's code; whoever is not in it is told."""
    from feedback.history import open_for_reading, open_history
    from tui.console import tell_recovered
    from tui.opening import HISTORY_FILE

    path = folder / HISTORY_FILE
    with open_for_reading(path) if to_read else open_history(path, create=False) as history:
        tell_recovered(history.recover())
        code = history.known_client(client).code
        history.opened(code)
        yield history, code


def rules_of(folder: Path) -> CareRules:
    """The rules in force."""
    from feedback.care.shipped import rules

    return rules(folder)


@click.command()
@with_client
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_data
@click.pass_context
def care(ctx: click.Context, client: str, as_json: bool, data: Path | None) -> None:
    """Show a client's course: plan, visits with their dose and soreness, thresholds, pain, response, hands."""
    from feedback.history import utc_now

    folder, settings = folder_and_settings(ctx, data)
    rules = rules_of(folder)
    with open_record(folder, client, to_read=True) as (history, code):
        opening, over_at = history.care.looking_back(code, utc_now(), rules, HANDS_FOR)
    if as_json:
        click.echo(json.dumps({**opening_json(opening), "over": over_at is not None}))
        return
    for line in care_lines(opening, settings.unit, over_at):
        click.echo(line)


def opening_json(opening: VisitOpening) -> dict[str, Any]:
    """Everything as plain types; visits carry their number, as `goodpain soreness --visit` takes it."""
    from feedback.history.records import plain

    found: dict[str, Any] = plain(opening)
    del found["soreness"], found["last_visit"]
    numbers = {pair.visit.at: number for number, pair in enumerate(opening.soreness, 1)}
    told = {pair.visit.at: pair for pair in opening.soreness}
    for visit, row in zip(opening.visits, found["visits"], strict=True):
        pair = told.get(visit.at)
        row["number"] = numbers.get(visit.at)
        row["pain_now"], row["pain_usual"] = visit.pain_now, visit.pain_usual
        row["soreness"] = plain(pair.told) if pair else []
    due = opening.soreness_due
    found["soreness_due"] = numbers[due.at] if due else None
    return found


def care_lines(opening: VisitOpening, unit: PressureUnit, over_at: datetime | None = None) -> list[str]:
    """The course for people; `over_at` is the day of its last visit when it is over."""
    where = opening.plan_now.sentence if over_at is None else course_over_text(over_at)
    lines = [f"{opening.client_code}: {where}"]
    lines += plan_lines(opening)
    if not opening.visits:
        return [*lines, "No visit in the record yet."]
    lines += [
        "",
        f"{'visit':>5}  {'when':<16} {'presses':>7} {'time':>6} {'dose N·s':>8}  {'pain':<9} sore after",
    ]
    told = {pair.visit.at: (number, pair) for number, pair in enumerate(opening.soreness, 1)}
    for visit in opening.visits:
        number, pair = told.get(visit.at, (None, None))
        lines.append(_visit_line(visit, number, pair))
        lines += _detail_lines(visit, unit)
    if rule := next((v.hands.rule for v in opening.visits if v.hands and v.hands.tired), ""):
        lines += ["", rule]
    if due := opening.soreness_due:
        number, _ = told[due.at]
        lines += [
            "",
            f"How sore was it after visit {number}? `goodpain soreness --client {opening.client_code} 0-10`",
        ]
    lines += ["", opening.response.sentence]
    lines += [f"  {line}" for line in opening.response.because]
    if opening.response.judged and not opening.response.detectable:
        lines += [f"  tried: {line}" for line in opening.response.tried]
    if opening.last_check_at:
        yes = [answer for answer in opening.last_check if answer.yes]
        lines += [
            "",
            f"Check of {opening.last_check_at.astimezone():%Y-%m-%d}: {'' if yes else 'nothing to mind.'}",
        ]
        lines += [f"  {answer.question} {answer.means}" for answer in yes]
    return lines


def plan_lines(opening: VisitOpening) -> list[str]:
    """The plan for people."""
    plan = opening.plan
    weeks = (
        f"{plan.weeks_min} to {plan.weeks_max}" if plan.weeks_min < plan.weeks_max else f"{plan.weeks_max}"
    )
    whose = "" if opening.plan_set else " (the usual plan; none was agreed)"
    lines = [f"Plan: {plan.visits} {'visit' if plan.visits == 1 else 'visits'} over {weeks} weeks{whose}"]
    if plan.goal:
        lines.append(f"Goal: {plan.goal}")
    return lines + [f"Homework: {line}" for line in plan.homework]


def _visit_line(visit: VisitFigures, number: int | None, pair: SorenessAfterDose | None) -> str:
    pain = " / ".join("–" if value is None else str(value) for value in (visit.pain_now, visit.pain_usual))
    sore = "–"
    if pair and pair.told:
        last = pair.told[-1]
        hours = "" if last.hours_after is None else f" ({last.hours_after:.0f} h after)"
        sore = f"{last.rating}{hours}" + (f" {last.note}" if last.note else "")
    when = f"{visit.at.astimezone():%Y-%m-%d %H:%M}"
    if number is None:
        return f"{'–':>5}  {when:<16} {'assessment only':<23}  {pain:<9}"
    return f"{number:>5}  {when:<16} {visit.presses:>7} {visit.press_s:>4.0f} s {visit.dose_ns:>8.0f}  {pain:<9} {sore}"


def _detail_lines(visit: VisitFigures, unit: PressureUnit) -> list[str]:
    lines: list[str] = []
    where = "; ".join(str(point) for point in visit.points)
    how = ", ".join(visit.techniques)
    if where or how:
        lines.append(" – ".join(part for part in (where, how) if part))
    for area in visit.pain:
        ratings = [
            f"{value} {word}"
            for value, word in ((area.now, "now"), (area.usual, "usual"))
            if value is not None
        ]
        lines.append(f"pain: {area}" + (f", {', '.join(ratings)}" if ratings else ""))
    for figure in visit.thresholds:
        least = "at least " if figure.at_least else ""
        spread = "" if figure.cv_pct is None else f", spread {figure.cv_pct:.0f} %"
        lines.append(
            f"threshold: {figure.point}, {figure.applicator} {figure.tip_area_cm2:g} cm²: "
            f"{least}{unit.text(figure.mean_kpa)}{spread}"
        )
    if hands := visit.hands:
        sag = (
            ""
            if hands.sag_pct_per_min is None
            else f", sag {hands.sag_pct_per_min:.0f} % a minute ({hands.trend})"
        )
        whose = f" ({visit.therapist})" if visit.therapist else ""
        lines.append(f"hands{whose}: rest {hands.rest_share:.0%}{sag}")
        if hands.sentence:
            lines.append(hands.sentence)
    return [f"       {line}" for line in lines]


@click.command()
@with_client
@click.argument("rating", type=click.IntRange(0, 10))
@click.option("--note", default="", metavar="TEXT", help="In a few words; no names.")
@click.option(
    "--visit",
    "number",
    type=click.IntRange(1),
    metavar="N",
    help="After which visit, as `goodpain care` numbers them (default: the last one).",
)
@with_data
@click.pass_context
def soreness(
    ctx: click.Context, client: str, rating: int, note: str, number: int | None, data: Path | None
) -> None:
    """Keep how sore the client was after a visit, 0 (not at all) to 10."""
    folder, _ = folder_and_settings(ctx, data)
    with open_record(folder, client, to_read=False) as (history, code):
        visits = [visit for visit in history.care.visits(code) if visit.pressed]
        session_id = None
        if number is not None:
            if number > len(visits):
                there = f"there are {len(visits)}" if visits else "there is none yet"
                raise click.UsageError(
                    f"{code} has no visit {number}: {there}, see `goodpain care --client {code}`"
                )
            session_id = visits[number - 1].session_id
        told = history.care.add_soreness(code, rating, session_id=session_id, note=note)
    visit = next((visit for visit in visits if told.session_id in visit.session_ids), None)
    if visit is None or told.hours_after is None:
        click.echo(f"Kept: {code}, soreness {rating} of 10, after no visit that is known.")
        return
    click.echo(
        f"Kept: {code}, soreness {rating} of 10, {told.hours_after:.0f} h after {visit.dose_ns:.0f} N·s in "
        f"{visit.presses} {'press' if visit.presses == 1 else 'presses'}."
    )


@click.command()
@with_client
@click.option("--visits", type=click.IntRange(1, 100), metavar="N", help="How many visits.")
@click.option("--weeks", type=Weeks(), metavar="FROM-TO", help="Over how many weeks, for example 2-6.")
@click.option("--goal", metavar="TEXT", help="What the client wants to reach; no names.")
@click.option(
    "--homework",
    multiple=True,
    metavar="TEXT",
    help='What to do at home; once for every line, in place of those before ("" for none).',
)
@click.option("--new", "new_course", is_flag=True, help="A new course begins: visits count from now.")
@with_data
@click.pass_context
def plan(
    ctx: click.Context,
    client: str,
    visits: int | None,
    weeks: tuple[int, int] | None,
    goal: str | None,
    homework: tuple[str, ...],
    new_course: bool,
    data: Path | None,
) -> None:
    """Show a client's plan, or change what is given; the rest stays as it is."""
    from feedback.history import utc_now

    folder, _ = folder_and_settings(ctx, data)
    rules = rules_of(folder)
    changes: dict[str, Any] = {}
    if visits is not None:
        changes["visits"] = visits
    if weeks is not None:
        changes["weeks_min"], changes["weeks_max"] = weeks
    if goal is not None:
        changes["goal"] = " ".join(goal.split())
    if homework:
        changes["homework"] = tuple(line for line in (" ".join(text.split()) for text in homework) if line)
    to_read = not changes and not new_course
    with open_record(folder, client, to_read=to_read) as (history, code):
        if not to_read:
            current = history.care.plan(code) or rules.plan
            history.care.set_plan(code, replace(current, **changes), new_course=new_course)
        opening = history.care.opening(code, utc_now(), rules)
    for line in (f"{code}: {opening.plan_now.sentence}", *plan_lines(opening)):
        click.echo(line)
