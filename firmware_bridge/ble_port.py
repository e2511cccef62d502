"""Sensors over Bluetooth LE: `ble://Progressor` (Tindeq and compatible), `ble://WH-C06` (a scale that advertises).

Needs the extra `ble` (bleak). The radio runs in a thread of its own; what it hands over are the bytes that the dialects
`tindeq` and `wh-c06` read. A Progressor is told to begin (command 101) and, at the end, to stop (102); its zero and its
calibration are left alone.
"""

from __future__ import annotations

import asyncio
import importlib.util
import queue
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from firmware_bridge.dialects.wh_c06 import COMPANY, wrap
from firmware_bridge.errors import PortError, PortNotFoundError
from firmware_bridge.ports import READ_WAIT_S, Chunk

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

SERVICE = "7e4e1701-1ea6-40c9-9dcc-13d34ffead57"
NOTIFY = "7e4e1702-1ea6-40c9-9dcc-13d34ffead57"
CONTROL = "7e4e1703-1ea6-40c9-9dcc-13d34ffead57"
"""The Progressor's service and its two characteristics (tindeq.com/progressor_api)."""
COMMAND_BEGIN, COMMAND_STOP = b"\x65", b"\x66"
FIND_S = 8.0
CONNECT_S = 12.0
ADVERTISING = "wh-c06"
ADVERTISED_NAME = "if_b7"
"""The name under which a WH-C06 advertises, where it has one."""


class BlePort:
    """A Bluetooth LE device as a `Port`, on `time.monotonic`."""

    def __init__(self, url: str) -> None:
        """Find the device and begin to listen.

        Args:
            url: `ble://NAME`; NAME is the beginning of the device's name, in capitals or not, or its address.

        Raises:
            PortError: bleak is not installed, or there is no radio.
            PortNotFoundError: the device was not found.
        """
        self._url = url
        self._name = _name_of(url)
        _need_bleak()
        self._start()

    def _start(self) -> None:
        self._arrived: queue.SimpleQueue[tuple[bytes, float]] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name=self._url, daemon=True)
        self._thread.start()
        self._ready.wait(FIND_S + CONNECT_S)
        if self._failure is not None:
            raise _explain(self._url, self._failure)

    @property
    def url(self) -> str:
        """The address it was opened with."""
        return self._url

    def now_s(self) -> float:
        """Host monotonic seconds."""
        return time.monotonic()

    def read(self) -> Chunk:
        """Wait at most `READ_WAIT_S` and return what came.

        Raises:
            OSError: the connection is gone.
        """
        until_s = time.monotonic()
        try:
            data, arrival_s = self._arrived.get(timeout=READ_WAIT_S)
        except queue.Empty:
            if self._failure is not None or not self._thread.is_alive():
                raise ConnectionResetError("the Bluetooth connection is gone") from None
            return Chunk(b"", time.monotonic(), until_s)
        while not self._arrived.empty():
            more, arrival_s = self._arrived.get()
            data += more
        return Chunk(data, arrival_s, until_s)

    def write(self, data: bytes) -> None:
        """Nothing: the commands of these devices are sent by this port itself."""
        del data

    def reopen(self) -> None:
        """Close what is left and look for the device again.

        Raises:
            PortError: it is not back yet.
        """
        self.close()
        self._start()

    def close(self) -> None:
        """Stop the device and the radio's thread."""
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
            self._thread.join(3.0)

    # -- in the radio's thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # bleak raises what the system's Bluetooth raises
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        if self._name.lower() == ADVERTISING:
            await self._listen_to_advertisements(self._stop)
        else:
            await self._connect(self._stop)

    async def _listen_to_advertisements(self, stop: asyncio.Event) -> None:
        from bleak import BleakScanner

        def advertised(device: BLEDevice, advertisement: AdvertisementData) -> None:
            name = (advertisement.local_name or device.name or "").lower()
            data = advertisement.manufacturer_data.get(COMPANY)
            if data is not None and (not name or name.startswith((ADVERTISED_NAME, ADVERTISING))):
                self._arrived.put((wrap(data), time.monotonic()))

        async with BleakScanner(advertised):
            self._ready.set()
            await stop.wait()

    async def _connect(self, stop: asyncio.Event) -> None:
        from bleak import BleakClient, BleakScanner

        wanted = self._name.lower()

        def is_wanted(device: BLEDevice, advertisement: AdvertisementData) -> bool:
            name = (advertisement.local_name or device.name or "").lower()
            return name.startswith(wanted) or device.address.lower() == wanted

        device = await BleakScanner.find_device_by_filter(is_wanted, timeout=FIND_S)
        if device is None:
            raise PortNotFoundError(
                f"No Bluetooth device whose name begins with “{self._name}” answers: switch it on, bring it near, and "
                "close other programs that are connected to it"
            )

        def gone(_client: Any) -> None:
            self._failure = self._failure or ConnectionResetError("the device ended the connection")
            stop.set()

        def notified(_characteristic: Any, data: bytearray) -> None:
            self._arrived.put((bytes(data), time.monotonic()))

        async with BleakClient(device, disconnected_callback=gone, timeout=CONNECT_S) as client:
            await client.start_notify(NOTIFY, notified)
            await client.write_gatt_char(CONTROL, COMMAND_BEGIN, response=True)
            self._ready.set()
            await stop.wait()
            if client.is_connected:
                await client.write_gatt_char(CONTROL, COMMAND_STOP, response=True)


def _name_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        name = unquote(parts.netloc + parts.path).strip("/ ")
    except ValueError:
        # A bracket is half of an address on a network.
        name = ""
    if not name:
        raise PortError(f"{url} does not say which device: write ble://Progressor or ble://WH-C06")
    return name


def _need_bleak() -> None:
    if importlib.util.find_spec("bleak") is None:
        raise PortError(
            "Bluetooth needs the package bleak: install it with `pip install 'goodpain[ble]'` and try again"
        )


def _explain(url: str, error: Exception) -> PortError:
    if isinstance(error, PortError):
        return error
    reason = str(error).split("\n", 1)[0] or type(error).__name__
    return PortError(
        f"{url} cannot be reached, as this computer has no Bluetooth LE radio that can be used ({reason}): switch "
        "Bluetooth on, or plug in an adapter"
    )
