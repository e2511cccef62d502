"""A mirror shows the newest running session, and never an old figure."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.mirror.views import pressed
from tui.mirror.place import LEFT_BEHIND_S, SUFFIX
from tui.mirror.reader import FRESH_S, GONE_S, MirrorReader, Seen, SeenState
from tui.mirror.slot import SlotReader, SlotWriter
from tui.mirror.writer import MirrorWriter


class Table:
    """Sessions and mirrors in a folder of their own; a mirror's clock is set by hand, the writers' threads are real."""

    def __init__(self, folder: Path) -> None:
        self.data, self.folder = folder / "data", folder / "mirror"
        self.writers: list[MirrorWriter] = []
        self.readers: list[MirrorReader] = []
        self.now_s = 100.0

    def session(self, session_id: UUID | None = None, data: Path | None = None) -> MirrorWriter:
        self.writers.append(MirrorWriter(data or self.data, session_id or uuid4(), self.folder))
        return self.writers[-1]

    def mirror(self, wanted: str = "") -> MirrorReader:
        self.readers.append(MirrorReader(self.folder, [self.data, self.data / "demo"], wanted))
        return self.readers[-1]

    def see(self, mirror: MirrorReader, *shown: tuple[MirrorWriter, object], after_s: float = 0.04) -> Seen:
        """What a mirror sees a moment after sessions have shown views, as bytes that are really in the files."""
        for writer, view in shown:
            before = files_of(self.folder)
            writer.follow(view)
            until(lambda before=before: files_of(self.folder) != before)
        self.now_s += after_s
        return mirror.look(self.now_s)

    def meet(self, mirror: MirrorReader, *shown: tuple[MirrorWriter, object]) -> Seen:
        """The same after enough looks to notice a session that is new."""
        seen = self.see(mirror, *shown)
        for _ in range(4):
            seen = self.see(mirror, *shown, after_s=0.15)
        return seen


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def until(condition) -> None:
    end_s = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.002)


@pytest.fixture
def table(tmp_path) -> Iterator[Table]:
    table = Table(tmp_path)
    yield table
    for mirror in table.readers:
        mirror.close()
    for writer in table.writers:
        writer.close()


def test_without_a_session_a_mirror_waits_and_then_shows_it(table):
    mirror = table.mirror()
    assert table.see(mirror).state is SeenState.NO_SESSION
    session = table.session()
    seen = table.meet(mirror, (session, pressed()))
    assert seen.state is SeenState.SESSION
    assert seen.snapshot.pressure_kpa == pytest.approx(200, abs=5)


def test_a_session_that_is_silent_is_no_signal_and_then_no_session_and_comes_back(table):
    mirror, session = table.mirror(), table.session()
    table.meet(mirror, (session, pressed()))
    assert table.see(mirror, after_s=FRESH_S * 0.5).state is SeenState.SESSION
    silent = table.see(mirror, after_s=FRESH_S * 0.6)
    assert (silent.state, silent.snapshot) == (SeenState.NO_SIGNAL, None)
    assert table.see(mirror, after_s=GONE_S).state is SeenState.NO_SESSION
    table.see(mirror)
    assert table.see(mirror, (session, pressed())).state is SeenState.SESSION


def test_an_ended_session_is_no_session_at_once_and_leaves_no_file(table):
    mirror, session = table.mirror(), table.session()
    table.meet(mirror, (session, pressed()))
    session.close()
    assert table.see(mirror).state is SeenState.NO_SESSION
    assert list(table.folder.iterdir()) == []


def test_what_a_killed_session_left_behind_is_never_shown(table):
    table.meet(table.mirror(), (table.session(), pressed()))
    # The file as a kill -9 leaves it: whole, and nobody writes it any more.
    (left,) = table.folder.iterdir()
    content = left.read_bytes()
    table.writers.pop().close()
    left.write_bytes(content)
    mirror = table.mirror()
    states = {table.see(mirror).state for _ in range(40)}
    assert states == {SeenState.NO_SESSION}


def test_a_mirror_that_slept_does_not_show_what_was_written_meanwhile(table):
    mirror, session = table.mirror(), table.session()
    table.meet(mirror, (session, pressed()))
    # Written some time during the sleep, perhaps long ago.
    after = table.see(mirror, (session, pressed(5.0)), after_s=60.0)
    assert after.snapshot is None
    assert table.see(mirror, (session, pressed(20.0))).state is SeenState.SESSION


def test_of_two_sessions_the_newest_is_shown_and_the_other_when_that_ends(table):
    mirror = table.mirror()
    old, new = table.session(), table.session()
    both = [(old, pressed(client="OLD")), (new, pressed(client="NEW"))]
    seen = table.meet(mirror, *both)
    assert (seen.snapshot.client_code, seen.running) == ("NEW", 2)
    new.close()
    assert table.see(mirror, both[0]).snapshot.client_code == "OLD"


def test_a_session_can_be_asked_for_by_client_or_id(table):
    ids = [uuid4(), uuid4()]
    old, new = table.session(ids[0]), table.session(ids[1])
    both = [(old, pressed(client="OLD")), (new, pressed(client="NEW"))]
    assert table.meet(table.mirror("old"), *both).snapshot.client_code == "OLD"
    assert table.meet(table.mirror(str(ids[0])[:13]), *both).snapshot.client_code == "OLD"
    nobody = table.meet(table.mirror("K-99"), *both)
    assert (nobody.state, nobody.running) == (SeenState.NO_SESSION, 2)


def test_two_characters_of_an_id_are_a_clients_code_and_nothing_else(table):
    session = table.session(UUID(hex="ab" * 16))
    assert table.meet(table.mirror("ab"), (session, pressed())).state is SeenState.NO_SESSION


def test_sessions_of_another_record_are_not_shown_but_those_of_the_demo_are(table, tmp_path):
    other = table.session(data=tmp_path / "elsewhere")
    assert table.meet(table.mirror(), (other, pressed())).state is SeenState.NO_SESSION
    demo = table.session(data=table.data / "demo")
    assert table.meet(table.mirror(), (demo, pressed())).state is SeenState.SESSION


def test_many_mirrors_see_the_same(table):
    mirrors, session = [table.mirror() for _ in range(5)], table.session()
    for _ in range(4):
        looks = [table.see(mirrors[0], (session, pressed()), after_s=0.15)]
        looks += [mirror.look(table.now_s) for mirror in mirrors[1:]]
    assert {look.state for look in looks} == {SeenState.SESSION}


def test_a_session_of_another_version_is_told(table):
    path = table.folder / "x"
    table.session().close()
    mirror = table.mirror()
    name = f"{mirror_key(table)}-{time.time_ns():020d}-{uuid4().hex}{SUFFIX}"
    writer = SlotWriter(path.with_name(name))
    for _ in range(12):
        writer.write(b'{"format":99}')
        seen = table.see(mirror)
    assert (seen.state, seen.problem) == (
        SeenState.NO_SIGNAL,
        "the session is one of another version of Goodpain",
    )
    writer.end()


def mirror_key(table: Table) -> str:
    from tui.mirror.place import key_of

    return key_of(table.data)


def test_a_folder_that_cannot_be_made_ends_the_mirror_and_not_the_session(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    writer = MirrorWriter(tmp_path, uuid4(), tmp_path / "file" / "mirror")
    writer.follow(pressed())
    writer.close()
    assert writer.problem.startswith("mirrors cannot show this session")


def test_a_file_that_is_removed_under_a_session_harms_nobody(table):
    session = table.session()
    session.follow(pressed())
    until(lambda: next(table.folder.iterdir()).stat().st_size > 0)
    next(table.folder.iterdir()).unlink()
    for _ in range(5):
        session.follow(pressed(5.0))
    session.close()
    assert session.problem == ""


def test_a_mirror_costs_a_session_few_writes_however_often_it_is_told(table):
    session, view = table.session(), pressed()
    for _ in range(2000):
        session.follow(view)
    (path,) = table.folder.iterdir()
    until(lambda: path.stat().st_size > 0)
    slot = SlotReader(path)
    assert slot.read().sequence < 200
    slot.close()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of POSIX")
def test_only_the_user_can_look_into_the_folder(table):
    table.folder.mkdir(mode=0o755)
    table.session()
    assert stat.S_IMODE(table.folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in table.folder.iterdir())


def test_what_killed_sessions_left_behind_goes_after_a_day(table):
    table.folder.mkdir()
    old, young = table.folder / f"a-1-b{SUFFIX}", table.folder / f"a-2-b{SUFFIX}"
    for path, age_s in ((old, LEFT_BEHIND_S + 60), (young, 60)):
        path.write_bytes(b"left")
        os.utime(path, (time.time() - age_s,) * 2)
    table.session()
    assert (old.exists(), young.exists()) == (False, True)
