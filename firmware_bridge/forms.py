"""Follows a sensor that speaks both native forms from text to binary, and back when it begins again in text."""

from __future__ import annotations

from firmware_bridge.dialects import Dialect, native_binary, native_text

TURN_S = 2.0
"""A sensor that speaks both forms turns to binary within this time of being asked."""
TEXT_BEGINS = b"M,proto="
"""How text begins after a restart; in binary META a frame's header stands before the first key."""


class Forms:
    """Which native form the bytes of one connection are in; does nothing until `asked`."""

    def __init__(self) -> None:
        self._asked_s: float | None = None
        self._tail = b""

    def may_ask(self, dialect: Dialect | None, meta: dict[str, str]) -> bool:
        """Whether to ask for binary, which alone has the client's button and answers to pings.

        Once for each time that text begins, and only a sensor whose META says that it knows the protocol. One that
        speaks text alone ignores it.
        """
        return self._asked_s is None and dialect is native_text.DIALECT and "proto" in meta

    def asked(self, now_s: float) -> None:
        """Binary was asked for."""
        self._asked_s = now_s
        self._tail = b""

    def split(self, dialect: Dialect, data: bytes, arrival_s: float) -> list[tuple[Dialect, bytes]]:
        """The bytes that arrived, each part with the form it is in; `dialect` is that of the bytes before."""
        if self._asked_s is None:
            return [(dialect, data)]
        if dialect is native_text.DIALECT:
            # Text has no zeros. Later on one is noise.
            at = data.find(b"\0") if arrival_s - self._asked_s < TURN_S else -1
            return [(dialect, data)] if at < 0 else [(dialect, data[:at]), (native_binary.DIALECT, data[at:])]
        if dialect is not native_binary.DIALECT:
            return [(dialect, data)]
        seen = self._tail + data
        at = seen.find(TEXT_BEGINS)
        if at < 0:
            self._tail = seen[1 - len(TEXT_BEGINS) :]
            return [(dialect, data)]
        self._asked_s = None
        return [(dialect, data[: max(0, at - len(self._tail))]), (native_text.DIALECT, seen[at:])]
