"""Frame time of our strip chart beside textual-plot and textual-plotext, on the same data in the same run.

    python -m tests.bench.bench_chart [--frames 200] [--rounds 3]

One frame: give the widget the samples that came in since the last one (80 Hz, 30 fps), let it draw the last 30 s with
the band at 120 x 30 cells, compose the dirty regions of the screen and encode them as terminal output, as Textual's
driver would write them. Measured is the CPU time of the event loop's thread (`time.thread_time`), headless, widget by
widget in rounds. The peers have no way to append, so they get the whole window each time, and as neither fills between
lines, they draw the band as two lines. "bytes" is what a frame sends to the terminal, on average.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from textual.app import App, ComposeResult
from textual.widget import Widget

from feedback.band import Band
from tests.bench.figures import Figure, Section, at_most
from tui.raster import Glyphs
from tui.themes import colour_variables
from tui.widgets.strip_chart import StripChart

RATE_HZ, FPS, WINDOW_S, WIDTH, HEIGHT = 80.0, 30.0, 30.0, 120, 30
BAND, CEILING_KPA = Band(190.0, 290.0, (160.0, 215.0), (260.0, 335.0)), 420.0
Update = Callable[[Widget, int], None]
Floats = NDArray[np.float64]


def signal(frames: int) -> tuple[Floats, Floats]:
    """Presses and pauses with tremor and noise, 30 s before the first frame and on to the last."""
    times = np.arange(0, WINDOW_S + (frames + 1) / FPS, 1 / RATE_HZ)
    phase = times % 12
    force = np.where(phase < 4, phase / 4 * 250, np.where(phase < 10, 250 - (phase - 4) * 4, 0))
    noise = np.random.default_rng(1).normal(0, 2, times.size)
    return times, force + np.where(force > 0, 6 * np.sin(times * 9), 0) + noise


class Bench(App[None]):
    """One widget of exactly the measured size."""

    def __init__(self, widget: Widget, width: int) -> None:
        super().__init__()
        self.widget = widget
        widget.styles.width, widget.styles.height = width, HEIGHT

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colours."""
        return colour_variables(dark=True)

    def compose(self) -> ComposeResult:
        """The widget alone."""
        yield self.widget


def ours(glyphs: Glyphs, times: Floats, values: Floats) -> tuple[Widget, Update]:
    """The strip chart of this project."""
    chart = StripChart(glyphs=glyphs)
    chart.set_band(BAND, CEILING_KPA, 240.0)
    sent = 0

    def update(widget: Widget, frame: int) -> None:
        nonlocal sent
        now = WINDOW_S + frame / FPS
        end = int(np.searchsorted(times, now))
        chart.append(times[sent:end], values[sent:end])
        sent = end
        chart.frame(now)

    return chart, update


def plot(times: Floats, values: Floats) -> tuple[Widget, Update]:
    """textual-plot, high-resolution lines."""
    from textual_plot import HiResMode, PlotWidget

    widget = PlotWidget(allow_pan_and_zoom=False)

    def update(_: Widget, frame: int) -> None:
        now = WINDOW_S + frame / FPS
        shown = (times > now - WINDOW_S) & (times <= now)
        widget.clear()
        for edge in (BAND.lower_kpa, BAND.upper_kpa, CEILING_KPA):
            widget.plot([now - WINDOW_S, now], [edge, edge], hires_mode=HiResMode.BRAILLE)
        widget.plot(times[shown], values[shown], hires_mode=HiResMode.BRAILLE)
        widget.set_xlimits(now - WINDOW_S, now)
        widget.set_ylimits(0, 500)

    return widget, update


def plotext(times: Floats, values: Floats) -> tuple[Widget, Update]:
    """textual-plotext, braille lines."""
    from textual_plotext import PlotextPlot

    widget = PlotextPlot()

    def update(_: Widget, frame: int) -> None:
        now = WINDOW_S + frame / FPS
        shown = (times > now - WINDOW_S) & (times <= now)
        plt = widget.plt
        plt.clear_data()
        for edge in (BAND.lower_kpa, BAND.upper_kpa, CEILING_KPA):
            plt.plot([now - WINDOW_S, now], [edge, edge], marker="braille")
        plt.plot(times[shown].tolist(), values[shown].tolist(), marker="braille")
        plt.xlim(now - WINDOW_S, now)
        plt.ylim(0, 500)
        widget.refresh()

    return widget, update


async def cost(widget: Widget, update: Update, frames: int, width: int = WIDTH) -> tuple[Floats, float]:
    """CPU milliseconds of each frame, and the mean bytes that one sends to the terminal."""
    app = Bench(widget, width)
    spent, sent = [], 0
    console = Console(color_system="truecolor", force_terminal=True, width=width, height=HEIGHT)
    async with app.run_test(size=(width, HEIGHT)) as pilot:
        update(widget, 0)
        await pilot.pause()
        screen, compositor = app.screen, app.screen._compositor
        # The screen's own repaints stay out of it: each frame is repainted here, once.
        with app.batch_update():
            for frame in range(1, frames + 1):
                start = time.thread_time()
                update(widget, frame)
                # The widgets' own messages run now; this thread's clock counts them too.
                for _ in range(5):
                    await asyncio.sleep(0)
                dirty = set(screen._dirty_widgets)
                screen._dirty_widgets.clear()
                compositor.update_widgets(dirty)
                output = compositor.render_update()
                if output is not None:
                    sent += len(output.render_segments(console).encode())
                spent.append((time.thread_time() - start) * 1e3)
    return np.array(spent), sent / frames


def main(arguments: Sequence[str] = ()) -> None:
    """Print one line for each widget."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=200, help="frames measured in a round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    compare(options.rounds, options.frames)


def measure(_: Path, *, quick: bool) -> Section:
    """The same, as figures too."""
    rounds, frames = (1, 40) if quick else (3, 200)
    results, volume = compare(rounds, frames)
    mine = results["ours, braille"]
    definition = (
        "CPU time of the event loop's thread for one frame: take the samples since the last one, draw "
        f"{WINDOW_S:g} s with the band, compose the dirty regions and encode them for the terminal; median"
    )
    found = [
        at_most(
            f"a frame of the chart, beside {name}",
            definition,
            float(np.median(mine)),
            4.0,
            "ms",
            spread=f"p99 {np.percentile(mine, 99):.2f}, n = {mine.size}",
            peer=f"{name} {version(name)}",
            peers=float(np.median(results[name])),
        )
        for name in ("textual-plot", "textual-plotext")
    ]
    found += [
        Figure(
            f"a frame of the chart in {name.removeprefix('ours, ')}",
            "the same with other glyphs",
            float(np.median(results[name])),
            "ms",
            spread=f"p99 {np.percentile(results[name], 99):.2f}",
        )
        for name in ("ours, blocks", "ours, ascii")
    ]
    found.append(
        Figure(
            "what a frame sends",
            "bytes to the terminal, mean over the frames",
            volume["ours, braille"],
            "bytes",
            peer="textual-plot",
            peers=volume["textual-plot"],
        )
    )
    about = f"{WIDTH} x {HEIGHT} cells, {WINDOW_S:g} s at {RATE_HZ:g} Hz, {rounds} rounds of {frames} frames, headless."
    return Section("The chart", about, tuple(found))


def compare(rounds: int, frames: int) -> tuple[dict[str, Floats], dict[str, float]]:
    """CPU milliseconds of every frame and mean bytes of one, for each widget, printed and returned."""
    times, values = signal(frames)
    makers = {
        "ours, braille": lambda: ours(Glyphs.BRAILLE, times, values),
        "ours, blocks": lambda: ours(Glyphs.BLOCKS, times, values),
        "ours, ascii": lambda: ours(Glyphs.ASCII, times, values),
        "textual-plot": lambda: plot(times, values),
        "textual-plotext": lambda: plotext(times, values),
    }
    results: dict[str, list[Floats]] = {name: [] for name in makers}
    volume: dict[str, float] = {}
    for _ in range(rounds):
        for name, make in makers.items():
            spent, volume[name] = asyncio.run(cost(*make(), frames))
            results[name].append(spent)
    print(f"CPU ms per frame, {WIDTH}x{HEIGHT}, 30 s at {RATE_HZ:g} Hz, {rounds} x {frames} frames")
    print(f"{'widget':<18}{'p50':>8}{'p99':>8}{'bytes':>9}{'p50 / ours':>12}")
    base = float(np.median(np.concatenate(results["ours, braille"])))
    whole = {name: np.concatenate(spent) for name, spent in results.items()}
    for name, spent in whole.items():
        p50, p99 = np.percentile(spent, [50, 99])
        print(f"{name:<18}{p50:8.2f}{p99:8.2f}{volume[name]:9.0f}{p50 / base:12.1f}")
    return whole, volume


if __name__ == "__main__":
    main(sys.argv[1:])
