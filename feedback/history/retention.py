"""Clients who have not been seen for as long as a record is kept: named, never erased by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from feedback.history.store import History


@dataclass(frozen=True, slots=True)
class DueClient:
    """A client whose record has been kept for long enough.

    Attributes:
        id: of the client.
        code: of the client.
        last_at: the last time anything was entered: a session, a plan, soreness; else when the client was made.
    """

    id: UUID
    code: str
    last_at: datetime


def due_clients(history: History, years: float, now: datetime) -> list[DueClient]:
    """Clients for whom nothing was entered for more than so many years, longest ago first."""
    raise NotImplementedError


def reminder(due: list[DueClient], years: float) -> str:
    """One sentence for the start of a session; empty when nobody is due."""
    raise NotImplementedError
