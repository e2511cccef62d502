from __future__ import annotations

import asyncio
from dataclasses import replace

from feedback.coach import PhaseKind
from feedback.tones import Tone
from tests.tui.sessions import running, visit
from tui.widgets.coach_bar import CoachBar
from tui.widgets.cue_panel import CuePanel

# On `sim://bench` nothing presses for 5 s, then 20 N, then 40 N for 5 s each, and so on.
BENCH = "sim://bench?noise=0&speed=3"
COACHED = replace(visit(), technique="sustained-release")


async def test_the_coach_says_what_to_do_from_the_first_look_on(tmp_path):
    async with running(tmp_path, BENCH, wanted=COACHED) as session:
        await session.until_text("Press when ready")
        bar = session.app.screen.query_one(CoachBar)
        loop = session.app.live_loop
        await session.until(lambda: loop.view().coach.phase is PhaseKind.HOLD, "a hold")
        await session.until(lambda: "of 60 s" in "".join(bar.text), "how long the hold lasts")


async def test_without_a_technique_the_chart_has_the_room_of_the_coach(tmp_path):
    async with running(tmp_path, BENCH, wanted=visit()) as session:
        await session.until_text("1.53 – 2.55")
        assert not session.app.screen.query_one(CoachBar).display


async def test_a_key_goes_on_to_the_next_phase(tmp_path):
    async with running(tmp_path, BENCH, wanted=COACHED) as session:
        loop = session.app.live_loop
        await session.until(lambda: loop.view().coach.phase is PhaseKind.HOLD, "a hold")
        await session.press("f")
        await session.until(lambda: loop.view().coach.rule == "moved on", "the phase ended by the key")


async def test_the_alarm_flashes_across_the_screen_and_no_key_silences_it(tmp_path):
    async with running(tmp_path, BENCH, wanted=visit(ceiling_kpa=150.0)) as session:
        screen = session.app.screen
        await session.until(lambda: screen._flashing is Tone.STOP, "a flash at the ceiling")
        assert screen.query_one(CuePanel).plain == "■ STOP"
        await session.press("s", "minus", "minus", "minus", "minus", "minus", "minus")
        assert session.app.sound.gain(Tone.STOP) >= 0.5
        dark = lit = 0
        for _ in range(60):
            await asyncio.sleep(0.02)
            lit += screen._flashing is Tone.STOP
            dark += screen._flashing is Tone.SILENT
        assert lit > 0
        assert dark > 0
        assert screen.query_one(CuePanel).plain == "■ STOP"


async def test_sound_is_muted_and_turned_up_by_keys(tmp_path):
    async with running(tmp_path, "sim://quiet?speed=2", wanted=visit()) as session:
        await session.until(lambda: session.app.live_loop.view().live, "the signal")
        sound = session.app.sound
        await session.press("s")
        await session.until(lambda: sound.state == "muted" and not sound.gain(Tone.TOO_MUCH), "silence")
        await session.press("plus")
        await session.until(lambda: sound.state != "muted", "sound again")
        before = sound.gain(Tone.TOO_MUCH)
        await session.press("plus")
        await session.until(lambda: sound.gain(Tone.TOO_MUCH) > before, "louder")


async def test_care_and_technique_are_one_key_away_and_the_session_goes_on_behind(tmp_path):
    async with running(tmp_path, BENCH, wanted=visit(), size=(80, 24)) as session:
        loop = session.app.live_loop
        for key, word in (("c", "Plan"), ("k", "Sustained release")):
            await session.press(key)
            await session.until_text(word)
            enough = loop.totals.samples + 20
            await session.until(lambda enough=enough: loop.totals.samples > enough, "more samples")
            await session.press("escape")
            await session.until(lambda: len(session.app.screen_stack) == 2, "the live screen again")
