"""Values written as TOML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import cast

from feedback.printable import printable


def toml_value(value: object) -> str:
    """A text, number, truth, day or list of them as TOML; of a text what reads back, `feedback.printable.printable`."""
    if isinstance(value, str):
        value = printable(value)
        # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(item) for item in cast('Sequence[object]', value))}]"
    return value.isoformat() if isinstance(value, date) else repr(value)
