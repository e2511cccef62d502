"""`goodpain muscles`: look up muscles, their points, referred pain and what asks for care."""

from __future__ import annotations

import json
import shutil
import textwrap
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.options import folder_and_settings, with_data
from tui.wanted import WantedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedback.atlas import Atlas, CautionSite, Found, Muscle

_IN_FULL = 3
"""So many of those found are written out; the rest by name."""
NOT_VERIFIED = "not verified: common teaching, no page was found that says it"
CARE = (
    "Places to take care of are passed on by teachers, not tested: special care, not never; this is no medical "
    "advice."
)


@click.command()
@click.argument("words", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@with_data
@click.pass_context
def muscles(ctx: click.Context, words: tuple[str, ...], as_json: bool, data: Path | None) -> None:
    """Look up muscles by name, short form, region or where it hurts; all of them when nothing is given."""
    from feedback.atlas import load_atlas
    from feedback.atlas.shipped import OWN_NAME

    folder, _ = folder_and_settings(ctx, data)
    atlas = load_atlas(folder / OWN_NAME)
    typed = " ".join(words)
    found = atlas.search(typed, limit=len(atlas.muscles))
    if as_json:
        click.echo(json.dumps({"muscles": [_as_data(atlas, one) for one in found]}, ensure_ascii=False))
        return
    if not found:
        raise WantedError(
            f"no muscle, region or referred pain here has “{typed}” in it: "
            "`goodpain muscles` lists all; your own go into atlas.toml (docs/atlas.md)"
        )
    width = min(100, shutil.get_terminal_size().columns)
    for line in _list(atlas, width) if not typed.strip() else _found(atlas, found, width):
        click.echo(line)


def _list(atlas: Atlas, width: int) -> Iterable[str]:
    """Every muscle, by region."""
    order = {area.key: place for place, area in enumerate(atlas.areas)}
    by_region = sorted(atlas.muscles, key=lambda muscle: (muscle.region, muscle.name))
    regions = [(region, list(group)) for region, group in groupby(by_region, key=lambda one: one.region)]
    for region, group in sorted(regions, key=lambda one: min(order[muscle.area] for muscle in one[1])):
        yield region
        yield from _wrapped(", ".join(muscle.name for muscle in group), width, "  ")
    yield ""
    yield from _wrapped(
        "More of one: goodpain muscles infraspinatus, or where it hurts: goodpain muscles headache", width
    )


def _found(atlas: Atlas, found: Sequence[Found], width: int) -> Iterable[str]:
    exact = found[0].by in ("name", "other name") and len(found) > 1 and _is_exact(found[0])
    first = 1 if exact else _IN_FULL
    care = False
    for one in found[:first]:
        yield from _muscle(atlas, one.muscle, width)
        yield ""
        care = care or bool(_sites(atlas, one.muscle))
    if len(found) > first:
        yield from _wrapped("Also: " + ", ".join(one.muscle.name for one in found[first:]), width)
    if care:
        yield from _wrapped(CARE, width)


def _is_exact(found: Found) -> bool:
    return found.words in (found.muscle.name, *(other.lower() for other in found.muscle.other_names))


def _muscle(atlas: Atlas, muscle: Muscle, width: int) -> Iterable[str]:
    other = f" ({', '.join(muscle.other_names)})" if muscle.other_names else ""
    own = " · with your own entries" if muscle.own else ""
    yield from _wrapped(f"{muscle.name}{other} · {muscle.region}{own}", width)
    for point in muscle.points:
        yield from _wrapped(f"• {point.label}: {point.where}", width, "  ", "    ")
        yield from _wrapped(f"pain: {point.refers}", width, "    ", "          ")
    for site, where in _sites(atlas, muscle):
        yield from _wrapped(f"take care{where}: {site.name}. {site.why}", width, "  ! ", "    ")
    if not muscle.checked:
        yield from _wrapped(NOT_VERIFIED, width, "  ? ", "    ")
    for source in muscle.sources:
        # An address that is broken over two lines cannot be followed.
        yield from _wrapped(source.title, width, "  read in ", "    ")
        yield f"    {source.url}"


def _sites(atlas: Atlas, muscle: Muscle) -> list[tuple[CautionSite, str]]:
    """Caution sites of a muscle; where only some of its points have one, which."""
    found = [(site, "") for key in muscle.cautions if (site := atlas.site(key))]
    keys = dict.fromkeys(
        key for point in muscle.points for key in point.cautions if key not in muscle.cautions
    )
    for key in keys:
        labels = [point.label for point in muscle.points if key in point.cautions]
        everywhere = len(labels) == len(muscle.points)
        if site := atlas.site(key):
            found.append((site, "" if everywhere else f" ({', '.join(labels)})"))
    return found


def _as_data(atlas: Atlas, found: Found) -> dict[str, Any]:
    muscle = found.muscle
    sites = {
        key: site
        for key in (*muscle.cautions, *(key for point in muscle.points for key in point.cautions))
        if (site := atlas.site(key))
    }
    return {
        "name": muscle.name,
        "other_names": muscle.other_names,
        "region": muscle.region,
        "area": muscle.area,
        "sides": muscle.sides,
        "found_by": found.by,
        "points": [
            {
                "label": point.label,
                "where": point.where,
                "refers": point.refers,
                "area": point.area or muscle.area,
                "cautions": [*muscle.cautions, *point.cautions],
            }
            for point in muscle.points
        ],
        "pain_areas": muscle.pain_areas,
        "checked": muscle.checked,
        "own": muscle.own,
        "cautions": [
            {
                "key": site.key,
                "name": site.name,
                "why": site.why,
                "where": site.where,
                "ceiling_share": site.ceiling_share,
            }
            for site in sites.values()
        ],
        "sources": [{"title": source.title, "url": source.url} for source in muscle.sources],
    }


def _wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
