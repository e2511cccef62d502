"""What a fault is to the test-bed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.torture.ledger import Outcome

NEEDS_LINUX = "" if sys.platform == "linux" else "needs Linux, which tells in /proc what a program does"


@dataclass(frozen=True, slots=True)
class Case:
    """One fault.

    Attributes:
        name: what goes wrong, in a few words.
        run: injects it, in a folder of its own, and returns what came of it.
        alone: it must not run beside others (it needs the machine's time to itself).
        missing: why it cannot be tried here; empty where it can.
    """

    name: str
    run: Callable[[Path], Outcome]
    alone: bool = False
    missing: str = NEEDS_LINUX
