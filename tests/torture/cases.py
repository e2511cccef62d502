"""What a fault is to the test-bed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.torture.ledger import Outcome


@dataclass(frozen=True, slots=True)
class Case:
    """One fault.

    Attributes:
        name: what goes wrong, in a few words.
        kept: what the record holds of it, in a few words.
        run: injects it, in a folder of its own, and returns what came of it.
        alone: it must not run beside others (it needs the machine's time to itself).
    """

    name: str
    kept: str
    run: Callable[[Path], Outcome]
    alone: bool = False
