"""The numbers of the course of care that a therapist may change, in one TOML file, with their sources."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, cast

from feedback.care.changes import OWN_SOURCE, ChangeRule
from feedback.care.errors import CareError, CareFileError
from feedback.care.hands import HandsRule
from feedback.care.plan import Plan
from feedback.care.response import ResponseRule
from feedback.toml import TomlError, parse_toml


@dataclass(frozen=True, slots=True)
class DetectableChange:
    """A published figure for the change of a pressure threshold that is more than error.

    Attributes:
        key: its name in the file.
        kpa: the change, > 0.
        source: who found it, where on the body, how.
    """

    key: str
    kpa: float
    source: str


@dataclass(frozen=True, slots=True)
class CareRules:
    """All of them.

    Attributes:
        plan: the one offered to a new client.
        response: what counts as a response.
        hands: when a hand is tired.
        detectable: the published figures to choose from.
        changes: what counts as a change of everything else that is compared.
    """

    plan: Plan
    response: ResponseRule
    hands: HandsRule
    detectable: tuple[DetectableChange, ...] = ()
    changes: ChangeRule = field(default_factory=ChangeRule)


_NUMBER = (int, float)
_KEYS: dict[str, dict[str, tuple[type, ...]]] = {
    "plan": {"visits": (int,), "weeks_min": (int,), "weeks_max": (int,), "homework": (list,)},
    "response": {
        "after_visits": (int,),
        "rating_points": _NUMBER,
        "rating_source": (str,),
        "threshold": (str,),
        "threshold_kpa": _NUMBER,
        "threshold_source": (str,),
    },
    "hands": {
        "compare": (int,),
        "min_hold_s": _NUMBER,
        "growth": _NUMBER,
        "more_pct_per_min": _NUMBER,
    },
    "changes": {
        "edge_kpa": _NUMBER,
        "edge_source": (str,),
        "sides_kpa": _NUMBER,
        "sides_source": (str,),
        "time_in_band_points": _NUMBER,
        "dose_pct": _NUMBER,
        "alike_pct": _NUMBER,
    },
}
_TYPE_WORDS: dict[tuple[type, ...], str] = {
    (int,): "a whole number",
    _NUMBER: "a number",
    (str,): "text in quotes",
    (list,): "a list of texts",
}


def rules_from_toml(text: str, where: str, base: CareRules | None = None) -> CareRules:
    """Read rules; what the file does not say comes from `base`, else from the defaults.

    Args:
        text: TOML with the tables `plan`, `response`, `hands`, `changes` and a list `detectable_change`.
        where: the file's name, for messages.
        base: rules that stay in force where the file says nothing.

    Raises:
        CareFileError: names the file, the key and the reason.
    """
    base = base or CareRules(Plan(), ResponseRule(), HandsRule())
    try:
        values = parse_toml(text)
    except TomlError as error:
        raise CareFileError(where, "", f"this is not valid TOML: {error}") from None
    if unknown := sorted(set(values) - {*_KEYS, "detectable_change"}):
        known = ", ".join([*_KEYS, "detectable_change"])
        raise CareFileError(where, unknown[0], f"is not known; there are {known}")
    detectable = _detectable(values.get("detectable_change"), where, base.detectable)
    plan, response, hands, changes = (_table(values, name, where) for name in _KEYS)
    homework = plan.get("homework", list(base.plan.homework))
    if not all(isinstance(line, str) for line in homework):
        raise CareFileError(where, "plan.homework", "must be a list of texts")
    try:
        new_plan = Plan(
            plan.get("visits", base.plan.visits),
            plan.get("weeks_min", base.plan.weeks_min),
            plan.get("weeks_max", base.plan.weeks_max),
            tuple(homework),
        )
    except CareError as error:
        raise CareFileError(where, "plan", f"cannot be used: {error}") from None
    try:
        new_hands = HandsRule(
            **{key: hands.get(key, getattr(base.hands, key)) for key in _KEYS["hands"]},
        )
    except CareError as error:
        raise CareFileError(where, "hands", f"cannot be used: {error}") from None
    return CareRules(
        new_plan,
        _response(response, base.response, detectable, where),
        new_hands,
        detectable,
        _changes(changes, base.changes, where),
    )


def _changes(values: dict[str, Any], base: ChangeRule, where: str) -> ChangeRule:
    given = dict(values)
    for name in ("edge", "sides"):
        if f"{name}_kpa" in given:
            given.setdefault(f"{name}_source", OWN_SOURCE)
    try:
        return replace(base, **given)
    except CareError as error:
        raise CareFileError(where, "changes", f"cannot be used: {error}") from None


def _response(
    values: dict[str, Any], base: ResponseRule, detectable: tuple[DetectableChange, ...], where: str
) -> ResponseRule:
    kpa, source = base.threshold_kpa, base.threshold_source
    if "threshold" in values:
        if "threshold_kpa" in values:
            raise CareFileError(
                where, "response.threshold_kpa", "and “threshold” are both given: leave one out"
            )
        chosen = next((figure for figure in detectable if figure.key == values["threshold"]), None)
        if chosen is None:
            known = ", ".join(figure.key for figure in detectable) or "none; add a [[detectable_change]]"
            raise CareFileError(
                where, "response.threshold", f"“{values['threshold']}” is no figure known; there are {known}"
            )
        kpa, source = chosen.kpa, chosen.source
    elif "threshold_kpa" in values:
        kpa, source = float(values["threshold_kpa"]), "set by the therapist"
    try:
        return ResponseRule(
            values.get("after_visits", base.after_visits),
            float(values.get("rating_points", base.rating_points)),
            kpa,
            values.get("rating_source", base.rating_source),
            values.get("threshold_source", source),
        )
    except CareError as error:
        raise CareFileError(where, "response", f"cannot be used: {error}") from None


def _table(values: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    table = values.get(name, {})
    if not isinstance(table, dict):
        raise CareFileError(where, name, f"must be a table: write [{name}]")
    found = cast("dict[str, Any]", table)
    kinds = _KEYS[name]
    for key, value in found.items():
        if key not in kinds:
            raise CareFileError(where, f"{name}.{key}", f"is not known; there are {', '.join(kinds)}")
        if isinstance(value, bool) or not isinstance(value, kinds[key]) or _too_long(value):
            raise CareFileError(where, f"{name}.{key}", f"must be {_TYPE_WORDS[kinds[key]]}")
    return found


def _detectable(
    value: object, where: str, base: tuple[DetectableChange, ...]
) -> tuple[DetectableChange, ...]:
    if value is None:
        return base
    if not isinstance(value, list):
        raise CareFileError(where, "detectable_change", "must be a list: write [[detectable_change]]")
    found = {figure.key: figure for figure in base}
    for number, entry in enumerate(cast("list[object]", value), 1):
        name = f"detectable_change {number}"
        if not isinstance(entry, dict) or set(cast("dict[str, Any]", entry)) != {"key", "kpa", "source"}:
            raise CareFileError(where, name, "needs key, kpa and source, and nothing else")
        values = cast("dict[str, Any]", entry)
        key, kpa, source = values["key"], values["kpa"], values["source"]
        if not isinstance(key, str) or not key or not isinstance(source, str):
            raise CareFileError(where, name, "needs key and source as text in quotes")
        number = isinstance(kpa, _NUMBER) and not isinstance(kpa, bool) and not _too_long(kpa)
        if not (number and kpa > 0 and math.isfinite(kpa)):
            raise CareFileError(where, f"{name}: kpa", "must be a number above 0")
        found[key] = DetectableChange(key, float(kpa), source)
    return tuple(found.values())


def _too_long(value: object) -> bool:
    """A number beyond any that is meant here."""
    return isinstance(value, int | float) and abs(value) > 10**15
