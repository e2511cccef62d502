"""Reading the record beside the screen: one query at a time, in a thread of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Reader:
    """Reads in a thread of its own, so that no screen waits for the disk; what is no longer wanted is not begun."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="review")

    async def read(self, query: Callable[[], T]) -> T:
        """What a query gives, whatever it raises; a task that is cancelled takes a waiting query back."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, query)

    def close(self) -> None:
        """Take no more; what is being read is left to end by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)
