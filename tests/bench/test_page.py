"""The page of figures from figures that are given; nothing is measured here."""

from __future__ import annotations

import re

import pytest

from tests.bench import __main__ as run
from tests.bench import machine
from tests.bench.figures import Curve, Figure, Section, at_least, at_most
from tests.bench.page import bar, number, page

MACHINE = {"processor": "one of these, 2 cores", "load average at the start": "0.1, 0.2, 0.3"}
FAST = at_most(
    "a frame", "time of a frame; median", 0.5, 4, "ms", spread="p99 1.2", peer="another", peers=18.5
)
SLOW = at_least("decoding", "frames a second", 400_000, 500_000, "frames/s")
WORDS = Figure("errors", "time of a frame; median", "7 % / 14 %", promised="8 % / 16 %", met=True)
CURVE = Curve("Width", "Of a frame.", "columns", "ms", ((40, 0.2, ""), (300, 20.0, "p99 30")))


def rows_of(text: str) -> dict[str, list[str]]:
    """Cells of each row by the first."""
    rows = (line.strip("|").split("|") for line in text.splitlines() if line.startswith("| "))
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in rows}


@pytest.fixture
def text() -> str:
    sections = [
        Section("The chart", "In a terminal.", (FAST, WORDS)),
        Section("Decoding", "Of bytes | in pieces.", (SLOW,)),
        Section("The firmware", "", absent="avr-gcc is not installed"),
        Section("Growth", "", curves=(CURVE,)),
    ]
    return page(sections, MACHINE, "make bench")


def test_each_figure_stands_beside_its_promise_its_peer_and_its_spread(text):
    rows = rows_of(text)
    assert rows["a frame"] == ["≤ 4 ms", "0.500 ms", "another", "18.5 ms", "37", "p99 1.2", "met"]
    assert rows["errors"] == ["8 % / 16 %", "7 % / 14 %", "", "", "", "", "met"]
    assert rows["decoding"] == ["≥ 500,000 frames/s", "400,000 frames/s", "", "", "", "", "**MISSED**"]


def test_what_is_missed_is_named_at_the_top_without_a_word_of_excuse(text):
    top = text.partition("\n## ")[0]
    assert "3 figures with a promise: 2 met, 1 missed" in top
    assert "* MISSED: Decoding: decoding: 400,000 frames/s (promised ≥ 500,000 frames/s)\n" in top


def test_what_could_not_be_measured_is_said_with_its_reason(text):
    assert "* The firmware: avr-gcc is not installed" in text


def test_figures_that_are_defined_alike_share_their_definition(text):
    assert text.count("time of a frame; median") == 1
    assert "*a frame; errors*: time of a frame; median" in text


def test_of_many_figures_that_are_defined_alike_the_first_and_the_last_are_named():
    many = tuple(Figure(f"figure {i}", "as told", float(i)) for i in range(1, 6))
    text = page([Section("Many", "", many)], {}, "x")
    assert "* *figure 1 … figure 5 (5 figures)*: as told" in text


def test_the_machine_is_on_the_page(text):
    assert "* processor: one of these, 2 cores" in text
    assert set(machine.about()) >= {"processor", "memory", "system", "Python", "libraries"}
    assert re.match(r"[\d.]+, [\d.]+, [\d.]+ at \d{4}-", machine.load())


def test_a_curve_has_a_bar_for_each_point_and_a_longer_one_for_more(text):
    rows = rows_of(text)
    assert rows["40"][:2] == ["0.200", ""]
    assert len(rows["40"][2]) < len(rows["300"][2])
    assert bar(0.0, 0, 1) == ""


def test_a_quick_run_is_called_that():
    assert "small sizes" in page([], MACHINE, "x", quick=True)
    assert "small sizes" not in page([], MACHINE, "x")


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (0.0123, "0.0123"), (3.14159, "3.14"), (12345.6, "12,346"), (80, "80")]
)
def test_numbers_have_three_figures_and_no_exponent(value, shown):
    assert number(value) == shown


def test_every_bench_has_its_place_on_the_page():
    made = {name for name in run.UNHURRIED if name.startswith("made_")}
    assert sorted(run.ORDER) == sorted({*run.UNHURRIED, *run.TIMED} - made)
    there = {path.stem.removeprefix("bench_") for path in run.HERE.glob("bench_*.py")}
    assert there == {*run.UNHURRIED, *run.TIMED}
