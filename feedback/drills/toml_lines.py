"""Where in a TOML file a key stands, so that an error can name its line."""

from __future__ import annotations

import re
from typing import Any

from feedback.drills.errors import DrillError
from feedback.toml import TomlError, parse_toml

_LINE = re.compile(r"\s*(?:\"([^\"]+)\"|'([^']+)'|([A-Za-z0-9_-]+))\s*(?:=|\.)")
_AT = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def parsed(text: str, where: str) -> dict[str, Any]:
    """The file as a dictionary.

    Raises:
        DrillError: it is no TOML; with the line.
    """
    try:
        return parse_toml(text)
    except TomlError as error:
        message = str(error)
        at = _AT.search(message)
        line = int(at[1]) if at and at[1] else None
        if at and line is None:
            line = text.count("\n") + 1
        reason = _AT.sub("", message) if at else message
        raise DrillError(where, line, f"this is not TOML: {reason[:1].lower()}{reason[1:]}") from error


def line_of(text: str, key: str) -> int | None:
    """The line (from 1) on which a top-level key is set; None where it is not."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("["):
            return number if line.strip().strip("[]").split(".")[0].strip() == key else None
        found = _LINE.match(line)
        if found and key in found.groups():
            return number
    return None
