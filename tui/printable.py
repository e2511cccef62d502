"""The console that no text of others can steer: standard output and standard error, cleaned on the way.

One room for all commands: what they write goes through `PrintableStream`, whoever wrote it (our own lines, messages
of click, prompts, warnings of Python) and wherever its words came from (the record, a device, a file, the user).
The screens have their own, `tui.plain_words`.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

from feedback.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class PrintableStream:
    """A text stream that writes `feedback.printable.printable` of everything; the rest is the stream's own.

    It has no `buffer`: bytes would go past it.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        """The stream itself, for sequences of our own (`own_sequences`)."""

    def write(self, text: str) -> int:
        """Write the text, cleaned; returns the length of what was given."""
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # click asks by trying
            raise TypeError(f"this stream takes text, not {type(text).__name__}")
        self.stream.write(printable(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write them all, cleaned."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self.stream, name)


def own_sequences(stream: TextIO) -> TextIO:
    """The stream to which escape sequences of our own go (a progress bar): nothing from outside may be in them."""
    return stream.stream if isinstance(stream, PrintableStream) else stream


def keep_console_printable() -> None:
    """From now on `sys.stdout` and `sys.stderr` are `PrintableStream`s, tracebacks of the interpreter included."""
    sys.stdout, sys.stderr = _cleaned(sys.stdout), _cleaned(sys.stderr)


@contextmanager
def printable_console() -> Iterator[None]:
    """While the block runs, `sys.stdout` and `sys.stderr` are `PrintableStream`s; a second time changes nothing."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _cleaned(sys.stdout), _cleaned(sys.stderr)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _cleaned(stream: TextIO | None) -> TextIO:
    if stream is None or isinstance(stream, PrintableStream):
        return cast("TextIO", stream)
    # A terminal that knows no “…” gets a question mark for it, not a traceback.
    if stream.errors == "strict" and hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")  # pyright: ignore[reportAttributeAccessIssue]
    return cast("TextIO", PrintableStream(stream))
