"""Which serial ports are connected, and what is probably behind each."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

_ARDUINO_VENDORS = (0x2341, 0x2A03)
# USB product ids of Arduino's own boards (boards.txt of the AVR core).
_ARDUINO_BOARDS = {
    0x0001: "Arduino Uno",
    0x0043: "Arduino Uno",
    0x0243: "Arduino Uno",
    0x006A: "Arduino Uno",
    0x0010: "Arduino Mega 2560",
    0x0042: "Arduino Mega 2560",
    0x0210: "Arduino Mega 2560",
    0x0242: "Arduino Mega 2560",
    0x8036: "Arduino Leonardo",
    0x0036: "Arduino Leonardo (in its bootloader: wait a few seconds)",
    0x8037: "Arduino Micro",
    0x0037: "Arduino Micro (in its bootloader: wait a few seconds)",
    0x0058: "Arduino Nano Every",
    0x8057: "Arduino Nano 33 IoT",
    0x805A: "Arduino Nano 33 BLE",
    0x1002: "Arduino Uno R4 WiFi",
    0x0069: "Arduino Uno R4 Minima",
}
_CHIPS = {
    (0x1A86, 0x7523): "CH340 adapter, as on most Arduino Nano and Uno clones",
    (0x1A86, 0x5523): "CH341 adapter",
    (0x1A86, 0x55D3): "CH343 adapter",
    (0x1A86, 0x55D4): "CH9102 adapter, as on newer ESP32 boards",
    (0x0403, 0x6001): "FTDI FT232R adapter, as on SparkFun OpenScale and older Arduino Nano",
    (0x0403, 0x6015): "FTDI FT231X adapter, as on SparkFun boards",
    (0x0403, 0x6010): "FTDI FT2232 adapter",
    (0x0403, 0x6014): "FTDI FT232H adapter",
    (0x10C4, 0xEA60): "CP210x adapter, as on ESP32 boards and force gauges",
    (0x067B, 0x2303): "Prolific PL2303 adapter, as on cables of force gauges",
    (0x067B, 0x23A3): "Prolific PL2303 adapter, as on cables of force gauges",
    (0x2E8A, 0x000A): "Raspberry Pi Pico",
    (0x2E8A, 0x0005): "Raspberry Pi Pico with MicroPython",
    (0x16C0, 0x0483): "Teensy",
    (0x303A, 0x1001): "ESP32 with its own USB",
}
_VENDORS = {
    0x2341: "Arduino board",
    0x2A03: "Arduino board",
    0x08F7: "Vernier device, which does not speak over a serial port",
    0x1B4F: "SparkFun board",
    0x239A: "Adafruit board",
    0x2E8A: "Raspberry Pi board",
    0x16C0: "Teensy or other hobby board",
    0x303A: "Espressif (ESP32) board",
    0x1A86: "WCH (CH34x) adapter",
    0x0403: "FTDI adapter",
    0x10C4: "Silicon Labs adapter",
    0x067B: "Prolific adapter",
}


@dataclass(frozen=True, slots=True)
class SensorPort:
    """A serial port that is connected now.

    Attributes:
        url: what to open; under `/dev/serial/by-id` where the system has such a name, as it survives replugging.
        description: what the system calls it.
        usb_vid: USB vendor id, None for a port that is not on USB.
        usb_pid: USB product id, likewise.
        serial: USB serial number; empty when it has none.
        guess: what it probably is, for people; empty when nothing is known.
    """

    url: str
    description: str
    usb_vid: int | None
    usb_pid: int | None
    serial: str
    guess: str


def list_sensors(by_id: Path = Path("/dev/serial/by-id")) -> list[SensorPort]:
    """The serial ports connected now, those on USB first, then by name.

    Args:
        by_id: folder of stable names, links to the devices; may be missing.
    """
    stable = _stable_names(by_id)
    ports = [
        SensorPort(
            url=stable.get(os.path.realpath(port.device), port.device),
            description="" if port.description == "n/a" else port.description,
            usb_vid=port.vid,
            usb_pid=port.pid,
            serial=port.serial_number or "",
            guess=guess(port.vid, port.pid, port.description),
        )
        for port in list_ports.comports()
    ]
    return sorted(ports, key=lambda port: (port.usb_vid is None, port.url))


def guess(usb_vid: int | None, usb_pid: int | None, description: str = "") -> str:
    """What a port probably is, from its USB ids and what the system calls it; empty when nothing is known."""
    if usb_vid is None:
        return "Bluetooth serial port" if "bluetooth" in description.lower() else ""
    if usb_vid in _ARDUINO_VENDORS and usb_pid in _ARDUINO_BOARDS:
        return _ARDUINO_BOARDS[usb_pid]
    if usb_pid is not None and (usb_vid, usb_pid) in _CHIPS:
        return _CHIPS[usb_vid, usb_pid]
    if "arduino" in description.lower():
        return "Arduino board"
    return _VENDORS.get(usb_vid, "")


def _stable_names(by_id: Path) -> dict[str, str]:
    try:
        return {os.path.realpath(link): str(link) for link in sorted(by_id.iterdir())}
    except OSError:
        return {}
