"""Bluetooth LE without a radio is one sentence. With one, the link was never tried: see docs/devices.md."""

from __future__ import annotations

import sys

import pytest

from firmware_bridge import PortError, open_sensor
from firmware_bridge.dialects import recognise
from firmware_bridge.dialects.wh_c06 import wrap


def test_without_bleak_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bleak", None)
    with pytest.raises(PortError, match=r"goodpain\[ble\]"):
        open_sensor("ble://Progressor")


def test_an_address_without_a_name_says_what_to_write() -> None:
    with pytest.raises(PortError, match="ble://Progressor"):
        open_sensor("ble://")


@pytest.mark.parametrize("url", ["ble://Progressor", "ble://WH-C06"])
def test_without_a_radio_the_sentence_says_so(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("bleak")
    if not sys.platform.startswith("linux"):
        pytest.skip("only on Linux can the system bus be hidden")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    with pytest.raises(PortError, match="no Bluetooth LE radio"):
        open_sensor(url)


def test_what_a_scale_advertises_is_recognised() -> None:
    found = recognise(wrap(bytes(17)) * 3)
    assert found is not None
    assert found.name == "wh-c06"
