"""Ports: where bytes come from, each with the time at which they arrived.

`open_port` opens whatever pyserial can open (`/dev/ttyUSB0`, `COM3`, `rfc2217://`, `spy://`, `loop://`,
`hwgrep://`), a TCP connection (`socket://host:port`), Bluetooth LE (`ble://Progressor`), the simulator (`sim://…`, a
pyserial handler found through the entry-point group `goodpain.ports`) and a raw recording (`replay://FILE?speed=1`).
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import serial

from firmware_bridge.errors import PortError
from firmware_bridge.port_errors import explain

if sys.platform != "win32":
    import termios

    PORT_FAILURES: tuple[type[Exception], ...] = (OSError, termios.error, TypeError, ValueError)
    """All that pyserial raises when a plug is pulled or a port is closed under it; SerialException is an OSError."""
else:
    PORT_FAILURES: tuple[type[Exception], ...] = (OSError, TypeError, ValueError)

READ_WAIT_S = 0.01
"""The longest that `Port.read` waits for a first byte."""
READ_LIMIT = 65536
"""The most bytes that one `Port.read` returns."""
WRITE_WAIT_S = 0.5
"""A device that does not take a command byte within this is left alone."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one read returned.

    Attributes:
        data: the bytes; empty when none came in time.
        arrival_s: when they were there, on the port's clock; never before they were sent.
        until_s: everything that arrived up to then has been returned by this read or an earlier one.
    """

    data: bytes
    arrival_s: float
    until_s: float


class Port(Protocol):
    """An open source of bytes. One thread reads; `read`, `write` and `reopen` may raise any of `PORT_FAILURES`."""

    @property
    def url(self) -> str:
        """The address it was opened with."""
        ...

    def read(self) -> Chunk | None:
        """Wait at most `READ_WAIT_S` and return what came; None when nothing will ever come again."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes; a device that does not take them within `WRITE_WAIT_S` is no error."""
        ...

    def reopen(self) -> None:
        """Close what is left of a lost port and open it again.

        Raises:
            PortError: it is not back yet.
        """
        ...

    def close(self) -> None:
        """Give the port back; never raises, and a second call does nothing."""
        ...

    def now_s(self) -> float:
        """The port's clock: `time.monotonic`, or the virtual clock of a simulation or a replay."""
        ...


def open_port(url: str, baud: int = 115200) -> Port:
    """Open a port by its address.

    Args:
        url: a device name, a pyserial URL, `socket://host:port`, `sim://…` or `replay://FILE?speed=1`.
        baud: bits per second, > 0; means nothing for sockets, simulations and replays.

    Raises:
        PortError: it cannot be opened; the subclass and the sentence say why and what to do.
    """
    if not url.strip():
        raise PortError(
            "No port was named: `goodpain sensors` lists those connected, sim://upper-trapezius is a simulated one"
        )
    if baud <= 0:
        raise PortError(f"{baud} is not a baud rate: most sensors use 115200, 57600, 38400 or 9600")
    scheme = ""
    if "://" in url:
        # Whether a sensor is simulated is told by its address: there is one way to write it.
        scheme, _, rest = url.partition("://")
        scheme = scheme.strip().lower()
        url = f"{scheme}://{rest}"
    if scheme == "spy" and "file" in parse_qs(urlsplit(url).query, keep_blank_values=True):
        # An address may come from a settings file, and pyserial writes over whatever lies there.
        raise PortError(
            "spy:// with file= would write over that file: leave it out, --raw FILE keeps the bytes"
        )
    if scheme == "replay":
        from firmware_bridge.replay import ReplayPort

        return ReplayPort.from_url(url)
    if scheme == "socket":
        from firmware_bridge.socket_port import SocketPort

        return SocketPort(url)
    if scheme == "ble":
        from firmware_bridge.ble_port import BlePort

        return BlePort(url)
    return SerialPort(url, baud)


class SerialPort:
    """A port that pyserial opens."""

    def __init__(self, url: str, baud: int) -> None:
        self._url = url
        self._baud = baud
        self._serial = _open_serial(url, baud)
        self._now_s = _clock_of(self._serial)

    @property
    def url(self) -> str:
        """The address it was opened with."""
        return self._url

    def now_s(self) -> float:
        """Seconds on the clock of the pyserial object when it has its own, else `time.monotonic`."""
        return self._now_s()

    def read(self) -> Chunk:
        """Wait for a first byte, then take all that is there: one system call per byte would cost a whole core."""
        data = self._serial.read(1)
        until_s = self._now_s()  # whatever came before this instant is taken by the look that follows
        if waiting := self._serial.in_waiting:
            data += self._serial.read(min(waiting, READ_LIMIT))
        return Chunk(data, self._now_s(), until_s)

    def write(self, data: bytes) -> None:
        """Send bytes, giving up after `WRITE_WAIT_S`."""
        try:
            self._serial.write(data)
        except serial.SerialTimeoutException:
            return

    def reopen(self) -> None:
        """Close and open again; a simulated sensor is the same one afterwards, with the same clock.

        Raises:
            PortError: it is not back yet.
        """
        self.close()
        if hasattr(self._serial, "now_s"):
            try:
                self._serial.open()
            except PORT_FAILURES as error:
                raise explain(self._url, self._baud, error) from error
        else:
            self._serial = _open_serial(self._url, self._baud)

    def close(self) -> None:
        """Give the port back."""
        try:
            self._serial.close()
        except PORT_FAILURES:
            return


def _open_serial(url: str, baud: int) -> serial.Serial:
    _find_handlers()
    # pyserial's RFC 2217 port refuses to open with a limit for writing.
    write_wait_s = None if url.lower().startswith("rfc2217:") else WRITE_WAIT_S
    try:
        # exclusive: two programs reading one port get every other byte each, so the second one must be told.
        port = serial.serial_for_url(
            url, baudrate=baud, timeout=READ_WAIT_S, write_timeout=write_wait_s, exclusive=True
        )
    except (*PORT_FAILURES, NotImplementedError, LookupError) as error:
        # pyserial stumbles (KeyError) over its own message about an option that it does not know.
        raise explain(url, baud, error) from error
    _ask_for_low_latency(port)
    return port


def _ask_for_low_latency(port: serial.Serial) -> None:
    """Shorten the 16 ms for which an FTDI adapter collects bytes; only Linux and only some drivers know how."""
    ask: Callable[[bool], None] | None = getattr(port, "set_low_latency_mode", None)
    if ask is None:
        return
    try:
        ask(True)
    except (*PORT_FAILURES, NotImplementedError, AttributeError):
        return


def _clock_of(port: serial.Serial) -> Callable[[], float]:
    own: Callable[[], float] | None = getattr(port, "now_s", None)
    return time.monotonic if own is None else own


def _find_handlers() -> None:
    """Tell pyserial about the packages that hold our URL handlers (module `protocol_<scheme>`)."""
    packages = {point.value for point in entry_points(group="goodpain.ports")}
    if not packages and importlib.util.find_spec("sim") is not None:
        packages = {"sim.urlhandler"}  # run from the source tree, without an installed distribution
    for package in sorted(packages):
        if package not in serial.protocol_handler_packages:
            serial.protocol_handler_packages.append(package)
