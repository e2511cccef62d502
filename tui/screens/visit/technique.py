"""Which technique is coached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.visit.choices import Choice, ChoiceScreen
from tui.screens.visit.ticks import letters_for

if TYPE_CHECKING:
    from tui.live_loop import LiveLoop
    from tui.opening import Studio

NO_COACH = "none"
"""The key of “no coach” among the techniques."""


class TechniqueScreen(ChoiceScreen):
    """Puts the technique that is chosen in force at once; the session goes on behind.

    Args:
        studio: the techniques there are.
        loop: the session.
    """

    def __init__(self, studio: Studio, loop: LiveLoop) -> None:
        self._studio = studio
        self._session_loop = loop
        techniques = studio.shelf.techniques
        letters = letters_for([*techniques, NO_COACH])
        choices = [
            Choice(letter, name, technique.title, technique.about)
            for letter, (name, technique) in zip(letters, techniques.items(), strict=False)
        ]
        choices.append(Choice(letters[-1], NO_COACH, "No coach", "pressure and cue only"))
        coach = loop.view().coach
        super().__init__(
            "Technique",
            choices,
            chosen=coach.technique.name if coach else NO_COACH,
            loop=loop,
            unit=studio.settings.unit,
        )

    def choose(self, key: str | None) -> None:
        """Coach it."""
        if key is not None:
            technique = self._studio.shelf.techniques.get(key)
            self._studio.choose_technique(self._session_loop, technique)
            self.app.notify(f"Technique: {technique.title if technique else 'no coach'}", timeout=3)
        self.dismiss(None)
