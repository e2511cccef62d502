"""TOML that people write: what TOML itself leaves open is refused in a sentence, like what is no TOML."""

from __future__ import annotations

import math
import tomllib
from typing import Any, cast

_LARGEST = 1 << 63
"""Whole numbers from here on are none of TOML's, which promises 64 bits (toml.io/en/v1.0.0#integer)."""
_BEYOND = "it holds a number or a list beyond all measure"


class TomlError(ValueError):
    """A text that is no TOML, or more than any file of ours has a use for; the message says where, if that is known."""


def parse_toml(text: str) -> dict[str, Any]:
    """The document as a dictionary, in which every number can be reckoned with.

    A whole number of more than 64 bits comes as a float, infinite where that has no room for it either, so that whoever
    checks a value refuses this one too, by its name.

    Raises:
        TomlError: it is none.
    """
    try:
        return cast("dict[str, Any]", _settled(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise TomlError(str(error)) from None
    except (ValueError, RecursionError):
        # Numbers of thousands of digits, lists in lists in lists.
        raise TomlError(_BEYOND) from None


def _settled(value: object) -> object:
    if isinstance(value, dict):
        return {key: _settled(one) for key, one in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_settled(one) for one in cast("list[object]", value)]
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return value
