"""When to ask a device that speaks only when it is asked. No port and no clock of its own."""

from __future__ import annotations

from firmware_bridge.dialects.base import Dialect

LISTEN_S = 0.3
"""So long a device is listened to before it is asked anything: it may have been set to speak by itself."""
ANSWER_S = 0.3
"""A question that was not answered within this is asked again; the slowest answer (2400 baud) takes 0.1 s."""
START_AGAIN_S = 2.0
"""A device that fell silent for so long may have been switched off and on: it is made to speak again."""


class Asker:
    """Decides which bytes to send, for one connection to a device whose dialect the user named.

    One question is on its way at a time. Nothing is asked while a device that needs no asking speaks.
    """

    def __init__(self, dialect: Dialect, now_s: float, samples: int) -> None:
        """Begin with a port that has just been opened.

        Args:
            dialect: has a `poll` or a `start`.
            now_s: the port's clock.
            samples: how many there were before.
        """
        self._dialect = dialect
        self._samples = samples
        self._heard_s = now_s
        self._opened_s = now_s
        self._asked_s: float | None = None
        self._started_s: float | None = None

    def due(self, now_s: float, samples: int) -> bytes:
        """The bytes to send now, or none; `samples` counts those decoded so far."""
        answered = samples > self._samples
        if answered:
            self._samples = samples
            self._heard_s = now_s
        if now_s - self._opened_s < LISTEN_S:
            return b""
        if self._dialect.start and self._start_is_due(now_s):
            self._started_s = now_s
            return self._dialect.start
        if self._dialect.poll is None:
            return b""
        if self._asked_s is None:
            # Samples without a question: it streams. Only when it stops is it asked.
            if now_s - self._heard_s < LISTEN_S:
                return b""
        elif now_s - self._asked_s < (
            self._dialect.poll_every_s if self._heard_s > self._asked_s else ANSWER_S
        ):
            return b""
        self._asked_s = now_s
        return self._dialect.poll

    def _start_is_due(self, now_s: float) -> bool:
        quiet_s = now_s - max(self._heard_s, self._started_s or self._opened_s)
        if self._started_s is None:
            return quiet_s >= LISTEN_S
        return quiet_s >= START_AGAIN_S and self._dialect.poll is None

    @property
    def farewell(self) -> bytes:
        """What to send before closing."""
        return self._dialect.stop if self._started_s is not None else b""
