"""The stored form of a band, read and written by hand as `feedback.band.store` describes it."""

import json
import math
import struct
import zlib

import numpy as np
import pytest

from feedback.band import BandModelError, GoodPainBand
from feedback.band.grid import POPULATION, Lattice, build_grid
from feedback.band.past import NEWEST, Past
from feedback.comfort import Report, ReportKind

GRID = build_grid(POPULATION, Lattice(na=21, nw=6, ns=3, step=0.1, first_w=2))
MODEL = (
    GoodPainBand.start(ceiling_kpa=600.0, tip_area_cm2=1.3, alpha=0.1, grid=GRID)
    .mark("there", 200.0)
    .rating(8, 300.0)
    .ease(30.0)
)


def opened(stored: bytes) -> tuple[dict, np.ndarray]:
    """The head, and how many 1/256 nat each cell lies below the largest, (s, w, a)."""
    magic, version, length, check = struct.unpack_from("<4sHII", stored)
    body = stored[14:]
    assert (magic, version, length, check) == (b"GPBM", 1, len(body), zlib.crc32(body))
    plain = zlib.decompress(body)
    (size,) = struct.unpack_from("<I", plain)
    head, cells = json.loads(plain[4 : 4 + size]), plain[4 + size :]
    half = len(cells) // 2
    steps = [struct.unpack("<h", bytes(pair))[0] for pair in zip(cells[:half], cells[half:], strict=True)]
    shape = tuple(len(axis) for axis in head["axes"])
    return head, np.cumsum(np.array(steps).reshape(shape), axis=2)


def closed(head: dict, codes: np.ndarray, *, version: int = 1) -> bytes:
    text = json.dumps(head).encode()
    steps = np.diff(codes, axis=2, prepend=0).astype("<i2").tobytes()
    body = zlib.compress(struct.pack("<I", len(text)) + text + steps[::2] + steps[1::2])
    return struct.pack("<4sHII", b"GPBM", version, len(body), zlib.crc32(body)) + body


def back(stored: bytes) -> GoodPainBand:
    return GoodPainBand.from_bytes(stored, grid=GRID)


def test_what_is_stored_is_what_the_format_says():
    head, codes = opened(MODEL.to_bytes())
    assert head["axes"] == [GRID.s.tolist(), GRID.w.tolist(), GRID.a.tolist()]
    assert head["centre_ln"] == MODEL.centre_ln
    assert (head["tip_area_cm2"], head["ceiling_kpa"], head["alpha"], head["eased_s"]) == (
        1.3,
        600.0,
        0.1,
        30.0,
    )
    guard = MODEL.guard
    assert head["guard"] == [guard.tolerated_ln, guard.cap_ln, guard.shown_ln, None]
    assert (head["stopped"], head["told"]) == (False, [1, 0, 1, 0, 0])
    depth = np.minimum(-np.log(MODEL.mass / MODEL.mass.max()), 30.0) * 256
    assert np.abs(codes - depth).max() <= 0.5 + 1e-9
    assert b'": ' not in json.dumps(head, separators=(",", ":")).encode()


def test_cells_are_kept_to_two_thousandths_and_faint_ones_at_thirty_nats():
    kept = back(MODEL.to_bytes())
    strong = MODEL.mass > MODEL.mass.max() * math.exp(-29)
    assert np.abs(kept.mass[strong] / MODEL.mass[strong] - 1).max() < 0.005
    sharp = MODEL
    for _ in range(40):
        sharp = sharp.mark("there", 200.0)
    assert opened(sharp.to_bytes())[1].max() == 30 * 256
    assert back(sharp.to_bytes()).mass.min() == pytest.approx(
        back(sharp.to_bytes()).mass.max() * math.exp(-30), rel=1e-6
    )


def test_a_form_written_by_hand_is_read():
    head, codes = opened(MODEL.to_bytes())
    head |= {"stopped": True, "told": [1, 2, 3, 4, 5], "guard": [None, 5.0, None, 4.5]}
    kept = back(closed(head, codes))
    assert kept.guard.stopped
    guard = kept.guard
    assert (guard.tolerated_ln, guard.cap_ln, guard.shown_ln, guard.stop_ln) == (
        -math.inf,
        5.0,
        math.inf,
        4.5,
    )
    told = kept.told
    assert (told.marks, told.verdicts, told.ratings, told.stops, told.visits) == (1, 2, 3, 4, 5)
    assert kept.mass == pytest.approx(back(MODEL.to_bytes()).mass)
    assert kept.mass.sum() == pytest.approx(1.0)
    assert kept.centre_ln == MODEL.centre_ln


@pytest.mark.parametrize(
    "wrong",
    [
        {"ceiling_kpa": 0.0},
        {"ceiling_kpa": math.inf},
        {"ceiling_kpa": math.nan},
        {"tip_area_cm2": 0.0},
        {"tip_area_cm2": -1.0},
        {"alpha": 0.0099},
        {"alpha": 0.491},
        {"eased_s": -0.1},
        {"eased_s": math.inf},
        {"centre_ln": 20.1},
        {"centre_ln": -20.1},
        {"centre_ln": math.nan},
        {"guard": [None, None, None]},
        {"guard": [None, None, None, 21.0]},
        {"guard": [None, math.nan, None, None]},
        {"told": [1, 1, 1, 1, -1]},
        {"told": [-1, 1, 1, 1, 1]},
        {"told": [1, 1, 1]},
        {"axes": [[1.0], [0.2, 0.3], [0.0, 0.1]]},
        {"axes": [GRID.s.tolist()[::-1], GRID.w.tolist(), GRID.a.tolist()]},
        {"axes": [[-0.1, 0.1, 0.2], GRID.w.tolist(), GRID.a.tolist()]},
        {"axes": [[0.1, 0.1, 0.2], GRID.w.tolist(), GRID.a.tolist()]},
        {"axes": [[0.1, 0.2, math.inf], GRID.w.tolist(), GRID.a.tolist()]},
        {"axes": [GRID.s.tolist(), GRID.w.tolist()]},
        {"stopped": None, "axes": None},
    ],
)
def test_a_sound_checksum_over_an_impossible_head_is_refused(wrong):
    head, codes = opened(MODEL.to_bytes())
    assert back(closed(head, codes)).told == MODEL.told
    with pytest.raises(BandModelError, match="makes no sense"):
        back(closed(head | wrong, codes))


@pytest.mark.parametrize("code", [-1, 30 * 256 + 1])
def test_cells_beyond_the_scale_are_refused(code):
    head, codes = opened(MODEL.to_bytes())
    codes[1, 2, 3] = code
    with pytest.raises(BandModelError, match="makes no sense"):
        back(closed(head, codes))


def test_ends_of_what_is_possible_are_read():
    head, codes = opened(MODEL.to_bytes())
    for allowed in (
        {"alpha": 0.01},
        {"alpha": 0.49},
        {"eased_s": 0.0},
        {"centre_ln": 20.0},
        {"told": [0] * 5},
    ):
        assert back(closed(head | allowed, codes)).ceiling_kpa == 600.0


def test_another_version_and_a_wrong_sum_are_told_apart():
    head, codes = opened(MODEL.to_bytes())
    with pytest.raises(BandModelError, match="version 2 and this program reads 1: update"):
        back(closed(head, codes, version=2))
    stored = MODEL.to_bytes()
    for damaged in (stored + b"\0", stored[:-1], stored[:20] + b"\0" + stored[21:]):
        with pytest.raises(BandModelError, match="damaged"):
            back(damaged)
    for other in (b"", b"GPBM", stored[:13], b"GPBN" + stored[4:]):
        with pytest.raises(BandModelError, match="not a stored band"):
            back(other)


def test_a_body_that_unpacks_without_end_is_refused():
    body = zlib.compress(struct.pack("<I", 2) + b"{}" + bytes(40_000_000), 1)
    with pytest.raises(BandModelError, match="makes no sense"):
        back(struct.pack("<4sHII", b"GPBM", 1, len(body), zlib.crc32(body)) + body)


def test_on_another_grid_a_density_is_interpolated_and_stays_a_density():
    finer = build_grid(POPULATION, Lattice(na=41, nw=11, ns=5, step=0.05, first_w=4))
    moved = GoodPainBand.from_bytes(MODEL.to_bytes(), grid=finer)
    assert moved.mass.shape == (5, 11, 41)
    assert moved.mass.sum() == pytest.approx(1.0)
    # Where an old cell and a new one have the same middle, their densities agree.
    density = MODEL.mass / np.gradient(np.log(GRID.s))[:, None, None] / 0.1 / 0.1
    there = moved.mass / np.gradient(np.log(finer.s))[:, None, None] / 0.05 / 0.05
    ratio = there[::2, ::2, ::2] / density
    strong = MODEL.mass > MODEL.mass.max() * 1e-3
    assert ratio[strong].std() / ratio[strong].mean() < 0.01
    # Half way between two cells it is their geometric mean.
    between = there[::2, ::2, 1::2] ** 2 / (there[::2, ::2, :-1:2] * there[::2, ::2, 2::2])
    assert between[strong[:, :, 1:]] == pytest.approx(1.0, abs=1e-6)


def test_beyond_the_old_ends_a_density_stays_what_it_was_there():
    wider = build_grid(POPULATION, Lattice(na=31, nw=6, ns=3, step=0.1, first_w=2))
    moved = GoodPainBand.from_bytes(MODEL.to_bytes(), grid=wider)
    assert moved.mass[:, :, :5] == pytest.approx(np.repeat(moved.mass[:, :, 5:6], 5, axis=2))
    assert moved.mass[:, :, 26:] == pytest.approx(np.repeat(moved.mass[:, :, 25:26], 5, axis=2))


# The past of a learner


class Steps:
    """A model in name only: how often it was worked out is counted."""

    worked_out = 0

    def __init__(self, value: int = 0) -> None:
        self.value = value

    def next(self) -> "Steps":
        type(self).worked_out += 1
        return Steps(self.value + 1)


def past_of(reports: int, between: int = 2) -> tuple[Past, Steps]:
    model = Steps()
    past = Past(model)  # type: ignore[arg-type]
    for i in range(reports):
        for _ in range(between):
            model = past.step(Steps.next, model)  # type: ignore[arg-type, assignment]
        model = past.hear(Report(ReportKind.GOOD, float(i)), Steps.next, model, i * 0.5)  # type: ignore[arg-type, assignment]
    return past, model


def test_the_newest_reports_are_taken_back_without_working_anything_out():
    past, model = past_of(300)
    assert model.value == 900
    Steps.worked_out = 0
    for i in range(299, 299 - NEWEST, -1):
        assert past.newest == Report(ReportKind.GOOD, float(i))
        before, felt_s = past.take_back()
        assert (before.value, felt_s) == (i * 3 + 2, i * 0.5)
    assert Steps.worked_out == 0


def test_of_older_reports_one_model_is_kept_for_every_doubling_of_age():
    for reports in (1, NEWEST, NEWEST + 1, 40, 300, 5000):
        past, _ = past_of(reports, between=0)
        octaves = max(0, (reports - 1).bit_length() - NEWEST.bit_length() + 1)
        assert min(reports, NEWEST) < past.models <= 1 + min(reports, NEWEST) + octaves


def test_all_reports_are_taken_back_one_by_one_to_what_was_known_and_with_little_work():
    past, _ = past_of(300)
    Steps.worked_out = 0
    for i in range(299, -1, -1):
        before, felt_s = past.take_back()
        assert (before.value, felt_s) == (i * 3 + 2, i * 0.5)
        assert past.models <= 1 + NEWEST + 7
    assert past.newest is None
    assert Steps.worked_out < 900 * 7


def test_what_is_heard_after_taking_back_follows_what_was_known_then():
    past, _ = past_of(20)
    for _ in range(15):
        before, _ = past.take_back()
    model = past.hear(Report(ReportKind.STOP, 99.0), Steps.next, before, 7.0)
    assert model.value == 5 * 3 + 3
    assert past.newest == Report(ReportKind.STOP, 99.0)
    assert past.take_back()[0].value == 5 * 3 + 2
    assert past.take_back()[0].value == 4 * 3 + 2
