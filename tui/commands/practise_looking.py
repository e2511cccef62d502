"""Drills listed, and what is in the record of practice: for `goodpain practise` without an attempt."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedback.drills import TrainingHistory
    from feedback.history import History
    from tui.settings import Settings


def list_drills(folder: Path, settings: Settings, area_cm2: float | None, *, as_json: bool) -> None:
    """Print the drills, and on stderr what is wrong with own files."""
    from tui.practise.opening import DRILLS_FOLDER, tip_area_of, usual_sensor
    from tui.practise.shelf import load_shelf
    from tui.practise.words import drill_json
    from tui.screens.practise.wording import asked_text

    shelf = load_shelf(folder / DRILLS_FOLDER)
    area = tip_area_of(settings, usual_sensor(settings).url, area_cm2)
    if as_json:
        found = {
            "drills": [
                drill_json(drill, own=name in shelf.own) for name, drill in sorted(shelf.drills.items())
            ],
            "faults": [{"file": f.where, "line": f.line, "reason": f.reason} for f in shelf.faults],
            "folder": str(folder / DRILLS_FOLDER),
        }
        click.echo(json.dumps(found))
        return
    width = max(map(len, shelf.drills))
    for name, drill in sorted(shelf.drills.items()):
        mark = "*" if name in shelf.own else " "
        click.echo(f"{name:<{width}} {mark} {drill.kind.value:<10} {asked_text(drill, settings.unit, area)}")
    click.echo(f"\n* own, from {folder / DRILLS_FOLDER}")
    for fault in shelf.faults:
        click.echo(f"goodpain: {fault}", err=True)


def look_back(
    folder: Path,
    settings: Settings,
    trainee: str | None,
    *,
    progress: bool,
    group: bool,
    presses: str | None,
    export: Path | None,
    as_json: bool,
) -> None:
    """Print or write what is in the record: of one trainee, or of all.

    Raises:
        HistoryError: there is no record, or no such trainee.
    """
    if (progress or presses is not None) and trainee is None:
        raise click.UsageError("whose progress? Give a code: --trainee CODE")
    with record_of_practice(folder) as history:
        if trainee is not None:
            trainee = history.training.known(trainee).code
        if export is not None:
            _export(history, export, trainee, group=group)
        if group:
            _show_group(history, as_json=as_json)
        if progress and trainee is not None:
            _show_progress(history, settings, trainee, as_json=as_json)
        if presses is not None and trainee is not None:
            _show_presses(history, trainee, presses, as_json=as_json)


@contextmanager
def record_of_practice(folder: Path) -> Iterator[History]:
    """The record of a folder, to be read; attempts that were cut off are closed where that may be, and told."""
    from feedback.history import open_for_reading
    from tui.opening import HISTORY_FILE

    with open_for_reading(folder / HISTORY_FILE) as history:
        for one in history.training.recover():
            click.echo(
                f"goodpain: an attempt of {one.trainee} at {one.drill} was cut off after {one.duration_s:.1f} s: it is "
                "kept, and does not count",
                err=True,
            )
        yield history


def _export(history: History, path: Path, trainee: str | None, *, group: bool) -> None:
    from feedback.drills.group import (
        ATTEMPT_COLUMNS,
        GROUP_COLUMNS,
        attempt_cells,
        csv_text,
        group_cells,
        group_of,
    )
    from feedback.private_file import write_whole
    from tui.practise.opening import local_now

    if group:
        text = csv_text(
            GROUP_COLUMNS, (group_cells(row) for row in group_of(_histories(history), local_now()))
        )
    else:
        text = csv_text(
            ATTEMPT_COLUMNS, (attempt_cells(record) for record in history.training.attempts(trainee))
        )
    write_whole(path, text.encode())
    click.echo(str(path), err=True)


def _histories(history: History) -> list[TrainingHistory]:
    return [history.training.training(one.code) for one in history.training.trainees()]


def _show_group(history: History, *, as_json: bool) -> None:
    from feedback.drills import reminders
    from feedback.drills.group import group_of
    from feedback.history.records import plain
    from tui.practise.opening import local_now
    from tui.practise.words import group_lines, reminder_lines

    histories, now = _histories(history), local_now()
    rows, ahead = group_of(histories, now), reminders(histories, now)
    if as_json:
        days = {"rows": [plain(row) for row in rows], "reminders": [plain(one) for one in ahead]}
        click.echo(json.dumps(days, default=str))
        return
    for line in [*group_lines(rows), *([""] if ahead else []), *reminder_lines(ahead, whose=True)]:
        click.echo(line)


def _show_progress(history: History, settings: Settings, code: str, *, as_json: bool) -> None:
    from feedback.drills import DEFAULT_PLAN, next_step
    from tui.practise.opening import local_now
    from tui.practise.words import progress_json
    from tui.screens.practise.open_blocks import without_open_blocks

    if as_json:
        now = local_now()
        everything = history.training.training(code)
        mine = without_open_blocks(everything, now.date(), DEFAULT_PLAN)
        step = next_step(everything, now)
        click.echo(json.dumps(progress_json(mine, DEFAULT_PLAN, step), allow_nan=False, default=str))
        return
    for line in progress_of(history, settings, code):
        click.echo(line)


def progress_of(history: History, settings: Settings, code: str) -> list[str]:
    """How far a trainee is, as lines."""
    from feedback.drills import DEFAULT_PLAN, next_step, reminders
    from tui.practise.opening import local_now
    from tui.practise.words import progress_lines, reminder_lines, step_line
    from tui.screens.practise.open_blocks import without_open_blocks

    now = local_now()
    everything = history.training.training(code)
    mine = without_open_blocks(everything, now.date(), DEFAULT_PLAN)
    lines = progress_lines(mine, DEFAULT_PLAN, settings.unit)
    if going_on := len(everything.attempts) - len(mine.attempts):
        lines.append(
            f"Of a blind block that goes on, {going_on} done: what they were is shown after its last."
        )
    step = next_step(everything, now)
    return [*lines, f"Next: {step_line(step)}", *reminder_lines(reminders([everything], now))]


def _show_presses(history: History, trainee: str, code: str, *, as_json: bool) -> None:
    from feedback.drills.presses import compare
    from feedback.history.records import plain
    from tui.practise.words import comparison_lines
    from tui.practise_presses import treated_by

    found = treated_by(history, code)
    if not found.scores and not found.left_out:
        click.echo(
            f"goodpain: there are no presses of “{code}” in the record, as a therapist or a client", err=True
        )
    told = compare(history.training.training(trainee).attempts, found.scores)
    if as_json:
        click.echo(json.dumps({**plain(told), "left_out": found.left_out, "simulated": found.simulated}))
        return
    for line in comparison_lines(told):
        click.echo(line)
    if found.left_out:
        click.echo(f"Left out, without a band or without a hold of a second: {found.left_out}.")
    if found.simulated:
        click.echo(f"On a simulated sensor: {found.simulated} of the presses.")
