"""Charts of a point over its visits: the band with its intervals, thresholds, ratings, dose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.report.frame import Frame, Visited, runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from feedback.review import Mdc, PointVisit
    from tui.report.words import Words

_RATINGS = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0)


def visited(visits: Sequence[PointVisit], words: Words) -> list[Visited]:
    """Visits on an axis."""
    return [Visited(visit.visit, words.day(visit.at), words.here(visit.at).year) for visit in visits]


def band_chart(name: str, title: str, visits: Sequence[PointVisit], words: Words) -> Markup | None:
    """Both edges of the band at the end of each visit, with their 90 % intervals; None without any band."""
    unit = words.unit
    edges = [
        (
            (visit.band.lower_kpa, visit.lower_interval),
            (visit.band.upper_kpa, visit.upper_interval),
        )
        if visit.band
        else None
        for visit in visits
    ]
    shown = [edge for pair in edges if pair for edge in pair]
    if not shown:
        return None
    all_kpa = [kpa for value, interval in shown for kpa in (value, *(interval or ()))]
    frame = Frame(0, unit.from_kpa(max(all_kpa)), unit.label)
    places = frame.visits(visited(visits, words))
    svg, y = frame.svg, lambda kpa: frame.y(unit.from_kpa(kpa))
    for first, stop in runs([pair is not None for pair in edges]):
        pairs = [(x, pair) for x, pair in zip(places[first:stop], edges[first:stop], strict=True) if pair]
        uppers = [(x, y(upper[0])) for x, (_, upper) in pairs]
        lowers = [(x, y(lower[0])) for x, (lower, _) in pairs]
        if len(pairs) == 1:
            (x, top), (_, bottom) = uppers[0], lowers[0]
            svg.rect(x - 9, top, 18, bottom - top, "band")
        else:
            svg.shape([*uppers, *reversed(lowers)], "band")
        svg.way(uppers, "edge upper")
        svg.way(lowers, "edge lower")
    radius = _radius(len(visits))
    for visit, x, pair in zip(visits, places, edges, strict=True):
        if pair is None:
            continue
        for (kpa, interval), look, shift in ((pair[0], "lower", -1.5), (pair[1], "upper", 1.5)):
            if interval:
                top, bottom = y(interval[1]), y(interval[0])
                svg.line(x + shift, top, x + shift, bottom, f"whisker {look}")
                for end in (top, bottom):
                    svg.line(x + shift - radius, end, x + shift + radius, end, f"whisker {look}")
            svg.dot(x, y(kpa), radius, f"mark {look}", f"{words.date(visit.at)}: {words.pressure(kpa)}")
    known = [visit for visit in visits if visit.band]
    return svg.markup(name, title, _band_words(known, words))


def _band_words(known: Sequence[PointVisit], words: Words) -> str:
    first, last = known[0], known[-1]
    said = f"On {words.date(first.at)} from {words.range(first.lower_kpa, first.upper_kpa)}"
    if len(known) > 1:
        said += f"; on {words.date(last.at)} from {words.range(last.lower_kpa, last.upper_kpa)}"
    return f"{said}. Bars are 90 % intervals."


def threshold_chart(
    name: str, title: str, visits: Sequence[PointVisit], mdc: Mdc, words: Words
) -> Markup | None:
    """The first threshold of each visit with the spread of its repeats, and the zone of error around the first one.

    None with fewer than two: there is nothing to compare.
    """
    unit = words.unit
    measured = [visit.threshold for visit in visits]
    known = [(visit, taken) for visit, taken in zip(visits, measured, strict=True) if taken]
    if len(known) < 2:
        return None
    base = known[0][1].mean_kpa
    zone = (max(0.0, base - mdc.value), base + mdc.value)
    spread = {id(taken): taken.mean_kpa * (taken.cv_pct or 0) / 100 for _, taken in known}
    top_kpa = max([taken.mean_kpa + spread[id(taken)] for _, taken in known] + [zone[1]])
    frame = Frame(0, unit.from_kpa(top_kpa), unit.label)
    places = frame.visits(visited(visits, words))
    svg, y = frame.svg, lambda kpa: frame.y(unit.from_kpa(kpa))
    svg.rect(frame.left, y(zone[1]), frame.right - frame.left, y(zone[0]) - y(zone[1]), "zone")
    svg.line(frame.left, y(base), frame.right, y(base), "zone-line")
    svg.text(frame.left + 6, y(zone[0]) - 6, "within error of the first", "hint")
    line = [(x, y(taken.mean_kpa)) for x, taken in zip(places, measured, strict=True) if taken]
    svg.way(line, "edge threshold")
    radius = _radius(len(visits)) + 1
    for visit, x, taken in zip(visits, places, measured, strict=True):
        if taken is None:
            continue
        half = spread[id(taken)]
        if half:
            svg.line(x, y(taken.mean_kpa + half), x, y(taken.mean_kpa - half), "whisker threshold")
        least = "at least " if taken.at_least else ""
        hint = f"{words.date(visit.at)}: {least}{words.pressure(taken.mean_kpa)}"
        svg.diamond(x, y(taken.mean_kpa), radius, "mark threshold", hint)
        if taken.at_least:
            svg.text(x, y(taken.mean_kpa) - radius - 4, "≥", "hint", "middle")
    first, last = known[0], known[-1]
    said = f"On {words.date(first[0].at)} {words.pressure(first[1].mean_kpa)}"
    said += f"; on {words.date(last[0].at)} {words.pressure(last[1].mean_kpa)}"
    said += f". A difference below {words.mdc(mdc)} is within error"
    return svg.markup(name, title, f"{said}.")


def rating_chart(name: str, title: str, visits: Sequence[PointVisit], words: Words) -> Markup | None:
    """The first and the last rating of each visit, 0 to 10; None without any."""
    rated = [visit for visit in visits if visit.ratings]
    if not rated:
        return None
    frame = Frame(0, 10, "0–10", values=_RATINGS)
    places = frame.visits(visited(visits, words))
    svg, radius = frame.svg, _radius(len(visits)) + 0.5
    for visit, x in zip(visits, places, strict=True):
        before, after = visit.rating_before, visit.rating_after
        if before is None:
            continue
        hint = f"{words.date(visit.at)}: {before}" + ("" if after is None else f", then {after}")
        if after is not None and after != before:
            svg.line(x, frame.y(before), x, frame.y(after), "link")
        svg.dot(x, frame.y(before), radius, "mark first", hint)
        if after is not None:
            svg.dot(x, frame.y(after), radius - 1.5 if after == before else radius, "mark last", hint)
    first, last = rated[0], rated[-1]
    said = f"On {words.date(first.at)} {_first_last(first)}"
    if len(rated) > 1:
        said += f"; on {words.date(last.at)} {_first_last(last)}"
    return svg.markup(name, title, f"{said}.")


def _first_last(visit: PointVisit) -> str:
    after = "" if visit.rating_after is None else f", at the end {visit.rating_after}"
    return f"{visit.rating_before} at first{after}"


def dose_chart(name: str, title: str, visits: Sequence[PointVisit], words: Words) -> Markup | None:
    """Force times time at each visit; None when nothing was pressed."""
    doses = [visit.dose_ns for visit in visits]
    if not any(dose > 0 for dose in doses):
        return None
    frame = Frame(0, max(doses), "N·s")
    places = frame.visits(visited(visits, words))
    svg = frame.svg
    width = min(26.0, 0.62 * (frame.right - frame.left) / len(visits))
    for x, dose in zip(places, doses, strict=True):
        svg.rect(x - width / 2, frame.y(dose), width, frame.bottom - frame.y(dose), "bar", round_by=1.5)
    said = f"From {min(doses):.0f} to {max(doses):.0f} N·s a visit, {sum(doses):.0f} N·s in all."
    return svg.markup(name, title, said)


def _radius(visits: int) -> float:
    return 4.0 if visits <= 16 else 3.0 if visits <= 40 else 2.2
