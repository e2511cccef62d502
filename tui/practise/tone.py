"""What is heard of an attempt: from the aim that its view shows, and from nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedback.drills import AttemptView
    from feedback.tones import Tone


class AimTones:
    """Which tone begins now. Where the view shows no aim - blind, hidden, not yet - there is silence."""

    def next(self, view: AttemptView, now_s: float) -> Tone:
        """The tone that begins at `now_s`, on the listener's clock; `SILENT` when none does."""
        raise NotImplementedError


class PracticeTone:
    """A watcher of a run (`tui.practise.run.Watcher`) that sounds; volume and muting as `tui.sound.Sound`."""
