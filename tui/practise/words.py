"""Drills, attempts and progress in words and as plain data, pressures in the user's unit. No screen needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedback.drills import Aim, Dimension, Stage, StepKind, level_of
from feedback.drills.advice import advice_of
from feedback.drills.progress import change_of, curve_of, error_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feedback.drills import (
        AttemptRecord,
        AttemptView,
        Drill,
        Plan,
        Reminder,
        Score,
        Step,
        Task,
        TrainingHistory,
    )
    from feedback.drills.group import GroupRow
    from feedback.drills.presses import Comparison
    from feedback.units import PressureUnit

_AIMS = {Aim.LIGHT: "light", Aim.INSIDE: "inside", Aim.HEAVY: "heavy"}
_RATES = {Aim.LIGHT: "too slow", Aim.INSIDE: "good", Aim.HEAVY: "too fast"}


def task_line(task: Task, unit: PressureUnit) -> str:
    """What one attempt asks, in a line."""
    parts = [task.drill.title]
    if task.rate_kpa_per_s is not None:
        parts.append(f"{unit.text(task.rate_kpa_per_s)} a second")
    elif task.target_kpa is not None:
        parts.append(f"target {unit.text(task.target_kpa)}")
    if task.drill.client is not None:
        parts.append(f"simulated client: {task.drill.client}")
    parts.append(f"± {100 * task.tolerance_share:.0f} %")
    parts.append("blind" if task.blind else f"feedback {task.feedback.value}")
    return ", ".join(parts)


def view_line(view: AttemptView, unit: PressureUnit) -> str:
    """A view as one line; while it is hidden there is no pressure in it, and none that is not fresh."""
    parts = [view.do or view.stage.value]
    if view.stage is Stage.RUNNING:
        parts.append(f"{view.elapsed_s:.0f} of {view.of_s:.0f} s")
    if view.target_kpa is not None and view.stage in (Stage.GET_SET, Stage.RUNNING):
        parts.append(f"target {unit.text(view.target_kpa)}")
    if view.hidden or view.stage not in (Stage.GET_SET, Stage.RUNNING):
        return ", ".join(parts)
    shown = view.shown
    if shown is None:
        return ", ".join([*parts, "no signal"])
    parts.append(unit.text(shown.pressure_kpa))
    if shown.rate_kpa_per_s is not None:
        rising = f"{unit.text(shown.rate_kpa_per_s)} a second"
        parts.append(f"{rising}: {_RATES[shown.aim]}" if shown.aim else rising)
    elif shown.aim is not None:
        parts.append(_AIMS[shown.aim])
    return ", ".join(parts)


def score_text(score: Score, unit: PressureUnit) -> str:
    """A score with its unit and in per cent; `–` where it makes no sense."""
    value, signed = score.value, "+" if score.meaning.signed else ""
    if value is None:
        return "–"
    percent = "" if score.pct is None else f" ({score.pct:{signed}.0f} %)"
    match score.meaning.dimension:
        case Dimension.TIME:
            return f"{value:.1f} s"
        case Dimension.SHARE:
            return f"{100 * value:.0f} %"
        case dimension:
            per = ""
            if dimension is Dimension.RATE:
                per = " a minute" if score.key.value.endswith("per_min") else " a second"
            sign = "+" if signed and value > 0 else ""
            return f"{sign}{unit.text(value)}{per}{percent}"


def record_lines(record: AttemptRecord, unit: PressureUnit) -> list[str]:
    """An attempt that is over, with every score that it has and what each means."""
    scores = record.scores
    if record.void is not None or scores is None:
        return [record.void.sentence if record.void else "This attempt has no scores."]
    lines: list[str] = []
    if record.estimate_kpa is not None and scores.felt_kpa is not None:
        lines.append(f"You said {unit.text(record.estimate_kpa)}; it was {unit.text(scores.felt_kpa)}.")
    lines += [
        f"  {score.meaning.title:<18} {score_text(score, unit):<28} {score.meaning.line}"
        for score in scores.scores
        if score.value is not None
    ]
    return lines


def truth_line(number: int, record: AttemptRecord, unit: PressureUnit) -> str:
    """One attempt of a block that is over, in a line."""
    scores = record.scores
    if scores is None:
        return f"{number:>3}. void: {record.void.value if record.void else 'no scores'}"
    asked = "" if record.target_kpa is None else f"asked {unit.text(record.target_kpa)}, "
    mean = "–" if scores.mean_kpa is None else unit.text(scores.mean_kpa)
    error = "" if scores.error_pct is None else f" ({scores.error_pct:+.0f} %)"
    said = "" if record.estimate_kpa is None else f", you said {unit.text(record.estimate_kpa)}"
    return f"{number:>3}. {asked}pressed {mean}{error}{said}: {'inside' if scores.inside else 'not inside'}"


def record_json(record: AttemptRecord) -> dict[str, Any]:
    """An attempt as plain data; None where undefined. Pressures in kPa, forces in N."""
    scores = record.scores
    found: dict[str, Any] = {
        "attempt": str(record.attempt_id),
        "trainee": record.trainee,
        "drill": record.drill,
        "kind": record.kind.value,
        "at": record.at.isoformat(),
        "purpose": record.purpose.value,
        "feedback": record.feedback.value,
        "target_kpa": record.target_kpa,
        "tip_area_cm2": record.tip_area_cm2,
        "tolerance_pct": 100 * record.tolerance_share,
        "asked_tolerance_pct": 100 * record.asked_share,
        "ease": record.ease,
        "looks": record.looks,
        "estimate_kpa": record.estimate_kpa,
        "counts": record.counts,
        "void": record.void.value if record.void else None,
        "sentence": record.void.sentence if record.void else None,
        "inside": record.inside,
        "inside_as_asked": record.inside_as_asked,
    }
    if scores is not None:
        found |= {
            "mean_kpa": scores.mean_kpa,
            "felt_kpa": scores.felt_kpa,
            "needed_pct": None if scores.needed_share is None else 100 * scores.needed_share,
            "missing_pct": 100 * scores.missing_share,
            "scores": {
                s.key.value: {
                    "value": s.value,
                    "unit": _UNITS[
                        "per_min" if s.key.value.endswith("per_min") else s.meaning.dimension.value
                    ],
                    "newtons": s.newtons,
                    "pct": s.pct,
                    "means": s.meaning.line,
                }
                for s in scores.scores
            },
        }
    return found


_UNITS = {
    Dimension.PRESSURE.value: "kPa",
    Dimension.RATE.value: "kPa/s",
    "per_min": "kPa/min",
    Dimension.SHARE.value: "",
    Dimension.TIME.value: "s",
}


def step_line(step: Step) -> str:
    """What is next, in a line."""
    where = f"{step.drill}: " if step.drill else ""
    count = f" ({step.done} of {step.of} done)" if step.of and step.done else ""
    return f"{where}{step.sentence}{count}"


def reminder_lines(found: Sequence[Reminder], *, whose: bool = False) -> list[str]:
    """Retests that are due, and those that come."""
    return [
        f"{'! ' if reminder.due else '  '}{f'{reminder.trainee}, ' if whose else ''}{reminder.sentence}."
        for reminder in found
    ]


def progress_lines(history: TrainingHistory, plan: Plan, unit: PressureUnit) -> list[str]:
    """Levels, change and where errors are, drill by drill; one sentence of advice."""
    if not history.attempts:
        return [f"{history.trainee}: no attempt yet."]
    mine = history.drills()
    names = [*(d for d in plan.drills if d in mine), *(d for d in mine if d not in plan.drills)]
    lines: list[str] = []
    for name in names:
        attempts = history.of(name)
        void = sum(a.drill == name for a in history.attempts) - len(attempts)
        level = level_of(history, name)
        lines.append(f"{name}: {level.level.value}, {_counted(len(attempts), 'attempt')}, {void} void")
        change = change_of(attempts)
        lines.append(f"    {change.sentence}")
        tests = [p for p in curve_of(history, name).points if p.test and p.size_pct is not None]
        if tests:
            sizes = ", ".join(f"{p.size_pct:.0f}{'' if p.inside else '×'}" for p in tests[-10:])
            lines.append(f"    last blind tests, tolerance needed in % (× not inside): {sizes}")
        if level.next:
            lines.append(f"    next: {level.next}")
    # With the screen nobody is light: as on the screen, blind attempts are looked at where there are any.
    blind = True if any(a.blind and a.counts for a in history.attempts) else None
    cells = error_map(history.attempts, blind=blind)
    if cells:
        lines += ["", f"where you are light and heavy{' when blind' if blind else ''}:"]
    for cell in cells:
        word = f"  {cell.word}" if cell.word else ""
        lines.append(
            f"    {unit.text(cell.target_kpa):>12}  {cell.constant_pct:+5.0f} %, off {cell.absolute_pct:.0f} %, "
            f"{_counted(cell.presses, 'press', 'presses')}{word}"
        )
    return [*lines, "", advice_of(history.attempts).sentence]


def progress_json(history: TrainingHistory, plan: Plan, step: Step) -> dict[str, Any]:
    """The same as plain data, with every attempt."""
    from feedback.history.records import plain

    return {
        "trainee": history.trainee,
        "next": plain(step),
        "drills": [
            {
                "drill": name,
                "level": level_of(history, name).level.value,
                "next_level": level_of(history, name).next,
                "verdict": change_of(history.of(name)).verdict.value,
                "sentence": change_of(history.of(name)).sentence,
                "first_pct": change_of(history.of(name)).first_pct,
                "now_pct": change_of(history.of(name)).now_pct,
                "in_plan": name in plan.drills,
            }
            for name in history.drills()
        ],
        "map": plain(error_map(history.attempts)),
        "advice": advice_of(history.attempts).sentence,
        "skips": plain(history.skips),
        "attempts": [record_json(attempt) for attempt in sorted(history.attempts, key=lambda a: a.at)],
    }


def group_lines(rows: Sequence[GroupRow]) -> list[str]:
    """The teacher's table."""
    if not rows:
        return ["No trainee has attempted anything yet."]
    head = (
        "trainee",
        "drill",
        "level",
        "attempts",
        "void",
        "last",
        "next",
        "due",
        "change",
        "then %",
        "now %",
    )
    table = [head, *(_group_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(head))]
    right = {3, 4, 9, 10}
    return [
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in table
    ]


def _group_cells(row: GroupRow) -> tuple[str, ...]:
    due = "" if row.due_from is None else f"{row.due_from:%Y-%m-%d}{' late' if row.late else ''}"
    return (
        row.trainee,
        row.drill,
        row.level.value,
        str(row.attempts),
        str(row.void),
        "" if row.last_on is None else f"{row.last_on:%Y-%m-%d}",
        "" if row.step is StepKind.DONE else row.step.value,
        due,
        row.verdict.value,
        "" if row.first_pct is None else f"{row.first_pct:.0f}",
        "" if row.now_pct is None else f"{row.now_pct:.0f}",
    )


def comparison_lines(found: Comparison) -> list[str]:
    """Drills beside presses in treatment."""
    rows = (
        ("off target", found.drill_off_pct, found.press_off_pct, ""),
        ("light (-) or heavy (+)", found.drill_error_pct, found.press_error_pct, "+"),
        ("inside, share of the time", found.drill_inside_pct, found.press_inside_pct, ""),
        ("sag a minute", found.drill_sag_pct, found.press_sag_pct, "+"),
    )
    lines = [found.sentence, "", f"{'in % of the target':<28}{'drills':>10}{'treatment':>12}"]
    for name, drill, press, sign in rows:
        cells = ["–" if value is None else f"{value:{sign}.0f} %" for value in (drill, press)]
        lines.append(f"{name:<28}{cells[0]:>10}{cells[1]:>12}")
    return [*lines, f"{'how many':<28}{found.attempts:>10}{found.presses:>12}"]


def drill_json(drill: Drill, *, own: bool) -> dict[str, Any]:
    """A drill as plain data."""
    return {
        "name": drill.name,
        "title": drill.title,
        "kind": drill.kind.value,
        "about": drill.about,
        "tolerance_pct": 100 * drill.tolerance_share,
        "time_inside_pct": 100 * drill.time_share,
        "client": drill.client,
        "own": own,
        "sources": list(drill.sources),
    }


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"
