"""Choices out of bytes: one way to make things for atheris, which has bytes, and for hypothesis, which shrinks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Choices:
    """Takes bytes from the front; when none are left, every choice is the first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1."""
        size = max(1, (limit - 1).bit_length() + 7 >> 3)
        return int.from_bytes(self.bytes(size), "little") % limit

    def pick(self, items: Sequence[T]) -> T:
        """One of them."""
        return items[self.below(len(items))]

    def bytes(self, count: int) -> bytes:
        """The next bytes, fewer at the end."""
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken

    def text(self, longest: int = 24) -> str:
        """Any text."""
        return self.bytes(self.below(longest)).decode("utf-8", "replace")

    @property
    def rest(self) -> bytes:
        """What is left."""
        return self._data[self._at :]
