"""A drill from its TOML file. Every key is described in docs/practise.md."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, cast

from feedback.drills.amounts import Amount, amount_of
from feedback.drills.drill import (
    CLIENTS,
    Contrast,
    Drill,
    DrillKind,
    Hold,
    Points,
    Ramp,
    Release,
    Reproduce,
    Settings,
    Steps,
    Threshold,
    Trapezoids,
    Wave,
)
from feedback.drills.errors import DrillError, TaskError
from feedback.drills.task import task_of
from feedback.drills.toml_lines import line_of, parsed

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_S = 300.0


def drill_from_toml(text: str, where: str, name: str | None = None) -> Drill:
    """Read one drill.

    Args:
        text: of the file.
        where: the file's name, for errors.
        name: of the drill, when the file gives none: the file's name without its ending.

    Raises:
        DrillError: with the file, the line and the reason.
    """
    keys = _Keys(parsed(text, where), text, where)
    drill_name = keys.text("name", name or "")
    if not _NAME.fullmatch(drill_name):
        keys.refuse("name", f"“{drill_name}” is no name: use small letters, digits and hyphens")
    kind = DrillKind(keys.one_of("kind", [kind.value for kind in DrillKind]))
    settings = _SETTINGS[kind](keys)
    drill = Drill(
        name=drill_name,
        title=keys.text("title"),
        kind=kind,
        about=keys.text("about"),
        settings=settings,
        tolerance_share=keys.number("tolerance_pct", 10.0, low=1.0, high=60.0) / 100,
        time_share=keys.number("time_inside_pct", 75.0, low=10.0, high=100.0) / 100,
        set_s=keys.number("get_set_s", 1.0, low=0.2, high=10.0),
        sources=keys.texts("sources"),
    )
    keys.no_more()
    _possible(drill, keys)
    return drill


class _Keys:
    """The keys of a file; each is taken once, with what it may be."""

    def __init__(self, data: dict[str, Any], text: str, where: str) -> None:
        self._data, self._text, self._where = data, text, where
        self._known: list[str] = []

    def refuse(self, key: str | None, reason: str) -> None:
        raise DrillError(self._where, line_of(self._text, key) if key else None, reason)

    def has(self, key: str) -> bool:
        return key in self._data

    def _take(self, key: str, needed: bool) -> object:
        self._known.append(key)
        if needed and key not in self._data:
            self.refuse(None, f"{key} is missing")
        return self._data.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, default is None)
        if value is None:
            return default or ""
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, f"{key} must be a text in quotes")
        return cast("str", value).strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._take(key, False)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) for v in cast("list[object]", value)):
            self.refuse(key, f"{key} must be a list of texts")
        return tuple(cast("list[str]", value))

    def one_of(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in allowed:
            near = difflib.get_close_matches(value, allowed, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            self.refuse(key, f"{key} is one of {', '.join(allowed)}, not “{value}”{hint}")
        return value

    def number(self, key: str, default: float, *, low: float, high: float) -> float:
        value = self._take(key, False)
        if value is None:
            return default
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not low <= cast("float", value) <= high:
            self.refuse(key, f"{key} must be a number from {low:g} to {high:g}")
        return float(cast("float", value))

    def seconds(self, key: str, default: float, *, low: float = 0.5, high: float = _LONGEST_S) -> float:
        return self.number(key, default, low=low, high=high)

    def count(self, key: str, default: int) -> int:
        value = self._take(key, False)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 50:
            self.refuse(key, f"{key} must be a whole number from 1 to 50")
        return cast("int", value)

    def amount(self, key: str, *, per_s: bool = False) -> Amount:
        return self._amount(key, self._take(key, True), per_s=per_s)

    def amounts(self, key: str) -> tuple[Amount, ...]:
        value = self._take(key, True)
        if not isinstance(value, list) or not value:
            self.refuse(key, f'{key} must be a list of amounts, for example ["1 kg/cm2", "2 kg/cm2"]')
        return tuple(self._amount(key, one) for one in cast("list[object]", value))

    def targets(self) -> tuple[Amount, ...]:
        """One `target`, or several `targets`."""
        if self.has("target") and self.has("targets"):
            self.refuse("targets", "give either target or targets")
        if self.has("targets"):
            return self.amounts("targets")
        return (self.amount("target"),)

    def points(self, key: str) -> tuple[tuple[float, Amount], ...]:
        value = self._take(key, True)
        found: list[tuple[float, Amount]] = []
        for one in cast("list[object]", value) if isinstance(value, list) else []:
            pair = cast("list[object]", one)
            at_s = pair[0] if isinstance(one, list) and len(pair) == 2 else None
            if not isinstance(at_s, int | float) or isinstance(at_s, bool) or not 0 <= at_s <= _LONGEST_S:
                self.refuse(key, f'each of {key} is [seconds, amount], for example [2.5, "1 kg/cm2"]')
            found.append((float(cast("float", at_s)), self._amount(key, pair[1])))
        times = [at_s for at_s, _ in found]
        if len(found) < 2 or times[0] != 0 or any(b <= a for a, b in pairwise(times)):
            self.refuse(key, f"{key} needs at least two points, their seconds rising from 0")
        return tuple(found)

    def no_more(self) -> None:
        for key in self._data:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(self._known))}"
                self.refuse(key, f"{key} is not a key of this kind of drill: {hint}")

    def _amount(self, key: str, value: object, *, per_s: bool = False) -> Amount:
        example = "1 kg/cm2/s" if per_s else "2.0 kg/cm2"
        if not isinstance(value, str):
            self.refuse(key, f'{key} needs a number and its unit in quotes, for example "{example}"')
        try:
            amount = amount_of(cast("str", value), per_s=per_s)
        except ValueError as error:
            raise DrillError(self._where, line_of(self._text, key), f"{key}: {error}") from None
        if amount.value == 0:
            self.refuse(key, f"{key} must be above 0")
        return amount


def _possible(drill: Drill, keys: _Keys) -> None:
    """Refuse what no tip can make possible: no line of targets, or one that mixes up."""
    try:
        task_of(drill, tip_area_cm2=1.0)
    except TaskError as error:
        keys.refuse(None, str(error).removeprefix(f"drill {drill.name}: "))


def _hold(keys: _Keys) -> Settings:
    return Hold(keys.targets(), keys.seconds("reach_s", 4.0), keys.seconds("hold_s", 30.0))


def _find(keys: _Keys) -> Settings:
    return Hold(keys.targets(), keys.seconds("reach_s", 5.0), keys.seconds("hold_s", 3.0))


def _ramp(keys: _Keys) -> Settings:
    return Ramp(keys.amount("rate", per_s=True), keys.amount("to"))


def _steps(keys: _Keys) -> Settings:
    return Steps(
        keys.amounts("levels"),
        keys.seconds("reach_s", 4.0),
        keys.seconds("hold_s", 8.0),
        keys.seconds("move_s", 2.0),
    )


def _trace(keys: _Keys) -> Settings:
    shape = keys.one_of("shape", ["trapezoids", "sine", "points"])
    if shape == "sine":
        return Wave(
            keys.amount("middle"),
            keys.amount("swing"),
            keys.seconds("period_s", 6.0),
            keys.count("times", 4),
            keys.seconds("reach_s", 4.0),
        )
    if shape == "points":
        return Points(keys.points("points"), keys.seconds("reach_s", 3.0))
    return Trapezoids(
        keys.amount("low"),
        keys.amount("high"),
        keys.seconds("rise_s", 3.0),
        keys.seconds("hold_s", 5.0),
        keys.seconds("fall_s", 3.0),
        keys.seconds("rest_s", 3.0),
        keys.count("times", 3),
        keys.seconds("reach_s", 3.0),
    )


def _reproduce(keys: _Keys) -> Settings:
    return Reproduce(
        keys.targets(),
        keys.seconds("reach_s", 4.0),
        keys.seconds("hold_s", 3.0),
        keys.seconds("pause_s", 4.0),
    )


def _contrast(keys: _Keys) -> Settings:
    return Contrast(
        keys.targets(),
        keys.number("more_pct", 10.0, low=2.0, high=100.0) / 100,
        keys.seconds("reach_s", 4.0),
        keys.seconds("hold_s", 3.0),
        keys.seconds("move_s", 2.0),
    )


def _threshold(keys: _Keys) -> Settings:
    return Threshold(
        keys.amount("rate", per_s=True),
        keys.amount("until"),
        keys.one_of("client", CLIENTS, "default"),
        keys.seconds("let_go_s", 2.0),
    )


def _release(keys: _Keys) -> Settings:
    return Release(
        keys.one_of("client", CLIENTS, "default"),
        keys.seconds("reach_s", 15.0),
        keys.seconds("hold_s", 60.0),
    )


_SETTINGS: dict[DrillKind, Callable[[_Keys], Settings]] = {
    DrillKind.HOLD: _hold,
    DrillKind.RAMP: _ramp,
    DrillKind.STEPS: _steps,
    DrillKind.TRACE: _trace,
    DrillKind.FIND: _find,
    DrillKind.REPRODUCE: _reproduce,
    DrillKind.CONTRAST: _contrast,
    DrillKind.THRESHOLD: _threshold,
    DrillKind.RELEASE: _release,
}
