from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.guidance import Cue
from feedback.units import KG_PER_CM2, KPA, PRESSURE_UNITS
from tests.tui.app import WidgetApp, shown
from tui import bigtext
from tui.raster import Glyphs
from tui.widgets.cue_panel import FACES, CuePanel
from tui.widgets.readout import Reading, Readout, number_text

CSS = "Readout, CuePanel { height: 100%; }"


def test_digits_are_drawn_with_half_blocks() -> None:
    big = bigtext.fit("1.4", 20, 4)
    assert big is not None
    assert big.rows == (
        " ▄█       ▄█ ",
        "  █     ▄▀ █ ",
        "  █     ▀▀▀█▀",
        " ▀▀▀  ▀    ▀ ",
    )


@given(
    st.text("0123456789.-≥ ", min_size=1, max_size=9), st.integers(1, 200), st.integers(1, 60), st.booleans()
)
def test_large_text_never_exceeds_its_space(text: str, width: int, height: int, ascii_only: bool) -> None:
    big = bigtext.fit(text, width, height, ascii_only=ascii_only)
    if big is not None:
        assert len(big.rows) <= height
        assert {len(row) for row in big.rows} == {big.width}
        assert big.width <= width
        assert not ascii_only or all(row.isascii() for row in big.rows)


def test_more_space_never_makes_text_smaller() -> None:
    heights = [big.letter_rows for n in range(4, 80) if (big := bigtext.fit("2.35", 3 * n, n))]
    assert heights == sorted(heights)
    assert heights[-1] >= 20


def test_every_digit_differs_from_every_other_at_each_size() -> None:
    for width, height in ((6, 3), (6, 4), (12, 5), (14, 7), (30, 12)):
        drawn = {bigtext.fit(digit, width, height) for digit in "0123456789"}
        assert len(drawn) == 10


@pytest.mark.parametrize(
    ("value", "field", "text"),
    [
        (2.354, "8.88", "2.35"),
        (0, "8.88", "0.00"),
        (-0.001, "8.88", "0.00"),
        (-0.04, "8.88", " 0.0"),
        (-0.26, "8.88", "-0.3"),
        (12.34, "8.88", "12.3"),
        (123.4, "8.88", " 123"),
        (7, "888", "  7"),
        (1234, "888", "1234"),
    ],
)
def test_numbers_keep_their_width(value: float, field: str, text: str) -> None:
    assert number_text(value, field) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-99, max_value=999))
def test_a_number_in_reach_of_the_field_has_its_width(value: float) -> None:
    assert len(number_text(value, "8.88")) == 4


async def test_the_number_is_large_and_its_unit_is_named() -> None:
    readout = Readout(KG_PER_CM2)
    app = WidgetApp(readout, css=CSS)
    async with app.run_test(size=(60, 9)) as pilot:
        readout.set_reading(Reading.LIVE, 2.35 * KG_PER_CM2.kpa)
        await pilot.pause()
        assert readout.plain == "2.35 kg/cm²"
        assert "kg/cm²" in shown(app)[-1]
        expected = bigtext.fit("2.35", 58, 7)
        assert expected is not None
        assert tuple(row.strip() for row in readout.text[1:8]) == tuple(row.strip() for row in expected.rows)


async def test_nothing_moves_when_the_number_changes() -> None:
    readout = Readout(KG_PER_CM2)
    async with WidgetApp(readout).run_test(size=(60, 9)):
        points = []
        for value in (0, 1.11, 2.22, 3.99, 8.88):
            readout.set_reading(Reading.LIVE, value * KG_PER_CM2.kpa)
            points.append(next(row for row in readout.text if "kg" in row).index("kg"))
        assert len(set(points)) == 1


async def test_a_lost_signal_shows_no_number_even_if_one_is_given() -> None:
    readout = Readout()
    app = WidgetApp(readout)
    async with app.run_test(size=(60, 9)) as pilot:
        readout.set_reading(Reading.LIVE, 230.0)
        await pilot.pause()
        before = shown(app)
        for value in (230.0, None, math.nan, math.inf):
            readout.set_reading(Reading.NO_SIGNAL, value)
            assert readout.plain == "no signal"
        await pilot.pause()
        assert shown(app) != before
        readout.set_reading(Reading.LIVE, math.nan)
        assert readout.plain == "no signal"


async def test_a_sensor_at_its_limit_and_one_without_calibration_say_so() -> None:
    readout = Readout(KPA)
    async with WidgetApp(readout).run_test(size=(70, 9)):
        readout.set_reading(Reading.AT_LIMIT, 812.0)
        assert readout.plain == "≥ 812 kPa (sensor at its limit)"
        assert any("sensor at its limit" in row for row in readout.text)
        readout.set_reading(Reading.NOT_CALIBRATED, 83_211)
        assert readout.plain == "83211 counts (not calibrated)"
        assert any("not calibrated" in row for row in readout.text)
        assert not any("kPa" in row for row in readout.text)
        readout.set_reading(Reading.LIVE, 100.0, note="zero was set under load")
        assert any("zero was set under load" in row for row in readout.text)


@pytest.mark.parametrize("size", [(3, 1), (12, 1), (20, 2), (38, 7), (80, 24), (200, 60)])
@pytest.mark.parametrize("glyphs", [Glyphs.BRAILLE, Glyphs.ASCII])
async def test_readout_and_cue_fit_any_size(size: tuple[int, int], glyphs: Glyphs) -> None:
    readout, panel = Readout(glyphs=glyphs), CuePanel(glyphs=glyphs)
    for widget in (readout, panel):
        widget.styles.height = size[1]
    async with WidgetApp(readout, panel).run_test(size=(size[0], size[1] * 2)):
        for unit in PRESSURE_UNITS.values():
            readout.set_unit(unit)
            for reading in Reading:
                for value in (0.0, 230.0, -5.0, 1e9, None):
                    readout.set_reading(reading, value)
                    assert {len(row) for row in readout.text} == {size[0]}
                    assert len(readout.text) == size[1]
                    assert glyphs is not Glyphs.ASCII or all(row.isascii() for row in readout.text)
        for cue in Cue:
            panel.set_cue(cue)
            assert {len(row) for row in panel.text} == {size[0]}
            assert len(panel.text) == size[1]
            assert glyphs is not Glyphs.ASCII or all(row.isascii() for row in panel.text)


def test_every_cue_has_a_face_and_no_two_look_alike() -> None:
    assert set(FACES) == set(Cue)
    assert len({face.word for face in FACES.values()}) == len(Cue)
    doing = [FACES[cue] for cue in (Cue.PRESS, Cue.HOLD, Cue.EASE_OFF, Cue.STOP, Cue.NO_SIGNAL)]
    assert len({face.sign for face in doing}) == len({face.plain_sign for face in doing}) == 5
    assert len({face.style for face in doing}) == 5


async def test_the_word_sits_low_below_the_band_and_high_above_it() -> None:
    panel = CuePanel()
    panel.styles.height = 20
    async with WidgetApp(panel).run_test(size=(70, 20)):
        middle = {}
        for cue in (Cue.PRESS, Cue.HOLD, Cue.EASE_OFF):
            panel.set_cue(cue)
            inked = [y for y, row in enumerate(panel.text) if row.strip()]
            middle[cue] = sum(inked) / len(inked)
        assert middle[Cue.EASE_OFF] + 2 < middle[Cue.HOLD] < middle[Cue.PRESS] - 2


async def test_a_small_panel_says_the_cue_in_plain_words() -> None:
    panel = CuePanel()
    panel.styles.height = 1
    async with WidgetApp(panel).run_test(size=(20, 1)):
        panel.set_cue(Cue.EASE_OFF)
        assert panel.text[0].strip() == "▲ EASE OFF"
        assert panel.plain == "▲ EASE OFF"
