"""The lists that a therapist may edit, as they are in force: atlas, techniques, check, rules of care."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from feedback.atlas import Atlas, AtlasError, load_atlas
from feedback.atlas.shipped import OWN_NAME
from feedback.care import CareError, CareRules, CheckItem
from feedback.care.shipped import checks, rules
from feedback.coach import Technique, TechniqueError
from feedback.coach.shipped import OWN_FOLDER, techniques

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")


class Shelf:
    """Each list is read when it is first wanted; one of the therapist's own that cannot be used is left out.

    Args:
        data: the folder of the record, where the therapist's own lists lie.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self.problems: list[str] = []
        """Sentences about own lists that cannot be used; the shipped ones are in force instead."""

    @cached_property
    def atlas(self) -> Atlas:
        """Muscles, caution sites, body areas."""
        return self._own_or_shipped(lambda own: load_atlas(self._data / OWN_NAME if own else None))

    @cached_property
    def techniques(self) -> dict[str, Technique]:
        """By name."""
        return self._own_or_shipped(lambda own: techniques(self._data / OWN_FOLDER if own else None))

    @cached_property
    def checks(self) -> tuple[CheckItem, ...]:
        """Questions before a session."""
        return self._own_or_shipped(lambda own: checks(self._data if own else None))

    @cached_property
    def rules(self) -> CareRules:
        """The plan to offer, what counts as a response, when a hand is tired."""
        return self._own_or_shipped(lambda own: rules(self._data if own else None))

    def technique(self, name: str) -> Technique | None:
        """The technique of that name; None without a name, or, which is told, when there is none of that name."""
        found = self.techniques.get(name)
        if name and found is None:
            problem = f"there is no technique “{name}”; there are {', '.join(self.techniques)}"
            if problem not in self.problems:
                self.problems.append(problem)
        return found

    def add(self, technique: Technique) -> None:
        """Lay a technique beside the others, for as long as the program runs."""
        self.techniques[technique.name] = technique

    def _own_or_shipped(self, load: Callable[[bool], T]) -> T:
        try:
            return load(True)
        except (AtlasError, CareError, TechniqueError, OSError) as error:
            self.problems.append(f"{error}; the list that came with Goodpain is used")
            return load(False)
