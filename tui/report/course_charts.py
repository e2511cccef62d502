"""Charts of the whole course: visits against the plan, pain, soreness against dose."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from feedback.care import Timing
from tui.report.frame import WIDTH, Frame, Visited
from tui.report.svg import XY, Scale, Svg, tick_text, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from markupsafe import Markup

    from feedback.care import SorenessAfterDose, VisitFigures
    from feedback.review import PlannedVisit
    from tui.report.words import Words

_RATINGS = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0)
_ROW = 20.0
_NUMBER_ROOM = 20.0
_MOST_ROWS = 24
_DASHES = ("solid", "dashed", "dotted", "dashdot")


def plan_chart(name: str, planned: Sequence[PlannedVisit], now: datetime, words: Words) -> Markup | None:
    """When each visit was planned, and when it was given; None before the first."""
    dates = [d for one in planned for d in (one.earliest, one.latest, one.given) if d is not None]
    if not dates:
        return None
    beyond = [one for one in planned if one.latest is None and one.given is not None]
    rows = [one for one in planned if one not in beyond][-_MOST_ROWS:]
    first, last = min(dates), max([*dates, now if now - max(dates) < timedelta(days=14) else max(dates)])
    if last - first < timedelta(days=7):
        last = first + timedelta(days=7)
    height = 30 + _ROW * (len(rows) + bool(beyond)) + 12
    svg = Svg(WIDTH, height)
    x = Scale(first.timestamp(), last.timestamp(), 56, WIDTH - 22)
    weeks = max(1, (last - first).days // 7)
    every = max(1, -(-weeks // 6))
    for week in range(0, weeks + 1, every):
        place = x((first + timedelta(weeks=week)).timestamp())
        if place <= WIDTH - 18:
            svg.line(place, 24, place, height - 8, "grid")
            svg.text(place, 15, words.day(first + timedelta(weeks=week)), "tick", "middle")
    said: list[str] = []
    for row, one in enumerate(rows):
        y = 30 + _ROW * (row + 0.5)
        svg.text(46, y + 4, f"visit {one.number}", "tick", "end")
        if one.earliest is not None and one.latest is not None:
            left, right = x(one.earliest.timestamp()), x(one.latest.timestamp())
            svg.rect(left - 5, y - 5, right - left + 10, 10, "window", round_by=5)
        if one.given is not None:
            late = one.timing in (Timing.EARLY, Timing.LATE)
            svg.dot(
                x(one.given.timestamp()), y, 4.5, "mark off" if late else "mark lower", words.date(one.given)
            )
            said.append(f"visit {one.number} {words.day(one.given)}" + (f" ({one.timing})" if late else ""))
    if beyond:
        y = 30 + _ROW * (len(rows) + 0.5)
        svg.text(46, y + 4, "more", "tick", "end")
        for one in beyond:
            if one.given is not None:
                svg.dot(
                    x(one.given.timestamp()),
                    y,
                    3,
                    "mark last",
                    f"visit {one.number}, {words.date(one.given)}",
                )
        said.append(f"and {len(beyond)} more")
    return svg.markup(name, "Visits against the plan", f"Given: {', '.join(said) or 'none yet'}.")


def pain_chart(name: str, visits: Sequence[VisitFigures], words: Words) -> Markup | None:
    """Pain of each area as it was told, 0 to 10, at most four areas; None without any."""
    told = [visit for visit in visits if any(area.now is not None for area in visit.pain)]
    areas = list(dict.fromkeys(str(area) for visit in told for area in visit.pain if area.now is not None))[
        :4
    ]
    if not areas:
        return None
    room = 8.0 + 6.8 * max(map(len, areas))
    frame = Frame(0, 10, "0–10", values=_RATINGS, right=min(120.0, room))
    places = frame.visits([Visited(0, words.day(visit.at)) for visit in told])
    svg = frame.svg
    ends: list[float] = []
    said: list[str] = []
    for number, name_of_area in enumerate(areas):
        line = [
            (x, frame.y(area.now), area.now)
            for x, visit in zip(places, told, strict=True)
            for area in visit.pain
            if str(area) == name_of_area and area.now is not None
        ]
        svg.way([(x, y) for x, y, _ in line], f"pain {_DASHES[number]}")
        for x, y, value in line:
            svg.dot(x, y, 4, "mark last" if number == 0 else "mark first", f"{name_of_area}: {value}")
        at = line[-1][1] + 4
        while any(abs(at - other) < 13 for other in ends):
            at += 13
        ends.append(at)
        svg.text(line[-1][0] + 9, at, name_of_area, "word")
        said.append(f"{name_of_area} from {line[0][2]} to {line[-1][2]}")
    return svg.markup(name, "Pain as it was told", f"{'; '.join(said)}.")


def soreness_chart(name: str, pairs: Sequence[SorenessAfterDose], words: Words) -> Markup | None:
    """Soreness after each visit beside its dose; None when nobody told any."""
    told = [(number, pair) for number, pair in enumerate(pairs, 1) if pair.rating is not None]
    if not told:
        return None
    doses = [pair.visit.dose_ns for _, pair in told]
    frame = Frame(0, 10, "soreness 0–10", values=_RATINGS)
    svg = frame.svg
    x = Scale(0, max(*doses, 1.0) * 1.08, frame.left, frame.right)
    marks = [mark for mark in ticks(0, max(*doses, 1.0), 5) if x(mark) <= frame.right]
    for mark in marks:
        svg.line(x(mark), frame.bottom, x(mark), frame.bottom + 4, "axis")
        svg.text(x(mark), frame.bottom + 17, tick_text(mark, marks), "tick", "middle")
    svg.text(frame.right, frame.bottom + 33, "dose of the visit, N·s", "tick", "end")
    written: list[XY] = []
    for number, pair in sorted(told, key=lambda one: one[1].visit.dose_ns):
        place, height = x(pair.visit.dose_ns), frame.y(pair.rating or 0)
        svg.dot(place, height, 4.5, "mark last", f"visit {number}, {words.date(pair.visit.at)}")
        # A number that would lie on another is left to the pointer and the table.
        if all(abs(place - px) > _NUMBER_ROOM or abs(height - py) > _ROW for px, py in written):
            svg.text(place, height - 8, str(number), "word", "middle")
            written.append((place, height))
    said = "; ".join(f"visit {n}: {p.visit.dose_ns:.0f} N·s, soreness {p.rating}" for n, p in told[:12])
    return svg.markup(name, "Soreness beside dose", f"{said}.")
