"""Scores as plain data, for a store that keeps JSON, and back."""

from __future__ import annotations

import math
from typing import Any

from feedback.drills.scores import AttemptScores, Score, ScoreKey, WindowScores


def scores_data(scores: AttemptScores) -> dict[str, Any]:
    """Scores as dictionaries, lists, numbers and None: what `json.dumps` takes."""
    return {
        "scores": {s.key.value: [s.value, s.newtons, s.pct] for s in scores.scores if s.value is not None},
        "windows": [
            [w.part, w.target_kpa, w.mean_kpa, w.constant_pct, w.absolute_pct, w.measured_s]
            for w in scores.windows
        ],
        "target_kpa": scores.target_kpa,
        "mean_kpa": scores.mean_kpa,
        "felt_kpa": scores.felt_kpa,
        "inside": scores.inside,
        "needed_share": scores.needed_share,
        "missing_share": scores.missing_share,
    }


def scores_from(data: dict[str, Any]) -> AttemptScores:
    """The scores that `scores_data` made this of. Scores that a later version added are left out.

    Raises:
        ValueError: it is not such data.
    """
    try:
        kept = {
            ScoreKey(key): map(_number, value)
            for key, value in data["scores"].items()
            if key in set(ScoreKey) and value[0] is not None
        }
        return AttemptScores(
            scores=tuple(Score(key, *kept.get(key, ())) for key in ScoreKey),
            windows=tuple(_window(*window) for window in data["windows"]),
            target_kpa=_number(data["target_kpa"]),
            mean_kpa=_number(data["mean_kpa"]),
            felt_kpa=_number(data["felt_kpa"]),
            inside=data["inside"] if data["inside"] is None else bool(data["inside"]),
            needed_share=_number(data["needed_share"]),
            missing_share=_known(data["missing_share"]),
        )
    except (KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"these are no scores of an attempt: {error!r}") from error


def _window(
    part: Any, target_kpa: Any, mean_kpa: Any, constant_pct: Any, absolute_pct: Any, measured_s: Any
) -> WindowScores:
    figures = (_known(target_kpa), _number(mean_kpa), _number(constant_pct), _number(absolute_pct))
    return WindowScores(int(_known(part)), *figures, _known(measured_s))


def _number(value: Any) -> float | None:
    return None if value is None else _known(value)


def _known(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{str(value)[:30]} is no number")
    return value
