"""From the wire to newtons: ports, dialects, clock, calibration.

with open_sensor("/dev/ttyUSB0") as sensor:
    for block in sensor:
        print(block.time_s[-1], block.force_n[-1])
"""

from __future__ import annotations

from firmware_bridge.bridge import Sensor, open_sensor
from firmware_bridge.dialects import decode
from firmware_bridge.errors import (
    BridgeError,
    CalibrationError,
    DialectError,
    PortBusyError,
    PortDeniedError,
    PortError,
    PortNotFoundError,
    SilentSensorError,
    TareError,
)
from firmware_bridge.health import SensorHealth, SensorInfo
from firmware_bridge.sensors import SensorPort, list_sensors

__all__ = [
    "BridgeError",
    "CalibrationError",
    "DialectError",
    "PortBusyError",
    "PortDeniedError",
    "PortError",
    "PortNotFoundError",
    "Sensor",
    "SensorHealth",
    "SensorInfo",
    "SensorPort",
    "SilentSensorError",
    "TareError",
    "decode",
    "list_sensors",
    "open_sensor",
]
