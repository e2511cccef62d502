"""Text in the cell of a table, so that a spreadsheet which opens it runs none of it."""

from __future__ import annotations

GUARD = "'"
"""Put in front; whoever reads the table takes the first one away."""

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings that OWASP's page on CSV injection names."""


def guarded(text: str) -> str:
    """The text, with an apostrophe in front where it begins as a formula does, or as what is guarded does."""
    return f"{GUARD}{text}" if text.startswith((*_BEGINS_A_FORMULA, GUARD)) else text


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell.removeprefix(GUARD)
