from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.tones import Tone
from tui.sound.mixer import Mixer
from tui.sound.sound import ALARM_AT_LEAST
from tui.sound.waves import RATE_HZ, wave_of

HEARD = [tone for tone in Tone if tone is not Tone.SILENT]
LARGEST_STEP = 0.35
"""A click is a step between two samples; the steepest tone (the alarm's fourth harmonic) stays below this."""


def notes(wave):
    """The parts between silences of 20 ms or more."""
    loud = np.flatnonzero(np.abs(wave) > 1e-3)
    breaks = np.flatnonzero(np.diff(loud) > 0.02 * RATE_HZ)
    return np.split(wave[loud[0] : loud[-1] + 1], [i for b in breaks for i in (loud[b + 1] - loud[0],)])


def pitch_hz(part):
    """Of the strongest partial."""
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 17))
    return float(np.fft.rfftfreq(1 << 17, 1 / RATE_HZ)[spectrum.argmax()])


def signature(tone):
    """What an untrained ear keeps: how many notes, and whether the pitch goes up, down or nowhere."""
    wave = wave_of(tone)
    sounding = np.flatnonzero(np.abs(wave) > 0.02)
    wave = wave[sounding[0] : sounding[-1] + 1]
    piece = round(0.035 * RATE_HZ)
    turn = pitch_hz(wave[-piece:]) / pitch_hz(wave[:piece])
    return len(notes(wave)), "up" if turn > 1.1 else "down" if turn < 0.9 else "level"


def rms(wave):
    return float(np.sqrt(np.mean(np.square(wave[np.abs(wave) > 1e-3]))))


@pytest.mark.parametrize("tone", HEARD)
def test_a_tone_does_not_clip_begins_and_ends_at_nothing_and_does_not_click(tone):
    wave = wave_of(tone)
    assert wave.dtype == np.float32
    assert 0.2 < np.abs(wave).max() <= 1.0
    assert abs(wave[0]) < 0.01
    assert abs(wave[-1]) < 0.01
    assert np.abs(np.diff(wave)).max() < LARGEST_STEP
    assert 0.1 < len(wave) / RATE_HZ < 0.8


def test_silence_is_really_silent():
    assert len(wave_of(Tone.SILENT)) == 0
    mixer = Mixer()
    assert not mixer.read(960).any()
    mixer.play(wave_of(Tone.STOP), 1.0)
    mixer.read(RATE_HZ)
    assert not mixer.read(960).any()


def test_tones_differ_in_direction_or_rhythm_each_from_each():
    signatures = {tone: signature(tone) for tone in HEARD}
    assert len(set(signatures.values())) == len(HEARD), signatures
    assert signatures[Tone.TOO_LITTLE][1] == signatures[Tone.FASTER][1] == "up"
    assert signatures[Tone.TOO_MUCH][1] == signatures[Tone.SLOWER][1] == "down"
    assert signatures[Tone.STOP] == (4, "level")


def test_the_four_tones_about_pressure_begin_at_pitches_a_tone_apart_or_more():
    pitches = sorted(
        pitch_hz(notes(wave_of(tone))[0])
        for tone in (Tone.TOO_LITTLE, Tone.TOO_MUCH, Tone.PHASE_END, Tone.SIGNAL_LOST)
    )
    assert all(b / a > 2 ** (2 / 12) for a, b in pairwise(pitches)), pitches


def test_the_alarm_has_four_harmonics_that_any_loudspeaker_plays():
    part = notes(wave_of(Tone.STOP))[0]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 17))
    spectrum /= spectrum.max()
    hz = np.fft.rfftfreq(1 << 17, 1 / RATE_HZ)
    strong = [k for k in range(2, 7) if spectrum[np.argmin(np.abs(hz - 740 * k))] > 10 ** (-15 / 20)]
    assert strong == [2, 3, 4, 5]
    assert 740 < 1000
    assert 740 * 5 < 4000


@pytest.mark.parametrize("tone", [tone for tone in HEARD if tone is not Tone.STOP])
def test_the_alarm_at_its_least_is_as_loud_as_any_other_tone_at_its_most(tone):
    assert ALARM_AT_LEAST * rms(wave_of(Tone.STOP)) > rms(wave_of(tone))


WAVES = {tone: wave_of(tone) for tone in Tone}
ORDERS = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.sampled_from(Tone), st.floats(-1, 2)),
        st.tuples(st.just("read"), st.integers(0, 3000), st.just(0.0)),
    ),
    max_size=30,
)


@given(ORDERS)
def test_however_tones_cut_each_other_off_nothing_clips_or_clicks(orders):
    mixer, pieces = Mixer(), [np.zeros(1, np.float32)]
    for what, value, gain in orders:
        if what == "play":
            mixer.play(WAVES[value], gain)
        else:
            pieces.append(mixer.read(value))
            assert len(pieces[-1]) == value
    out = np.concatenate([*pieces, mixer.read(RATE_HZ)])
    assert np.abs(out).max() <= 1.0
    assert np.abs(np.diff(out)).max() < 2 * LARGEST_STEP


def test_the_newest_tone_is_what_is_heard():
    mixer = Mixer()
    mixer.play(WAVES[Tone.PHASE_END], 1.0)
    mixer.read(4800)
    mixer.play(WAVES[Tone.TOO_LITTLE], 0.5)
    mixer.read(960)
    after = mixer.read(4800)
    assert np.array_equal(after, WAVES[Tone.TOO_LITTLE][960:5760] * np.float32(0.5))
