"""Pages of the atlas joined to one, every reference checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from feedback.atlas.atlas import Atlas
from feedback.atlas.model import AtlasError, BodyArea, CautionSite, Muscle, Outline, Source, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feedback.atlas.reading import Entry, Page

_NEEDED = {
    Muscle: ("region", "area"),
    CautionSite: ("name", "why", "where", "ceiling_share", "areas"),
}


def join(pages: Sequence[Page], own: Page | None = None) -> Atlas:
    """Make the atlas.

    Args:
        pages: the shipped pages.
        own: the user's page; it adds to what is there and replaces what it gives again.

    Raises:
        AtlasError: an entry that is not whole, is there twice on one side, or refers to nothing.
    """
    every = [*pages, *([own] if own else [])]
    sources = {key: source for page in every for key, source in page.sources.items()}
    figures: dict[View, Outline] = {view: shape for page in every for view, shape in page.figures.items()}
    areas = [BodyArea(key=entry.name, **entry.given) for page in every for entry in page.areas]
    _refuse_twice(entry for page in every for entry in page.areas)
    sites: dict[str, CautionSite] = {}
    muscles: dict[str, Muscle] = {}
    for part, is_own in ((pages, False), ([own] if own else [], True)):
        _refuse_twice(entry for page in part for entry in page.cautions)
        _refuse_twice(entry for page in part for entry in page.muscles)
        for page in part:
            for entry in page.cautions:
                sites[entry.name] = _site(entry, sites.get(entry.name), sources)
            for entry in page.muscles:
                muscles[entry.name] = _muscle(entry, muscles.get(entry.name), sources, own=is_own)
    _check_references(every, sites, [area.key for area in areas])
    _check_names(every, muscles)
    return Atlas([muscles[name] for name in sorted(muscles)], list(sites.values()), areas, figures)


def _site(entry: Entry, before: CautionSite | None, sources: Mapping[str, Source]) -> CautionSite:
    cited = _cited(entry, sources)
    if before is not None:
        return replace(before, **entry.given, sources=_added(before.sources, cited))
    _whole(entry, _NEEDED[CautionSite])
    return CautionSite(key=entry.name, **entry.given, sources=cited)


def _muscle(entry: Entry, before: Muscle | None, sources: Mapping[str, Source], *, own: bool) -> Muscle:
    cited = _cited(entry, sources)
    if before is None:
        _whole(entry, _NEEDED[Muscle])
        given: dict[str, Any] = {"other_names": ()} | entry.given
        return Muscle(name=entry.name, **given, sources=cited, own=own)
    changed: dict[str, Any] = dict(entry.given)
    for added in ("other_names", "cautions", "pain_areas"):
        if added in changed:
            changed[added] = _added(getattr(before, added), changed[added])
    if "points" in changed:
        new = {point.label.lower(): point for point in changed["points"]}
        kept = [point for point in before.points if point.label.lower() not in new]
        changed["points"] = (*kept, *new.values())
    return replace(before, **changed, sources=_added(before.sources, cited), own=own)


def _added(before: tuple[Any, ...], more: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*before, *more)))


def _cited(entry: Entry, sources: Mapping[str, Source]) -> tuple[Source, ...]:
    for key in entry.sources:
        if key not in sources:
            raise AtlasError(f"in {entry.place}: sources names “{key}”, but there is no [source.{key}]")
    return tuple(sources[key] for key in entry.sources)


def _whole(entry: Entry, needed: tuple[str, ...]) -> None:
    for key in needed:
        if key not in entry.given:
            raise AtlasError(f"in {entry.place}: {key} is missing")


def _refuse_twice(entries: Iterable[Entry]) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        if entry.name in seen:
            raise AtlasError(f"in {entry.place}: it is there twice: keep one")
        seen[entry.name] = entry.place


def _check_references(pages: Sequence[Page], sites: Mapping[str, CautionSite], areas: Sequence[str]) -> None:
    for page in pages:
        for entry in page.cautions:
            _known(entry, "areas", entry.given.get("areas", ()), areas)
        for entry in page.muscles:
            given = entry.given
            _known(entry, "area", [given["area"]] if "area" in given else [], areas)
            _known(entry, "pain_areas", given.get("pain_areas", ()), areas)
            _known(entry, "cautions", given.get("cautions", ()), sites)
            for point in given.get("points", ()):
                _known(entry, f"area of point “{point.label}”", [point.area] if point.area else [], areas)
                _known(entry, f"cautions of point “{point.label}”", point.cautions, sites)


def _known(entry: Entry, key: str, wanted: Iterable[str], known: Iterable[str]) -> None:
    for one in wanted:
        if one not in known:
            raise AtlasError(f"in {entry.place}: {key} names “{one}”: use one of {', '.join(known)}")


def _check_names(pages: Sequence[Page], muscles: Mapping[str, Muscle]) -> None:
    """One name means one muscle, and one label one of its points."""
    taken: dict[str, str] = {}
    for page in pages:
        for entry in page.muscles:
            for other in entry.given.get("other_names", ()):
                owner = taken.setdefault(other.lower(), entry.name)
                if other.lower() in muscles or owner != entry.name:
                    whose = "a muscle's own name" if other.lower() in muscles else f"another name of {owner}"
                    raise AtlasError(f"in {entry.place}: other_names has “{other}”, which is {whose}")
            labels = [point.label.lower() for point in entry.given.get("points", ())]
            for label in labels:
                if labels.count(label) > 1:
                    raise AtlasError(f"in {entry.place}: two points have the label “{label}”")
