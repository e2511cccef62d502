"""Which key means what on the live screen: the defaults, what the user set, and what a change would do to both.

The rules are those by which the screen applies `[keys]`: an action that is set has exactly the keys that are set; a key
that is set for one action is no longer the default of another; of two actions set to the same key the first one counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.keys import _character_to_key  # pyright: ignore[reportPrivateUsage] - textual is pinned

from feedback.comfort import ReportKind
from feedback.refusal import Refusal
from tui.keys import live_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RESERVED = ("escape", "ctrl+c", "ctrl+q")
"""They leave screens and the program, whatever is set."""

_REPORTS = {kind.value.replace("_", "-"): f"“{kind.words}”" for kind in ReportKind}


class KeyTableError(Refusal, ValueError):
    """A change that cannot be made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a key can mean.

    Attributes:
        id: as in the settings.
        words: as people say it.
        defaults: its keys unless others are set.
        report: it is something that the client says.
    """

    id: str
    words: str
    defaults: tuple[str, ...]
    report: bool


def actions() -> tuple[Action, ...]:
    """All actions of the live screen that a key can be set for, in the order of its bindings."""
    return tuple(_action(binding) for binding in live_keys() if binding.id)


def _action(binding: Binding) -> Action:
    name = binding.id or ""
    report = name in _REPORTS or name.startswith("rating-")
    words = _REPORTS.get(name) or binding.description.lower()
    if name.startswith("rating-"):
        words = f"{name.removeprefix('rating-')} out of 10"
    return Action(name, words, _keys_of(binding.key), report)


def _keys_of(text: str) -> tuple[str, ...]:
    keys = (key.strip() for key in text.split(","))
    return tuple(dict.fromkeys(_character_to_key(key) if len(key) == 1 else key for key in keys if key))


class KeyTable:
    """The keys in force.

    Args:
        own: action id to keys separated by commas, as in `[keys]` of the settings; unknown ids are kept as they are.
        known: the actions there are.
    """

    def __init__(self, own: Mapping[str, str], known: Iterable[Action] | None = None) -> None:
        self.actions = tuple(actions() if known is None else known)
        self._by_id = {action.id: action for action in self.actions}
        self._own = dict(own)

    @property
    def own(self) -> dict[str, str]:
        """What is set, for the settings file and for `App.set_keymap`."""
        return dict(self._own)

    def action(self, name: str) -> Action:
        """The action with this id.

        Raises:
            KeyError: there is none.
        """
        return self._by_id[name]

    def is_own(self, name: str) -> bool:
        """Keys were set for this action."""
        return name in self._own

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys that mean this action now."""
        if name in self._own:
            return tuple(key for key in _keys_of(self._own[name]) if self._first(key) == name)
        claimed = {key for keys in self._own.values() for key in _keys_of(keys)}
        return tuple(key for key in self._by_id[name].defaults if key not in claimed)

    def meaning(self, key: str) -> Action | None:
        """What a key means now."""
        return next((action for action in self.actions if key in self.keys(action.id)), None)

    def clashes(self, name: str) -> tuple[str, ...]:
        """Keys set for this action that mean another one, as they were set for that too."""
        if name not in self._own:
            return ()
        return tuple(key for key in _keys_of(self._own[name]) if self._first(key) != name)

    def learn(self, name: str, key: str, *, take: bool = False) -> None:
        """Let `key` mean this action too.

        Args:
            name: id of the action.
            key: as the terminal calls it.
            take: take it from the action that it means now, if any.

        Raises:
            KeyTableError: the key is reserved, means something else (without `take`), or is the last one of another.
        """
        if key in RESERVED:
            raise KeyTableError(f"{key} leaves screens and cannot mean anything else: press another key")
        keys = self.keys(name)
        if key in keys:
            return
        other = self.meaning(key)
        if other is not None:
            if not take:
                raise KeyTableError(f"{key} means {other.words}")
            left = tuple(one for one in self.keys(other.id) if one != key)
            if not left:
                raise KeyTableError(f"{key} is the only key of {other.words}: give that another key first")
            if other.id in self._own:
                self._own[other.id] = ",".join(left)
        self._own[name] = ",".join((*keys, key))

    def reset(self, name: str) -> None:
        """Give an action its default keys back.

        Raises:
            KeyTableError: another action has taken all of them.
        """
        before = self._own.pop(name, None)
        if before is not None and not self.keys(name):
            self._own[name] = before
            takers = sorted({m.words for key in self._by_id[name].defaults if (m := self.meaning(key))})
            raise KeyTableError(f"its own keys mean {', '.join(takers)} now: reset that first")

    def reset_all(self) -> None:
        """Give all actions their default keys back."""
        self._own.clear()

    def _first(self, key: str) -> str | None:
        """Of the actions that are set to `key`, the one that counts."""
        return next(
            (a.id for a in self.actions if a.id in self._own and key in _keys_of(self._own[a.id])), None
        )
