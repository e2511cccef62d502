from __future__ import annotations

import asyncio
import os
from datetime import date, timedelta

import pytest

from feedback.comfort import ReportKind
from feedback.guidance import Cue
from firmware_bridge.calibration import CalibrationFile, save
from tests.bridge.pty_device import PtyDevice
from tests.cli.devices import play
from tests.tui.sessions import running, visit
from tui.settings import Settings
from tui.widgets.cue_panel import CuePanel
from tui.widgets.readout import Readout
from tui.widgets.strip_chart import StripChart

# On `sim://bench` nothing presses for 5 s, then 20 N, then 40 N for 5 s each; at speed 5 a second is one level.
BENCH = "sim://bench?noise=0&speed=5"
SLOW_BENCH = "sim://bench?noise=0&speed=2"
"""For what must happen while 20 N press, also on a busy machine."""


async def until_held(session):
    """20 N press, and have been for a moment."""

    def held():
        press = session.app.live_loop.view().press
        return press is not None and 0.3 < press.hold_s < 3 and press.peak_kpa < 210

    await session.until(held, "a hold at 20 N")


async def test_the_screen_shows_pressure_cue_and_place(tmp_path):
    async with running(tmp_path, BENCH) as session:
        assert "K-07 · upper trapezius, left, 1 · probe 1 cm²" in session.text()
        await session.until(lambda: session.app.screen.query_one(CuePanel).plain == "● HOLD", "HOLD at 20 N")
        readout = session.app.screen.query_one(Readout)
        await session.until(lambda: readout.plain == "2.04 kg/cm²", "20 N on 1 cm² as a number")
        await session.until(
            lambda: session.app.screen.query_one(CuePanel).plain == "▲ EASE OFF", "EASE OFF at 40 N"
        )


@pytest.mark.parametrize(
    ("key", "kind", "rating"),
    [
        ("7", ReportKind.RATING, 7),
        ("t", ReportKind.RATING, 10),
        ("l", ReportKind.TOO_LITTLE, None),
        ("g", ReportKind.GOOD, None),
        ("m", ReportKind.TOO_MUCH, None),
        ("h", ReportKind.THERE, None),
        ("e", ReportKind.ENOUGH, None),
        ("down", ReportKind.EASING, None),
        ("up", ReportKind.WORSENING, None),
        ("space", ReportKind.STOP, None),
    ],
)
async def test_every_report_is_one_key(tmp_path, key, kind, rating):
    async with running(tmp_path, "sim://quiet") as session:
        await session.press(key)
        await asyncio.sleep(0.1)
        (heard,) = session.app.live_loop.heard
        assert (heard.report.kind, heard.report.rating) == (kind, rating)


async def test_a_report_stands_on_the_screen_and_in_the_record_and_can_be_taken_back(tmp_path):
    async with running(tmp_path, SLOW_BENCH) as session:
        await until_held(session)
        await session.press("5")
        await session.until_text("5/10 ·")
        await session.press("u")
        await session.until_text("nothing yet")
        (stored,) = session.studio.history.sessions()[0].reports
        assert stored.rating == 5
        assert stored.pressure_kpa == pytest.approx(200, abs=2)
        await session.until(
            lambda: session.studio.history.sessions()[0].reports[0].undone, "the correcting row"
        )


async def test_stop_holds_the_cue(tmp_path):
    async with running(tmp_path, SLOW_BENCH) as session:
        await until_held(session)
        await session.press("space")
        await session.until(lambda: session.app.screen.query_one(CuePanel).plain == "■ STOP", "STOP")
        assert session.app.live_loop.presses[0].ended == "stop"


async def test_an_unplugged_sensor_is_no_signal_not_a_frozen_number(tmp_path):
    async with running(tmp_path, "sim://bench?noise=0&unplug_at=2&replug_at=4") as session:
        readout = session.app.screen.query_one(Readout)
        await session.until(lambda: "kg/cm²" in readout.plain, "a value")
        await session.until(lambda: readout.plain == "no signal", "no signal")
        view = session.app.live_loop.view()
        assert view.pressure_kpa is None
        assert session.app.screen.query_one(CuePanel).plain == "? NO SIGNAL"
        await session.until_text("no signal")
        await session.until(lambda: "kg/cm²" in readout.plain, "a value again")
        chart = session.app.screen.query_one(StripChart)
        assert chart.text


async def test_a_value_that_grows_too_old_is_taken_away_without_waiting_for_the_next_frame(
    tmp_path, monkeypatch
):
    with PtyDevice(tmp_path / "tty") as device:
        async with running(tmp_path, device.url) as session:
            readout = session.app.screen.query_one(Readout)
            sent = 0
            while "840" not in readout.plain:
                device.send(b"%d\r\n" % (8400000 + sent))
                sent += 1
                await asyncio.sleep(0.02)
            # From here on no frame has its turn.
            monkeypatch.setattr("tui.screens.live.FRAMES_PER_S", 0)
            await session.until(lambda: "no signal" in readout.plain, "no signal")


async def test_an_uncalibrated_sensor_shows_counts_and_says_so(tmp_path):
    with PtyDevice(tmp_path / "tty") as device:
        async with running(tmp_path, device.url) as session:
            sending = play(device, [(i * 0.05, b"%d\r\n" % (8400000 + i)) for i in range(60)])
            await session.until(
                lambda: "not calibrated" in session.app.screen.query_one(Readout).plain, "not calibrated"
            )
            assert "NOT CALIBRATED" in session.app.screen.query_one(CuePanel).plain
            await asyncio.to_thread(sending.join)


async def test_a_band_is_set_and_locked_in_a_dialog_and_remembered(tmp_path):
    async with running(tmp_path, "sim://quiet", wanted=visit(band=None)) as session:
        await session.press("b")
        await session.until_text("Good-pain band of this point")
        await session.press(*"2.0-1.0", "enter")
        await session.until_text("upside down")
        for _ in range(7):
            await session.press("backspace")
        await session.press(*"1.5-2.5", "enter")
        await session.until_text("1.50 – 2.50")
        await session.until_text("locked")
    async with running(tmp_path, "sim://quiet", wanted=visit(band=None)) as session:
        await session.until_text("1.50 – 2.50")


async def test_a_note_is_kept(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await session.press("n")
        await session.until_text("Kept in the record")
        await session.press(*"tender", "enter")
        await session.until(lambda: bool(session.studio.history.sessions()[0].notes), "the note")
        assert session.studio.history.sessions()[0].notes[0].text == "tender"
        assert session.app.live_loop.heard == ()


async def test_the_next_point_is_typed_or_chosen(tmp_path):
    async with running(tmp_path, "sim://quiet") as session:
        await session.press("p")
        await session.until_text("Which point?")
        await session.press(*"infra", "enter")
        await session.until_text("K-07 · infraspinatus")
        assert session.app.live_loop.view().place.point.muscle == "infraspinatus"
        await session.press("p")
        await session.until_text("upper trapezius, left, 1")


async def test_taring_under_a_load_is_refused_in_a_sentence(tmp_path):
    async with running(tmp_path, SLOW_BENCH, size=(140, 40)) as session:
        await until_held(session)
        await asyncio.sleep(0.2)
        await session.press("z")
        await session.until(
            lambda: any("press" in told or "load" in told for told in session.app.told), "a message"
        )


async def test_ending_asks_once_and_keeps_everything(tmp_path):
    async with running(tmp_path, SLOW_BENCH) as session:
        await until_held(session)
        await session.press("q")
        await session.until_text("End this session?")
        await session.press("escape")
        await asyncio.sleep(0.1)
        assert session.app.is_running
        await session.press("q", "enter")
    from feedback.history import open_history

    with open_history(tmp_path / "history.db") as history:
        (kept,) = history.sessions()
    assert kept.ended_how == "ended"
    assert kept.presses[-1].press.ended == "session end"


async def test_a_frozen_chart_stands_still_while_the_record_goes_on(tmp_path):
    async with running(tmp_path, "sim://ramp?speed=3") as session:
        chart = session.app.screen.query_one(StripChart)
        await session.until(lambda: session.app.live_loop.totals.samples > 200, "samples")
        await session.press("v")
        await asyncio.sleep(0.1)
        before, samples = chart.text, session.app.live_loop.totals.samples
        await asyncio.sleep(0.5)
        assert chart.text == before
        assert session.app.live_loop.totals.samples > samples
        await session.press("v")
        await session.until(lambda: chart.text != before, "the chart going on")


async def test_keys_can_be_moved_to_a_pedal(tmp_path):
    async with running(tmp_path, "sim://quiet", settings=Settings(keys={"too-much": "f5"})) as session:
        await session.press("f5")
        await asyncio.sleep(0.1)
        assert session.app.live_loop.heard[-1].report.kind is ReportKind.TOO_MUCH


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (80, 24), (140, 45), (300, 60)])
@pytest.mark.parametrize("glyphs", ["braille", "ascii"])
async def test_any_size_of_terminal_shows_the_cue_or_asks_for_room(tmp_path, size, glyphs):
    async with running(tmp_path, BENCH, size=size, settings=Settings(glyphs=glyphs)) as session:
        await session.until(lambda: session.app.live_loop.view().cue is Cue.HOLD, "20 N")
        await asyncio.sleep(0.2)
        if size == (20, 5):
            await session.until_text("HOLD")
            assert "Make the window" in session.text()
        else:
            assert session.app.screen.query_one(CuePanel).size.width > 8


async def test_without_colour_the_screen_still_works(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")
    async with running(tmp_path, BENCH) as session:
        await session.until(lambda: "HOLD" in session.app.screen.query_one(CuePanel).plain, "HOLD at 20 N")


async def test_the_help_lists_the_keys(tmp_path):
    async with running(tmp_path, "sim://quiet", size=(120, 40)) as session:
        await session.press("question_mark")
        await session.until_text("Worsening")
        await session.press("question_mark")
        await session.until(lambda: "Worsening" not in session.text(), "the help gone")


async def test_the_band_is_learned_from_what_the_simulated_client_says(tmp_path):
    from sim.scenarios import scenario

    companion = scenario("upper-trapezius", 2).client()
    url = "sim://upper-trapezius?seed=2&speed=8"
    async with running(tmp_path, url, wanted=visit(band=None), companion=companion) as session:
        await session.until(lambda: len(session.app.live_loop.presses) >= 2, "two presses", 20)
        view = session.app.live_loop.view()
        assert view.bounds.band is not None
        assert view.bounds.band.source == "learned"
        assert view.bounds.band.lower_kpa == pytest.approx(companion.t_lo_kpa, rel=0.35)
        assert "today" in view.bounds.line
    async with running(tmp_path, "sim://quiet", wanted=visit(band=None)) as session:
        assert "1 visit before" in session.app.live_loop.view().bounds.line


async def test_an_old_calibration_is_told_when_the_screen_opens(tmp_path):
    made = date.today() - timedelta(days=200)
    save(tmp_path / "calibrations" / "SIM-quiet-2.toml", CalibrationFile("SIM-quiet-2", 50000, 20000, made))
    async with running(tmp_path, "sim://quiet") as session:
        await session.until(lambda: any("200 days old" in told for told in session.app.told), "200 days old")
