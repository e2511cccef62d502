from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.coach import (
    CoachNow,
    PhaseKind,
    RateCue,
    RateNow,
    ReleaseSettings,
    Technique,
    TechniqueKind,
)
from feedback.units import KG_PER_CM2
from tests.tui.app import WidgetApp
from tui.raster import Glyphs
from tui.widgets.coach_bar import CoachBar

TECHNIQUE = Technique("t", "T", TechniqueKind.RELEASE, ReleaseSettings())
HOLD = CoachNow(
    technique=TECHNIQUE,
    phase=PhaseKind.HOLD,
    do="Hold",
    why="the pain may ease",
    then="ease off a little",
    round=1,
    rounds=3,
    elapsed_s=15.0,
    of_s=60.0,
    rate=None,
    target_kpa=200.0,
    ended=1,
    result=None,
    rule="reached the band",
)


def ramp(now_kpa_per_s: float) -> CoachNow:
    cue = RateCue.SLOWER if now_kpa_per_s > 45 else RateCue.FASTER if now_kpa_per_s < 15 else RateCue.GOOD
    rate = RateNow(30.0, 15.0, 45.0, now_kpa_per_s, cue)
    return replace(HOLD, phase=PhaseKind.RAMP, do="Press slowly", of_s=None, rate=rate)


async def rows_of(
    coach: CoachNow | None, width: int, height: int, aside: str = "", glyphs: Glyphs = Glyphs.BRAILLE
):
    bar = CoachBar(KG_PER_CM2, glyphs=glyphs)
    bar.styles.height = height
    async with WidgetApp(bar).run_test(size=(width, max(height, 4))) as pilot:
        bar.set_coach(coach, aside)
        await pilot.pause()
        return bar.text


async def test_a_hold_says_what_to_do_how_long_and_what_comes_next() -> None:
    first, second = await rows_of(HOLD, 80, 2)
    assert first.startswith(" ● Hold")
    assert "15 of 60 s · round 1 of 3" in first
    full, empty = first.count("█"), first.count("░")
    assert full / (full + empty) == pytest.approx(0.25, abs=0.03)
    assert second.strip() == "the pain may ease. Then: ease off a little"


async def test_what_is_known_of_the_hold_stands_before_why() -> None:
    _, second = await rows_of(HOLD, 80, 2, aside="easing")
    assert second.strip().startswith("easing. the pain may ease")


@pytest.mark.parametrize(("kpa_per_s", "word"), [(30.0, "good pace"), (80.0, "slower"), (8.0, "faster")])
async def test_while_ramping_the_rate_is_a_place_on_a_gauge_and_a_word(kpa_per_s: float, word: str) -> None:
    first, _ = await rows_of(ramp(kpa_per_s), 80, 2)
    assert word in first
    gauge = first[max(first.index("slowly") + 7, 0) : first.rindex("─") + 1]
    middle = (gauge.index("━") + gauge.rindex("━")) / 2
    where = gauge.index("●")
    assert {"slower": where > middle, "faster": where < middle}.get(word, abs(where - middle) < 6)


async def test_with_three_rows_the_picture_has_a_row_of_its_own() -> None:
    _, second, third = await rows_of(HOLD, 140, 3)
    assert set(second.strip()) == {"█", "░"}
    assert "Then: ease off a little" in third


async def test_ascii_glyphs_are_ascii() -> None:
    for coach in (HOLD, ramp(30.0), ramp(90.0)):
        rows = await rows_of(coach, 80, 3, glyphs=Glyphs.ASCII)
        assert all(row.replace("·", "").replace("²", "").isascii() for row in rows)


async def test_without_a_coach_the_rows_are_blank() -> None:
    assert {row.strip() for row in await rows_of(None, 80, 2)} == {""}


@given(
    st.integers(1, 200),
    st.integers(1, 4),
    st.floats(0, 5000),
    st.one_of(st.none(), st.floats(0.1, 900)),
    st.one_of(st.none(), st.floats(-100, 5000)),
)
def test_rows_have_the_width_of_the_widget_whatever_is_shown(
    width: int, height: int, elapsed_s: float, of_s: float | None, kpa_per_s: float | None
) -> None:
    coach = ramp(kpa_per_s) if kpa_per_s is not None else HOLD
    bar = _Unstyled(KG_PER_CM2)
    bar.set_coach(replace(coach, elapsed_s=elapsed_s, of_s=of_s), "aside")
    rows = bar.make_rows(width, height)
    assert [row.cell_length for row in rows] == [width] * height


class _Unstyled(CoachBar):
    """The rows without an application to take colours from."""

    def get_component_rich_style(self, *names: str, partial: bool = False, default: object = None):
        from rich.style import Style

        return Style()
