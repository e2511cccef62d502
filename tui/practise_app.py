"""The application in which a trainee practises: home, attempts, progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.own_app import OwnApp

if TYPE_CHECKING:
    from feedback.drills import FeedbackMode
    from tui.practise.studio import PractiseStudio


class PractiseApp(OwnApp):
    """From the trainee's code over home to attempts and back.

    Args:
        studio: the open record, the drills and the way to a sensor.
        trainee: a code; None asks for it.
        feedback: what practice begins with; None for the trainee's choice on the screen (on demand at first).
    """

    def __init__(
        self, studio: PractiseStudio, trainee: str | None = None, *, feedback: FeedbackMode | None = None
    ) -> None:
        super().__init__(studio.settings)
        self._studio = studio
        self._trainee = trainee
        self._feedback = feedback

    def on_mount(self) -> None:
        """Ask for the code, or go home."""
        raise NotImplementedError
