"""What the record hands out of the course of care: entries with their time and session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from feedback.care import Assessment, CheckAnswer, Plan


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """Answers that were given together; `session_id` is None when they came before the session began."""

    id: UUID
    at: datetime
    session_id: UUID | None
    answers: tuple[CheckAnswer, ...]


@dataclass(frozen=True, slots=True)
class StoredAssessment:
    """An assessment with its time; `session_id` is None when it was made outside a session."""

    id: UUID
    at: datetime
    session_id: UUID | None
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan and when it was agreed; the newest of a client is in force."""

    id: UUID
    at: datetime
    plan: Plan
