"""A record is either whole or not there, however it is cut, damaged or written while it is read."""

from __future__ import annotations

import os
import stat
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.mirror.slot import PAYLOAD_MAX, Record, SlotReader, SlotWriter, pack, unpack

records = st.builds(Record, st.integers(0, 2**64 - 1), st.binary(max_size=300))


@given(records, st.binary(max_size=40))
def test_what_is_packed_comes_back_whatever_an_older_and_longer_one_left_behind(record: Record, rest: bytes):
    assert unpack(pack(record) + rest) == record


@given(records, st.data())
def test_a_record_that_is_cut_is_none(record: Record, data: st.DataObject):
    packed = pack(record)
    assert unpack(packed[: data.draw(st.integers(0, len(packed) - 1))]) is None


@given(records, st.data())
def test_a_record_with_one_bit_changed_is_none(record: Record, data: st.DataObject):
    packed = bytearray(pack(record))
    at = data.draw(st.integers(0, 8 * len(packed) - 1))
    packed[at // 8] ^= 1 << at % 8
    assert unpack(bytes(packed)) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(data: bytes):
    unpack(data)


@given(records, records, st.data())
def test_half_of_the_next_record_over_the_one_before_is_none(one: Record, other: Record, data: st.DataObject):
    before, after = pack(one), pack(other)
    at = data.draw(st.integers(1, len(after) - 1))
    mixed = after[:at] + before[at:]
    assert unpack(mixed) in (None, one, other)


def test_a_payload_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match=str(PAYLOAD_MAX)):
        pack(Record(1, bytes(PAYLOAD_MAX + 1)))


def test_a_reader_beside_a_busy_writer_sees_whole_payloads_that_only_grow_newer(tmp_path):
    writer = SlotWriter(tmp_path / "slot")
    reader = SlotReader(tmp_path / "slot")
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            n = (n + 1) % 250
            writer.write(bytes([n]) * (1 + 16 * n))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        seen = []
        while len(seen) < 300:
            if record := reader.read():
                assert len(record.payload) == 1 + 16 * record.payload[0]
                assert len(set(record.payload)) == 1
                seen.append(record.sequence)
    finally:
        stop.set()
        thread.join()
    assert seen == sorted(seen)
    reader.close()
    writer.end()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of POSIX")
def test_only_the_user_can_read_it_whatever_the_umask_is(tmp_path):
    before = os.umask(0)
    try:
        writer = SlotWriter(tmp_path / "slot")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "slot").stat().st_mode) == 0o600
    writer.end()


def test_a_file_that_is_there_is_never_taken_over(tmp_path):
    (tmp_path / "slot").write_bytes(b"somebody's")
    with pytest.raises(FileExistsError):
        SlotWriter(tmp_path / "slot")


def test_an_ended_session_leaves_no_file_and_says_so_to_who_has_it_open(tmp_path):
    writer = SlotWriter(tmp_path / "slot")
    writer.write(b"something")
    reader = SlotReader(tmp_path / "slot")
    writer.end()
    assert not (tmp_path / "slot").exists()
    assert reader.read() == Record(2, b"")
    reader.close()
