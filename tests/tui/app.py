"""A bare application around the widgets under test."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widget import Widget

from tui.themes import THEMES, colour_variables


class WidgetApp(App[None]):
    """Shows the widgets it is given, in one of our themes."""

    def __init__(self, *widgets: Widget, theme: str = "goodpain-dark", css: str = "") -> None:
        super().__init__()
        self._widgets = widgets
        self._first_theme = theme
        self.CSS = css

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return colour_variables(dark=self.current_theme.dark)

    def compose(self) -> ComposeResult:
        yield from self._widgets

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self._first_theme


def shown(app: App[None]) -> tuple[str, ...]:
    """What the whole screen shows."""
    return tuple(strip.text for strip in app.screen._compositor.render_strips())
