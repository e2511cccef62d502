from __future__ import annotations

import numpy as np
import pytest
from textual.color import Color

from feedback.band import Band
from feedback.units import KG_PER_CM2, KPA
from tests.tui.app import WidgetApp, shown
from tui.raster import Glyphs
from tui.scale import counts_axis, pressure_axis
from tui.themes import DARK, LIGHT
from tui.widgets.strip_chart import StripChart

BAND = Band(200, 300)


def feed(chart: StripChart, until_s: float = 30.0) -> None:
    times = np.arange(0, until_s, 1 / 80)
    chart.append(times, 250 * (times % 10 < 6))


@pytest.mark.parametrize("size", [(10, 3), (24, 5), (80, 24), (140, 45), (400, 80)])
@pytest.mark.parametrize("glyphs", Glyphs)
async def test_the_chart_fills_any_size(size: tuple[int, int], glyphs: Glyphs) -> None:
    chart = StripChart(glyphs=glyphs)
    app = WidgetApp(chart)
    async with app.run_test(size=size):
        chart.set_band(BAND, 400, 250)
        feed(chart)
        chart.frame(30.0)
        assert len(chart.text) == size[1]
        assert {len(row) for row in chart.text} == {size[0]}
        strips = [chart.render_line(y) for y in range(size[1])]
        assert tuple(strip.text for strip in strips) == chart.text
        assert {strip.cell_length for strip in strips} == {size[0]}


async def test_only_rows_that_changed_are_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    chart = StripChart()
    app = WidgetApp(chart)
    async with app.run_test(size=(100, 30)) as pilot:
        chart.append(np.arange(0, 20, 0.0125), np.full(1600, 150.0))
        chart.frame(20.0)
        await pilot.pause()
        painted: list[int] = []
        monkeypatch.setattr(chart, "refresh", lambda *regions: painted.extend(region.y for region in regions))
        chart.append([20.01], [250.0])
        chart.frame(20.02)
        assert 0 < len(painted) < 15
        painted.clear()
        chart.frame(20.03)
        assert painted == []


async def test_what_the_terminal_shows_is_what_the_chart_says_after_many_frames() -> None:
    chart = StripChart(glyphs=Glyphs.BLOCKS)
    app = WidgetApp(chart)
    async with app.run_test(size=(90, 24)) as pilot:
        chart.set_band(BAND, 400)
        for n in range(60):
            times = np.arange(n * 4, n * 4 + 4) / 80
            chart.append(times, 200 + 150 * np.sin(times * 9))
            chart.frame((n * 4 + 4) / 80)
            assert len(chart.text) == 24  # reading the text swallows no row
            if n % 20 == 0:
                await pilot.pause()
        await pilot.pause()
        assert shown(app) == chart.text


async def test_the_band_is_painted_behind_the_trace_in_its_own_colour() -> None:
    chart = StripChart(pressure_axis(KPA))
    app = WidgetApp(chart)
    async with app.run_test(size=(60, 22)) as pilot:
        chart.set_band(BAND, 450)
        feed(chart)
        chart.frame(30.0)
        await pilot.pause()
        picture = chart.picture
        height = 20
        for value, inside in ((250, True), (100, False), (350, False)):
            row = int((picture.range.top - value) / picture.range.top * height)
            for segment in list(chart.render_line(row))[1:]:
                assert segment.style is not None
                assert segment.style.bgcolor is not None
                painted = Color.from_rich_color(segment.style.bgcolor).hex
                assert painted == (DARK["band"] if inside else "#0D1117")


async def test_an_uncertain_edge_is_painted_softer_than_a_certain_one() -> None:
    def colours(chart: StripChart) -> set[str]:
        return {
            Color.from_rich_color(segment.style.bgcolor).hex
            for y in range(20)
            for segment in chart.render_line(y)
            if segment.style and segment.style.bgcolor
        }

    chart = StripChart(pressure_axis(KPA))
    app = WidgetApp(chart)
    async with app.run_test(size=(60, 22)):
        chart.set_band(Band(200, 300), None)
        chart.frame(1.0)
        firm = colours(chart)
        chart.set_band(Band(200, 300, (140, 240), (260, 360)), None)
        chart.frame(1.1)
        assert len(firm) <= 3
        assert len(colours(chart)) >= 6


async def test_the_chart_follows_the_theme() -> None:
    chart = StripChart(pressure_axis(KPA))
    app = WidgetApp(chart)
    async with app.run_test(size=(60, 22)) as pilot:
        chart.set_band(BAND, 450)
        feed(chart)
        chart.frame(30.0)
        await pilot.pause()
        for theme, variables in (
            ("goodpain-light", LIGHT),
            ("goodpain-dark", DARK),
            ("textual-light", LIGHT),
        ):
            app.theme = theme
            await pilot.pause()
            chart.frame(30.0)
            colours = {
                s.style.color.triplet.hex.upper() for s in chart.render_line(18) if s.style and s.style.color
            }
            assert variables["trace"] in colours or variables["axis"] in colours


async def test_without_colour_the_chart_is_hatched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    chart = StripChart(pressure_axis(KPA))
    async with WidgetApp(chart).run_test(size=(60, 22)):
        chart.set_band(BAND, 450)
        chart.frame(0.0)
        assert any("░" * 20 in row for row in chart.text)


async def test_ascii_glyphs_are_ascii() -> None:
    chart = StripChart(pressure_axis(KG_PER_CM2), glyphs=Glyphs.ASCII)
    async with WidgetApp(chart).run_test(size=(80, 24)):
        chart.set_band(BAND, 400, 250)
        feed(chart, 20)
        feed(chart, 29)
        chart.frame(33.0)
        assert all(row.isascii() for row in chart.text)


async def test_the_chart_of_a_sensor_without_calibration_shows_counts() -> None:
    chart = StripChart(counts_axis())
    async with WidgetApp(chart).run_test(size=(80, 24)):
        chart.append(np.arange(80) / 80, np.linspace(83_000, 84_000, 80))
        chart.frame(1.0)
        assert chart.text[-1].startswith("counts")
        chart.set_axis(pressure_axis(KPA))
        chart.clear()
        chart.frame(1.1)
        assert chart.text[-1].startswith("kPa")


async def test_an_unknown_mark_style_is_refused() -> None:
    with pytest.raises(KeyError):
        StripChart().add_mark(1.0, "7", "loud")
