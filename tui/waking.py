"""How a loop beside a sensor wakes: with every delivery, not too often, and now and then without one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event

    from firmware_bridge import Sensor

FOLLOW_EVERY_S = 0.04
"""Whoever is shown what happens is shown it at least this often."""
LEAST_STEP_S = 0.004
"""However fast a sensor delivers, a loop looks no oftener than this."""


def wakes(sensor: Sensor, stop: Event) -> Iterator[float]:
    """The time of `time.monotonic` whenever it is time to look, until `stop` is set."""
    deliveries, woke_s = 0, 0.0
    while not stop.is_set():
        deliveries = sensor.wait_for_more(deliveries, FOLLOW_EVERY_S)
        if time.monotonic() - woke_s < LEAST_STEP_S:
            stop.wait(LEAST_STEP_S)
        woke_s = time.monotonic()
        yield woke_s
