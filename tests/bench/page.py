"""The page of figures, made of what the benches found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tests.bench.figures import Curve, Figure, Section

HEAD = (
    "| figure | promised | ours | beside it | its figure | its / ours | spread | |\n"
    "|---|---|---|---|---|---|---|---|"
)
BAR = 24
"""Columns of the longest bar."""
NAMED = 3
"""So many figures that are defined alike are all named."""


def page(
    sections: Sequence[Section], machine: Mapping[str, str], command: str, *, quick: bool = False
) -> str:
    """The whole page as Markdown."""
    figures = [(section, figure) for section in sections for figure in section.figures]
    met = sum(figure.met is True for _, figure in figures)
    missed = [(section, figure) for section, figure in figures if figure.met is False]
    parts = [
        "# Figures",
        "Every figure that was promised, measured in one run beside something else that does the same job, and how "
        f"costs grow. This page is written by `{command}`; nothing on it is typed by hand. Timings depend on "
        "the machine and on what else it does; trials follow from their seeds.",
        "**Trials and histories are of simulated people: they test the program and are no clinical evidence.**",
    ]
    if quick:
        parts.append("**A quick run with small sizes: for trying the bench, not for reading its figures.**")
    parts += [
        _bullets(machine),
        f"**{met + len(missed)} figures with a promise: {met} met, {len(missed)} missed.**"
        + "".join(
            f"\n* MISSED: {_cell(section.title)}: {_cell(figure.name)}: {value(figure.ours, figure.unit)} "
            f"(promised {_cell(figure.promised)})"
            for section, figure in missed
        ),
    ]
    absent = [f"* {_cell(section.title)}: {_cell(section.absent)}" for section in sections if section.absent]
    if absent:
        parts.append("Not measured in this run:\n" + "\n".join(absent))
    parts.append(
        "In the tables “its / ours” is the other's figure divided by ours, “spread” is within this run, and an "
        "empty last cell means that nothing was promised."
    )
    parts += [_section(section) for section in sections if section.figures or section.curves]
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> str:
    parts = [f"## {section.title}", section.about]
    if section.figures:
        parts += ["\n".join([HEAD, *map(_row, section.figures)]), _definitions(section.figures)]
    parts += map(_curve, section.curves)
    return "\n\n".join(part for part in parts if part)


def _row(figure: Figure) -> str:
    verdict = {True: "met", False: "**MISSED**", None: ""}[figure.met]
    ratio = "" if figure.ratio is None else number(figure.ratio)
    peers = "" if figure.peers is None else value(figure.peers, figure.unit)
    cells = (
        figure.name,
        figure.promised,
        value(figure.ours, figure.unit),
        figure.peer,
        peers,
        ratio,
        figure.spread,
        verdict,
    )
    return f"| {' | '.join(map(_cell, cells))} |"


def _definitions(figures: Sequence[Figure]) -> str:
    """Figures that are defined alike, together."""
    names: dict[str, list[str]] = {}
    for figure in figures:
        if figure.definition:
            names.setdefault(figure.definition, []).append(figure.name)
    return "\n".join(f"* *{_cell(_together(alike))}*: {_cell(text)}" for text, alike in names.items())


def _together(names: Sequence[str]) -> str:
    """Names of figures that are defined alike: all, or the first and the last of many."""
    return "; ".join(names) if len(names) <= NAMED else f"{names[0]} … {names[-1]} ({len(names)} figures)"


def _curve(curve: Curve) -> str:
    head = f"| {_cell(curve.along)} | {_cell(curve.unit)} | spread | |\n|---:|---:|---|:---|"
    values = [y for _, y, _ in curve.points if y > 0]
    low = math.floor(math.log10(min(values))) if values else 0
    high = math.log10(max(values)) if values else 1
    rows = [
        f"| {x:,.10g} | {number(y)} | {_cell(spread)} | {bar(y, low, high)} |"
        for x, y, spread in curve.points
    ]
    about = f"{curve.definition} Bars are logarithmic, from {10.0**low:g} {curve.unit}."
    return "\n".join([f"### {curve.title}", "", about, "", head, *rows])


def bar(y: float, low: float, high: float) -> str:
    """A bar between two powers of ten."""
    if y <= 0:
        return ""
    share = (math.log10(y) - low) / max(high - low, 1e-9)
    return "█" * max(1, round(BAR * share))


def value(what: float | str, unit: str) -> str:
    """A figure with its unit."""
    return what if isinstance(what, str) else f"{number(what)} {unit}".rstrip()


def number(what: float) -> str:
    """Three figures, without an exponent."""
    if not math.isfinite(what) or what == 0 or float(what).is_integer():
        return f"{what:,.0f}" if math.isfinite(what) else str(what)
    digits = max(0, 2 - math.floor(math.log10(abs(what))))
    return f"{what:,.{digits}f}"


def _bullets(lines: Mapping[str, str]) -> str:
    return "\n".join(f"* {_cell(name)}: {_cell(text)}" for name, text in lines.items())


def _cell(text: str) -> str:
    """As a cell of a table, or within a line."""
    return " ".join(text.replace("|", "\\|").split())
