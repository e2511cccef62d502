"""Cuts bytes into lines, for the dialects that are text."""

from __future__ import annotations

LINE_MAX = 4096
"""Longest line in bytes; what is longer is garbage. Bounds the memory kept."""


class LineCutter:
    """Lines ended by CR, LF or CR LF, in any split; empty lines are left out.

    Args:
        whole: leave out what stands before the first line end: it may be the rest of a line.
    """

    __slots__ = ("_pending", "_skipping", "garbage_bytes")

    def __init__(self, *, whole: bool = False) -> None:
        self.garbage_bytes = 0
        """Bytes so far that were left out: of lines that were too long, before the first whole one, or refused."""
        self._pending = b""
        self._skipping = whole

    def refuse(self, line: bytes) -> None:
        """This line was of no use."""
        self.garbage_bytes += len(line)

    def cut(self, data: bytes) -> list[bytes]:
        """Take the next bytes; return the lines that have become complete, without their ends."""
        pieces = (self._pending + data).replace(b"\r", b"\n").split(b"\n")
        if self._skipping:
            self.garbage_bytes += len(pieces[0])
            if len(pieces) == 1:
                self._pending = b""
                return []
            pieces[0] = b""
            self._skipping = False
        self._pending = pieces.pop()
        if len(self._pending) > LINE_MAX:
            self.garbage_bytes += len(self._pending)
            self._pending = b""
            self._skipping = True
        lines = [piece for piece in pieces if piece]
        if len(data) > LINE_MAX or (lines and len(lines[0]) > LINE_MAX):
            self.garbage_bytes += sum(len(line) for line in lines if len(line) > LINE_MAX)
            lines = [line for line in lines if len(line) <= LINE_MAX]
        return lines
