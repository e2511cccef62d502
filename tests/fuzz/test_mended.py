"""What the fuzzers broke: refused in a sentence, or taken and good, ever since."""

from __future__ import annotations

import json
import shutil
import sqlite3
import struct
import zipfile
import zlib
from contextlib import closing

import pytest

from feedback.atlas.model import AtlasError
from feedback.atlas.reading import page_from_toml
from feedback.band import BandModelError, GoodPainBand
from feedback.band.store import _HEAD, VERSION
from feedback.band.store import MAGIC as MAGIC_BAND
from feedback.care.check import checks_from_toml
from feedback.care.errors import CareFileError
from feedback.care.plan import Plan
from feedback.care.rules import rules_from_toml
from feedback.coach.technique import TechniqueError, technique_from_toml
from feedback.drills import DrillError
from feedback.drills.reading import drill_from_toml
from feedback.history import BadEntryError, BadImportError, SessionStart, import_csv, open_history
from feedback.history.cells import CellError, reader_of
from feedback.history.export_manifest import read_manifest
from feedback.history.export_types import Column, Kind
from feedback.points import PointError
from feedback.printable import UNPRINTABLE
from feedback.refusal import SENTENCE_MAX
from feedback.units import KG_PER_CM2
from firmware_bridge import calibration
from firmware_bridge.errors import CalibrationError, PortError
from firmware_bridge.ports import open_port
from firmware_bridge.replay import MAGIC, Recording
from tests.history.conftest import STARTED_AT, T0_S
from tests.mirror.views import pressed
from tui.mirror.snapshot import SnapshotError, from_bytes, snapshot_of, to_bytes
from tui.screens.review.correct import SaidError
from tui.settings import Settings, SettingsError, load_settings
from tui.wanted import WantedError, ceiling_of, visit_from

BEYOND = [f"volume = {'[' * 3000}{']' * 3000}", f"volume = {'9' * 5000}", f"volume = {'9' * 400}"]
CALIBRATION = 'serial = "A"\nzero_counts = 0\ncounts_per_n = 4000\n'


@pytest.mark.parametrize("remarks", ["12.5", '"a text alone"', "[1, 2]", "true"])
def test_remarks_of_a_calibration_that_are_no_list_of_texts_are_refused(remarks, tmp_path):
    path = tmp_path / "c.toml"
    path.write_text(f"{CALIBRATION}[figures]\nremarks = {remarks}\n")
    with pytest.raises(CalibrationError, match="remarks must be a list of texts"):
        calibration.load(path)


@pytest.mark.parametrize("text", BEYOND)
def test_a_text_file_with_something_beyond_all_measure_is_refused(text, tmp_path):
    path = tmp_path / "f.toml"
    path.write_text(text)
    with pytest.raises(SettingsError):
        load_settings(path)
    with pytest.raises(CalibrationError):
        calibration.load(path)
    for read, error in (
        (page_from_toml, AtlasError),
        (checks_from_toml, CareFileError),
        (rules_from_toml, CareFileError),
        (technique_from_toml, TechniqueError),
        (drill_from_toml, DrillError),
    ):
        with pytest.raises(error, match=r"f\.toml"):
            read(text, "f.toml")


@pytest.mark.parametrize("ceiling", ["ceiling", "practise_ceiling"])
def test_a_ceiling_without_end_is_no_ceiling(ceiling, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(f"{ceiling} = 1e308")
    with pytest.raises(SettingsError, match=ceiling):
        load_settings(path)


@pytest.mark.parametrize(
    "changed",
    [
        ("counts_per_n = 4000", "counts_per_n = 5e-324"),
        ("zero_counts = 0", "zero_counts = 1e308"),
        ("zero_counts = 0", "zero_counts = -1e308"),
    ],
)
def test_a_calibration_whose_forces_have_no_end_is_refused(changed, tmp_path):
    path = tmp_path / "A.toml"
    path.write_text(CALIBRATION.replace(*changed))
    with pytest.raises(CalibrationError, match="counts_per_n"):
        calibration.load(path)


@pytest.mark.parametrize(
    "more",
    [
        '[[points]]\nload = "x"\nforce_n = 1.0\ncounts = 1\nsamples = 1e308\n',
        '[[points]]\nload = "x"\nforce_n = 1.0\ncounts = 1\nsamples = 0.5\n',
        "[uncertainty]\nforce_n = [0, 1]\nexpanded_n = [0.1, 0.1]\n[tips]\nprobe = 0.0\n",
        "[tips]\nprobe = -1\n",
    ],
)
def test_a_calibration_that_could_not_be_saved_again_is_not_taken(more, tmp_path):
    path = tmp_path / "A.toml"
    path.write_text(CALIBRATION + more)
    with pytest.raises(CalibrationError):
        calibration.load(path)


def test_a_ceiling_that_is_too_large_for_a_float_in_kpa_is_none():
    with pytest.raises(WantedError):
        ceiling_of("1e308", KG_PER_CM2)
    nothing = dict.fromkeys(("client", "point", "applicator", "area_cm2", "band"))
    with pytest.raises(WantedError):
        visit_from(Settings(), **nothing, ceiling=1e308)


DEEP = "[" * 100_000


@pytest.mark.parametrize("header", [DEEP, '{"url": "x", "started": "", "baud": Infinity}'])
def test_a_recording_with_an_impossible_header_is_refused(header, tmp_path):
    path = tmp_path / "x.raw"
    path.write_bytes(MAGIC + b"1\n" + header.encode() + b"\n")
    with pytest.raises(PortError, match="header"):
        Recording(path)


def test_the_times_of_a_recording_never_go_back_and_have_an_end(tmp_path):
    path = tmp_path / "x.raw"
    out = MAGIC + b'1\n{"baud": 1, "started": "", "url": ""}\n'
    for number, at_s in enumerate((1.0, 0.5, 2.0, float("nan"), 3.0)):
        body, data = struct.pack("<BdI", 0x44, at_s, 1), bytes([number])
        out += body + struct.pack("<I", zlib.crc32(data, zlib.crc32(body))) + data
    path.write_bytes(out)
    with Recording(path) as recording:
        assert [(r.arrival_s, r.data) for r in recording] == [(1.0, b"\0"), (1.0, b"\1"), (2.0, b"\2")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pressure_kpa", '"x"'),
        ("pressure_kpa", "NaN"),
        ("pressure_kpa", "9" * 400),
        ("ceiling_kpa", "null"),
        ("said", "3"),
        ("rating", "true"),
        ("alarm", "1"),
        ("prompt", DEEP),
    ],
)
def test_a_snapshot_with_a_value_of_another_kind_is_none(name, value):
    whole = json.loads(to_bytes(snapshot_of(pressed())))
    assert name in whole
    rest = json.dumps({key: one for key, one in whole.items() if key != name})
    with pytest.raises(SnapshotError):
        from_bytes(f'{rest[:-1]}, "{name}": {value}}}'.encode())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("centre_ln", "1e308"),
        ("centre_ln", "-1e308"),
        ("guard", "[null, null, -1e308, null]"),
        ("told", DEEP),
    ],
)
def test_a_stored_band_of_impossible_pressures_is_refused(name, value):
    stored = GoodPainBand.start(ceiling_kpa=400.0).to_bytes()
    plain = zlib.decompress(stored[_HEAD.size :])
    (length,) = struct.unpack_from("<I", plain)
    head = {key: one for key, one in json.loads(plain[4 : 4 + length]).items() if key != name}
    text = f'{json.dumps(head)[:-1]}, "{name}": {value}}}'.encode()
    body = zlib.compress(struct.pack("<I", len(text)) + text + plain[4 + length :])
    with pytest.raises(BandModelError, match="makes no sense"):
        GoodPainBand.from_bytes(_HEAD.pack(MAGIC_BAND, VERSION, len(body), zlib.crc32(body)) + body)


@pytest.mark.parametrize("size", ["Infinity", "-1", '"x"'])
def test_a_manifest_with_an_impossible_size_is_refused(size):
    table = '{"name": "clients", "rows": 1, "bytes": %s, "hash": "sha256:%s"}'
    text = f'{{"goodpain": {{"format": 1}}, "resources": [{table}]}}'
    read_manifest((text % ("1", "0" * 64)).encode(), "x")
    with pytest.raises(BadImportError):
        read_manifest((text % (size, "0" * 64)).encode(), "x")


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory):
    """A record with a session that was cut off."""
    path = tmp_path_factory.mktemp("cut") / "record.db"
    with open_history(path) as history:
        journal = history.begin_session(SessionStart("A1", STARTED_AT, T0_S, "thumb", 2.0))
        journal.note("a note", T0_S + 1)
        copy = path.with_name("copy.db")
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    return copy, journal.id


ID = "00000000-0000-0000-0000-000000000001"
ROW = (
    '{"table": "event", "update": false, '
    '"values": {"id": "%s", "session_id": "%s", "t_us": %s, "kind": %s, "text": %s}}'
)


@pytest.mark.parametrize(
    "line",
    [
        ROW % (ID, "SESSION", "9" * 30, '"note"', '"x"'),
        ROW % (ID, "SESSION", "Infinity", '"note"', '"x"'),
        ROW % (ID, "SESSION", "1", '"note"', r'"\ud800"'),
        ROW % (ID, "SESSION", "1", '"note"', '["x"]'),
        ROW % (ID, "SESSION", "1.5", '"note"', '"x"'),
        ROW % (ID, "SESSION", "1", '"note"', "7"),
        ROW % (ID, "not an id", "1", '"note"', '"x"'),
        (ROW % (ID, "SESSION", "1", '"note"', '"x"')).replace(f'"{ID}"', "7"),
        '{"table": "event", "update": false, "values": []}',
        '{"table": "sample_chunk", "update": false, "values": {"n": 1}}',
        '{"table": "event", "update": true, "values": {"text": "x"}}',
        '{"table": ["event"], "update": false, "values": {}}',
        "[]",
        DEEP,
    ],
)
def test_a_rescue_file_that_makes_no_sense_does_not_keep_the_record_from_opening(line, cut_off, tmp_path):
    made, session_id = cut_off
    path = tmp_path / "record.db"
    shutil.copyfile(made, path)
    rescue = tmp_path / f"goodpain-rescue-{session_id.hex}.jsonl"
    header = {"goodpain_rescue": 1, "record": str(path), "session_id": str(session_id)}
    rescue.write_text(f"{json.dumps(header)}\n{line.replace('SESSION', str(session_id))}\n")
    with open_history(path) as history:
        history.recover()
        assert [session.ended_how for session in history.sessions()] == ["recovered"]
    assert rescue.with_name(f"{rescue.name}.refused").exists()


@pytest.mark.parametrize(
    "header", [DEEP, "[]", "7", '{"goodpain_rescue": 1, "record": "RECORD", "session_id": 7}']
)
def test_a_rescue_file_that_says_no_session_is_left_alone(header, cut_off, tmp_path):
    path = tmp_path / "record.db"
    shutil.copyfile(cut_off[0], path)
    stray = tmp_path / "goodpain-rescue-1.jsonl"
    stray.write_text(header.replace("RECORD", str(path)) + "\n")
    with open_history(path) as history:
        history.recover()
        assert len(history.sessions()) == 1
    assert stray.exists()


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_packed_otherwise_is_refused(packed, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", packed) as archive:
        archive.writestr("datapackage.json", "{}")
    with open_history(tmp_path / "record.db") as history, pytest.raises(BadImportError, match="unpack"):
        import_csv(history, tmp_path / "x.zip")


def test_a_zip_whose_manifest_does_not_unpack_is_refused(tmp_path):
    place = tmp_path / "x.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("datapackage.json", "{}" * 500)
    whole = place.read_bytes()
    start = whole.index(b"datapackage.json") + len(b"datapackage.json")
    with open_history(tmp_path / "record.db") as history:
        for at in range(start, start + 8):
            for bit in range(8):
                spoilt = bytearray(whole)
                spoilt[at] ^= 1 << bit
                place.write_bytes(spoilt)
                with pytest.raises(BadImportError):
                    import_csv(history, place)


@pytest.mark.parametrize("cell", ["9223372036854.775808", "1999999999999999999", "-9223372036855"])
def test_more_seconds_than_the_record_can_hold_are_refused(cell):
    read = reader_of(Column("x", Kind.SECONDS, "x", kept="x"))
    assert read("-9223372036854.775807") == -(2**63) + 1
    with pytest.raises(CellError):
        read(cell)


def test_a_text_that_is_no_unicode_is_refused_by_the_record(tmp_path):
    with open_history(tmp_path / "record.db") as history:
        history.client("A1")
        for enter in (
            lambda: history.care.set_plan("A1", Plan(goal="\udcff"), new_course=True),
            lambda: history.care.add_soreness("A1", 3, note="\udcff"),
        ):
            with pytest.raises(BadEntryError, match="UTF-8"):
                enter()
        assert history.care.plan("A1") is None


HOSTILE = "\x1b[31m \u202e \x00 \n \r \x85"


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (page_from_toml, '[[muscle]]\nname = "a\\u001b"'),
        (checks_from_toml, '[[check]]\nkey = "a"\nquestion = "\\u202e"\nmeans = "b"'),
        (rules_from_toml, '[plan]\nhomework = ["walk \\u200b"]'),
        (technique_from_toml, '"\\u0000" = 1'),
        (drill_from_toml, 'title = "a\\r"'),
    ],
)
def test_a_text_that_a_terminal_would_obey_is_not_taken_out_of_a_file(read, text):
    with pytest.raises(ValueError, match=r"f\.toml.*cannot be shown, U\+[0-9A-F]{4} in “"):
        read(text, "f.toml")


@pytest.mark.parametrize(
    "error",
    [
        AtlasError(f"“{HOSTILE}”"),
        CalibrationError(HOSTILE),
        CareFileError("f.toml", HOSTILE, "x"),
        DrillError("f.toml", 1, HOSTILE),
        TechniqueError(HOSTILE),
        SettingsError(HOSTILE),
        WantedError(HOSTILE),
        BadImportError(HOSTILE),
        BandModelError(HOSTILE),
        PointError(HOSTILE),
        SaidError(HOSTILE),
    ],
)
def test_a_refusal_is_one_printable_line_whatever_it_is_about(error):
    assert UNPRINTABLE.search(str(error)) is None
    assert "\n" not in str(error)


def test_a_refusal_quotes_no_more_than_it_needs():
    error = WantedError(f"“{'9' * 5000}” is not a band: write two pressures")
    assert str(error).endswith("9” is not a band: write two pressures")
    assert len(str(error)) < 130
    assert len(str(CareFileError("f.toml", "x" * 5000, "is not known"))) == SENTENCE_MAX
    assert str(CareFileError("f.toml", "x" * 5000, "is not known")).endswith("x is not known")


def test_a_port_whose_name_no_file_can_have_is_refused_like_any_other():
    with pytest.raises(PortError, match="goodpain sensors"):
        open_port("/dev/" + "9" * 300)
