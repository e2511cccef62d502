"""Dialects: the languages that sensors speak, found by name or recognised from their bytes."""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from firmware_bridge.dialects.base import (
    Decoder,
    Dialect,
    Event,
    Log,
    Message,
    Meta,
    Pong,
    Readings,
    Status,
)
from firmware_bridge.errors import DialectError

__all__ = [
    "Decoder",
    "Dialect",
    "Event",
    "Log",
    "Message",
    "Meta",
    "Pong",
    "Readings",
    "Status",
    "decode",
    "dialect",
    "dialects",
    "recognise",
]

GROUP = "goodpain.dialects"
"""Entry-point group: a dialect is one module with a `Dialect` object and one line in a project file."""
RECOGNISED = 0.5
"""Likeness below which nothing is recognised."""

_BUILT_IN = {
    "native-binary": "firmware_bridge.dialects.native_binary",
    "native-text": "firmware_bridge.dialects.native_text",
    "numbers": "firmware_bridge.dialects.numbers",
    "openscale": "firmware_bridge.dialects.openscale",
    "hx711-bogde": "firmware_bridge.dialects.hx711_sketches:BOGDE",
    "hx711-sparkfun": "firmware_bridge.dialects.hx711_sketches:SPARKFUN",
    "hx711-olkal": "firmware_bridge.dialects.hx711_sketches:OLKAL",
    "nau7802": "firmware_bridge.dialects.hx711_sketches:NAU7802",
    "serial-plotter": "firmware_bridge.dialects.serial_plotter",
    "mark-10": "firmware_bridge.dialects.mark_10",
    "imada": "firmware_bridge.dialects.imada",
    "wagner-fdx": "firmware_bridge.dialects.wagner:FDX",
    "wagner-fdix": "firmware_bridge.dialects.wagner:FDIX",
    "lutron": "firmware_bridge.dialects.lutron",
    "sauter-fh": "firmware_bridge.dialects.sauter",
    "shimpo-fgv": "firmware_bridge.dialects.shimpo:FGV",
    "shimpo-dfs": "firmware_bridge.dialects.shimpo:DFS",
    "tindeq": "firmware_bridge.dialects.tindeq",
    "wh-c06": "firmware_bridge.dialects.wh_c06",
}
_log = logging.getLogger(__name__)


@cache
def _loaded() -> tuple[Dialect, ...]:
    # The built-in ones are named here too, so that a checkout that was never installed speaks them.
    found: dict[str, Dialect] = {name: _built_in(place) for name, place in _BUILT_IN.items()}
    for entry in entry_points(group=GROUP):
        if entry.name not in found and (added := _load(entry)) is not None:
            found[entry.name] = added
    return tuple(found.values())


def _built_in(place: str) -> Dialect:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name or "DIALECT")


def _load(entry: EntryPoint) -> Dialect | None:
    """Load somebody else's dialect; a broken one must not silence every sensor."""
    try:
        loaded = entry.load()
    except Exception as error:
        _log.warning(
            "The dialect “%s” cannot be loaded (%s): update or remove its package", entry.name, error
        )
        return None
    if not isinstance(loaded, Dialect):
        _log.warning("“%s” is registered as a dialect but is none: update or remove its package", entry.name)
        return None
    return loaded


def dialects() -> dict[str, Dialect]:
    """All dialects by name: the built-in ones, then those of installed packages (group `goodpain.dialects`)."""
    return {known.name: known for known in _loaded()}


def dialect(name: str) -> Dialect:
    """Find a dialect by name.

    Raises:
        DialectError: no such dialect; the message lists those there are.
    """
    known = dialects()
    if name not in known:
        raise DialectError(f"There is no dialect “{name}”: use one of {', '.join(known)}.")
    return known[name]


def recognise(data: bytes) -> Dialect | None:
    """Tell the dialect from the first second of bytes, which may begin in the middle of a frame or line.

    Returns:
        The dialect that explains them best, or None when none does well enough: more bytes may help.
    """
    best, best_likeness = None, RECOGNISED
    for candidate in dialects().values():
        if (likeness := candidate.likeness(data)) > best_likeness:
            best, best_likeness = candidate, likeness
    return best


def decode(dialect_name: str, data: bytes) -> Readings:
    """Decode bytes that are at hand as a whole, such as a file, with a fresh decoder.

    Raises:
        DialectError: no such dialect.
    """
    return dialect(dialect_name).new_decoder().feed(data)
