"""What the sound card is given next: one tone at a time, the newest."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from tui.sound.waves import RATE_HZ, half_cosine

CUT = half_cosine(round(0.005 * RATE_HZ))[::-1].astype(np.float32)
"""A tone that another one cuts off fades within 5 ms."""


class Mixer:
    """Samples on demand. `play` and `read` may be called from different threads; neither waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: NDArray[np.float32] = np.zeros(0, np.float32)
        self._cut_off: NDArray[np.float32] = np.zeros(0, np.float32)
        self.reads = 0
        """How often samples were asked for: a sound card that is there asks many times a second."""

    def play(self, wave: NDArray[np.float32], gain: float) -> None:
        """Begin this wave now, at a gain from 0 to 1; what was playing fades out beneath it."""
        with self._lock:
            tail = self._left[: len(CUT)]
            fading = np.zeros(len(CUT), np.float32)
            fading[: len(tail)] = tail * CUT[: len(tail)]
            fading[: len(self._cut_off)] += self._cut_off
            self._cut_off = fading
            self._left = wave * np.float32(min(1.0, max(0.0, gain)))

    def read(self, n: int) -> NDArray[np.float32]:
        """The next `n` samples, within ±1; zeros when nothing plays."""
        out = np.zeros(n, np.float32)
        with self._lock:
            self.reads += 1
            now, self._left = self._left[:n], self._left[n:]
            beneath, self._cut_off = self._cut_off[:n], self._cut_off[n:]
        out[: len(now)] += now
        out[: len(beneath)] += beneath
        return np.clip(out, -1.0, 1.0, out=out)
