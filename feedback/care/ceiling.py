"""How hard is never harder: a cautious default where special care is due."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from feedback.care.errors import CareError

if TYPE_CHECKING:
    from collections.abc import Iterable


def ceiling_for(default_kpa: float, shares: Iterable[float] = ()) -> float:
    """The ceiling to offer at a point, kPa: the default, lowered by the most careful of the sites it lies in or near.

    No published figure says by how much: the shares are assumptions, and the therapist may set another ceiling.

    Args:
        default_kpa: where no special care is due, > 0.
        shares: of the default, above 0 and at most 1; one per caution site.

    Raises:
        CareError: a number out of its range.
    """
    if not (math.isfinite(default_kpa) and default_kpa > 0):
        raise CareError("a ceiling must be larger than 0")
    lowest = 1.0
    for share in shares:
        if not 0 < share <= 1:
            raise CareError(f"the share of a ceiling lies above 0 and not above 1, not {share:g}")
        lowest = min(lowest, share)
    return default_kpa * lowest
