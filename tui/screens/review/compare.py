"""Two presses or two visits side by side: traces on the same scales, figures with their differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from tui.screens.review import words as w
from tui.screens.review.comparing import Line, Visit, press_lines, table, visit_lines
from tui.screens.review.moments import bounds_at, moments_of, signs_of
from tui.screens.review.page import PAGE_KEYS, Desk, Marked, Page
from tui.screens.review.replay_chart import ReplayChart
from tui.screens.review.traces import Trace, axis_for, thinned, trace_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from feedback.band import Band
    from feedback.history import History
    from feedback.history.review_rows import PressDetail, PressRow, VisitRow
    from tui.screens.review.scrubber import Sign

MARGIN_S = 2.0
MOST_SAMPLES = 40_000
"""Of a whole visit so many are drawn, each the highest of those it stands for: no cell of a screen shows more."""


class _Side(Vertical):
    """One of the two: its name, its chart."""

    DEFAULT_CSS = """
    _Side { width: 1fr; height: 1fr; }
    _Side > .name { height: 1; padding: 0 1; text-style: bold; text-overflow: ellipsis; text-wrap: nowrap; }
    """

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(id=name)
        self.chart = ReplayChart(desk.glyphs, now_word="end", id=f"{name}-chart")

    def compose(self) -> Iterator[Widget]:
        """Name, chart."""
        yield Static("", classes="name", markup=False)
        yield self.chart

    def name_it(self, text: str) -> None:
        """Say which it is."""
        self.query_one(".name", Static).update(text)


class _Compare(Page[None]):
    """Two charts, a table."""

    DEFAULT_CSS = """
    _Compare #sides { height: 1fr; }
    _Compare #second { border-left: solid $panel; }
    _Compare #table-box {
        height: auto; max-height: 12; border-top: solid $panel; padding: 0 1; scrollbar-size-vertical: 1;
    }
    _Compare.-tall #table-box { max-height: 20; }
    _Compare.-short #sides { display: none; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-normal"), (34, "-tall")]
    BINDINGS = [Binding("backspace,q,left", "back", "Back", show=False), *PAGE_KEYS]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._sides = (_Side(desk, "first"), _Side(desk, "second"))

    def content(self) -> Iterator[Widget]:
        """The charts, the table."""
        with Horizontal(id="sides"):
            yield from self._sides
        with VerticalScroll(id="table-box"):
            yield Static("", id="table", markup=False)

    def _draw(
        self,
        traces: Sequence[Trace],
        starts_s: Sequence[float],
        window_s: float,
        top_kpa: float | None,
        signs: Sequence[Sequence[Sign]],
        bounds: Sequence[Callable[[float], tuple[Band | None, float | None]]],
    ) -> None:
        """Both on one scale of pressure and of time, from their beginnings."""
        axis = axis_for([trace for trace in traces if trace.calibrated], self.desk.unit, top_kpa)
        for side, trace, start_s, marks, at in zip(self._sides, traces, starts_s, signs, bounds, strict=True):
            own = axis if trace.calibrated else axis_for([trace], self.desk.unit)
            side.chart.set_window(window_s)
            side.chart.show_trace(trace, own, marks, at)
            side.chart.put(start_s + window_s)

    def _tabulate(
        self, names: tuple[str, str], lines: Sequence[Line], said: Sequence[tuple[str, ...]]
    ) -> None:
        self.query_one("#table", Static).update(table(names, lines, said, self.size.width - 3))


class ComparePresses(_Compare):
    """Two presses, the earlier one first.

    Args:
        desk: the open record.
        one: a press.
        other: another.
    """

    def __init__(self, desk: Desk, one: UUID, other: UUID) -> None:
        super().__init__(desk)
        self._ids = (one, other)

    def on_mount(self) -> None:
        """Read both."""
        review = self.desk.history.review

        def read() -> list[tuple[PressDetail, Trace]]:
            details = sorted(
                (review.press(one) for one in self._ids),
                key=lambda d: (d.session.started_at, d.press.press.start_s),
            )
            longest_s = max(d.press.press.duration_s for d in details)
            return [
                (
                    detail,
                    trace_of(
                        review.window(
                            detail.session.session_id,
                            detail.press.press.start_s - MARGIN_S,
                            detail.press.press.start_s + longest_s + MARGIN_S,
                        ),
                        detail.session.tip_area_cm2,
                    ),
                )
                for detail in details
            ]

        self.fetch("compare", read, self._show)

    def _show(self, found: list[tuple[PressDetail, Trace]]) -> None:
        unit = self.desk.unit
        (first, _), (second, _) = found
        details = (first, second)
        window_s = max(d.press.press.duration_s for d in details) + 2 * MARGIN_S
        edges = [
            band.upper_kpa for d in details if (band := bounds_at(d, d.press.press.end_s)[0]) is not None
        ]
        self._draw(
            [trace for _, trace in found],
            [d.press.press.start_s - MARGIN_S for d in details],
            window_s,
            max(edges, default=None),
            [signs_of(moments_of(d, trace, unit)) for d, trace in found],
            [lambda at, d=d: bounds_at(d, at) for d in details],
        )
        names = tuple(_press_title(d) for d in details)
        for side, detail, name in zip(self._sides, details, names, strict=True):
            where = f" · {detail.point or 'no point'}" if first.point != second.point else ""
            side.name_it(name + where)
        said = [
            ("Said", *(w.said_all(d.reports) or w.NONE for d in details)),
            ("Flags", *(", ".join(d.flags) or w.NONE for d in details)),
            ("With", *(f"{d.session.applicator} {d.session.tip_area_cm2:g} cm²" for d in details)),
        ]
        self.head(
            f"{first.client_code} · {first.point or 'no point'} · two presses{_unlike(first.session, second.session)}"
        )
        self._tabulate((names[0], names[1]), press_lines(first, second, unit), said)


def _press_title(detail: PressDetail) -> str:
    parts = [w.day_and_time(detail.session.started_at), f"+{w.minutes(detail.press.press.start_s)}"]
    parts += ["SIMULATED"] if detail.session.simulated else []
    parts += ["VOID"] if detail.press.void else []
    return " ".join(parts)


def _unlike(one: VisitRow, other: VisitRow) -> str:
    """What keeps two from being compared as if they were the same."""
    if one.simulated != other.simulated:
        return " · one is simulated: not comparable"
    if (one.applicator, round(one.tip_area_cm2, 3)) != (other.applicator, round(other.tip_area_cm2, 3)):
        return " · pressed with different tips: pressures not comparable"
    return ""


class CompareVisits(_Compare):
    """Two visits, the earlier one first; of one point where both were marked within one.

    Args:
        desk: the open record.
        one: a visit, as it was marked.
        other: another.
    """

    def __init__(self, desk: Desk, one: Marked, other: Marked) -> None:
        super().__init__(desk)
        self._marked = (one, other)

    def on_mount(self) -> None:
        """Read both."""
        history = self.desk.history
        self.fetch(
            "compare",
            lambda: sorted(
                (_read_visit(history, one) for one in self._marked), key=lambda found: found[0].started_at
            ),
            self._show,
            self.desk.figures,
        )

    def _show(self, found: list[Visit]) -> None:
        unit = self.desk.unit
        rows = [row for row, _, _ in found]
        starts_s = [presses[0].press.start_s - MARGIN_S if presses else 0.0 for _, presses, _ in found]
        ends_s = [presses[-1].press.end_s if presses else 1.0 for _, presses, _ in found]
        window_s = max(end - start for start, end in zip(starts_s, ends_s, strict=True)) + MARGIN_S
        uppers = [
            press.upper_kpa for _, presses, _ in found for press in presses if press.upper_kpa is not None
        ]
        self._draw(
            [trace for _, _, trace in found],
            starts_s,
            window_s,
            max(uppers, default=None),
            [[], []],
            [_last_bounds(presses) for _, presses, _ in found],
        )
        names = [w.day_and_time(row.started_at) + (" SIMULATED" if row.simulated else "") for row in rows]
        for side, name, (row, presses, _) in zip(self._sides, names, found, strict=True):
            side.name_it(f"{name} · {w.visit_line(row)} · {len(presses)} presses")
        self.head(f"{rows[0].client_code} · two visits{_unlike(rows[0], rows[1])}")
        said = [
            ("Points", *("; ".join(map(str, row.points)) for row in rows)),
            ("By", *(row.therapist or w.NONE for row in rows)),
        ]
        self._tabulate((names[0], names[1]), visit_lines(found, unit), said)


def _read_visit(history: History, marked: Marked) -> Visit:
    review = history.review
    presses = review.presses(marked.id, marked.point_id)
    if presses:
        session = review.press(presses[0].id).session
        client = history.review.press(presses[0].id).client_id
        session = next(
            (row for row in review.visits(client, marked.point_id) if row.session_id == marked.id), session
        )
        start_s, end_s = presses[0].press.start_s - MARGIN_S, presses[-1].press.end_s + MARGIN_S
        blocks = review.window(marked.id, max(0.0, start_s), end_s)
    else:
        from feedback.history import HistoryError

        raise HistoryError("nothing was pressed at one of the two visits: there is nothing to compare")
    return session, presses, thinned(trace_of(blocks, session.tip_area_cm2), MOST_SAMPLES)


def _last_bounds(presses: Sequence[PressRow]) -> Callable[[float], tuple[Band | None, float | None]]:
    """The band with which the last press of a visit ended; a chart paints one for all of it."""
    from feedback.band import Band

    last = presses[-1] if presses else None
    if last is None or last.lower_kpa is None or last.upper_kpa is None:
        found = (None, last.ceiling_kpa if last else None)
    else:
        found = (Band(last.lower_kpa, last.upper_kpa), last.ceiling_kpa)
    return lambda _: found
