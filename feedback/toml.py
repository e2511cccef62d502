"""TOML that people write: what TOML itself leaves open is refused in a sentence, like what is no TOML."""

from __future__ import annotations

import math
import re
import tomllib
from typing import Any, cast

from feedback.printable import UNPRINTABLE
from feedback.refusal import Refusal
from feedback.small_file import LONGEST, TOO_LONG

PARTS_MAX = 8
"""Parts of a dotted key; four are the most that any file of ours has. Reading one costs the square of it."""
_LARGEST = 1 << 63
"""Whole numbers from here on are none of TOML's, which promises 64 bits (toml.io/en/v1.0.0#integer)."""
_BEYOND = "it holds a number or a list beyond all measure"
_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_TOKEN = re.compile(
    r'''"""(?s:\\.|[^\\])*?"{3,5}|\'{3}(?s:.*?)\'{3,5}|\#[^\n]*+'''  # long texts and comments hold no keys
    r'''|(?P<open>"""|\'{3})'''
    rf"|(?P<key>{_PART}(?:[ \t]*+\.[ \t]*+{_PART})*+)"
    r"""|(?P<open_line>["\'])"""
)


class TomlError(Refusal, ValueError):
    """A text that is no TOML, or more than any file of ours has a use for; the message says where, if that is known."""


def parse_toml(text: str) -> dict[str, Any]:
    """The document as a dictionary, in which every number can be reckoned with, read in a time that follows its length.

    A whole number of more than 64 bits comes as a float, infinite where that has no room for it either, so that whoever
    checks a value refuses this one too, by its name.

    Raises:
        TomlError: it is none, has more than `LONGEST` characters, or has a key of more than `PARTS_MAX` parts.
    """
    if len(text) > LONGEST:
        raise TomlError(TOO_LONG)
    if any(line.count(".") >= PARTS_MAX for line in text.split("\n")):
        _refuse_long_keys(text)
    try:
        return cast("dict[str, Any]", _settled(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise TomlError(str(error)) from None
    except TomlError:
        raise
    except (ValueError, RecursionError):
        # Numbers of thousands of digits, lists in lists in lists.
        raise TomlError(_BEYOND) from None


def _refuse_long_keys(text: str) -> None:
    for found in _TOKEN.finditer(text):
        key = found["key"]
        if key is None:
            if found.lastgroup:
                # A text that nobody closes: the parser gets no further either.
                return
        elif key.count(".") >= PARTS_MAX and len(re.findall(_PART, key)) > PARTS_MAX:
            line = text.count("\n", 0, found.start()) + 1
            raise TomlError(f"a key of more than {PARTS_MAX} parts (at line {line}, column 1)")


def _settled(value: object, of: str = "") -> object:
    if isinstance(value, str):
        return _shown(value, of)
    if isinstance(value, dict):
        return {_shown(key, key): _settled(one, key) for key, one in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_settled(one, of) for one in cast("list[object]", value)]
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return value


def _shown(text: str, of: str) -> str:
    found = UNPRINTABLE.search(text)
    if found is None:
        return text
    where = f" in “{of}”" if of else ""
    raise TomlError(f"it holds a character that cannot be shown, U+{ord(found[0]):04X}{where}: remove it")
