"""What the colours rest on: WCAG 2.2 contrasts, and distances under simulated colour blindness.

Colour blindness is simulated with the matrices of Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB;
distances are CIE 1976 (L*a*b*, D65).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from textual.theme import BUILTIN_THEMES, Theme

from tests.tui.app import WidgetApp
from tui.themes import DARK, GOODPAIN_DARK, GOODPAIN_LIGHT, LIGHT, THEMES, colour_variables
from tui.widgets.cue_panel import CuePanel
from tui.widgets.readout import Readout
from tui.widgets.strip_chart import StripChart

MACHADO = {
    "nobody": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(colour: str) -> NDArray[np.float64]:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(linear(colour) @ TO_XYZ[1]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(colour: str, viewer: str = "nobody") -> NDArray[np.float64]:
    seen = np.clip(np.asarray(MACHADO[viewer]) @ linear(colour), 0, 1)
    ratio = TO_XYZ @ seen / WHITE
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, viewer: str) -> float:
    return float(np.linalg.norm(lab(one, viewer) - lab(other, viewer)))


ours = pytest.mark.parametrize("theme", THEMES, ids=[theme.name for theme in THEMES])


@ours
def test_text_has_a_contrast_of_four_and_a_half(theme: Theme) -> None:
    colours = theme.variables
    assert theme.background
    assert theme.foreground
    assert contrast(theme.foreground, theme.background) >= 7
    for name in ("axis", "in-band", "ceiling", "target", "suspect", "stale", "trace"):
        least = (
            4.5 if name not in ("in-band",) else 3.9
        )  # bold labels of the band's edges: large text, 3:1 wanted
        assert contrast(colours[name], theme.background) >= least, name
    for cue in ("below", "in-band", "above", "stale"):
        assert contrast(colours["cue-text"], colours[f"cue-{cue}"]) >= 4.5
    assert contrast(colours["cue-stop-text"], colours["cue-stop"]) >= 4.5
    assert contrast(colours["cue-idle-text"], colours["cue-idle"]) >= 4.5


@ours
def test_graphics_have_a_contrast_of_three(theme: Theme) -> None:
    colours = theme.variables
    assert theme.background
    for name in ("band", "below", "in-band", "above", "ceiling", "target", "suspect", "stale"):
        assert contrast(colours[name], theme.background) >= 3, name
    for name in ("trace", "suspect", "target"):
        assert contrast(colours[name], colours["band"]) >= 3, name


@ours
@pytest.mark.parametrize("prefix", ["", "cue-"])
@pytest.mark.parametrize(
    ("viewer", "least"), [("nobody", 60), ("protan", 28), ("deutan", 38), ("tritan", 17)]
)
def test_below_in_and_above_stay_apart_for_every_eye(
    theme: Theme, prefix: str, viewer: str, least: float
) -> None:
    zones = [theme.variables[prefix + name] for name in ("below", "in-band", "above")]
    assert min(distance(one, other, viewer) for one, other in combinations(zones, 2)) >= least
    # Blue and green are near for a tritan eye, so those two differ in lightness.
    assert abs(lab(zones[0], viewer)[0] - lab(zones[1], viewer)[0]) >= 12


@ours
@pytest.mark.parametrize("viewer", MACHADO)
def test_stop_is_apart_from_all_other_cues_for_every_eye(theme: Theme, viewer: str) -> None:
    stop = theme.variables["cue-stop"]
    for cue in ("below", "in-band", "above", "stale"):
        assert distance(stop, theme.variables[f"cue-{cue}"], viewer) >= 20
        assert lab(theme.variables[f"cue-{cue}"], viewer)[0] - lab(stop, viewer)[0] >= 12


def test_both_themes_set_the_same_variables() -> None:
    assert DARK.keys() == LIGHT.keys()
    assert colour_variables(dark=True) == GOODPAIN_DARK.variables
    assert colour_variables(dark=False) == GOODPAIN_LIGHT.variables


async def test_the_widgets_work_in_every_theme() -> None:
    widgets = StripChart(), Readout(), CuePanel()
    app = WidgetApp(*widgets)
    async with app.run_test(size=(80, 40)) as pilot:
        for name in BUILTIN_THEMES:
            app.theme = name
            await pilot.pause()
            widgets[0].frame(1.0)
            assert all(widget.render_line(0).cell_length == 80 for widget in widgets)
