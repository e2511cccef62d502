"""Two themes of our own, and our colour variables for everybody else's.

Hues come from the palette of Okabe and Ito (2008): sky blue below the band, bluish green in it, vermilion above.
They also differ in lightness, so that they stay apart under each kind of colour blindness, and colour is never
the only sign: a cue is a word, a glyph and a position too. tests/tui/test_themes.py computes the contrasts and
distances that this rests on.
"""

from __future__ import annotations

from textual.theme import Theme

DARK: dict[str, str] = {
    "trace": "#FFFFFF",
    "band": "#1A705A",
    "band-hatch": "#7DEBA0",
    "below": "#56B4E9",
    "in-band": "#7DEBA0",
    "above": "#F0702A",
    "suspect": "#F0E442",
    "ceiling": "#FF8A75",
    "target": "#F0E442",
    "stale": "#8B949E",
    "axis": "#9AA4AF",
    "cue-text": "#0B0E12",
    "cue-below": "#56B4E9",
    "cue-in-band": "#7DEBA0",
    "cue-above": "#E8692A",
    "cue-stop": "#C4122B",
    "cue-stop-text": "#FFFFFF",
    "cue-stale": "#A8AFB8",
    "cue-idle": "#1F2933",
    "cue-idle-text": "#E8EDF2",
}
"""Colour variables on a dark background.

`trace`, `band`, `band-hatch`: the pressure line, the band behind it, the characters that show the band without
colour. `below`, `in-band`, `above`: where pressure stands to the band. `suspect`: samples not to be trusted.
`ceiling`, `target`: lines. `stale`: no signal. `axis`: labels. `cue-…`: panels, with the text on them.
"""

LIGHT: dict[str, str] = {
    "trace": "#101418",
    "band": "#44A187",
    "band-hatch": "#00664A",
    "below": "#00527F",
    "in-band": "#008F5F",
    "above": "#B84A00",
    "suspect": "#4A1A75",
    "ceiling": "#A30D1F",
    "target": "#4A1A75",
    "stale": "#69727C",
    "axis": "#4D5761",
    "cue-text": "#0B0E12",
    "cue-below": "#56B4E9",
    "cue-in-band": "#7DEBA0",
    "cue-above": "#E8692A",
    "cue-stop": "#B30F26",
    "cue-stop-text": "#FFFFFF",
    "cue-stale": "#A8AFB8",
    "cue-idle": "#E3E7EB",
    "cue-idle-text": "#14181D",
}
"""The same on a light background."""

GOODPAIN_DARK = Theme(
    name="goodpain-dark",
    primary="#56B4E9",
    secondary="#0072B2",
    accent="#F0E442",
    warning="#E69F00",
    error="#FF8A75",
    success="#7DEBA0",
    foreground="#E8EDF2",
    background="#0D1117",
    surface="#151B23",
    panel="#1F2933",
    dark=True,
    variables=DARK,
)
GOODPAIN_LIGHT = Theme(
    name="goodpain-light",
    primary="#00527F",
    secondary="#0072B2",
    accent="#4A1A75",
    warning="#8A5A00",
    error="#A30D1F",
    success="#007A50",
    foreground="#14181D",
    background="#FBFBF8",
    surface="#F1F2EE",
    panel="#E3E7EB",
    dark=False,
    variables=LIGHT,
)
THEMES = (GOODPAIN_DARK, GOODPAIN_LIGHT)


def colour_variables(*, dark: bool) -> dict[str, str]:
    """Our variables for a theme that does not set them: `App.get_theme_variable_defaults` returns this."""
    return dict(DARK if dark else LIGHT)
