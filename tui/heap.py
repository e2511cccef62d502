"""One heap for all threads, so that what one has given back another takes."""

from __future__ import annotations

import contextlib
import sys

_M_ARENA_MAX = -8
"""glibc's malloc.h; see mallopt(3)."""


def share_one_heap() -> None:
    """Tell the C library; call it before threads are started, where a program goes on for long.

    glibc gives threads heaps of their own, up to eight a core, and each keeps what its thread gave back. Sessions come
    and go with threads, and a day of them held 12 MiB more like that. Threads of Python take turns, so that heaps of
    their own gain them nothing. Other C libraries do as they are used to.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
