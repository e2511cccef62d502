"""Did two runs of attempts differ? Mann and Whitney's rank test, exact where the runs are short."""

from __future__ import annotations

import math
from collections.abc import Sequence

EXACT_UP_TO = 20
"""Attempts in each run up to which all arrangements are counted."""


def p_smaller(later: Sequence[float], earlier: Sequence[float]) -> float:
    """The chance that the later values would come out so much smaller if nothing had changed (one-sided).

    Ties count half. Exact without ties and for runs of up to 20, else by the normal approximation with its correction
    for ties and continuity.

    Raises:
        ValueError: a run is empty.
    """
    n, m = len(later), len(earlier)
    if not n or not m:
        raise ValueError("two runs are compared, and neither may be empty")
    # How often a later value is above an earlier one: small when the later ones are smaller.
    u = sum((a > b) + 0.5 * (a == b) for a in later for b in earlier)
    tied = len({*later, *earlier}) < n + m
    if not tied and max(n, m) <= EXACT_UP_TO:
        counts = _arrangements(n, m)
        return sum(counts[: int(u) + 1]) / sum(counts)
    groups = [[*later, *earlier].count(value) for value in {*later, *earlier}]
    total = n + m
    spread = n * m / 12 * (total + 1 - sum(g**3 - g for g in groups) / (total * (total - 1)))
    if spread <= 0:
        return 1.0
    z = (u + 0.5 - n * m / 2) / math.sqrt(spread)
    return min(0.5 * math.erfc(-z / math.sqrt(2)), 1.0)


def _arrangements(n: int, m: int) -> tuple[int, ...]:
    """How many of all arrangements of n and m values have u = 0, 1, ..., n m (Mann and Whitney's recursion)."""
    table = [[1] + [0] * (n * m), *([0] * (n * m + 1) for _ in range(n))]
    for j in range(1, n + m + 1):
        for i in range(min(j, n), 0, -1):
            # The largest of j values is one of the later ones: it is above all j - i earlier ones.
            above = j - i
            if above > m:
                continue
            before = table[i - 1]
            for u in range(n * m, above - 1, -1):
                table[i][u] += before[u - above]
    return tuple(table[n])
