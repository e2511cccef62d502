"""Records encrypted with a passphrase, by SQLCipher (extra `encrypted`).

SQLCipher is SQLite with every page encrypted (AES-256-CBC, a MAC for each page; key by PBKDF2 from the passphrase).
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from feedback.history.work import SILENT

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from feedback.history.work import Work


class Keeper(Protocol):
    """Whoever knows passphrases: asks people, or reads them from where they were told."""

    def passphrase(self, record: Path) -> str | None:
        """The passphrase of a record; None when there is nobody to ask."""
        ...


_KEEPER: ContextVar[Keeper | None] = ContextVar("goodpain_keeper", default=None)


@contextmanager
def kept_by(keeper: Keeper) -> Generator[None]:
    """While the block runs, records that turn out to be encrypted are opened with what this keeper knows."""
    token = _KEEPER.set(keeper)
    try:
        yield
    finally:
        _KEEPER.reset(token)


@dataclass(frozen=True, slots=True)
class Converted:
    """A record that was encrypted or decrypted.

    Attributes:
        record: the file in force.
        aside: the one before, None when it was erased.
        rows: how many rows each table holds.
    """

    record: Path
    aside: Path | None
    rows: Mapping[str, int]


def looks_encrypted(path: Path) -> bool:
    """The file is there, and its first page reads like noise instead of the beginning of a SQLite file."""
    raise NotImplementedError


def encrypt(record: Path, passphrase: str, *, erase_old: bool = False, work: Work = SILENT) -> Converted:
    """Turn a plain record into an encrypted one, verified before it takes the place of the old."""
    raise NotImplementedError


def decrypt(record: Path, passphrase: str, *, erase_old: bool = False, work: Work = SILENT) -> Converted:
    """Turn an encrypted record into a plain one, verified before it takes the place of the old."""
    raise NotImplementedError
