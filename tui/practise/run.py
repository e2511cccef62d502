"""One attempt on a sensor, in a thread of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from feedback.drills import AttemptView, Outcome, Purpose, Task
    from feedback.signal import ForceBlock


class Watcher(Protocol):
    """Someone who is shown the running attempt: the sound, a simulated hand."""

    def follow(self, view: AttemptView) -> None:
        """The attempt as of now, about 25 times a second, from the run's own thread; it must not wait.

        When it raises, it is closed and told once, and the attempt goes on without it.
        """
        ...

    def close(self) -> None:
        """The attempt is over."""
        ...


class PractiseRun:
    """Feeds an attempt from a sensor in a thread of its own; a screen may look, ask and answer at any time.

    Made by `PractiseStudio.begin`. Raw samples go to the record from the first contact on, while the attempt runs.

    Attributes:
        task: what is asked.
        trainee: whose attempt; a code.
        purpose: what it is for.
        attempt_id: of the record that comes of it.
        simulated: no hand of flesh and blood presses.
    """

    task: Task
    trainee: str
    purpose: Purpose
    attempt_id: UUID
    simulated: bool

    def start(self) -> None:
        """Begin to listen; what the sensor said before is left out."""
        raise NotImplementedError

    def view(self) -> AttemptView:
        """The attempt as of now: what a screen may show."""
        raise NotImplementedError

    def look(self) -> bool:
        """The trainee asks to see the pressure; False where that is not offered now."""
        raise NotImplementedError

    def estimate(self, pressure_kpa: float | None) -> None:
        """What the trainee thinks it was, in kPa; None for no idea.

        Raises:
            ValueError: it was not asked, or is no pressure.
        """
        raise NotImplementedError

    def give_up(self) -> None:
        """The trainee wants no more of it."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop listening; an attempt that is not over is given up. A second call does nothing."""
        raise NotImplementedError

    @property
    def over(self) -> bool:
        """It has ended or is void."""
        raise NotImplementedError

    @property
    def outcome(self) -> Outcome | None:
        """What came of it, for the record; None until it is over. A screen shows that of the view."""
        raise NotImplementedError

    @property
    def lift(self) -> bool:
        """The tip is still on from before: nothing begins until it has been off."""
        raise NotImplementedError

    @property
    def problem(self) -> str:
        """What is wrong with the sensor or the record now, in one sentence; empty when all is well."""
        raise NotImplementedError

    @property
    def touched(self) -> bool:
        """There was a first contact: it is in the record."""
        raise NotImplementedError

    @property
    def recorded(self) -> tuple[ForceBlock, ...]:
        """The samples kept so far."""
        raise NotImplementedError
