"""Sound: tones that follow the session, played by a process of their own.

LiveLoop ─ follow ─► Sound ─ feedback.tones: which one, when ─► Child ─ a line, never waiting ─► player ─ mixer, waves
                       └─ without a sound card: the terminal's bell, asked for by the screen
"""

from tui.sound.sound import Sound

__all__ = ["Sound"]
