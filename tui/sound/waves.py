"""What each tone sounds like: numbers, made here and not recorded anywhere.

A tone is told by where its pitch goes and by its rhythm, so that nobody needs an ear for music: up means more, down
means less, level means something that is not about the pressure; one note is advice, two are a request, four fast
ones are the alarm. All of it lies where a laptop's loudspeaker is good and hearing holds up with age (300 to 4000 Hz).

The alarm has a fundamental below 1 kHz and four harmonics below 4 kHz, as the auditory alarms of medical devices have
(IEC 60601-1-8, table 4, by way of https://www.puiaudio.com/pages/iec-60601-1-8); nothing else of that standard is
claimed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback.tones import Tone

RATE_HZ = 48000
"""Samples a second; what sound cards run at."""
ATTACK_S = 0.008
FALL_S = 0.02
"""Notes rise and fall along half a cosine: an edge would be heard as a click."""
PURE = (1.0,)
SOFT = (1.0, 0.25, 0.08)
SHARP = (1.0, 0.8, 0.6, 0.5, 0.4)


@dataclass(frozen=True, slots=True)
class Note:
    """One note.

    Attributes:
        from_hz: pitch at its beginning.
        to_hz: pitch at its end; it glides.
        lasts_s: from its first to its last sample.
        then_s: silence after it.
        partials: loudness of the fundamental and of its harmonics.
        fading: it dies away like a bell.
    """

    from_hz: float
    to_hz: float
    lasts_s: float
    then_s: float = 0.0
    partials: tuple[float, ...] = SOFT
    fading: bool = False


@dataclass(frozen=True, slots=True)
class Sounding:
    """A tone as notes, with its loudest sample (0 to 1)."""

    notes: tuple[Note, ...]
    peak: float


SOUNDINGS: dict[Tone, Sounding] = {
    Tone.TOO_LITTLE: Sounding((Note(392, 660, 0.35),), 0.4),
    Tone.TOO_MUCH: Sounding((Note(988, 740, 0.13, 0.06), Note(740, 494, 0.2)), 0.45),
    Tone.STOP: Sounding((Note(740, 740, 0.075, 0.045, SHARP),) * 4, 1.0),
    Tone.PHASE_END: Sounding((Note(1175, 1175, 0.7, 0.0, (1.0, 0.0, 0.3), fading=True),), 0.45),
    Tone.SLOWER: Sounding((Note(523, 415, 0.16, partials=PURE),), 0.35),
    Tone.FASTER: Sounding((Note(523, 659, 0.07, 0.05, PURE), Note(587, 740, 0.07, 0.0, PURE)), 0.35),
    Tone.SIGNAL_LOST: Sounding(
        (Note(330, 330, 0.12, 0.1), Note(330, 330, 0.12, 0.1), Note(330, 330, 0.35)), 0.4
    ),
}


def wave_of(tone: Tone) -> NDArray[np.float32]:
    """The samples of a tone at full volume, float32 (n,), within ±1; empty for `SILENT`."""
    sounding = SOUNDINGS.get(tone)
    if sounding is None:
        return np.zeros(0, np.float32)
    parts = [
        part for note in sounding.notes for part in (_note(note), np.zeros(round(note.then_s * RATE_HZ)))
    ]
    wave = np.concatenate(parts)
    return (wave * (sounding.peak / np.abs(wave).max())).astype(np.float32)


def _note(note: Note) -> NDArray[np.float64]:
    n = round(note.lasts_s * RATE_HZ)
    pitch_hz = np.geomspace(note.from_hz, note.to_hz, n)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    wave = sum(level * np.sin(k * phase) for k, level in enumerate(note.partials, 1))
    envelope = np.ones(n)
    if note.fading:
        envelope = np.exp(-5 * np.arange(n) / n)
    rise, fall = round(ATTACK_S * RATE_HZ), round(FALL_S * RATE_HZ)
    envelope[:rise] *= half_cosine(rise)
    envelope[n - fall :] *= half_cosine(fall)[::-1]
    return wave * envelope


def half_cosine(n: int) -> NDArray[np.float64]:
    """From 0 up to 1 in `n` samples, without a corner at either end."""
    return 0.5 - 0.5 * np.cos(np.pi * np.arange(n) / n)
