"""Raw recordings: what is written comes back, and damage never comes back as data."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.errors import PortError, PortNotFoundError
from firmware_bridge.ports import open_port
from firmware_bridge.replay import MAGIC, RawWriter, Recording, RecordKind, ReplayPort

CHUNKS = [(10.0, b"first"), (10.5, b"\0\xff"), (12.0, b"last")]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "visit.raw"
    with RawWriter(path, url="/dev/ttyUSB0", baud=57600) as writer:
        for arrival_s, data in CHUNKS:
            writer.write(arrival_s, data)
    return path


def records(path: Path) -> list[tuple[float, bytes]]:
    with Recording(path) as recorded:
        return [(record.arrival_s, record.data) for record in recorded]


def read_on(port: ReplayPort) -> bytes:
    data = b""
    while (chunk := port.read()) is not None:
        data += chunk.data
    return data


def test_what_was_written_is_read_back_with_its_times(recording: Path) -> None:
    assert records(recording) == CHUNKS


def test_the_header_tells_the_port_and_the_wall_clock(recording: Path) -> None:
    with Recording(recording) as recorded:
        assert (recorded.info.url, recorded.info.baud) == ("/dev/ttyUSB0", 57600)
        assert time.strptime(recorded.info.started[:19], "%Y-%m-%dT%H:%M:%S")


def test_a_record_is_on_disk_before_the_writer_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "open.raw"
    with RawWriter(path, url="x", baud=1) as writer:
        writer.write(1.0, b"abc")
        assert records(path) == [(1.0, b"abc")]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_only_its_owner_may_read_a_recording(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        RawWriter(tmp_path / "raw", url="x", baud=1).close()
    finally:
        os.umask(before)
    assert (tmp_path / "raw").stat().st_mode & 0o777 == 0o600


def test_a_recording_cut_anywhere_gives_its_whole_records(recording: Path) -> None:
    whole = recording.read_bytes()
    header = whole.index(b"\n", whole.index(b"\n") + 1) + 1
    for end in range(header, len(whole)):
        recording.write_bytes(whole[:end])
        got = records(recording)
        assert got == CHUNKS[: len(got)]
        assert len(got) < len(CHUNKS)


@given(st.integers(0, 70), st.integers(1, 255))
def test_a_changed_byte_is_never_played(
    tmp_path_factory: pytest.TempPathFactory, at: int, change: int
) -> None:
    path = tmp_path_factory.mktemp("changed") / "r.raw"
    with RawWriter(path, url="x", baud=1) as writer:
        for arrival_s, data in CHUNKS:
            writer.write(arrival_s, data)
    content = bytearray(path.read_bytes())
    first = content.index(b"\n", content.index(b"\n") + 1) + 1
    place = first + at % (len(content) - first)
    content[place] ^= change
    path.write_bytes(content)
    got = records(path)
    assert got == CHUNKS[: len(got)]
    assert len(got) < len(CHUNKS)


@given(st.binary(max_size=400))
def test_no_file_content_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("garbage") / "r.raw"
    path.write_bytes(MAGIC + b'1\n{"url": "x", "baud": 1, "started": "2026-01-01"}\n' + content)
    assert isinstance(records(path), list)


@pytest.mark.parametrize("content", [b"", b"hello\n", MAGIC, MAGIC + b"1\nno json\n", MAGIC + b"1\n[]\n"])
def test_a_file_that_is_no_recording_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.txt"
    path.write_bytes(content)
    with pytest.raises(PortError, match=r"other\.txt"):
        open_port(f"replay://{path}")


def test_a_recording_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new.raw"
    path.write_bytes(MAGIC + b"2\n{}\n")
    with pytest.raises(PortError, match="version 2"):
        Recording(path)


def test_a_recording_is_never_overwritten(recording: Path) -> None:
    with pytest.raises(PortError, match="exists already"):
        RawWriter(recording, url="x", baud=1)
    assert records(recording) == CHUNKS


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="cannot be written"):
        RawWriter(tmp_path / "no" / "r.raw", url="x", baud=1)


def test_a_missing_recording_is_said() -> None:
    with pytest.raises(PortNotFoundError, match="no recording"):
        open_port("replay://nowhere.raw")


@pytest.mark.parametrize("query", ["?speed=fast", "?speed=0", "?speed=-1", "?speed=inf", "?pace=2"])
def test_a_speed_that_is_no_positive_number_is_refused(recording: Path, query: str) -> None:
    with pytest.raises(PortError, match="speed"):
        open_port(f"replay://{recording}{query}")


def test_replay_without_a_file_is_refused() -> None:
    with pytest.raises(PortError, match="replay://FILE"):
        open_port("replay://")


def test_a_replay_gives_the_bytes_at_their_recorded_times_and_then_ends(recording: Path) -> None:
    port = open_port(f"replay://{recording}?speed=100")
    got: list[tuple[float, bytes]] = []
    reached_s = 0.0
    while (chunk := port.read()) is not None:
        assert chunk.arrival_s <= port.now_s()
        assert chunk.until_s >= reached_s
        reached_s = chunk.until_s
        if chunk.data:
            got.append((chunk.arrival_s, chunk.data))
        else:
            # While it waits it has looked no further than to the next record.
            assert not got or reached_s <= CHUNKS[min(len(got), len(CHUNKS) - 1)][0]
    assert got == CHUNKS
    assert port.now_s() >= CHUNKS[-1][0]
    port.close()


def test_a_replay_is_not_ahead_of_its_clock(recording: Path) -> None:
    port = ReplayPort(recording, speed=0.001)
    first = port.read()
    second = port.read()
    assert first is not None
    assert second is not None
    assert (first.data, second.data) == (b"first", b"")
    port.close()


def test_a_recorded_loss_of_the_port_is_played_as_a_loss(tmp_path: Path) -> None:
    path = tmp_path / "lost.raw"
    with RawWriter(path, url="x", baud=1) as writer:
        writer.write(1.0, b"before")
        writer.lost(1.1)
        writer.back(3.0)
        writer.write(3.1, b"after")
    with Recording(path) as recorded:
        assert [record.kind for record in recorded] == [
            RecordKind.DATA,
            RecordKind.LOST,
            RecordKind.BACK,
            RecordKind.DATA,
        ]
    port = ReplayPort(path, speed=20.0)
    chunk = port.read()
    assert chunk is not None
    assert chunk.data == b"before"
    with pytest.raises(OSError, match="lost"):
        read_on(port)
    with pytest.raises(PortNotFoundError):
        port.reopen()
    while True:
        try:
            port.reopen()
        except PortNotFoundError:
            continue
        break
    assert port.now_s() >= 3.0
    assert read_on(port) == b"after"
    port.close()


def test_an_empty_recording_ends_at_once(tmp_path: Path) -> None:
    path = tmp_path / "empty.raw"
    RawWriter(path, url="x", baud=1).close()
    port = ReplayPort(path)
    assert port.read() is None
    port.close()


def test_a_chunk_larger_than_a_record_is_split(tmp_path: Path) -> None:
    path = tmp_path / "large.raw"
    data = bytes(range(256)) * 5000
    with RawWriter(path, url="x", baud=1) as writer:
        writer.write(1.0, data)
    got = records(path)
    assert len(got) == 2
    assert b"".join(chunk for _, chunk in got) == data
