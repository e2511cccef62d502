"""A teacher's view of a group: one line per trainee and drill, and the same as tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from feedback.drills.curriculum import next_step
from feedback.drills.levels import Level, level_of
from feedback.drills.plan import DEFAULT_PLAN, Plan, StepKind
from feedback.drills.progress import Verdict, change_of
from feedback.drills.records import AttemptRecord, TrainingHistory
from feedback.drills.scores import MEANINGS, Dimension
from feedback.drills.stages import stage_of
from feedback.spreadsheet import guarded

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One trainee at one drill.

    Attributes:
        trainee: a code.
        drill: its name.
        level: reached.
        attempts: that count.
        void: attempts that do not.
        last_on: day of the last attempt; None when there was none.
        step: what is to be done next with this drill.
        due_from, due_to: of a retest that is ahead.
        late: it is overdue.
        verdict: blind now against blind at the beginning.
        first_pct, now_pct: size of the error then and now, in %; None when too few.
    """

    trainee: str
    drill: str
    level: Level
    attempts: int
    void: int
    last_on: date | None
    step: StepKind
    due_from: date | None
    due_to: date | None
    late: bool
    verdict: Verdict
    first_pct: float | None
    now_pct: float | None


def group_of(
    histories: Iterable[TrainingHistory], now: datetime, plan: Plan = DEFAULT_PLAN
) -> tuple[GroupRow, ...]:
    """The state of every trainee at every drill that they began, by code and then in the plan's order.

    Raises:
        ValueError: `now` has no time zone.
    """
    rows: list[GroupRow] = []
    for history in sorted(histories, key=lambda h: h.trainee):
        next_step(history, now, plan)  # refuses a time without a zone
        mine = history.drills()
        order = [*(d for d in plan.drills if d in mine), *(d for d in mine if d not in plan.drills)]
        rows += [_row(history, drill, now.date(), plan) for drill in order]
    return tuple(rows)


def _row(history: TrainingHistory, drill: str, today: date, plan: Plan) -> GroupRow:
    attempts = history.of(drill)
    everything = [a for a in history.attempts if a.drill == drill]
    stage = stage_of(history, drill, today, plan)
    change = change_of(attempts)
    return GroupRow(
        trainee=history.trainee,
        drill=drill,
        level=level_of(history, drill).level,
        attempts=len(attempts),
        void=len(everything) - len(attempts),
        last_on=max((a.at.date() for a in everything), default=None),
        step=stage.step,
        due_from=stage.due.due_from if stage.due else None,
        due_to=stage.due.due_to if stage.due else None,
        late=bool(stage.due and stage.due.due_to < today),
        verdict=change.verdict,
        first_pct=change.first_pct,
        now_pct=change.now_pct,
    )


GROUP_COLUMNS = (
    "trainee", "drill", "level", "attempts", "void", "last_on", "step", "due_from", "due_to", "late", "change",
    "first_pct", "now_pct",
)  # fmt: skip


def group_cells(row: GroupRow) -> tuple[Cell, ...]:
    """A line of the group's table, in the order of `GROUP_COLUMNS`."""
    return (
        row.trainee, row.drill, row.level.value, row.attempts, row.void, _day(row.last_on), row.step.value,
        _day(row.due_from), _day(row.due_to), row.late, row.verdict.value, row.first_pct, row.now_pct,
    )  # fmt: skip


_UNITS = {
    Dimension.PRESSURE: ("_kpa", "_n"),
    Dimension.RATE: ("_kpa_per_s", "_n_per_s"),
    Dimension.SHARE: (),
    Dimension.TIME: ("_s",),
}
_PER_MINUTE = ("_kpa", "_n")
ATTEMPT_COLUMNS = (
    "attempt_id", "trainee", "drill", "kind", "at", "purpose", "feedback", "target_kpa", "tip_area_cm2",
    "tolerance_pct", "asked_pct", "ease", "looks", "estimate_kpa", "void", "inside", "needed_pct", "mean_kpa",
    "missing_pct",
    *(
        key.value + unit
        for key, meaning in MEANINGS.items()
        for unit in (
            *(_PER_MINUTE if key.value.endswith("per_min") else _UNITS[meaning.dimension]),
            *(("_pct",) if meaning.of else ()),
        )
    ),
)  # fmt: skip
"""Columns of the table of attempts; units in the names."""


def attempt_cells(record: AttemptRecord) -> tuple[Cell, ...]:
    """A line of the table of attempts, in the order of `ATTEMPT_COLUMNS`; None where undefined."""
    scores = record.scores
    cells: list[Cell] = [
        str(record.attempt_id), record.trainee, record.drill, record.kind.value, record.at.isoformat(),
        record.purpose.value, record.feedback.value, record.target_kpa, record.tip_area_cm2,
        100 * record.tolerance_share, 100 * record.asked_share, record.ease, record.looks, record.estimate_kpa,
        record.void.value if record.void else None, record.inside, _pct(scores.needed_share if scores else None),
        scores.mean_kpa if scores else None, _pct(scores.missing_share if scores else None),
    ]  # fmt: skip
    for key, meaning in MEANINGS.items():
        score = scores[key] if scores else None
        if meaning.dimension in (Dimension.PRESSURE, Dimension.RATE):
            cells += [score.value if score else None, score.newtons if score else None]
        elif meaning.dimension is Dimension.TIME:
            cells.append(score.value if score else None)
        if meaning.of:
            cells.append(score.pct if score else None)
    return tuple(cells)


def csv_text(columns: Sequence[str], lines: Iterable[Sequence[Cell]]) -> str:
    """A table as CSV (RFC 4180): empty where undefined, `true`/`false`, numbers to six digits.

    Text that a spreadsheet would run as a formula gets an apostrophe in front, as in the other exports.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_text(cell) for cell in line] for line in lines)
    return out.getvalue()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return guarded(cell)
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _pct(share: float | None) -> float | None:
    return None if share is None else 100 * share
