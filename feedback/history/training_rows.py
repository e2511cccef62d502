"""Rows of practice: from an attempt to the tables, and back."""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from feedback.drills import AttemptRecord, DrillKind, FeedbackMode, Purpose, Skip, Void
from feedback.drills.storing import scores_data, scores_from
from feedback.history import tables as t
from feedback.history.chunks import Chunks
from feedback.history.codec import decode, joined
from feedback.history.errors import HistoryDamagedError
from feedback.history.rows import Row, finite
from feedback.history.samples import force_blocks, knots_of
from feedback.history.training_records import AttemptTrace
from feedback.signal import Calibration

if TYPE_CHECKING:
    from feedback.history.training_records import AttemptEnd, AttemptStart
    from feedback.signal import ForceBlock


class AttemptRows:
    """Collects the rows of one attempt in `out`; whoever writes them takes them out. Used by one thread."""

    def __init__(self, attempt_id: UUID, trainee_id: UUID) -> None:
        self.out: list[Row] = []
        self.newest_us: int | None = None
        self._id = attempt_id
        self._trainee_id = trainee_id
        self._t0_s = 0.0
        self._chunks = Chunks(0.0)

    def begin(self, start: AttemptStart, at: datetime, t0_s: float, calibration: Calibration | None) -> None:
        """The attempt begins, at a time of day and on the clock of the samples."""
        self._t0_s, self._chunks = t0_s, Chunks(t0_s)
        self.out.append(
            Row(t.attempt, attempt_values(self._id, self._trainee_id, start, at) | _calibration(calibration))
        )

    def samples(self, block: ForceBlock) -> None:
        """Keep a block."""
        self._chunks.add(block)

    def flush(self) -> None:
        """Turn the buffered samples into chunks."""
        for values in self._chunks.take():
            self.out.append(Row(t.attempt_chunk, {"attempt_id": self._id, **values}))
        self.newest_us = self._chunks.newest_us

    def end(self, record: AttemptRecord, end: AttemptEnd) -> None:
        """Fill in the end; once more when the trainee has said what it was."""
        self.flush()
        values: dict[str, Any] = {
            "id": self._id,
            "ended_at": end.ended_at.astimezone(UTC),
            "go_us": None if end.go_s is None else self._us(end.go_s),
            "end_us": self._us(end.end_s),
            "looks": int(record.looks),
            "estimate_kpa": finite(record.estimate_kpa),
            "void": record.void.value if record.void else None,
            "scores": json.dumps(scores_data(record.scores), allow_nan=False) if record.scores else None,
            "target": None if end.target is None else json.dumps(end.target),
        }
        self.out.append(Row(t.attempt, values, update=True))

    def _us(self, time_s: float) -> int:
        return round(float(time_s - self._t0_s) * 1e6)


def attempt_values(
    attempt_id: UUID, trainee_id: UUID, start: AttemptStart, at: datetime
) -> dict[str, object]:
    """The columns that are known when an attempt begins."""
    return {
        "id": attempt_id,
        "trainee_id": trainee_id,
        "at": at.astimezone(UTC),
        "utc_offset_min": offset_min(at),
        "station": platform.node(),
        "drill": start.drill,
        "kind": start.kind.value,
        "purpose": start.purpose.value,
        "feedback": start.feedback.value,
        "target_kpa": finite(start.target_kpa),
        "tip_area_cm2": float(start.tip_area_cm2),
        "tolerance_share": float(start.tolerance_share),
        "asked_share": float(start.asked_share),
        "ease": float(start.ease),
        "ceiling_kpa": finite(start.ceiling_kpa),
        "drill_text": start.drill_text,
        "sensor_url": start.sensor_url,
        "sensor_serial": start.sensor_serial,
        "sensor_device": start.sensor_device,
        "dialect": start.dialect,
        "app_version": start.app_version,
        "simulated": bool(start.simulated),
    }


def _calibration(calibration: Calibration | None) -> dict[str, Any]:
    if calibration is None:
        return {"zero_counts": None, "counts_per_n": None, "curve": None}
    return {
        "zero_counts": float(calibration.zero_counts),
        "counts_per_n": float(calibration.counts_per_n),
        "curve": json.dumps(calibration.curve) if calibration.curve else None,
    }


RECORD_COLUMNS = (
    t.attempt.c.id, t.attempt.c.at, t.attempt.c.utc_offset_min, t.attempt.c.drill, t.attempt.c.kind,
    t.attempt.c.purpose, t.attempt.c.feedback, t.attempt.c.target_kpa, t.attempt.c.tip_area_cm2,
    t.attempt.c.tolerance_share, t.attempt.c.asked_share, t.attempt.c.ease, t.attempt.c.looks,
    t.attempt.c.estimate_kpa, t.attempt.c.void, t.attempt.c.scores, t.trainee.c.code.label("trainee"),
)  # fmt: skip
"""What `record_from` needs of `attempt` joined with `trainee`."""


def record_from(row: Any) -> AttemptRecord:
    """A row with `RECORD_COLUMNS` of an attempt that ended.

    Raises:
        HistoryDamagedError: it makes no sense.
    """
    try:
        return AttemptRecord(
            attempt_id=row.id,
            trainee=row.trainee,
            drill=row.drill,
            kind=DrillKind(row.kind),
            at=local(row.at, row.utc_offset_min),
            purpose=Purpose(row.purpose),
            feedback=FeedbackMode(row.feedback),
            target_kpa=row.target_kpa,
            tip_area_cm2=row.tip_area_cm2,
            tolerance_share=row.tolerance_share,
            asked_share=row.asked_share,
            ease=row.ease,
            looks=row.looks or 0,
            estimate_kpa=row.estimate_kpa,
            void=Void(row.void) if row.void else None,
            scores=scores_from(json.loads(row.scores)) if row.scores else None,
        )
    except ValueError as error:
        raise HistoryDamagedError(
            f"attempt {row.id} makes no sense ({error}): the record is damaged or from a newer Goodpain"
        ) from None


def skip_from(row: Any, trainee: str) -> Skip:
    """A row of the table of skips.

    Raises:
        HistoryDamagedError: it makes no sense.
    """
    try:
        return Skip(trainee, row.drill, Purpose(row.purpose), local(row.at, row.utc_offset_min))
    except ValueError as error:
        raise HistoryDamagedError(
            f"a step left out by {trainee} makes no sense ({error}): the record is damaged or from a newer Goodpain"
        ) from None


def trace_from(row: Any, chunks: list[Any]) -> AttemptTrace:
    """A whole row of `attempt` and its chunks in order.

    Raises:
        HistoryDamagedError: a chunk cannot be read, or the row makes no sense.
    """
    blocks: list[ForceBlock] = []
    if chunks:
        samples = joined([decode(c.codec, bytes(c.payload), c.n) for c in chunks])
        blocks = list(force_blocks(samples, calibration_of(row)))
    try:
        points: list[list[float | None]] | None = json.loads(row.target) if row.target else None
        drawn = np.array([[p[0], np.nan if p[1] is None else p[1]] for p in points or []], np.float64)
        drawn = drawn.reshape(-1, 2)
    except (ValueError, TypeError, IndexError) as error:
        raise HistoryDamagedError(f"the target of attempt {row.id} makes no sense ({error})") from None
    go_s = None if row.go_us is None else row.go_us / 1e6
    return AttemptTrace(
        blocks=tuple(blocks),
        go_s=go_s,
        end_s=(row.end_us or 0) / 1e6,
        target_time_s=drawn[:, 0] + (go_s or 0.0),
        target_kpa=drawn[:, 1].copy(),
        tolerance_share=row.tolerance_share,
        tip_area_cm2=row.tip_area_cm2,
        drill_text=row.drill_text,
        simulated=row.simulated,
    )


def calibration_of(row: Any) -> Calibration | None:
    """The calibration kept with an attempt."""
    if row.zero_counts is None or row.counts_per_n is None:
        return None
    return Calibration(row.zero_counts, row.counts_per_n, "record", curve=knots_of(row.curve))


def offset_min(at: datetime) -> int:
    """Minutes that the clock of an aware time is ahead of UTC."""
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("a time of day in the record needs a time zone: use datetime.now().astimezone()")
    return round(offset.total_seconds() / 60)


def local(at: datetime, minutes: int) -> datetime:
    """A time on the clock that is so many minutes ahead of UTC."""
    return at.astimezone(timezone(timedelta(minutes=minutes)))
