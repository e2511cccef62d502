"""The areas that hurt as rows: digits rate them, letters say what was found there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widget import Widget

from feedback.care import Finding, FindingKind, PainArea
from tui.screens.visit.scale import rating_of_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

FINDING_KEYS = {
    "i": FindingKind.ISCHEMIA,
    "t": FindingKind.TRIGGER_POINT,
    "e": FindingKind.NERVE_ENTRAPMENT,
    "c": FindingKind.NERVE_COMPRESSION,
    "p": FindingKind.POSTURE,
    "g": FindingKind.GAIT,
}
KEYS = ("0-9 x now, then usual", *(f"{key} {kind.value}" for key, kind in FINDING_KEYS.items()))


@dataclass(frozen=True, slots=True)
class Told:
    """What was told and found so far."""

    areas: tuple[PainArea, ...] = ()
    findings: tuple[Finding, ...] = ()

    def with_area(self, area: str, side: str) -> Told:
        """One more area; one that is there already stays."""
        if self.index(area, side) is not None:
            return self
        return replace(self, areas=(*self.areas, PainArea(area, side)))

    def index(self, area: str, side: str) -> int | None:
        """Which row an area is."""
        places = [(one.area, one.side) for one in self.areas]
        return places.index((area, side)) if (area, side) in places else None

    def without(self, row: int) -> Told:
        """A row less, with what was found there."""
        gone = self.areas[row]
        return Told(
            self.areas[:row] + self.areas[row + 1 :],
            tuple(f for f in self.findings if (f.area, f.side) != (gone.area, gone.side)),
        )

    def rated(self, row: int, *, now: int | None = None, usual: int | None = None) -> Told:
        """A row with another number."""
        area = self.areas[row]
        changed = replace(
            area, now=area.now if now is None else now, usual=area.usual if usual is None else usual
        )
        return replace(self, areas=(*self.areas[:row], changed, *self.areas[row + 1 :]))

    def found_at(self, row: int) -> tuple[Finding, ...]:
        """What was found in the area of a row."""
        area = self.areas[row]
        return tuple(f for f in self.findings if (f.area, f.side) == (area.area, area.side))

    def toggled(self, row: int, kind: FindingKind) -> Told:
        """A finding more or less in a row."""
        area = self.areas[row]
        same = [f for f in self.found_at(row) if f.kind is kind]
        if same:
            return replace(self, findings=tuple(f for f in self.findings if f not in same))
        return self.with_finding(Finding(kind, area.area, side=area.side))

    def with_finding(self, finding: Finding) -> Told:
        """One more finding."""
        return replace(self, findings=(*self.findings, finding))


class PainList(Widget, can_focus=True):
    """Rows of areas. Digits rate: first now, then usual; letters toggle findings; Enter is left to the screen.

    Args:
        told: what is there at first.
        id: the widget's id.
    """

    DEFAULT_CSS = """
    PainList { height: auto; width: 100%; min-height: 1; }
    """
    BINDINGS = [
        Binding("down", "move(1)", "Down", show=False),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("backspace", "take_back", "Take back", show=False),
        Binding("delete", "remove", "Remove", show=False),
    ]

    @dataclass
    class TriggerPointWanted(Message):
        """A trigger point was found in an area: which?"""

        area: PainArea

    @dataclass
    class Changed(Message):
        """Something was told or taken back."""

    @dataclass
    class Left(Message):
        """The cursor leaves the rows at one end."""

        down: bool

    def __init__(self, told: Told | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.told = told or Told()
        self.row = 0
        self._usual_next = False
        self._before: list[Told] = []

    @property
    def chosen(self) -> PainArea | None:
        """The area under the cursor."""
        return self.told.areas[self.row] if self.told.areas else None

    def add(self, area: str, side: str) -> None:
        """One more area, under the cursor."""
        self._put(self.told.with_area(area, side))
        self.row = self.told.index(area, side) or 0
        self._usual_next = False
        self.refresh(layout=True)

    def add_finding(self, finding: Finding) -> None:
        """One more finding."""
        self._put(self.told.with_finding(finding))

    def on_blur(self) -> None:
        """Whoever comes back rates now first."""
        self._usual_next = False

    def on_key(self, event: events.Key) -> None:
        """Digits and letters."""
        if self.chosen is None:
            return
        rating = rating_of_key(event)
        kind = FINDING_KEYS.get(event.character or "")
        if rating is not None:
            usual = self._usual_next
            self._put(self.told.rated(self.row, **{"usual" if usual else "now": rating}))
            self._usual_next = not usual
        elif kind is FindingKind.TRIGGER_POINT:
            self.post_message(self.TriggerPointWanted(self.chosen))
        elif kind is not None:
            self._put(self.told.toggled(self.row, kind))
        else:
            return
        self.refresh(layout=True)
        event.stop()

    def action_move(self, step: int) -> None:
        """Another row, or out of the list."""
        to = self.row + step
        if not 0 <= to < len(self.told.areas):
            self.post_message(self.Left(step > 0))
            return
        self.row = to
        self._usual_next = False
        self.refresh()

    def action_take_back(self) -> None:
        """Take the last thing back."""
        if self._before:
            self.told = self._before.pop()
            self.row = max(0, min(self.row, len(self.told.areas) - 1))
            self._usual_next = False
            self.refresh(layout=True)
            self.post_message(self.Changed())

    def action_remove(self) -> None:
        """Take the row away."""
        if self.chosen is not None:
            self._put(self.told.without(self.row))
            self.row = max(0, min(self.row, len(self.told.areas) - 1))

    def _put(self, told: Told) -> None:
        if told != self.told:
            self._before.append(self.told)
            self.told = told
            self.refresh(layout=True)
            self.post_message(self.Changed())

    def render(self) -> RenderableType:
        """The rows; the one under the cursor is marked while the list has the focus."""
        if not self.told.areas:
            return Text("no area yet", "dim")
        lines: list[RenderableType] = []
        width = max(len(str(area)) for area in self.told.areas)
        for i, area in enumerate(self.told.areas):
            here = self.has_focus and i == self.row
            line = Text(no_wrap=True, overflow="ellipsis")
            line.append("▸ " if here else "  ", "bold")
            line.append(f"{area!s:<{width}}  ", "bold" if here else "")
            line.append_text(_number("now", area.now, here and not self._usual_next))
            line.append_text(_number("usual", area.usual, here and self._usual_next))
            lines.append(line)
            if found := self.told.found_at(i):
                lines.append(Padding(found_text(found), (0, 0, 0, 4)))
        return Group(*lines)


def _number(name: str, value: int | None, next_is: bool) -> Text:
    text = Text(f"{name} ", "dim")
    text.append(f"{'_' if value is None else value:>2}", "bold reverse" if next_is else "bold")
    text.append("  ")
    return text


def found_text(findings: Sequence[Finding]) -> Text:
    """What was found in an area."""
    parts = []
    for one in findings:
        point = f" {one.point}" if one.point else ""
        refers = f" → {one.referred}" if one.referred else ""
        parts.append(f"{one.kind.value}{point}{refers}")
    return Text("; ".join(parts))
