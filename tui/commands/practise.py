"""`goodpain practise`: a trainee learns to press what is asked, on a screen or as lines of text."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.options import NUMBER, folder_and_settings, with_data, with_optional_sensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedback.drills import AttemptRecord, FeedbackMode, Purpose, Step
    from feedback.history import History
    from feedback.units import PressureUnit
    from tui.practise.hands import HandWanted
    from tui.practise.plain import Estimate
    from tui.practise.studio import PractiseStudio
    from tui.settings import Settings
    from tui.wanted import SensorWanted

FEEDBACK = {"always": "always", "on-demand": "on demand", "after": "after", "none": "none"}
VOID_CODE = 3
"""Exit code when an attempt was void."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line, beside the sensor."""

    trainee: str | None
    drill: str | None
    feedback: str | None
    attempts: int
    free: bool
    skip_baseline: bool
    estimates: tuple[str, ...]
    hand: str | None
    wait_s: float
    as_json: bool


@click.command()
@click.option("--trainee", metavar="CODE", help="Whose training (a code, never a name).")
@click.option("--drill", metavar="NAME", help="Only this drill, without a screen; --list names them.")
@with_optional_sensor
@click.option(
    "--feedback",
    type=click.Choice(list(FEEDBACK)),
    help="When the pressure is seen in practice; tests are blind (default: on-demand).",
)
@click.option(
    "--attempts",
    type=click.IntRange(1, 200),
    default=1,
    show_default=True,
    help="How many, without a screen.",
)
@click.option(
    "--plain", is_flag=True, help="Lines of text instead of a screen; without --drill, what is next."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
@click.option(
    "--estimate",
    "estimates",
    multiple=True,
    metavar="PRESSURE",
    help="The answer to “what do you think it was?”, in the unit that is set, or “none”; once for each attempt.",
)
@click.option("--free", is_flag=True, help="Outside the curriculum.")
@click.option(
    "--skip-baseline", is_flag=True, help="Leave the blind baseline out, knowingly: that is kept too."
)
@click.option(
    "--hand",
    metavar="HAND",
    help="What the simulated hand does: follow, follow:-10% (always 10 % light), or seconds:pressures such as "
    "“1:0.4 3:1.0 20:0”. Without it type pressures.",
)
@click.option("--area", "area_cm2", type=NUMBER, metavar="CM2", help="The tip's contact area in cm².")
@click.option(
    "--ceiling",
    type=NUMBER,
    metavar="PRESSURE",
    help="Never above it, in the unit that is set. The usual one is for foam, never for a body.",
)
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True,
    help="Seconds to wait for the first contact, without a screen.",
)  # fmt: skip
@click.option(
    "--list", "list_drills", is_flag=True, help="List the drills, and what is wrong with own files."
)
@click.option("--progress", is_flag=True, help="Show how far a trainee is.")
@click.option("--group", is_flag=True, help="Show all trainees, for a teacher.")
@click.option(
    "--presses", metavar="CODE", help="Beside a trainee's drills, the presses of this therapist or client."
)
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the attempts (with --group the group's table) as CSV.",
)
@with_data
@click.pass_context
def practise(
    ctx: click.Context,
    wanted: SensorWanted,
    trainee: str | None,
    drill: str | None,
    feedback: str | None,
    attempts: int,
    plain: bool,
    as_json: bool,
    estimates: tuple[str, ...],
    free: bool,
    skip_baseline: bool,
    hand: str | None,
    area_cm2: float | None,
    ceiling: float | None,
    wait_s: float,
    list_drills: bool,
    progress: bool,
    group: bool,
    presses: str | None,
    export: Path | None,
    data: Path | None,
) -> int | None:
    """Practise pressure on foam or with the simulated sensor: blind baseline, practice, blind test, retests.

    Own drills are TOML files in the folder “drills” beside the record. Exit code 3: an attempt was void (it is kept,
    with its reason).
    """
    folder, settings = folder_and_settings(ctx, data)
    if list_drills:
        return _list(folder, settings, area_cm2, as_json=as_json)
    if progress or group or presses is not None or export is not None:
        return _look_back(
            folder, settings, trainee, progress=progress, group=group, presses=presses, export=export,
            as_json=as_json,
        )  # fmt: skip
    asked = Asked(trainee, drill, feedback, attempts, free, skip_baseline, estimates, hand, wait_s, as_json)
    with _studio(folder, settings, wanted, area_cm2, ceiling) as studio:
        if plain or as_json or drill is not None or not _has_terminal():
            return _without_screen(studio, asked)
        return _screen(studio, asked)


# -- attempts ------------------------------------------------------------------------------------------------------


@contextmanager
def _studio(
    folder: Path, settings: Settings, wanted: SensorWanted, area_cm2: float | None, ceiling: float | None
) -> Iterator[PractiseStudio]:
    from tui.practise.opening import practise_studio, usual_sensor
    from tui.wanted import WantedError

    if not wanted.url:
        wanted = replace(wanted, url=usual_sensor(settings).url)
    ceiling_kpa = None
    if ceiling is not None:
        if not 0 < ceiling < float("inf"):
            raise WantedError(
                f"a ceiling of {ceiling:g} cannot be: give a pressure above 0 in {settings.unit.label}"
            )
        ceiling_kpa = settings.unit.to_kpa(ceiling)
    with practise_studio(folder, settings, wanted, tip_area_cm2=area_cm2, ceiling_kpa=ceiling_kpa) as studio:
        yield studio


def _has_terminal() -> bool:
    from tui.commands.live import has_terminal

    return has_terminal()


def _screen(studio: PractiseStudio, asked: Asked) -> int | None:
    import os

    from feedback.drills import FeedbackMode

    os.environ.setdefault("TEXTUAL_FPS", "240")
    from tui.practise_app import PractiseApp

    mode = FeedbackMode(FEEDBACK[asked.feedback]) if asked.feedback else None
    app = PractiseApp(studio, _code(asked.trainee) if asked.trainee else None, feedback=mode)
    app.run()
    failure = getattr(app, "failure", None)
    if failure is not None:
        raise failure
    return app.return_code or None


def _without_screen(studio: PractiseStudio, asked: Asked) -> int | None:
    from tui.console import stopped_by_signals
    from tui.practise.hands import hand_of
    from tui.practise.plain import NoContactError, Typed
    from tui.practise.words import reminder_lines

    if asked.trainee is None:
        raise click.UsageError("whose attempt is it? Give a code, never a name: --trainee CODE")
    code = _code(asked.trainee)
    hand = hand_of(asked.hand, studio.settings.unit) if asked.hand is not None else None
    if hand is not None and not studio.steered:
        raise click.UsageError(
            "--hand moves a simulated hand: leave it out, or use a sensor such as sim://upper-trapezius?hand=steered"
        )
    answers = [_answer(text, studio.settings.unit) for text in asked.estimates]
    for fault in studio.faults:
        click.echo(f"goodpain: {fault}", err=True)
    say = _Say(silent=asked.as_json)
    for line in reminder_lines(studio.reminders(code)):
        say(line)
    series = _Series(studio, asked, code, hand, answers, say)
    problem = ""
    with stopped_by_signals() as stop:
        try:
            series.go(stop, Typed.at_stdin())
        except NoContactError as error:
            problem = str(error)
        stopped = stop.is_set()
    if asked.as_json:
        click.echo(json.dumps({**series.to_json(), "problem": problem}, allow_nan=False, default=str))
    if problem:
        click.echo(f"goodpain: {problem}", err=True)
        return 1
    if stopped:
        return 130
    return VOID_CODE if any(not record.counts for record in series.kept) else None


class _Say:
    def __init__(self, *, silent: bool) -> None:
        self._silent = silent

    def __call__(self, text: str) -> None:
        if not self._silent:
            click.echo(text)
            sys.stdout.flush()


class _Series:
    """Attempts one after the other, each with what the curriculum says by then."""

    def __init__(
        self,
        studio: PractiseStudio,
        asked: Asked,
        code: str,
        hand: HandWanted | None,
        answers: list[Estimate],
        say: _Say,
    ) -> None:
        self.kept: list[AttemptRecord] = []
        self._studio = studio
        self._asked = asked
        self._code = code
        self._hand = hand
        self._answers = answers
        self._say = say

    def go(self, stop: Any, typed: Any) -> None:
        """All of them, until one is stopped."""
        for number in range(self._asked.attempts):
            drill, purpose, mode = self._next(first=number == 0)
            if not drill:
                return
            self._one(drill, purpose, mode, stop, typed, fresh=number > 0 and not self._studio.recording)
            if stop.is_set():
                return

    def to_json(self) -> dict[str, Any]:
        """What came of it."""
        from feedback.drills.advice import advice_of
        from feedback.history.records import plain
        from tui.practise.words import record_json

        history = self._studio.training(self._code)
        return {
            "trainee": self._code,
            "sensor": self._studio.sensor_url,
            "simulated": self._studio.simulated,
            "attempts": [record_json(record) for record in self.kept],
            "advice": advice_of(history.attempts).sentence,
            "next": plain(self._studio.next_step(self._code)),
            "reminders": plain(self._studio.reminders(self._code)),
            "faults": self._studio.faults,
        }

    def _next(self, *, first: bool) -> tuple[str, Purpose, FeedbackMode | None]:
        """What is attempted now; no drill when nothing is left to do."""
        from feedback.drills import FeedbackMode, Purpose, StepKind
        from tui.practise.words import step_line

        asked, studio = self._asked, self._studio
        mode = FeedbackMode(FEEDBACK[asked.feedback]) if asked.feedback else None
        drill = asked.drill or studio.next_step(self._code).drill
        if not drill:
            self._say(studio.next_step(self._code).sentence)
            return "", Purpose.FREE, mode
        if drill not in studio.drills:
            raise click.UsageError(
                f"there is no drill “{drill}”: there are {', '.join(studio.drills)}"
                + ("; some own files cannot be read, see --list" if studio.faults else "")
            )
        step = studio.step_of(self._code, drill)
        seen = mode not in (None, FeedbackMode.NONE) or (asked.free and mode is None)
        if step.kind is StepKind.BASELINE and asked.skip_baseline:
            studio.task(self._code, drill, Purpose.FREE, mode)  # What cannot be done leaves nothing out.
            studio.skip(self._code, drill, Purpose.BASELINE)
            self._say(f"The blind baseline of {drill} is left out. That is kept too.")
            step = studio.step_of(self._code, drill)
        elif step.kind is StepKind.BASELINE and seen:
            raise click.UsageError(
                f"{self._code} has no baseline at {drill} yet, and it cannot be caught up once something was shown: "
                "leave --feedback (and --free) out to do it now, or go on knowingly with --skip-baseline, which is kept"
            )
        if asked.free or step.kind.purpose is None:
            if first and not asked.free:
                self._say(f"{step.sentence} This is free practice.")
            return drill, Purpose.FREE, mode
        if mode not in (None, FeedbackMode.NONE) and step.feedback is FeedbackMode.NONE:
            if not first:
                self._say(f"Now the {step.kind.value}, which is blind.")
                return "", Purpose.FREE, mode
            raise click.UsageError(
                f"what is next at {drill} is the {step.kind.value}, which is blind: leave --feedback out, or practise "
                "outside the curriculum with --free"
            )
        if first or step.done == 0:
            self._say(step_line(step))
        return drill, step.kind.purpose, mode

    def _one(
        self, drill: str, purpose: Purpose, mode: FeedbackMode | None, stop: Any, typed: Any, *, fresh: bool
    ) -> None:
        from tui.practise.plain import HELP, HELP_STEERED, PlainAttempt
        from tui.practise.words import task_line

        studio, unit = self._studio, self._studio.settings.unit
        task = studio.task(self._code, drill, purpose, mode)
        steering = None
        if studio.steered:
            from sim.steering import Steering

            steering = Steering(studio.sensor_url)
        watchers = [self._hand.hand(steering, task)] if self._hand and steering else []
        run = studio.begin(task, trainee=self._code, purpose=purpose, watchers=watchers)
        self._say(f"{task_line(task, unit)}{' (simulated sensor)' if studio.simulated else ''}")
        if not self.kept:
            self._say(HELP_STEERED.format(unit=unit.label) if steering and not watchers else HELP)
        attempt = PlainAttempt(
            run,
            unit,
            self._say,
            typed,
            estimate=self._answers.pop(0) if self._answers and task.blind else None,
            steering=steering,
        )
        try:
            attempt.go(stop, self._asked.wait_s, fresh=fresh)
        finally:
            record = studio.keep(run)
            if steering is not None:
                steering.aim(0.0)
        if record is not None:
            self.kept.append(record)
            self._tell(record, reveal=task.reveal)

    def _tell(self, record: AttemptRecord, *, reveal: bool) -> None:
        from feedback.drills.advice import advice_of
        from tui.practise.words import record_lines, truth_line

        unit, drill = self._studio.settings.unit, record.drill
        if not record.counts:
            sentence = record.void.sentence if record.void else ""
            self._say(f"VOID: {sentence} It is kept.")
            if self._asked.as_json:
                click.echo(f"goodpain: {sentence}", err=True)
            return
        history = self._studio.training(self._code)
        if reveal:
            self._say(f"{'Inside' if record.inside else 'Not inside yet'}.")
            for line in record_lines(record, unit):
                self._say(line)
            self._say(advice_of(history.attempts).sentence)
            return
        step = self._studio.step_of(self._code, drill)
        block = [a for a in history.of(drill) if a.purpose is record.purpose and a.blind]
        if step.kind.purpose is record.purpose and step.done:
            self._say(f"Kept: {step.done} of {step.of}. What it was is shown after the last one.")
            return
        self._say(f"The {record.purpose.value} is complete:")
        of = {"baseline": self._studio.plan.baseline}.get(record.purpose.value, self._studio.plan.test)
        for number, one in enumerate(block[-of:], 1):
            self._say(truth_line(number, one, unit))


def _answer(text: str, unit: PressureUnit) -> Estimate:
    from tui.practise.plain import Estimate
    from tui.wanted import number_of

    if text.strip().lower() in ("none", "?", ""):
        return Estimate(None)
    try:
        value = number_of(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise click.UsageError(f"--estimate “{text}” is not a pressure: a number in {unit.label}, or none")
    return Estimate(unit.to_kpa(value))


def _code(text: str) -> str:
    from feedback.history import check_code
    from tui.wanted import looks_like_a_name

    code = check_code(text)
    if looks_like_a_name(code):
        click.echo(
            f"goodpain: “{code}” looks like a name: a code such as T-07 keeps the record anonymous", err=True
        )
    return code


# -- looking ---------------------------------------------------------------------------------------------------------


def _list(folder: Path, settings: Settings, area_cm2: float | None, *, as_json: bool) -> int | None:
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
        return None
    width = max(map(len, shelf.drills))
    for name, drill in sorted(shelf.drills.items()):
        mark = "*" if name in shelf.own else " "
        click.echo(f"{name:<{width}} {mark} {drill.kind.value:<10} {asked_text(drill, settings.unit, area)}")
    click.echo(f"\n* own, from {folder / DRILLS_FOLDER}")
    for fault in shelf.faults:
        click.echo(f"goodpain: {fault}", err=True)
    return None


def _look_back(
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
    if (progress or presses is not None) and trainee is None:
        raise click.UsageError("whose progress? Give a code: --trainee CODE")
    with _record(folder) as history:
        if trainee is not None:
            trainee = _known(history, trainee)
        if export is not None:
            _export(history, export, trainee, group=group)
        if group:
            _show_group(history, as_json=as_json)
        if progress and trainee is not None:
            _show_progress(history, settings, trainee, as_json=as_json)
        if presses is not None and trainee is not None:
            _show_presses(history, trainee, presses, as_json=as_json)


@contextmanager
def _record(folder: Path) -> Iterator[History]:
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


def _known(history: History, code: str) -> str:
    from feedback.history import HistoryError, check_code

    code = check_code(code)
    known = [one.code for one in history.training.trainees()]
    if code not in known:
        there = (
            f"it knows {', '.join(known[:8])}{', …' if len(known) > 8 else ''}"
            if known
            else "it holds none yet"
        )
        raise HistoryError(f"there is no trainee “{code}” in the record: {there}")
    return code


def _export(history: History, path: Path, trainee: str | None, *, group: bool) -> None:
    from feedback.drills.group import (
        ATTEMPT_COLUMNS,
        GROUP_COLUMNS,
        attempt_cells,
        csv_text,
        group_cells,
        group_of,
    )
    from tui.practise.opening import local_now

    if group:
        text = csv_text(
            GROUP_COLUMNS, (group_cells(row) for row in group_of(_histories(history), local_now()))
        )
    else:
        text = csv_text(
            ATTEMPT_COLUMNS, (attempt_cells(record) for record in history.training.attempts(trainee))
        )
    _write_whole(path, text)
    click.echo(str(path), err=True)


def _write_whole(path: Path, text: str) -> None:
    """A file that is there whole or as it was."""
    import os
    import tempfile

    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _histories(history: History) -> list[Any]:
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
    from feedback.drills import DEFAULT_PLAN, next_step, reminders
    from tui.practise.opening import local_now
    from tui.practise.words import progress_json, progress_lines, reminder_lines, step_line

    mine, now = history.training.training(code), local_now()
    step: Step = next_step(mine, now)
    if as_json:
        click.echo(json.dumps(progress_json(mine, DEFAULT_PLAN, step), allow_nan=False, default=str))
        return
    lines = progress_lines(mine, DEFAULT_PLAN, settings.unit)
    for line in [*lines, f"Next: {step_line(step)}", *reminder_lines(reminders([mine], now))]:
        click.echo(line)


def _show_presses(history: History, trainee: str, code: str, *, as_json: bool) -> None:
    from feedback.drills.presses import compare
    from feedback.history.records import plain
    from tui.practise.words import comparison_lines
    from tui.practise_presses import treated_by

    found = treated_by(history, code)
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
