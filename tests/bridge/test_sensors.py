"""The list of connected sensors and what each is taken for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from serial.tools import list_ports

from firmware_bridge.sensors import guess, list_sensors


@pytest.mark.parametrize(
    ("vid", "pid", "expected"),
    [
        (0x2341, 0x0043, "Arduino Uno"),
        (0x2A03, 0x0043, "Arduino Uno"),
        (0x2341, 0x0042, "Arduino Mega"),
        (0x2341, 0x8036, "Arduino Leonardo"),
        (0x1A86, 0x7523, "CH340"),
        (0x0403, 0x6001, "FTDI"),
        (0x0403, 0x6015, "FTDI"),
        (0x10C4, 0xEA60, "CP210x"),
        (0x08F7, 0x0010, "Vernier"),
    ],
)
def test_a_usb_id_is_recognised(vid: int, pid: int, expected: str) -> None:
    assert expected in guess(vid, pid)


def test_an_unknown_product_of_a_known_vendor_is_still_a_hint() -> None:
    assert guess(0x2341, 0xFFFF) == "Arduino board"
    assert guess(0x2341, None) == "Arduino board"


def test_nothing_is_made_up() -> None:
    assert guess(0xDEAD, 0xBEEF, "Some thing") == ""
    assert guess(None, None, "ttyS0") == ""


def test_the_description_helps_where_the_ids_do_not() -> None:
    assert guess(0xDEAD, 0xBEEF, "Arduino Clone") == "Arduino board"
    assert "Bluetooth" in guess(None, None, "Standard Serial over Bluetooth link (COM4)")


def test_the_list_is_that_of_the_system_with_stable_names(tmp_path: Path) -> None:
    connected = list_ports.comports()
    for index, port in enumerate(connected):
        os.symlink(port.device, tmp_path / f"usb-sensor-{index}")
    listed = list_sensors(tmp_path)
    assert {sensor.url for sensor in listed} == {
        str(tmp_path / f"usb-sensor-{i}") for i in range(len(connected))
    }


def test_a_system_without_stable_names_lists_the_devices(tmp_path: Path) -> None:
    assert {sensor.url for sensor in list_sensors(tmp_path / "none")} == {
        p.device for p in list_ports.comports()
    }
