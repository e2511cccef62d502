"""Forked processes: one for each mutant, with limits, and at most so many at a time."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from tests.mutation.sites import Mutant

MEMORY = 3 << 30
"""Bytes of address space of one process; a mutant that fills memory without end is stopped there."""


def fork(work: Callable[[], object], *, cpu_s: float = 0.0) -> Child:
    """Do `work` in a forked process without a voice."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Child(pid, reading)
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        os.close(reading)
        if not os.environ.get("GOODPAIN_MUTATION_LOUD"):
            nothing = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(nothing, fd)
        if cpu_s:
            signal.signal(signal.SIGXCPU, signal.SIG_DFL)
            seconds = int(cpu_s + 1)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        result = work()
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(result, pipe)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


@dataclass(slots=True)
class Child:
    """A forked process and what has come from it."""

    pid: int
    pipe: int
    until: float = float("inf")
    data: bytes = b""

    def ended(self, wait_s: float) -> bool:
        """Listen for so long; True when it has said all, or its time is over."""
        ready, _, _ = select.select([self.pipe], [], [], wait_s)
        if not ready:
            return time.monotonic() > self.until
        piece = os.read(self.pipe, 1 << 16)
        self.data += piece
        return not piece

    def result(self) -> tuple[bool, object]:
        """Whether it came to its end by itself, and its result; whatever it started ends with it."""
        os.close(self.pipe)
        late = time.monotonic() > self.until
        if late:
            self.kill()
        _, status = os.waitpid(self.pid, 0)
        self.kill()
        if self.data:
            with contextlib.suppress(Exception):
                return True, pickle.loads(self.data)
        return os.WIFEXITED(status) and not late, None

    def kill(self) -> None:
        """End it and what it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def result_of(child: Child) -> object:
    """Wait for a forked process; its result."""
    try:
        while not child.ended(60.0):
            pass
    except BaseException:  # who is interrupted ends what it began
        os.killpg(child.pid, signal.SIGTERM)
        raise
    return child.result()[1]


class Pool:
    """At most so many mutants at a time."""

    def __init__(self, jobs: int, ended: Callable[[Mutant], None]) -> None:
        self._jobs = jobs
        self._ended = ended
        self._running: list[tuple[Child, Mutant]] = []

    def run(self, mutant: Mutant, work: Callable[[], str], seconds: float, start_s: float) -> None:
        """Fork for a mutant whose tests take `seconds` when nothing is wrong, after a start of `start_s`."""
        while len(self._running) >= self._jobs:
            self._reap()
        child = fork(work, cpu_s=start_s + 4 + 4 * seconds)
        child.until = time.monotonic() + 60 + 4 * start_s + 12 * seconds
        self._running.append((child, mutant))

    def _reap(self) -> None:
        select.select([child.pipe for child, _ in self._running], [], [], 0.2)
        for entry in list(self._running):
            child, mutant = entry
            if not child.ended(0.0):
                continue
            self._running.remove(entry)
            sound, killer = child.result()
            if isinstance(killer, str):
                mutant.by, mutant.fate = killer, "killed" if killer else "survived"
            else:  # it broke pytest itself, or was ended
                mutant.fate = "killed" if sound else "timed out"
            self._ended(mutant)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait for the last ones; after an interruption end them."""
        while self._running and kind is None:
            self._reap()
        for child, _ in self._running:
            child.kill()
