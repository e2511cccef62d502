"""What a record's file must not hold: SQL that runs by itself when something is entered.

A record of ours has tables and indexes. A file from elsewhere (a restored copy, a folder that was handed over) may hold
triggers, or tables whose conflicts throw rows away; with them samples vanish while everybody is told that they were
kept. See https://www.sqlite.org/security.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from feedback.history.errors import HistoryDamagedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_NO_WORDS = re.compile(r"(?:/\*.*?\*/|--[^\n]*|\s)+", re.DOTALL)
_LONGEST = 10_000
"""Characters; the longest table of ours has a tenth of them."""
_SCHEMA = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def refuse_foreign(execute: Callable[[str], Iterable[Any]], name: str) -> None:
    """See that nothing in a SQLite file runs by itself.

    Args:
        execute: runs a statement and gives its rows.
        name: of the file, for the sentence.

    Raises:
        HistoryDamagedError: it holds something that Goodpain has not put there.
    """
    for kind, one, sql in execute(_SCHEMA):
        text = str(sql)
        if (
            kind not in ("table", "index")
            or len(text) > _LONGEST
            or "ON CONFLICT" in _NO_WORDS.sub(" ", text).upper()
        ):
            raise HistoryDamagedError(
                f"{name} holds a {kind}, “{one}”, that Goodpain has not put there and that could change what is "
                "recorded: `goodpain recover` makes a record without it"
            )
