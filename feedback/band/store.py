"""A learned band as bytes, for the record: versioned, checksummed, readable after the grid has changed.

    "GPBM" | version u16 | length of the body u32 | CRC-32 of the body u32 | body

The body is zlib of: length of the head u32, the head (JSON: axes, centre, settings, guard, counts), then for
every cell, in the order (s, w, a), how many 1/256 nat it lies below the largest one (at most 30 nats), as the
difference i16 to the
cell before it along a: all low bytes, then all high bytes. Little-endian.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from feedback.band.edges import BandError
from feedback.band.estimate import Told
from feedback.band.grid import Array, Grid
from feedback.band.guard import Guard

if TYPE_CHECKING:
    from feedback.band.model import GoodPainBand

MAGIC = b"GPBM"
VERSION = 1
_HEAD = struct.Struct("<4sHII")
_DEPTH = 30.0
"""Nats below the largest cell at which a cell counts as empty."""
_PER_NAT = 256
"""Steps in a nat: a cell's share is kept to 0.2 %, the edges to better than 0.01 %."""
_MOST = 16_000_000
"""Bytes that a body may unpack to; a real one has some 40 kB."""


_SENSELESS = (
    *(ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError),
    *(struct.error, zlib.error),
)
"""What reading raises where the bytes say something impossible."""
_FURTHEST_LN = 20.0
"""ln kPa of pressures far beyond any: 2e-9 to 5e8 kPa."""


class BandModelError(BandError):
    """A stored band that cannot be read: damaged, not one at all, or of an unknown version."""


def pack(model: GoodPainBand) -> bytes:
    """The model as bytes."""
    grid, guard, told = model.grid, model.guard, model.told
    head = {
        "axes": [grid.s.tolist(), grid.w.tolist(), grid.a.tolist()],
        "centre_ln": model.centre_ln,
        "tip_area_cm2": model.tip_area_cm2,
        "ceiling_kpa": model.ceiling_kpa,
        "alpha": model.alpha,
        "eased_s": model.eased_s,
        # Infinity is not JSON: None stands for "not yet".
        "guard": [_or_none(v) for v in (guard.tolerated_ln, guard.cap_ln, guard.shown_ln, guard.stop_ln)],
        "stopped": guard.stopped,
        "told": [told.marks, told.verdicts, told.ratings, told.stops, told.visits],
    }
    text = json.dumps(head, separators=(",", ":")).encode()
    with np.errstate(divide="ignore"):
        depth = -np.log(model.mass / model.mass.max())
    codes = np.rint(np.minimum(depth, _DEPTH) * _PER_NAT).astype("<i2")
    # Neighbours differ little: as differences, low bytes first, then high bytes, it packs to a third.
    steps = np.diff(codes, axis=-1, prepend=np.int16(0))
    planes = steps.reshape(-1, 1).view(np.uint8).T
    body = zlib.compress(struct.pack("<I", len(text)) + text + planes.tobytes())
    return _HEAD.pack(MAGIC, VERSION, len(body), zlib.crc32(body)) + body


def unpack(kind: type[GoodPainBand], data: bytes, grid: Grid) -> GoodPainBand:
    """The model that `pack` wrote, on this grid.

    Raises:
        BandModelError: the bytes are not a stored band, are damaged, or of another version.
    """
    if len(data) < _HEAD.size or data[:4] != MAGIC:
        raise BandModelError("this is not a stored band: the band starts anew for this point")
    _, version, length, check = _HEAD.unpack_from(data)
    body = data[_HEAD.size :]
    if version != VERSION:
        raise BandModelError(
            f"the stored band has version {version} and this program reads {VERSION}: update the program, "
            "or let the band start anew"
        )
    if len(body) != length or zlib.crc32(body) != check:
        raise BandModelError(
            "the stored band is damaged (its checksum does not match): the band starts anew for this point"
        )
    try:
        return _read(kind, body, grid)
    except _SENSELESS as error:
        raise BandModelError(
            "the stored band makes no sense inside: the band starts anew for this point"
        ) from error


def _read(kind: type[GoodPainBand], body: bytes, grid: Grid) -> GoodPainBand:
    plain = zlib.decompressobj().decompress(body, _MOST)
    (length,) = struct.unpack_from("<I", plain)
    head = cast("dict[str, Any]", json.loads(plain[4 : 4 + length]))
    axes = [np.asarray(axis, dtype=np.float64) for axis in head["axes"]]
    shape = tuple(len(axis) for axis in axes)
    planes = np.frombuffer(plain[4 + length :], dtype=np.uint8).reshape(2, -1)
    steps = np.ascontiguousarray(planes.T).view("<i2").reshape(shape)
    codes = np.cumsum(steps, axis=-1, dtype=np.int64)
    centre, area = float(head["centre_ln"]), float(head["tip_area_cm2"])
    ceiling, alpha, eased = float(head["ceiling_kpa"]), float(head["alpha"]), float(head["eased_s"])
    lowest = (-math.inf, math.inf, math.inf, math.inf)
    guard = Guard(
        *(empty if v is None else float(v) for v, empty in zip(head["guard"], lowest, strict=True)),
        stopped=bool(head["stopped"]),
    )
    told = [int(n) for n in head["told"]]
    sound = (
        all(len(axis) > 1 and np.all(np.isfinite(axis)) and np.all(np.diff(axis) > 0) for axis in axes)
        and axes[0][0] > 0
        and all(map(math.isfinite, (ceiling, eased)))
        and all(
            abs(ln_kpa) <= _FURTHEST_LN for ln_kpa in (centre, *(v for v in head["guard"] if v is not None))
        )
        and min(area, ceiling) > 0
        and 0.01 <= alpha <= 0.49
        and eased >= 0
        and len(told) == len(fields(Told))
        and min(told) >= 0
        and np.all((codes >= 0) & (codes <= _DEPTH * _PER_NAT))
    )
    if not sound:
        raise ValueError
    mass = _onto(grid, axes, codes / -_PER_NAT)
    return kind(grid, mass, centre, area, ceiling, alpha, guard, Told(*told), eased)


def _onto(grid: Grid, axes: list[Array], log_mass: Array) -> Array:
    """The posterior on this grid: as it is when the axes agree, else its log density interpolated."""
    ours = (grid.s, grid.w, grid.a)
    if all(
        len(old) == len(new) and np.allclose(old, new, rtol=1e-12)
        for old, new in zip(axes, ours, strict=True)
    ):
        return _normalised(log_mass)
    # Density over (ln s, w, a): s is spaced in its logarithm, so that is where it is smooth.
    old_axes = [np.log(axes[0]), axes[1], axes[2]]
    new_axes = [np.log(grid.s), grid.w, grid.a]
    density = log_mass
    for number, axis in enumerate(old_axes):
        density = density - np.log(np.gradient(axis)).reshape([-1 if i == number else 1 for i in range(3)])
    for number, (old, new) in enumerate(zip(old_axes, new_axes, strict=True)):
        density = np.moveaxis(_interpolate(np.moveaxis(density, number, -1), old, new), -1, number)
    for number, axis in enumerate(new_axes):
        density = density + np.log(np.gradient(axis)).reshape([-1 if i == number else 1 for i in range(3)])
    return _normalised(density)


def _normalised(log_mass: Array) -> Array:
    mass: Array = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    return mass


def _interpolate(values: Array, old: Array, new: Array) -> Array:
    """Linear interpolation along the last axis; beyond the old ends it stays what it was there."""
    right = np.clip(np.searchsorted(old, new), 1, len(old) - 1)
    share = np.clip((new - old[right - 1]) / (old[right] - old[right - 1]), 0.0, 1.0)
    return values[..., right - 1] * (1.0 - share) + values[..., right] * share


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
