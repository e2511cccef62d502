"""The guided calibration: what to put on, what the sensor says to it, and the verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from feedback.signal import Quality
from firmware_bridge.errors import BridgeError
from firmware_bridge.procedure import StepKind
from tui.calibrating import Calibrating, figure_lines, finish, point_lines, verdict_lines
from tui.fit_plot import BOTH, DOWN, UP, fit_rows, residual_rows
from tui.own_app import OwnApp
from tui.raster import Glyphs
from tui.scale import counts_axis
from tui.widgets.key_line import KeyLine
from tui.widgets.strip_chart import StripChart

if TYPE_CHECKING:
    from firmware_bridge import Sensor
    from firmware_bridge.procedure import Now
    from tui.calibrating import CalibrationWanted, Result
    from tui.settings import Settings

FRAMES_PER_S = 20
BAR = 24


class CalibrateScreen(Screen[None]):
    """Steps at the left, the present one at the right over the live signal; in the end the result."""

    DEFAULT_CSS = """
    CalibrateScreen { layout: vertical; }
    CalibrateScreen #top { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    CalibrateScreen #middle { height: 1fr; }
    CalibrateScreen #steps { width: 24; height: 100%; padding: 1 1; border-right: solid $panel; }
    CalibrateScreen #work { width: 1fr; height: 100%; }
    CalibrateScreen #task { height: auto; min-height: 6; padding: 1 2 0 2; }
    CalibrateScreen #problem { height: auto; padding: 0 2; color: $text-error; text-style: bold; }
    CalibrateScreen StripChart { height: 1fr; margin: 1 1 0 1; }
    CalibrateScreen #result { display: none; scrollbar-size-vertical: 1; width: 1fr; height: 100%; padding: 1 2; }
    CalibrateScreen #verdict { padding: 0 1; width: 100%; text-style: bold; }
    CalibrateScreen #verdict.good { background: $cue-in-band; color: $cue-text; }
    CalibrateScreen #verdict.bad { background: $cue-stop; color: $cue-stop-text; }
    CalibrateScreen .block { margin-top: 1; width: 100%; }
    CalibrateScreen #plots { height: auto; margin-top: 1; }
    CalibrateScreen .plot { width: 1fr; height: auto; text-wrap: nowrap; text-overflow: clip; }
    CalibrateScreen.-narrow #plots { layout: vertical; }
    CalibrateScreen.-narrow .plot { width: 100%; }
    CalibrateScreen.-finished #work { display: none; }
    CalibrateScreen.-finished #result { display: block; }
    CalibrateScreen.-small #steps { display: none; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (112, "-wide")]
    BINDINGS = [
        Binding("enter", "go_on", "Go on"),
        Binding("b", "back", "Back"),
        Binding("s", "skip", "Skip creep"),
        Binding("k", "keep", "Keep anyway"),
        Binding("escape", "leave", "Leave"),
    ]

    def __init__(self, sensor: Sensor, wanted: CalibrationWanted, settings: Settings) -> None:
        super().__init__()
        self._sensor = sensor
        self._wanted = wanted
        self._glyphs = Glyphs(settings.glyphs)
        self._calibrating = Calibrating(sensor, wanted.procedure(), auto=wanted.auto)
        self._chart = StripChart(counts_axis(), glyphs=self._glyphs, id="signal")
        self.failed = ""
        self._checked = False
        self._plotted = (0, 0)
        self.result: Result | None = None

    def compose(self) -> ComposeResult:
        """What is calibrated; the steps; the work, then the result."""
        yield Static("", id="top", markup=False)
        with Horizontal(id="middle"):
            yield Static("", id="steps", markup=False)
            with Vertical(id="work"):
                yield Static("", id="task", markup=False)
                yield Static("", id="problem", markup=False)
                yield self._chart
            with VerticalScroll(id="result"):
                yield Static("", id="verdict", markup=False)
                yield Static("", id="remarks", classes="block", markup=False)
                yield Static("", id="figures", classes="block", markup=False)
                with Horizontal(id="plots"):
                    yield Static("", id="fit", classes="plot", markup=False)
                    yield Static("", id="residuals", classes="plot", markup=False)
                yield Static("", id="points", classes="block", markup=False)
        yield KeyLine(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begin to listen."""
        self.set_interval(1 / FRAMES_PER_S, self._frame)

    def on_resize(self) -> None:
        """Small windows have no list of steps."""
        self.set_class(self.size.width < 70, "-small")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that mean nothing now are not shown."""
        kind = self._calibrating.procedure.now.step.kind
        if action == "skip":
            return kind is StepKind.CREEP
        if action == "back":
            return kind in (StepKind.LOAD, StepKind.CREEP) and bool(self._calibrating.procedure.points)
        if action == "keep":
            return self.result is not None and self.result.path is None
        if action == "go_on":
            return self.result is None and not self._wanted.auto
        return True

    # Twenty times a second.

    def _frame(self) -> None:
        running = self._calibrating
        index = running.procedure.now.index
        for block in running.pump():
            self._chart.append(
                block.time_s,
                block.counts.astype(np.float64),
                (block.quality & np.uint8(Quality.SATURATED)) != 0,
            )
        if self.result is not None:
            self._draw_plots()
            return
        now = running.procedure.now
        if now.index != index:
            self.refresh_bindings()
        self.failed = self.failed or running.failed
        if running.procedure.diagnosis is not None and not self._checked:
            self._checked = True
            try:
                running.check_serial(self._wanted)
            except BridgeError as error:
                self.failed = str(error)
        if running.procedure.done and not self.failed:
            self._finish(self._wanted)
            return
        self._chart.frame(self._sensor.heard_until_s)
        self._write(now)

    def _write(self, now: Now) -> None:
        info = self._sensor.info
        health = self._sensor.health
        rate = f" · {health.rate_hz:.0f}/s" if health.rate_hz else ""
        name = info.serial or info.device or info.url
        self.query_one("#top", Static).update(f"Calibrating {name} · {info.dialect_label}{rate}")
        self.query_one("#steps", Static).update(self._steps(now))
        task = Text()
        last = len(self._calibrating.procedure.steps) - 1
        task.append(f"Step {now.index + 1} of {last}: {now.step.title}\n", "bold")
        task.append(f"{now.step.text}\n")
        counts = "–" if now.counts is None else f"{now.counts:,.0f}".replace(",", "\u202f")
        task.append(f"\nNow {counts} counts", "bold")
        points = self._calibrating.procedure.points
        if points and now.counts is not None:
            task.append(f", {now.counts - points[0].counts:+,.0f}".replace(",", "\u202f") + " from zero")
        task.append("\n")
        if now.measuring:
            full, empty = ("#", ".") if self._glyphs is Glyphs.ASCII else ("█", "░")
            filled = round(BAR * now.progress)
            task.append(f"{full * filled}{empty * (BAR - filled)}", "bold")
            task.append(" measuring, leave it alone")
        elif self._wanted.auto:
            task.append("waiting until it rests", "dim")
        elif now.step.kind is not StepKind.DIAGNOSE or now.problem:
            task.append("Press Enter when it is so", "bold reverse")
        self.query_one("#task", Static).update(task)
        problem = self.failed or now.problem or (health.problem if health.state != "live" else "")
        self.query_one("#problem", Static).update(problem)

    def _steps(self, now: Now) -> Text:
        done, here, ahead = ("x", ">", " ") if self._glyphs is Glyphs.ASCII else ("✓", "▶", "·")
        text = Text(no_wrap=True, overflow="ellipsis")
        for i, step in enumerate(self._calibrating.procedure.steps):
            mark = done if i < now.index or self.result else here if i == now.index else ahead
            style = "bold" if i == now.index else "" if i < now.index else "dim"
            text.append(f"{mark} {step.title}\n", style)
        diagnosis = self._calibrating.procedure.diagnosis
        if diagnosis is not None:
            text.append(f"\nRate   {diagnosis.rate_hz:.1f}/s\n", "dim")
            text.append(f"Noise  {diagnosis.noise_counts:.0f} counts\n", "dim")
            text.append(f"Values {diagnosis.unique}\n", "dim")
            pressed = f"{diagnosis.range_counts}" if diagnosis.pressed else "not pressed"
            text.append(f"Range  {pressed}\n", "dim")
        return text

    # The end.

    def _finish(self, wanted: CalibrationWanted) -> None:
        try:
            self.result = finish(self._calibrating, wanted, date.today())
        except BridgeError as error:
            self.failed = str(error)
            return
        self._show_result()

    def _show_result(self) -> None:
        result = self.result
        assert result is not None
        self.add_class("-finished")
        lines = verdict_lines(result)
        found = result.assessment
        count = 1 if found.accepted else 1 + len(found.reasons)
        verdict = self.query_one("#verdict", Static)
        verdict.set_class(found.accepted, "good")
        verdict.set_class(not found.accepted, "bad")
        verdict.update("\n".join(lines[:count]))
        self.query_one("#remarks", Static).update("\n".join(lines[count:]))
        self.query_one("#figures", Static).update("\n".join(figure_lines(result)))
        self.query_one("#points", Static).update("\n".join(point_lines(result)))
        self.query_one("#steps", Static).update(self._steps(self._calibrating.procedure.now))
        self.query_one("#result", VerticalScroll).focus()
        self.refresh_bindings()

    def _draw_plots(self) -> None:
        """Draw them for the width there is."""
        if self.result is None:
            return
        width = self.query_one("#plots").content_size.width
        if self.has_class("-wide"):
            width //= 2
        height = 9 if self.size.height < 34 else 14
        if width < 24 or (width, height) == self._plotted:
            return
        self._plotted = (width, height)
        plain = self._glyphs is Glyphs.ASCII
        found = self.result.assessment
        for name, rows in (
            ("#fit", fit_rows(found, width - 1, height, ascii_only=plain)),
            ("#residuals", residual_rows(found, width - 1, height, ascii_only=plain)),
        ):
            self.query_one(name, Static).update(self._coloured(rows))

    def _coloured(self, rows: list[str]) -> Text:
        colours = self.app.theme_variables
        text = Text("\n".join(rows), no_wrap=True)
        text.highlight_regex(f"[{UP}]", f"bold {colours['below']}")
        text.highlight_regex(f"[{DOWN}]", f"bold {colours['above']}")
        text.highlight_regex(f"[{BOTH}]", f"bold {colours['in-band']}")
        return text

    # Keys.

    def action_go_on(self) -> None:
        """What the step asks for is done."""
        if not self.failed:
            self._calibrating.procedure.proceed()
            self.refresh_bindings()

    def action_back(self) -> None:
        """The load before this one again."""
        self._calibrating.procedure.back()
        self.refresh_bindings()

    def action_skip(self) -> None:
        """No creep test."""
        self._calibrating.procedure.skip()

    def action_keep(self) -> None:
        """Write it although it was not accepted."""
        if self.result is not None and self.result.path is None:
            self._finish(replace(self._wanted, keep_anyway=True))

    def action_leave(self) -> None:
        """Away; what is written stays."""
        self.app.exit()


class CalibrateApp(OwnApp):
    """One calibration."""

    def __init__(self, sensor: Sensor, wanted: CalibrationWanted, settings: Settings) -> None:
        super().__init__(settings)
        self._work = CalibrateScreen(sensor, wanted, settings)

    @property
    def failed(self) -> str:
        """Why it could not go on, to be told after the screen is gone; empty when it could."""
        return self._work.failed

    @property
    def result(self) -> Result | None:
        """The finished calibration; None when it was left before."""
        return self._work.result

    def on_mount(self) -> None:
        """Show the one screen."""
        self.begin_in_order()
        self.push_screen(self._work)
