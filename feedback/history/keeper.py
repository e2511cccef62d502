"""Who knows the passphrases of encrypted records.

Whoever opens a record says its passphrase, or leaves that to the keeper in force: the command line sets one for the
whole run, so that every command and every screen can open an encrypted record without knowing that it is one.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


class Keeper(Protocol):
    """Asks people for passphrases, or reads them from where it was told."""

    def passphrase(self, record: Path) -> str | None:
        """The passphrase of an encrypted record; None when there is nobody to ask."""
        ...


_IN_FORCE: ContextVar[Keeper | None] = ContextVar("goodpain_keeper", default=None)


@contextmanager
def kept_by(keeper: Keeper) -> Generator[None]:
    """While the block runs, records that turn out to be encrypted are opened with what this keeper knows."""
    token = _IN_FORCE.set(keeper)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


def ask_keeper(record: Path) -> str | None:
    """The passphrase of a record from the keeper in force; None when there is no keeper or it knows none."""
    keeper = _IN_FORCE.get()
    return None if keeper is None else keeper.passphrase(record)
