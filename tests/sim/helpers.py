"""What the simulator's tests share."""

import numpy as np

from firmware_bridge.dialects import Readings
from firmware_bridge.dialects.native_binary import BinaryDecoder
from firmware_bridge.dialects.native_text import TextDecoder
from sim.address import Address
from sim.device import VirtualSensor
from sim.hand import Hand
from sim.scenarios import scenario
from sim.schedule import PHYSICS_HZ

STEP_S = 1 / PHYSICS_HZ


def sensor(url: str) -> VirtualSensor:
    return Address.parse(url).sensor()


def decoded(data: bytes, *, text: bool = False) -> Readings:
    return (TextDecoder() if text else BinaryDecoder()).feed(data)


def heard(url: str, seconds: float) -> Readings:
    """What a program hears in so many seconds."""
    return decoded(sensor(url).advance(seconds), text="dialect=text" in url)


def forces(hand, seconds: float) -> np.ndarray:
    """The force on the world's grid for the next seconds."""
    return hand.force_n(np.arange(round(seconds * PHYSICS_HZ)) / PHYSICS_HZ)


def hand_of(name: str = "upper-trapezius", seed: int = 2, *, steered: bool = False) -> Hand:
    hand = scenario(name, seed).pressing(steered=steered)
    assert isinstance(hand, Hand)
    return hand
