"""The coach of one technique."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedback.coach.technique import Technique


@dataclass(frozen=True, slots=True)
class Moment:
    """What the coach is shown with every block of samples."""


class Coach:
    """Knows which phase it is and says what to do; pure."""

    def __init__(self, technique: Technique) -> None:
        self.technique = technique
