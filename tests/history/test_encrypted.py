"""A record behind a passphrase: nothing of it is readable without, and everything works with it."""

import contextlib
import os
import random
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from feedback.history import (
    History,
    HistoryError,
    HistoryFullError,
    HistoryOpenError,
    LockedHistoryError,
    NoHistoryError,
    SessionRunsError,
    SessionStart,
    UnwrittenError,
    open_for_reading,
    open_history,
)
from feedback.history.backup import restore
from feedback.history.driver import PAGE, looks_encrypted
from feedback.history.encryption import decrypt, encrypt
from feedback.history.forget import forget
from feedback.history.keeper import kept_by
from feedback.history.work import CancelledError

from .conftest import CALIBRATION, STARTED_AT, T0_S
from .filled import Blocks, contents, no_file_larger_than, treated

pytest.importorskip("sqlcipher3")
PASSPHRASE = "it's four quiet “words”"


class Knows:
    """A keeper that knows one passphrase and counts how often it is asked."""

    def __init__(self, passphrase: str | None) -> None:
        self._passphrase = passphrase
        self.asked: list[Path] = []

    def passphrase(self, record: Path) -> str | None:
        self.asked.append(record)
        return self._passphrase


@pytest.fixture
def sealed(path: Path, force_blocks: Blocks) -> Path:
    """An encrypted record of A17."""
    with open_history(path, passphrase=PASSPHRASE) as history:
        treated(history, "A17", force_blocks)
    return path


def all_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_nothing_of_an_encrypted_record_can_be_read_in_any_of_its_files(
    path: Path, force_blocks: Blocks
) -> None:
    with open_history(path, passphrase=PASSPHRASE) as history:
        # Long enough not to stand in random bytes by chance.
        treated(history, "A17-long-code", force_blocks)
        wal = path.with_name("record.db-wal")
        assert wal.stat().st_size > 10_000
        assert {stat.S_IMODE(file.stat().st_mode) for file in (path, wal)} == {0o600}
        history.backup()
        history.database.copy_to(path.with_name("record.db.before-0009"))
        data = all_bytes(path.parent)
    for text in (b"SQLite format", b"A17-long-code", b"CREATE TABLE", b"note about", b"sim://", b"quiet"):
        # The list of backups says how many rows each table has, and no more.
        assert text not in data
    assert looks_encrypted(path)


@pytest.mark.parametrize("pages", [1, 2, 3, 5, 40])
def test_an_encrypted_file_is_told_from_a_plain_one_however_small_it_is(pages: int, tmp_path: Path) -> None:
    rng = random.Random(pages)
    file = tmp_path / "some.sealed"
    for _ in range(2000 // pages):
        file.write_bytes(rng.randbytes(pages * PAGE))
        assert looks_encrypted(file)


def test_a_plain_record_whose_first_page_is_noise_is_still_a_plain_one(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    treated(history, "A17", force_blocks)
    history.close()
    small = path.with_name("small.db")
    with contextlib.closing(sqlite3.connect(small)) as connection:
        connection.execute("CREATE TABLE line (text TEXT)")
    for file in (path, small):
        damaged = random.Random(1).randbytes(PAGE) + file.read_bytes()[PAGE:]
        file.write_bytes(damaged)
        assert len(damaged) >= 2 * PAGE
        assert not looks_encrypted(file)


def test_with_its_passphrase_everything_works_as_in_a_plain_one(sealed: Path, force_blocks: Blocks) -> None:
    with open_history(sealed, passphrase=PASSPHRASE) as history:
        treated(history, "B18", force_blocks, 1)
        assert history.check() == []
        made = history.backup()
        assert sum(len(block) for s in history.sessions("A17") for block in history.samples(s.id)) == 480
        assert forget(history, "A17").unclean == ""
    done = restore(made.path, sealed, passphrase=PASSPHRASE)
    assert done.forgotten == 1
    with open_history(sealed, passphrase=PASSPHRASE, read_only=True) as history:
        assert [client.code for client in history.clients()] == ["B18"]


@pytest.mark.parametrize("wrong", ["it's four quiet words", "x"])
def test_another_passphrase_is_one_sentence_and_changes_nothing(sealed: Path, wrong: str) -> None:
    before = sealed.read_bytes()
    for read_only in (False, True):
        with pytest.raises(LockedHistoryError, match="this passphrase does not open"):
            open_history(sealed, passphrase=wrong, read_only=read_only)
    assert sealed.read_bytes() == before


def test_a_plain_record_needs_none(history: History, path: Path) -> None:
    with pytest.raises(HistoryOpenError, match="is not encrypted"):
        open_history(path, passphrase=PASSPHRASE)


def test_a_keeper_is_asked_for_encrypted_records_alone(sealed: Path, tmp_path: Path) -> None:
    keeper = Knows(PASSPHRASE)
    with kept_by(keeper):
        open_history(tmp_path / "plain.db").close()
        assert keeper.asked == []
        with open_for_reading(sealed) as history:
            assert history.known_client("A17")
    assert keeper.asked == [sealed]
    with pytest.raises(LockedHistoryError, match="GOODPAIN_PASSPHRASE_FILE"), kept_by(Knows(None)):
        open_history(sealed)
    with pytest.raises(LockedHistoryError, match="give its passphrase"):
        open_history(sealed)


def test_encrypted_and_decrypted_the_record_is_the_same(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    treated(history, "A17", force_blocks)
    history.close()
    plain = contents(path)
    done = encrypt(path, PASSPHRASE, who="T1")
    assert done.aside is not None
    assert contents(done.aside) == plain
    assert looks_encrypted(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    inside = contents(path, PASSPHRASE)
    assert {name: rows for name, rows in inside.items() if name != "audit"} == {
        name: rows for name, rows in plain.items() if name != "audit"
    }
    again = decrypt(path, PASSPHRASE, erase_old=True)
    assert again.aside is None
    assert not list(path.parent.glob("*.encrypted-*"))
    with open_history(path) as opened:
        assert [(e.what, e.who) for e in opened.audit_entries()][-2:][0] == ("encrypted", "T1")
        assert opened.check() == []


def test_erasing_the_plain_one_leaves_nothing_of_it(
    history: History, path: Path, force_blocks: Blocks
) -> None:
    # Long enough not to stand in random bytes by chance.
    treated(history, "A17-long-code", force_blocks)
    history.close()
    encrypt(path, PASSPHRASE, erase_old=True)
    assert b"A17-long-code" not in all_bytes(path.parent)
    assert [file.name for file in path.parent.iterdir() if file.is_file()] == ["record.db"]


def test_a_conversion_that_cannot_be_leaves_the_record_as_it_was(
    history: History, path: Path, start: SessionStart, force_blocks: Blocks, tmp_path: Path
) -> None:
    treated(history, "A17", force_blocks)
    with pytest.raises(NoHistoryError):
        encrypt(tmp_path / "none.db", PASSPHRASE)
    with pytest.raises(HistoryOpenError, match="8 characters"):
        encrypt(path, "short")
    journal = history.begin_session(start)
    with pytest.raises(SessionRunsError):
        encrypt(path, PASSPHRASE)
    journal.end(T0_S + 1, {})
    history.close()
    with pytest.raises(HistoryOpenError, match="not encrypted"):
        decrypt(path, PASSPHRASE)
    before = contents(path)

    class GivesUp:
        def step(self, done: float, total: float, what: str = "") -> None:
            if done / total > 0.4:
                raise CancelledError("it was cancelled")

    with pytest.raises(CancelledError):
        encrypt(path, PASSPHRASE, work=GivesUp())
    with pytest.raises(HistoryFullError), no_file_larger_than(100_000):
        encrypt(path, PASSPHRASE)
    assert contents(path) == before
    assert [file.name for file in path.parent.iterdir() if file.is_file()] == ["record.db"]
    encrypt(path, PASSPHRASE)
    with pytest.raises(HistoryOpenError, match="encrypted already"):
        encrypt(path, PASSPHRASE)
    with pytest.raises(LockedHistoryError):
        decrypt(path, "another one, surely")


def test_what_an_encrypted_record_has_to_put_elsewhere_is_encrypted_and_comes_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback.history.driver.BUSY_TIMEOUT_S", 0.1)
    with open_history(path, passphrase=PASSPHRASE) as history:
        journal = history.begin_session(SessionStart("A17", STARTED_AT, T0_S, "thumb", 2.0))
        journal.calibration(CALIBRATION, T0_S)
        with history.database.writing():
            journal.note("a secret of A17", T0_S + 1)
            with pytest.raises(UnwrittenError) as failure:
                journal.close(0.1)
        rescue = failure.value.rescue_file
        assert rescue is not None
        assert (rescue.suffix, stat.S_IMODE(rescue.stat().st_mode)) == (".sealed", 0o600)
        assert looks_encrypted(rescue)
        assert b"secret" not in rescue.read_bytes()
        [recovered] = history.recover()
        assert recovered.rescued > 0
        assert not rescue.exists()
        assert [note.text for note in history.session(journal.id).notes] == ["a secret of A17"]


def test_without_the_library_a_sentence_says_what_to_install(sealed: Path) -> None:
    code = (
        "import sys; sys.modules['sqlcipher3'] = None\n"
        "from feedback.history import open_history, HistoryError\n"
        f"try: open_history({str(sealed)!r}, passphrase='long enough')\n"
        "except HistoryError as error: print(error)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert "pip install 'goodpain[encrypted]'" in done.stdout
    assert done.stderr == ""


def test_no_error_of_an_encrypted_record_tells_its_passphrase(sealed: Path) -> None:
    with open_history(sealed, passphrase=PASSPHRASE) as history:
        with history.database.reading() as connection:
            connection.exec_driver_sql("SELECT 1")
        sealed.write_bytes(os.urandom(8192))
        with pytest.raises(HistoryError) as failure, history.database.writing() as connection:
            connection.exec_driver_sql("SELECT * FROM client")
    assert PASSPHRASE not in repr(failure.value)
    assert PASSPHRASE not in repr(failure.value.__cause__)
