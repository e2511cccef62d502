"""What a sensor can tell about itself and about the signal: for a status line and for the record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from feedback.signal import Calibration

SensorState: TypeAlias = Literal["opening", "recognising", "live", "silent", "lost", "ended"]
"""`opening`: nothing read yet; `recognising`: no sample yet; `live`: samples come; `silent`: the port is open but
nothing comes; `lost`: the port is gone and is tried again; `ended`: closed, or a recording is over."""


@dataclass(frozen=True, slots=True)
class SensorHealth:
    """How well a sensor is heard; totals count from opening and over every connection.

    Attributes:
        state: see `SensorState`.
        rate_hz: samples a second over the last 5 s, by the device's clock where it has one; 0 when none come.
        samples: samples delivered.
        lost: samples known to be lost, from their numbers, or because nobody took them in time.
        checksum_errors: damaged frames or lines; none of them became a sample.
        repeated: samples left out because they came twice, or after younger ones (those are counted in `lost`).
        garbage_bytes: bytes that belonged to nothing: banners, noise, the rest of a frame cut by opening.
        reconnects: how often the port was lost and the signal came back.
        clock_skew_ppm: how much longer a second of the device's clock lasts than one of the host's; None when unknown.
        last_sample_s: time of the newest sample on the sensor's clock (`Sensor.now_s`); None before the first.
        problem: one sentence about what is wrong and what to do; empty when all is well.
    """

    state: SensorState
    rate_hz: float
    samples: int
    lost: int
    checksum_errors: int
    repeated: int
    garbage_bytes: int
    reconnects: int
    clock_skew_ppm: float | None
    last_sample_s: float | None
    problem: str


@dataclass(frozen=True, slots=True)
class SensorInfo:
    """What a sensor is, as far as it is known now.

    Attributes:
        url: the address it was opened with.
        dialect: name of the dialect; None until recognised.
        dialect_label: the same for people; empty until recognised.
        device: what it calls itself; empty when it does not say, as the following two.
        serial: its serial number.
        firmware: version of its firmware.
        rate_hz: samples a second by its own word; None when it does not say.
        clock: `device` when its own microseconds time the samples, `arrival` when only their arrival does.
        calibration: the calibration in force; None when forces are unknown.
        meta: everything that its META said.
        calibration_warning: what is known against the calibration (old, not accepted, of another sensor), in one
            sentence; empty when nothing is.
    """

    url: str
    dialect: str | None
    dialect_label: str
    device: str
    serial: str
    firmware: str
    rate_hz: float | None
    clock: Literal["device", "arrival"]
    calibration: Calibration | None
    meta: dict[str, str] = field(hash=False)
    calibration_warning: str = ""
