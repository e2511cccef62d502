"""What is under the cursor, told below the columns: in words, and a press as a chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from tui.screens.review import levels as lv
from tui.screens.review import words as w
from tui.screens.review.moments import band_words, bounds_at, moments_of, signs_of
from tui.screens.review.replay_chart import ReplayChart
from tui.screens.review.traces import axis_for, trace_of

if TYPE_CHECKING:
    from feedback.history.review_rows import ClientRow, PointRow, PressDetail, PressRow, VisitRow
    from feedback.review import ClientCourse
    from feedback.signal import ForceBlock
    from tui.screens.review.page import Desk

MARGIN_S = 2.0
"""Seconds of signal shown before and after a press."""


class Detail(Horizontal):
    """Words at the left, the chart of a press at the right."""

    DEFAULT_CSS = """
    Detail { border-top: solid $panel; }
    Detail #told { width: 1fr; height: 100%; padding: 0 1; }
    Detail ReplayChart { display: none; width: 62%; height: 100%; }
    Detail.-press ReplayChart { display: block; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._chart = ReplayChart(desk.glyphs, now_word="end", id="preview")
        self._level = lv.CLIENTS
        self._row: Any = None
        self._client: ClientRow | None = None

    def compose(self) -> ComposeResult:
        """Words, chart."""
        yield Static("", id="told", markup=False)
        yield self._chart

    def tell(self, level: int, row: Any, client: ClientRow | None) -> None:
        """Tell at once what the row itself knows."""
        self._level, self._row, self._client = level, row, client
        if level != lv.PRESSES or row is None:
            self.remove_class("-press")
        self._say(self._words())

    @property
    def row(self) -> Any:
        """What is told of."""
        return self._row

    def more(self) -> Callable[[], Any] | None:
        """What reads the rest; None when there is no more."""
        if self._row is None or not self.display or self._client is None:
            return None
        review = self._desk.history.review
        if self._level == lv.PRESSES:
            press_id = self._row.row.id
            return lambda: (review.press(press_id), review.trace(press_id, MARGIN_S))
        if self._level == lv.VISITS:
            history, session_id = self._desk.history, self._row.session_id
            return lambda: history.session(session_id).notes
        return self._course_of(self._client.code) if self._whole_client else None

    @property
    def _whole_client(self) -> bool:
        """The row stands for everything of a client."""
        return self._level == lv.CLIENTS or (
            self._level == lv.POINTS and self._row is not None and self._row.row is None
        )

    def _course_of(self, code: str) -> Callable[[], ClientCourse]:
        desk = self._desk

        def read() -> ClientCourse:
            from feedback.history.courses import latest_course

            return latest_course(desk.history, code, desk.now(), desk.shelf.rules)

        return read

    def show_more(self, row: Any, found: Any) -> None:
        """Show what was read for a row, as long as the cursor is still on it."""
        if row is not self._row:
            return
        if self._level == lv.PRESSES:
            self._show_press(*found)
        elif self._level == lv.VISITS:
            self._say([*self._words(), *(("Note", note.text) for note in found)])
        elif self._whole_client:
            self._say([*self._words(), *course_words(found)])

    def _show_press(self, detail: PressDetail, blocks: list[ForceBlock]) -> None:
        trace = trace_of(blocks, detail.session.tip_area_cm2)
        press = detail.press.press
        band, ceiling_kpa = bounds_at(detail, press.end_s)
        self._chart.set_window(max(5.0, press.duration_s + 2 * MARGIN_S))
        axis = axis_for([trace], self._desk.unit, band.upper_kpa if band else None)
        self._chart.show_trace(
            trace,
            axis,
            signs_of(moments_of(detail, trace, self._desk.unit)),
            lambda at: bounds_at(detail, at),
        )
        self.add_class("-press")
        self._chart.put(press.end_s + MARGIN_S)
        self._say([*self._words(), ("Band then", band_words(band, ceiling_kpa, self._desk.unit))])

    # Words.

    def _say(self, rows: list[tuple[str, str]]) -> None:
        text = Text()
        for name, value in rows:
            if name:
                text.append(f"{name:<10} ", "dim")
            text.append(f"{value}\n", "" if name else "bold")
        self.query_one("#told", Static).update(text)

    def _words(self) -> list[tuple[str, str]]:
        if self._row is None:
            return []
        if self._level == lv.CLIENTS:
            return _client_words(self._row)
        if self._level == lv.POINTS:
            return self._point_words(self._row)
        if self._level == lv.VISITS:
            return self._visit_words(self._row)
        return self._press_words(self._row.row)

    def _point_words(self, line: lv.PointLine) -> list[tuple[str, str]]:
        unit = self._desk.unit
        row: PointRow | None = line.row
        if row is None:
            return [("", f"All points: {line.presses} presses at {_visits(line.visits)}")]
        tip = f" with {row.applicator} {row.tip_area_cm2:g} cm²" if row.applicator else ""
        threshold = w.pressure(row.last_threshold_kpa, unit, named=True)
        return [
            ("", str(row.point)),
            ("Pressed", f"{row.presses} times at {_visits(row.visits)}, last on {w.day(row.last_at)}"),
            ("Band", f"{w.edges(row.lower_kpa, row.upper_kpa, unit)} {unit.label}{tip}"),
            ("Ceiling", w.pressure(row.ceiling_kpa, unit, named=True)),
            (
                "Threshold",
                f"{threshold}, the last measured" if row.last_threshold_kpa is not None else threshold,
            ),
            ("F2", "shows it over time: band, thresholds, ratings, dose, left against right"),
        ]

    def _visit_words(self, row: VisitRow) -> list[tuple[str, str]]:
        simulated = " · SIMULATED" if row.simulated else ""
        void = f", {row.void} void" if row.void else ""
        return [
            ("", f"{w.day_and_time(row.started_at)}{simulated}"),
            ("With", w.visit_line(row)),
            ("Points", "; ".join(map(str, row.points)) or w.NONE),
            ("Presses", f"{row.presses}{void}, dose {w.number(row.dose_ns, 0, ' N·s')}"),
            ("In band", w.seconds(row.time_in_band_s)),
            ("Rated", w.from_to(row.rating_first, row.rating_last)),
        ]

    def _press_words(self, row: PressRow) -> list[tuple[str, str]]:
        flags = ", ".join(w.flags_of(row.press, void=row.void)) or "none"
        reason = f" ({row.void_reason})" if row.void and row.void_reason else ""
        rows = [("", f"{w.clock_time(row.started_at)}  {row.point or 'no point'}")]
        if row.simulated:
            rows[0] = ("", rows[0][1] + " · SIMULATED")
        figures = dict(w.press_figures(row.press, self._desk.unit))
        rows += [("Hold", figures["Hold"]), ("Said", w.said_all(row.reports) or "nothing")]
        rows += [("Flags", flags + reason)]
        rows += [(name, figures[name]) for name in ("Lasted", "Peak", "In band", "Ramp", "Sag", "Dose")]
        return rows


def _client_words(row: ClientRow) -> list[tuple[str, str]]:
    return [
        ("", row.code),
        (
            "Record",
            f"{_visits(row.visits)}, {row.points} points, {row.presses} presses, last on {w.day(row.last_at)}",
        ),
    ]


def course_words(course: ClientCourse) -> list[tuple[str, str]]:
    """Where the client is in the plan, and whether it helps."""
    rows = [("Plan", w.where_in_the_plan(course))]
    if course.visits:
        rows.append(("Response", course.response.sentence))
        rows += [("", f"           {line}") for line in course.response.because[:6]]
    return rows


def _visits(count: int) -> str:
    return "1 visit" if count == 1 else f"{count} visits"
