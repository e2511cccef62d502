"""What a refusal must be, and what text must be that was taken in: asked of every target alike."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from feedback.printable import UNPRINTABLE
from feedback.refusal import SENTENCE_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator


def sentence(error: BaseException | str, *names: str) -> None:
    """A refusal is one printable line that ends in sight, and names the file or place it speaks of.

    Args:
        error: or what it says.
        names: what it has to name, one of them.
    """
    text = str(error)
    assert text.strip(), "a refusal says nothing"
    assert "\n" not in text, f"more than a line: {text!r}"
    assert UNPRINTABLE.search(text) is None, f"not printable: {text!r}"
    assert len(text) <= SENTENCE_MAX, f"{len(text)} characters: {text[:200]!r} … {text[-200:]!r}"
    assert not names or any(name in text for name in names), f"names none of {names}: {text!r}"


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a value of dataclasses, lists and dictionaries."""
    if isinstance(value, str) and not isinstance(value, Enum):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts_of(getattr(value, field.name))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts_of(key)
            yield from texts_of(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from texts_of(one)


def printable(value: Any) -> None:
    """No text in what was taken holds anything that a terminal would obey, or that hides or turns others."""
    for text in texts_of(value):
        assert UNPRINTABLE.search(text) is None, f"taken, but not printable: {text!r}"
