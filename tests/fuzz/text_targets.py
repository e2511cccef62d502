"""Targets: files of settings that people write by hand, and what is typed on a command line."""

from __future__ import annotations

import math
import tomllib
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feedback.atlas import load_atlas
from feedback.atlas.joining import join
from feedback.atlas.model import AtlasError
from feedback.atlas.reading import page_from_toml
from feedback.atlas.shipped import shipped_pages
from feedback.band import BandError
from feedback.care.check import checks_from_toml
from feedback.care.errors import CareError, CareFileError
from feedback.care.plan import Plan
from feedback.care.rules import rules_from_toml
from feedback.coach.technique import TechniqueError, technique_from_toml
from feedback.comfort import ReportKind
from feedback.drills import DrillError, TaskError
from feedback.drills.amounts import amount_of
from feedback.drills.reading import drill_from_toml
from feedback.drills.task import task_of
from feedback.points import PointError, parse_point
from feedback.units import KG_PER_CM2, PRESSURE_UNITS, pressure_unit
from firmware_bridge import calibration
from firmware_bridge.errors import CalibrationError
from firmware_bridge.loads import MAX_LOAD_N, parse_load, parse_loads
from firmware_bridge.port_errors import explain
from sim.address import Address
from tests.fuzz.choosing import Choices
from tests.fuzz.documents import ODD_NUMBERS, ODD_TOML, changed, toml_of
from tests.fuzz.refusals import printable, sentence
from tui.practise.hands import hand_of
from tui.screens.review.correct import SaidError, parse_said
from tui.screens.visit.plan import weeks_of
from tui.settings import SettingsError, load_settings
from tui.settings_file import write_keys, write_values
from tui.wanted import WantedError, ceiling_of, number_of, parse_band

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CALIBRATION = """
serial = "GP-0007"
zero_counts = 8123.5
counts_per_n = 4321.25
date = 2026-03-14
tip_area_cm2 = 1.0
note = "three weights"
accepted = true
reason = "good"
resolution = 2.0
[curve]
counts = [0.0, 1000.0, 2500.0]
force_n = [0.0, 1.0, 2.0]
[figures]
model = "line"
remarks = ["one"]
residual_max_n = 0.1
gravity = 9.81
[uncertainty]
force_n = [0.0, 10.0]
expanded_n = [0.1, 0.2]
tip_area_tolerance_pct = 2.0
[uncertainty.budget_n]
noise = 0.01
[tips]
probe = 1.0
[sensor]
name = "HX711"
[[points]]
load = "1 kg"
direction = "up"
force_n = 9.81
counts = 42000.0
samples = 80
"""
SETTINGS = """
unit = "kg/cm2"
glyphs = "braille"
theme = "x"
ceiling = 5.0
applicator = "probe"
calibration_days = 100.0
technique = "free"
therapist = "T"
sound = true
volume = 0.5
retention_years = 10.0
practise_ceiling = 13.0
sensor = "sim://quiet"
[areas_cm2]
probe = 1.0
[keys]
rating-5 = "f5"
"""
CARE_MORE = (
    '[[detectable_change]]\nkey = "own"\nkpa = 3\nsource = "me"\n[plan]\nvisits = 5\nhomework = ["walk"]\n'
)
_COUNTS = np.array([-(2**31), -1, 0, 1, 2**31 - 1], np.int32)


@cache
def shipped(package: str, folder: str) -> tuple[str, ...]:
    """Texts of the TOML files that come along."""
    found = files(package) / folder if folder else files(package)
    return tuple(
        f.read_text("utf-8") for f in sorted(found.iterdir(), key=lambda f: f.name) if f.name.endswith("toml")
    )


@cache
def _parsed(text: str) -> dict:
    return tomllib.loads(text)


def document(data: bytes, texts: tuple[str, ...]) -> str:
    """A text: one of `texts` with values changed, or any text at all."""
    choices = Choices(data)
    if choices.below(8) == 0:
        return choices.rest.decode("utf-8", "replace")
    return toml_of(changed(_parsed(choices.pick(texts)), choices, ODD_TOML))


def calibration_file(data: bytes, folder: Path) -> None:
    """What is taken gives finite forces, and is the same when it is saved and read again."""
    path = folder / "one.toml"
    path.write_text(document(data, (CALIBRATION,)), "utf-8", errors="replace", newline="")
    try:
        content = calibration.load(path)
    except CalibrationError as error:
        sentence(error, str(path))
        return
    printable(content)
    with np.errstate(all="raise"):
        assert np.isfinite(content.calibration("").force_n(_COUNTS)).all()
    if warning := content.warning(calibration.date(2026, 1, 1)):
        sentence(warning)
    again = folder / "again.toml"
    calibration.save(again, content)
    assert calibration.load(again) == content


def drill(data: bytes, _: Path) -> None:
    """What is taken can be drilled with some tip, and its targets are finite."""
    try:
        found = drill_from_toml(document(data, shipped("feedback.drills", "shipped")), "f.toml", "f")
    except DrillError as error:
        sentence(error, "f.toml")
        return
    printable(found)
    for area in (0.2, 1.0, 30.0):
        try:
            task = task_of(found, tip_area_cm2=area)
        except TaskError as error:
            sentence(error)
            continue
        assert math.isfinite(task.trajectory.highest_kpa)
        assert 0 < task.trajectory.end_s < 36_000


def technique(data: bytes, _: Path) -> None:
    """A technique or its error."""
    try:
        printable(technique_from_toml(document(data, shipped("feedback.coach", "techniques")), "f.toml"))
    except TechniqueError as error:
        sentence(error, "f.toml")


def care_rules(data: bytes, _: Path) -> None:
    """Rules or their error; the words of what is taken can be said."""
    try:
        rules = rules_from_toml(document(data, (shipped("feedback.care", "")[0], CARE_MORE)), "f.toml")
    except CareFileError as error:
        sentence(error, "f.toml")
        return
    printable(rules)
    sentence(rules.hands.words)


def check_list(data: bytes, _: Path) -> None:
    """Questions or their error."""
    try:
        printable(checks_from_toml(document(data, (shipped("feedback.care", "")[1],)), "f.toml"))
    except CareFileError as error:
        sentence(error, "f.toml")


def atlas_page(data: bytes, _: Path) -> None:
    """The user's own page joined with ours, and everything that is looked up in it."""
    pages = _pages()
    own = Choices(data).below(2) == 1
    try:
        page = page_from_toml(document(data[1:], shipped("feedback.atlas", "data")), "own.toml", own=own)
        atlas = join(pages, page)
    except AtlasError as error:
        sentence(error, "own.toml", "shipped")
        return
    printable(page)
    for muscle in atlas.muscles[:3]:
        atlas.search(muscle.name[:5])
        for point in atlas.offers(muscle.name):
            atlas.cautions(point)
            atlas.area_of(point)
            assert atlas.parse(str(point)) == point


@cache
def _pages() -> list:
    return shipped_pages()


def settings(data: bytes, folder: Path) -> None:
    """What is taken has finite numbers, and values can be written into it."""
    path = folder / "config.toml"
    path.write_text(document(data, (SETTINGS,)), "utf-8", errors="replace", newline="")
    try:
        found = load_settings(path)
    except SettingsError as error:
        sentence(error, str(path))
        found = None
    if found is not None:
        printable(found)
        numbers = (
            found.ceiling_kpa,
            found.practise_ceiling_kpa,
            found.calibration_days,
            found.retention_years,
        )
        assert all(math.isfinite(number) and number > 0 for number in (*numbers, *found.areas_cm2.values()))
    for write in (lambda: write_values(path, {"volume": 0.25}), lambda: write_keys(path, {"stop": "f9"})):
        try:
            write()
        except SettingsError as error:
            sentence(error, str(path))
            continue
        if found is not None:
            again = load_settings(path)
            other = {"volume": again.volume, "keys": again.keys}
            assert replace(found, **other) == again
            assert again.volume == 0.25


_WORDS = (
    *(
        "2.0-3.0",
        "2,0 – 3,0",
        "2 to 3",
        "1:0.4 3:1.0 20:0",
        "follow:-10%",
        "upper trapezius, left, 1",
        "ut l",
    ),
    *(
        "2.0 kg/cm2",
        "5 N/s",
        "1kg",
        "4,4 lb",
        "7/10",
        "too much",
        "2-6",
        "9" * 5000,
        "kPa",
        "lb/in2",
        "sim://upper-trapezius?hand=steered&speed=4",
        "sim://twin-mark-10?seed=1",
    ),
    *(
        "sim://quiet?",
        "seed=",
        "speed=",
        "rate=",
        "batch=",
        "noise=",
        "creep=",
        "client=",
        "tip=",
        "dialect=",
        "&",
    ),
    *("nan", "inf", "-", "–", "1_0", "%", ":", " ", ",", ".", "/", "²", "１", "e9", "[", "]", "\0", "\x1b"),
    *(number[:60] for number in ODD_NUMBERS),
)


def typed(data: bytes, _: Path) -> None:
    """Bands, ceilings, points, amounts, hands and addresses as people may type them; what is taken is finite."""
    choices = Choices(data)
    kind = choices.below(11)
    text = "".join(
        choices.pick(_WORDS) if choices.below(4) else choices.text() for _ in range(choices.below(5) + 1)
    )
    unit = KG_PER_CM2
    with refused():
        if kind == 0:
            band = parse_band(text, unit)
            assert 0 < band.lower_kpa < band.upper_kpa < math.inf
        elif kind == 1:
            assert 0 < ceiling_of(text, unit) < math.inf
        elif kind == 2:
            assert parse_point(str(parse_point(text))) == parse_point(text)
        elif kind == 3:
            hand = hand_of(text, unit)
            assert all(0 <= at < math.inf and 0 <= kpa < math.inf for at, kpa in hand.script)
        elif kind == 4:
            with suppress(PointError):
                _atlas().parse(text)
            _atlas().search(text)
            _atlas().offers(text)
        elif kind == 5:
            for per_s in (False, True):
                with suppress(ValueError):
                    assert math.isfinite(amount_of(text, per_s=per_s).kpa(1.0))
            with suppress(ValueError):
                pressure_unit(text)
        elif kind == 6:
            _numbers(text)
        elif kind == 7:
            _loads(text)
        elif kind == 8:
            kind_said, rating = parse_said(text)
            assert (kind_said is ReportKind.RATING) == (rating is not None)
            assert rating is None or 0 <= rating <= 10
        elif kind == 9:
            low, high = weeks_of(text)
            plan = Plan(weeks_min=low, weeks_max=high)
            assert 0 < plan.weeks_min <= plan.weeks_max
        else:
            _address(text if choices.below(3) else f"sim://upper-trapezius?{text}")


@contextmanager
def refused() -> Iterator[None]:
    """What is typed is refused in a sentence."""
    try:
        yield
    except (WantedError, BandError, PointError, CalibrationError, SaidError, CareError, AtlasError) as error:
        sentence(error)


def _numbers(text: str) -> None:
    """A comma is a point; what the screen writes reads back."""
    if "," not in text:
        return
    try:
        value = number_of(text)
    except ValueError:
        return
    assert value == number_of(text.replace(",", ".")) or math.isnan(value)
    for unit in PRESSURE_UNITS.values():
        if 0 < (kpa := unit.to_kpa(value)) < 1e6:
            back = unit.to_kpa(number_of(unit.text(kpa, unit=False)))
            assert abs(back - kpa) <= unit.kpa * 0.51 * 10**-unit.decimals


def _loads(text: str) -> None:
    load = parse_load(text)
    assert 0 <= load.force_n <= MAX_LOAD_N
    again = parse_load(load.text)
    assert math.isclose(again.force_n, load.force_n, rel_tol=1e-5, abs_tol=1e-9)
    for one in parse_loads(f"0,{text},1kg,2kg,0"):
        assert 0 <= one.force_n <= MAX_LOAD_N


def _address(text: str) -> None:
    try:
        sensor = Address.parse(text).sensor()
    except ValueError as error:
        sentence(explain(text if "://" in text else f"sim://{text}", 0, error))
        return
    for _ in range(5):
        assert len(sensor.advance(0.2)) < 1 << 20


@cache
def _atlas():
    return load_atlas()


TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    "calibration": calibration_file,
    "drill": drill,
    "technique": technique,
    "care": care_rules,
    "check": check_list,
    "atlas": atlas_page,
    "settings": settings,
    "typed": typed,
}
