"""What the record of practice hands in and out: plain frozen records, without a database in sight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from feedback.drills import DrillKind, FeedbackMode, Purpose

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from feedback.drills import Task
    from feedback.signal import Calibration, ForceBlock


@dataclass(frozen=True, slots=True)
class TraineeRecord:
    """A trainee: `id`, `code` (never a name), when made, a note."""

    id: UUID
    code: str
    created_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class TraineeSummary:
    """A trainee in a list.

    Attributes:
        code: never a name.
        attempts: all that ended, void ones too.
        void: those that do not count.
        last_at: beginning of the last one, on the trainee's clock; None when there was none.
        drills: names, in the order in which they were first attempted.
    """

    code: str
    attempts: int
    void: int
    last_at: datetime | None
    drills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttemptStart:
    """What is known when an attempt begins.

    Attributes:
        trainee: a code.
        purpose: what it is for.
        drill: name of the drill.
        kind: of the drill.
        feedback: when the trainee sees the pressure.
        target_kpa: what is asked; None where nothing is told.
        tip_area_cm2: of the tip, above 0.
        tolerance_share: what counts as inside.
        asked_share: the drill's own tolerance.
        ease: the difficulty's factor.
        ceiling_kpa: never above it; None for none.
        drill_text: the drill's file as it was, so that the attempt can be read when the file has changed.
        sensor_url, sensor_serial, sensor_device, dialect: of the sensor, as far as it is known.
        app_version: of this program.
        simulated: no hand of flesh and blood pressed.
    """

    trainee: str
    purpose: Purpose
    drill: str
    kind: DrillKind
    feedback: FeedbackMode
    target_kpa: float | None
    tip_area_cm2: float
    tolerance_share: float
    asked_share: float
    ease: float
    ceiling_kpa: float | None = None
    drill_text: str = ""
    sensor_url: str = ""
    sensor_serial: str = ""
    sensor_device: str = ""
    dialect: str = ""
    app_version: str = ""
    simulated: bool = False

    @classmethod
    def of(cls, task: Task, *, trainee: str, purpose: Purpose, **sensor: object) -> AttemptStart:
        """That of a task; `sensor` takes the fields from `ceiling_kpa` on."""
        return cls(
            trainee,
            purpose,
            task.drill.name,
            task.drill.kind,
            task.feedback,
            task.target_kpa,
            task.tip_area_cm2,
            task.tolerance_share,
            task.drill.tolerance_share,
            task.difficulty.ease,
            **sensor,  # type: ignore[arg-type]  # checked by the constructor
        )


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """What is filled in when an attempt ends, beside its record.

    Attributes:
        ended_at: when, aware.
        go_s: the go, on the clock of the samples; None when it never came to one.
        end_s: the end, on the same clock.
        target: (seconds from the go, kPa or None where the tip may be off) that draw the target; None where it goes by
            a client.
    """

    ended_at: datetime
    go_s: float | None
    end_s: float
    target: tuple[tuple[float, float | None], ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AttemptKept:
    """What is kept of an attempt beside its `AttemptRecord`: the raw samples, and what they were made with.

    Attributes:
        samples: blocks as the sensor gave them, on one clock.
        t0_s: the beginning (`AttemptRecord.at`) on that clock.
        calibration: how counts become newtons; None where forces were unknown.
        start: the rest.
        end: how it ended.
    """

    samples: tuple[ForceBlock, ...]
    t0_s: float
    calibration: Calibration | None
    start: AttemptStart
    end: AttemptEnd


@dataclass(frozen=True, slots=True, eq=False)
class AttemptTrace:
    """An attempt as it was pressed.

    Attributes:
        blocks: forces in order; `time_s` counts from the beginning of the attempt (`AttemptRecord.at`).
        go_s: when the go was; None when it never came to one.
        end_s: when it ended.
        target_time_s: float64 (n,), as `blocks`; empty where the target goes by a client.
        target_kpa: float64 (n,), NaN where the tip may be off; straight lines between.
        tolerance_share: what counted as inside, see `feedback.drills.trajectory`.
        tip_area_cm2: of the tip.
        drill_text: the drill's file as it was; empty when not kept.
        simulated: no hand of flesh and blood pressed.
    """

    blocks: tuple[ForceBlock, ...]
    go_s: float | None
    end_s: float
    target_time_s: NDArray[np.float64]
    target_kpa: NDArray[np.float64]
    tolerance_share: float
    tip_area_cm2: float
    drill_text: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class RecoveredAttempt:
    """An attempt that a dead process left open and that is closed now, as void: `id`, whose, which drill, how long."""

    id: UUID
    trainee: str
    drill: str
    at: datetime
    duration_s: float
