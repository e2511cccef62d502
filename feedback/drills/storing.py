"""Scores as plain data, for a store that keeps JSON, and back."""

from __future__ import annotations

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
        kept = {ScoreKey(key): tuple(value) for key, value in data["scores"].items() if key in set(ScoreKey)}
        return AttemptScores(
            scores=tuple(Score(key, *kept.get(key, ())) for key in ScoreKey),
            windows=tuple(WindowScores(*window) for window in data["windows"]),
            target_kpa=data["target_kpa"],
            mean_kpa=data["mean_kpa"],
            felt_kpa=data["felt_kpa"],
            inside=data["inside"],
            needed_share=data["needed_share"],
            missing_share=data["missing_share"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"these are no scores of an attempt: {error!r}") from error
