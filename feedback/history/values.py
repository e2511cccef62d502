"""What a value must be beyond its type: words of ours, figures that can be reckoned with, JSON that its readers take.

Asked wherever rows come in that this program has not just made: an import, a rescue file, what was saved from a damaged
record. Whoever reads the record afterwards need not ask again.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, cast

from feedback.care import CheckLevel, FindingKind
from feedback.coach import PhaseKind
from feedback.comfort import ReportKind
from feedback.drills import DrillKind, FeedbackMode, Purpose, Void
from feedback.drills.storing import scores_from
from feedback.history.rows import UNDO

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum

_DAY_MIN = 24 * 60


def check_value(table: str, column: str, value: object) -> None:
    """See that a value of the right type makes sense in its column; None is left to whoever knows whether it may be.

    Raises:
        ValueError: it makes none; the message says why.
    """
    if value is None:
        return
    words = words_of(table, column)
    if words and value not in words:
        raise ValueError(f"“{value}” is no word that is known here")
    check = _CHECKS.get((table, column)) or _CHECKS.get(("", column))
    if check is not None:
        check(value)


def words_of(table: str, column: str) -> frozenset[str]:
    """The words that may stand in a column; empty where any may, or it holds no words."""
    return _WORDS.get((table, column)) or frozenset()


def _values(*kinds: type[Enum], also: tuple[str, ...] = ()) -> frozenset[str]:
    return frozenset((*also, *(str(one.value) for kind in kinds for one in kind)))


def _finite(value: Any) -> None:
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number that can be reckoned with")


def _not_0(value: Any) -> None:
    if value == 0 or not math.isfinite(value):
        raise ValueError(f"{value} cannot be the counts of a newton")


def _offset(value: Any) -> None:
    if not -_DAY_MIN < value < _DAY_MIN:
        raise ValueError(f"{value} minutes are no difference of a clock from UTC")


def _json(of: Callable[[Any], object]) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if not value:
            return
        try:
            of(json.loads(value))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
            raise ValueError("this JSON makes no sense here") from None

    return check


def _number(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a number")


def _number_or_none(value: object) -> None:
    if value is not None:
        _number(value)


def _knots(found: Any) -> None:
    for counts, newtons in found:
        _number(counts)
        _number(newtons)


def _line(found: Any) -> None:
    for point in found:
        _number(point[0])
        _number_or_none(point[1])


def _repeats(found: Any) -> None:
    for one in found:
        _number_or_none(one["kpa"])
        _number_or_none(one["rate_kpa_per_s"])
        if not isinstance(one["used"], bool | int):
            raise TypeError("neither used nor not")


def _correction(found: Any) -> None:
    for name, value in cast("dict[str, object]", found).items():
        if name == "kind":
            ReportKind(value)
        elif name == "rating":
            _number_or_none(value)
        elif name == "text" and not isinstance(value, str):
            raise TypeError("a text that is none")


_WORDS: dict[tuple[str, str], frozenset[str]] = {
    ("report", "kind"): _values(ReportKind, also=(UNDO,)),
    ("phase", "kind"): _values(PhaseKind),
    ("finding", "kind"): _values(FindingKind),
    ("check_answer", "level"): _values(CheckLevel),
    ("attempt", "kind"): _values(DrillKind),
    ("attempt", "purpose"): _values(Purpose),
    ("attempt", "feedback"): _values(FeedbackMode),
    ("attempt", "void"): _values(Void, also=("",)),
    ("training_skip", "purpose"): _values(Purpose),
}
_CHECKS: dict[tuple[str, str], Callable[[Any], None]] = {
    ("attempt", "scores"): _json(scores_from),
    ("attempt", "target"): _json(_line),
    ("threshold", "repeats"): _json(_repeats),
    ("correction", "value"): _json(_correction),
    ("", "curve"): _json(_knots),
    ("", "utc_offset_min"): _offset,
    ("", "zero_counts"): _finite,
    ("", "counts_per_n"): _not_0,
}
"""By table and column; an empty table: the column of that name in any."""
