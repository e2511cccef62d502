"""Connections to one SQLite file, plain or encrypted: what differs between Python's SQLite and SQLCipher is here.

The key of an encrypted file is derived once (PBKDF2-HMAC-SHA512, 256,000 rounds, SQLCipher 4's own figures, see
https://www.zetetic.net/sqlcipher/design/) and handed over as it is, so that a second connection costs no second tenth
of a second.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from feedback.history.errors import HistoryOpenError, LockedHistoryError

if TYPE_CHECKING:
    from types import ModuleType

BUSY_TIMEOUT_S = 5.0
"""How long a statement waits for another program's lock."""

HEADER = b"SQLite format 3\x00"
PAGE = 4096
"""Bytes of a page, in every file that Goodpain makes."""
SALT_BYTES = 16
KDF_ROUNDS = 256_000

_TREE_PAGES = frozenset({2, 5, 10, 13})
_LOOK_AT = 64
_NOISE = 0.78

Mode = Literal["rwc", "ro", "immutable"]


def key_of(passphrase: str, salt: bytes) -> bytes:
    """The 32 bytes that a file's pages are encrypted with."""
    return hashlib.pbkdf2_hmac("sha512", passphrase.encode("utf-8", "surrogateescape"), salt, KDF_ROUNDS, 32)


def looks_encrypted(path: Path) -> bool:
    """A file reads like noise where a SQLite file has its beginning and its pages.

    Of 4096 random bytes nearly all of the 256 values come up; the first page of a plain database, even one whose header
    was overwritten, is mostly zeros and words. Where all of that page was overwritten the others tell by how they
    begin. Another program's compressed file looks the same as an encrypted one, so this is a guess.
    """
    try:
        with path.open("rb") as file:
            first = file.read(PAGE)
            if (
                len(first) < 512
                or first.startswith(HEADER)
                or len(set(first)) < _NOISE * min(256, len(first) / 2)
            ):
                return False
            pages = os.fstat(file.fileno()).st_size // PAGE
            looked_at = range(1, pages, max(1, pages // _LOOK_AT))
            plain = 0
            for number in looked_at:
                file.seek(number * PAGE)
                plain += _begins_plainly(file.read(8), pages)
    except OSError:
        return False
    return plain <= 0.3 * len(looked_at)


def _begins_plainly(start: bytes, pages: int) -> bool:
    """A plain page begins with its kind and three offsets into the page, or with the number of another page.

    Of random pages fewer than one in 50,000 do, so that a file of two pages is told as surely as a large one.
    See https://www.sqlite.org/fileformat2.html#b_tree_pages.
    """
    if start[0] not in _TREE_PAGES:
        return int.from_bytes(start[:4]) <= pages
    return all(int.from_bytes(start[at : at + 2]) <= PAGE for at in (1, 3, 5))


class Driver:
    """Opens connections to one file.

    Args:
        path: of the file, which need not exist.
        passphrase: None for a plain file.
        cipher: open also a plain file with SQLCipher.
        still: nobody writes to the file, so that reading it needs no companions beside it, and leaves none.
        named: what it will be called in the end, for sentences; None for `path`.

    Raises:
        LockedHistoryError: a passphrase is given and SQLCipher is not installed, or the passphrase is empty.
    """

    def __init__(
        self,
        path: Path,
        passphrase: str | None = None,
        *,
        cipher: bool = False,
        still: bool = False,
        named: Path | None = None,
    ) -> None:
        self.path = path
        self.named = named or path
        self.passphrase = passphrase
        self._still = still
        self.module: ModuleType = _sqlcipher() if cipher or passphrase is not None else sqlite3
        self._key: tuple[bytes, bytes] | None = None
        self._lock = threading.Lock()
        if passphrase is not None and not passphrase:
            raise LockedHistoryError("the passphrase is empty: give one of several words")

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What its connections raise."""
        return (sqlite3.Error, self.module.Error)

    def connect(self, mode: Mode = "rwc") -> Any:
        """A new connection, without transactions of its own; the file is made when `mode` is rwc.

        Raises:
            errors: the file cannot be opened; a wrong passphrase shows with the first statement only.
        """
        how = {"rwc": "mode=rwc", "ro": "mode=ro", "immutable": "immutable=1"}[mode]
        connection = self.module.connect(
            f"{self.path.absolute().as_uri()}?{how}",
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            check_same_thread=False,
            isolation_level=None,
        )
        if self.passphrase is not None:
            try:
                self._unlock(connection, self.passphrase)
            except BaseException:
                connection.close()
                raise
        return connection

    def reader(self) -> Any:
        """A connection to a file that may only be read, also where not even the -shm file can be made.

        Raises:
            errors: the file cannot be read.
        """
        wal = self.path.with_name(f"{self.path.name}-wal")
        changes = wal.exists() and wal.stat().st_size > 0
        connection = self.connect("immutable" if self._still and not changes else "ro")
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except self.errors as error:
            connection.close()
            # SQLite reads a file in WAL mode without its -shm file only as one that nobody changes. Without a -wal file
            # nobody does.
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) or changes:
                raise
            return self.connect("immutable")
        return connection

    def _unlock(self, connection: Any, passphrase: str) -> None:
        # SQLCipher would write its own account of a wrong passphrase to the terminal.
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f'PRAGMA key = "{self._key_text(passphrase)}"')

    def key_text(self) -> str:
        """The key as SQLCipher's ATTACH takes it; empty for a plain file."""
        return "" if self.passphrase is None else self._key_text(self.passphrase)

    def _key_text(self, passphrase: str) -> str:
        with self._lock:
            salt = _salt_of(self.path)
            if self._key is None or (salt is not None and salt != self._key[0]):
                # A file that is made now gets the salt from here, and all who make it at once the same.
                salt = salt or os.urandom(SALT_BYTES)
                self._key = (salt, key_of(passphrase, salt))
            salt, key = self._key
        return f"x'{key.hex()}{salt.hex()}'"


def _salt_of(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            salt = file.read(SALT_BYTES)
    except OSError:
        return None
    return salt if len(salt) == SALT_BYTES else None


def _sqlcipher() -> ModuleType:
    try:
        from sqlcipher3 import dbapi2  # pyright: ignore[reportMissingTypeStubs]
    except ImportError:
        raise LockedHistoryError(
            "an encrypted record needs SQLCipher: install it with `pip install 'goodpain[encrypted]'`"
        ) from None
    return dbapi2


def check_passphrase(passphrase: str) -> str:
    """A passphrase that a record may be encrypted with.

    Raises:
        HistoryOpenError: it is too short to be worth the trouble, or holds a character that cannot be typed.
    """
    if len(passphrase) < 8:
        raise HistoryOpenError("a passphrase needs at least 8 characters: take several words")
    if any(ord(character) < 32 for character in passphrase):
        raise HistoryOpenError("a passphrase is one line of characters that can be typed: take several words")
    return passphrase
