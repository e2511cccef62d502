"""Twins by name, as in `sim://twin-mark-10`."""

from __future__ import annotations

from sim.twins import gauges, sketches
from sim.twins.base import Twin, TwinOptions

PREFIX = "twin-"
_TWINS: dict[str, type[Twin]] = {
    "openscale": sketches.OpenScale,
    "hx711-bogde": sketches.Bogde,
    "hx711-sparkfun": sketches.SparkFun,
    "hx711-olkal": sketches.Olkal,
    "nau7802": sketches.Nau7802,
    "serial-plotter": sketches.SerialPlotter,
    "numbers": sketches.Plain,
    "mark-10": gauges.Mark10,
    "imada": gauges.Imada,
    "wagner-fdx": gauges.Wagner,
    "wagner-fdix": gauges.Wagner,
    "lutron": gauges.Lutron,
    "sauter-fh": gauges.Sauter,
    "shimpo-fgv": gauges.ShimpoFgv,
    "shimpo-dfs": gauges.ShimpoDfs,
    "tindeq": gauges.Tindeq,
}
TWIN_NAMES = tuple(PREFIX + name for name in _TWINS)
"""Each is `twin-` and the name of the dialect that its device speaks."""


def twin(name: str, options: TwinOptions, seed: int = 1) -> Twin:
    """A device just switched on.

    Raises:
        ValueError: there is no twin of that name.
    """
    if name not in TWIN_NAMES:
        raise ValueError(f"there is no twin “{name}”: use one of {', '.join(TWIN_NAMES)}")
    return _TWINS[name.removeprefix(PREFIX)](options, seed)
