"""The atlas as text: one page of TOML, shipped or the user's own, read and checked key by key.

A page has tables `[source.KEY]` (url, title), `[[muscle]]` with `[[muscle.point]]`, `[[caution]]`, and, in the shipped
atlas, `[[area]]` and `[figure]`. docs/atlas.md describes every key. An entry whose name or key an earlier page
has already need not be whole: what it gives replaces what was, but points, other names and sources are added.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from feedback.atlas.model import MIDDLE, PAIRED, VIEWS, AtlasError, AtlasPoint, Outline, Source, View
from feedback.toml import TomlError, parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

SIDES = {"left and right": PAIRED, "middle": MIDDLE, "left, right and middle": (*PAIRED, *MIDDLE)}
"""How `sides` is written, and what it means."""
_OUTLINE_REACH = 2.0
"""Corners further out than this (in body heights) are a slip of the pen."""


@dataclass(slots=True)
class Entry:
    """One muscle, caution site or area as a page gives it.

    Attributes:
        name: the muscle's name or the key of a site or area.
        place: file and entry, for errors.
        given: the fields that are there, by the names of the dataclass they are for.
        sources: keys of its sources.
    """

    name: str
    place: str
    given: dict[str, Any]
    sources: tuple[str, ...] = ()


@dataclass(slots=True)
class Page:
    """One page of the atlas, read but not yet joined with the others."""

    where: str
    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    muscles: list[Entry] = field(default_factory=list[Entry])
    cautions: list[Entry] = field(default_factory=list[Entry])
    areas: list[Entry] = field(default_factory=list[Entry])
    figures: dict[View, Outline] = field(default_factory=dict["View", Outline])


def page_from_toml(text: str, where: str, *, own: bool = False) -> Page:
    """Read a page.

    Args:
        text: the TOML.
        where: the file's name, for errors.
        own: whether it is the user's: the figure and its areas are not theirs to change.

    Raises:
        AtlasError: not TOML, or a key that is missing, unknown or has the wrong kind of value.
    """
    try:
        values = parse_toml(text)
    except TomlError as error:
        raise AtlasError(f"{where} is not valid TOML: {error}") from error
    page = Page(where)
    whole = Table(values, where)
    whole.only("source", "muscle", "caution", *(() if own else ("area", "figure")))
    for key, table in whole.table("source").tables():
        table.only("url", "title")
        page.sources[key] = Source(table.text("url"), table.text("title"))
    page.muscles = [_muscle(table) for table in whole.list("muscle")]
    page.cautions = [_caution(table) for table in whole.list("caution")]
    page.areas = [_area(table) for table in whole.list("area")]
    figures = whole.table("figure")
    figures.only(*VIEWS)
    page.figures = {view: figures.outline(view) for view in VIEWS if view in figures.values}
    return page


class Table:
    """A table of a page: gives its values by kind, or says which key is wrong and why.

    Args:
        values: the table.
        file: the page's name, for errors.
        within: the entry, for errors; empty for the whole page.
    """

    def __init__(self, values: Mapping[str, Any], file: str, within: str = "") -> None:
        self.values = values
        self.file = file
        self.place = f"{file}, {within}" if within else file
        self._within = within

    def wrong(self, key: str, why: str) -> AtlasError:
        """The error about a key."""
        return AtlasError(f"in {self.place}: {key} {why}")

    def only(self, *keys: str) -> None:
        """Refuse any other key: it is most likely misspelt."""
        for key in self.values:
            if key not in keys:
                raise self.wrong(f"“{key}”", f"is not a key here: use {', '.join(keys)}")

    def named(self, key: str, kind: str) -> Table:
        """This table, called by its name in errors from here on."""
        return Table(self.values, self.file, f"{kind} “{self.text(key)}”")

    def text(self, key: str) -> str:
        """Text that is not empty, spaces tidied."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "must be text in quotes" if key in self.values else "is missing")
        return " ".join(value.split())

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; none when it is not there."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, 'must be a list of texts, for example ["one", "two"]')
        items = cast("list[object]", value)
        return tuple(Table({key: item}, self.file, self._within).text(key) for item in items)

    def choice(self, key: str, choices: Mapping[str, Any]) -> Any:
        """One of a few words."""
        value = self.text(key)
        if value not in choices:
            raise self.wrong(key, f"is “{value}”: use {', '.join(f'“{choice}”' for choice in choices)}")
        return choices[value]

    def truth(self, key: str) -> bool:
        """True or false; false when it is not there."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def share(self, key: str) -> float:
        """A number above 0, at most 1."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            raise self.wrong(key, "must be a number above 0 and at most 1, for example 0.5")
        return float(value)

    def outline(self, key: str) -> Outline:
        """Corners of a closed shape, three or more."""
        value = self.values.get(key)
        reason = "must be three or more corners, for example [[0, 0.1], [0.1, 0.1], [0.1, 0.2]]"
        if not isinstance(value, list) or len(cast("list[object]", value)) < 3:
            raise self.wrong(key, reason)
        corners: list[tuple[float, float]] = []
        for corner in cast("list[object]", value):
            if not isinstance(corner, list):
                raise self.wrong(key, reason)
            x, y = self._pair(key, cast("list[object]", corner))
            corners.append((x, y))
        return tuple(corners)

    def table(self, key: str) -> Table:
        """A table within; an empty one when it is not there."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "must be a table")
        return Table(cast("dict[str, Any]", value), self.file, self._inner(key))

    def tables(self) -> list[tuple[str, Table]]:
        """All its tables by name."""
        return [(key, self.table(key)) for key in self.values]

    def list(self, key: str) -> list[Table]:
        """A list of tables; none when it is not there."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(
            isinstance(item, dict) for item in cast("list[object]", value)
        ):
            raise self.wrong(key, f"must be tables, each begun with [[{key}]]")
        return [
            Table(item, self.file, self._inner(f"{key} {number}"))
            for number, item in enumerate(cast("list[dict[str, Any]]", value), 1)
        ]

    def _inner(self, key: str) -> str:
        return f"{self._within}, {key}" if self._within else key

    def _pair(self, key: str, corner: list[object]) -> tuple[float, float]:
        numbers = [
            float(number)
            for number in corner
            if isinstance(number, int | float)
            and not isinstance(number, bool)
            and abs(number) <= _OUTLINE_REACH
        ]
        if len(numbers) != 2 or len(corner) != 2:
            raise self.wrong(key, f"has the corner {corner}: give two numbers in body heights")
        return numbers[0], numbers[1]


def _muscle(found: Table) -> Entry:
    table = found.named("name", "muscle")
    table.only(
        "name",
        "other_names",
        "region",
        "area",
        "sides",
        "point",
        "cautions",
        "pain_areas",
        "sources",
        "checked",
    )
    given: dict[str, Any] = {key: table.text(key) for key in ("region", "area") if key in table.values} | {
        key: table.texts(key) for key in ("other_names", "cautions", "pain_areas") if key in table.values
    }
    if "sides" in table.values:
        given["sides"] = table.choice("sides", SIDES)
    if "checked" in table.values:
        given["checked"] = table.truth("checked")
    if "point" in table.values:
        given["points"] = tuple(_point(point) for point in table.list("point"))
    name = table.text("name").lower()
    if any(sign in name for sign in ",/"):
        # A point is written “muscle, side, label”: such a name could not be read back.
        raise table.wrong("name", "must have no comma and no slash in it")
    return Entry(name, table.place, given, table.texts("sources"))


def _point(table: Table) -> AtlasPoint:
    table.only("label", "where", "refers", "area", "cautions")
    label = table.text("label")
    if any(sign in label for sign in ",/"):
        raise table.wrong("label", "must have no comma and no slash in it")
    return AtlasPoint(
        label,
        table.text("where"),
        table.text("refers"),
        table.text("area") if "area" in table.values else "",
        table.texts("cautions"),
    )


def _caution(found: Table) -> Entry:
    table = found.named("key", "caution")
    table.only("key", "name", "why", "where", "ceiling_share", "areas", "sources")
    given: dict[str, Any] = {key: table.text(key) for key in ("name", "why", "where") if key in table.values}
    if "ceiling_share" in table.values:
        given["ceiling_share"] = table.share("ceiling_share")
    if "areas" in table.values:
        given["areas"] = table.texts("areas")
    return Entry(table.text("key"), table.place, given, table.texts("sources"))


def _area(found: Table) -> Entry:
    table = found.named("key", "area")
    table.only("key", "name", "part", "view", "sides", "outline")
    given: dict[str, Any] = {
        "name": table.text("name"),
        "part": table.text("part"),
        "view": table.choice("view", {view: view for view in VIEWS}),
        "sides": table.choice("sides", SIDES),
        "outline": table.outline("outline"),
    }
    return Entry(table.text("key"), table.place, given)
