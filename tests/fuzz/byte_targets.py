"""Targets: recordings, the mirror's slot, chunks of samples, stored bands, cells and the manifest of an export."""

from __future__ import annotations

import json
import math
import struct
import zlib
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from feedback.band import GoodPainBand
from feedback.band import store as band_store
from feedback.band.grid import grid_of
from feedback.history.cells import CellError, reader_of, writer_of
from feedback.history.codec import Samples, decode, encode, encode_tightly
from feedback.history.errors import BadImportError, HistoryDamagedError
from feedback.history.export_manifest import read_manifest
from feedback.history.export_types import Column, Kind
from feedback.units import KG_PER_CM2
from firmware_bridge.errors import PortError
from firmware_bridge.replay import MAGIC, Recording, ReplayPort
from tests.fuzz.choosing import Choices
from tests.fuzz.documents import ODD_JSON, changed, json_of
from tests.mirror.views import pressed
from tui.mirror.faces import FaceKind, cue_of, line_of, picture_of
from tui.mirror.reader import Seen, SeenState
from tui.mirror.slot import Record, pack, unpack
from tui.mirror.snapshot import SnapshotError, from_bytes, snapshot_of, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TIMES = (0.0, 1.0, 1.5, -1.0, math.nan, math.inf, -math.inf, 1e300, 5e-324)
HEADER = {"baud": 115200, "started": "2026-03-01T09:00:00+01:00", "url": "sim://quiet"}


def replay(data: bytes, folder: Path) -> None:
    """Records come in order of finite times, and the port that plays them has finite times."""
    choices = Choices(data)
    path = folder / "one.raw"
    if choices.below(6) == 0:
        path.write_bytes(choices.rest)
    else:
        header = changed(HEADER, choices, ODD_JSON, 2) if choices.below(2) else HEADER
        out = bytearray(MAGIC + choices.pick((b"1", b"1", b"1", b"2", b" 1", b"x")) + b"\n")
        out += json_of(header).encode("utf-8", "surrogatepass") + b"\n"
        for _ in range(choices.below(6)):
            said = choices.bytes(choices.below(9))
            body = struct.pack(
                "<BdI", choices.pick((0x44, 0x44, 0x4C, 0x52, 7)), choices.pick(TIMES), len(said)
            )
            crc = zlib.crc32(said, zlib.crc32(body)) ^ (choices.below(20) == 19)
            out += body + struct.pack("<I", crc) + said
        path.write_bytes(bytes(out[: len(out) - choices.below(3)]))
    try:
        with Recording(path) as recording:
            times = [record.arrival_s for record in recording]
        port = ReplayPort(path, 1000.0)
    except PortError:
        return
    try:
        assert all(map(math.isfinite, times))
        assert times == sorted(times)
        assert math.isfinite(port.now_s())
    finally:
        port.close()


@cache
def _snapshot() -> dict[str, Any]:
    return json.loads(to_bytes(snapshot_of(pressed())))


def slot(data: bytes, _: Path) -> None:
    """A slot's bytes are a record or none, its payload a snapshot that every face can show, or none."""
    choices = Choices(data)
    if choices.below(4) == 0:
        record = unpack(choices.rest)
    else:
        payload = json_of(changed(_snapshot(), choices, ODD_JSON)).encode("utf-8", "surrogatepass")
        with suppress(ValueError):
            record = unpack(pack(Record(1, payload)))
            assert record is not None
            assert record.payload == payload
            record = Record(1, payload)
        record = Record(1, payload)
    if record is None:
        return
    try:
        found = from_bytes(record.payload)
    except SnapshotError:
        return
    for kind in FaceKind:
        seen = Seen(SeenState.SESSION, found, "0" * 32, 1)
        line_of(seen, kind, KG_PER_CM2)
        cue_of(seen, kind, KG_PER_CM2)
        picture_of(found, kind, KG_PER_CM2, figure=True)


@cache
def _chunks() -> list[tuple[str, bytes, int]]:
    rng = np.random.default_rng(1)
    made: list[tuple[str, bytes, int]] = []
    for n in (0, 1, 3, 40):
        t_us = np.arange(n, dtype=np.int64) * 12_500
        samples = Samples(
            t_us,
            t_us + 5,
            rng.integers(-900, 900, n, np.int32),
            np.zeros(n, np.uint8),
            np.zeros(n, np.int64),
        )
        made += [(*how(samples), n) for how in (encode, encode_tightly)]
    return made


def chunk(data: bytes, _: Path) -> None:
    """A payload is as many samples as its row says, or damaged."""
    choices = Choices(data)
    codec, payload, n = choices.pick(_chunks())
    if codec == "d1z" and choices.below(3):
        codec, payload = "d1", zlib.decompress(payload)
    spoilt = bytearray(payload)
    for _ in range(choices.below(4)):
        at = choices.below(len(spoilt) + 1)
        spoilt[at : at + choices.below(3)] = choices.bytes(choices.below(9))
    if codec == "d2" and choices.below(2) and len(spoilt) > 4:
        spoilt[-4:] = zlib.crc32(spoilt[:-4]).to_bytes(4, "little")
    n = choices.pick((n, n, n, n + 1, 0, -1, 1 << 20, 1 << 40))
    try:
        samples = decode(codec, bytes(spoilt), n)
    except HistoryDamagedError:
        return
    assert len(samples) == n
    if n > 1000:
        return
    for again in (encode(samples), encode_tightly(samples)):
        back = decode(*again, n)
        assert all((getattr(back, name) == getattr(samples, name)).all() for name in Samples.__slots__)


@cache
def _band() -> tuple[dict[str, Any], bytes]:
    body = GoodPainBand.start(ceiling_kpa=400.0).to_bytes()[band_store._HEAD.size :]
    plain = zlib.decompress(body)
    (length,) = struct.unpack_from("<I", plain)
    return json.loads(plain[4 : 4 + length]), plain[4 + length :]


def band(data: bytes, _: Path) -> None:
    """A stored band is one, whose band can be asked for, or the error of it."""
    choices = Choices(data)
    if choices.below(8) == 0:
        stored = choices.rest
    else:
        head, planes = _band()
        text = json_of(changed(head, choices, ODD_JSON)).encode("utf-8", "surrogatepass")
        body = zlib.compress(struct.pack("<I", len(text)) + text + planes[choices.below(3) :], 1)
        stored = (
            band_store._HEAD.pack(band_store.MAGIC, band_store.VERSION, len(body), zlib.crc32(body)) + body
        )
    try:
        model = band_store.unpack(GoodPainBand, stored, grid_of())
    except band_store.BandModelError:
        return
    found = model.band()
    assert 0 < found.stay_below_kpa <= model.ceiling_kpa * (1 + 1e-9)
    model.next_pressure()
    model.to_bytes()


_CELLS = (
    "",
    "'",
    "-",
    "1",
    "1.5",
    "1e999",
    "-INF",
    "yes",
    "²",
    "１",
    "bit ",
    "bit 5",
    "+",
    "saturated",
    "e5",
    ".",
)


def cell(data: bytes, _: Path) -> None:
    """A cell is a value that is written and read back as the same, or none."""
    choices = Choices(data)
    kind = choices.pick(list(Kind))
    column = Column("x", kind, "x", needed=choices.below(2) == 1, kept="x")
    text = "".join(
        choices.pick(_CELLS) if choices.below(3) else choices.text() for _ in range(choices.below(4))
    )
    if kind is Kind.TIME and choices.below(2):
        zone = choices.pick(("", "Z", "+23:59", "-12:00", "+24:00"))
        text = f"{choices.pick(('0001', '2026', '9999'))}-{choices.pick(('01-01', '12-31', '02-30'))}T00:00:00{zone}"
    try:
        value = reader_of(column)(text)
    except CellError:
        return
    written = writer_of(column)(value)
    again = reader_of(column)(written)
    assert again == value, (text, written)


MANIFEST = {
    "profile": "tabular-data-package",
    "goodpain": {"format": 1, "app_version": "1", "clients": ["A"]},
    "resources": [{"name": "clients", "bytes": 10, "rows": 1, "hash": f"sha256:{'0' * 64}", "schema": {}}],
}


def manifest(data: bytes, _: Path) -> None:
    """A manifest names files, or is none."""
    choices = Choices(data)
    text = choices.rest if choices.below(6) == 0 else json_of(changed(MANIFEST, choices, ODD_JSON)).encode()
    with suppress(BadImportError):
        for facts in read_manifest(text, "x").values():
            assert facts.size >= 0
            assert facts.rows >= 0


TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    "replay": replay,
    "slot": slot,
    "chunk": chunk,
    "band": band,
    "cell": cell,
    "manifest": manifest,
}
