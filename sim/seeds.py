"""One seed for everything: independent streams of chance, each with a name."""

from __future__ import annotations

from zlib import crc32

import numpy as np


def stream(seed: int, *names: str) -> np.random.Generator:
    """A generator of its own for each (seed, names), so that adding one never shifts another.

    Args:
        seed: the scenario's seed, 0 or larger.
        names: what the stream is for, e.g. `("hand", "tremor")`.
    """
    return np.random.default_rng([seed, crc32("/".join(names).encode())])
