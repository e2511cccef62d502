"""A sensor on the network: bytes over TCP (`socket://host:port`).

pyserial's own socket handler throws away what a sensor says in its first milliseconds and in its last, and waits
out its whole timeout for every read; a plain socket does neither.
"""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

from firmware_bridge.port_errors import explain
from firmware_bridge.ports import READ_LIMIT, READ_WAIT_S, WRITE_WAIT_S, Chunk

CONNECT_WAIT_S = 5.0
RECONNECT_WAIT_S = 1.0
# A sensor without power sends no farewell: the system asks after 2 s of silence, and gives it up 3 s later.
KEEPALIVE = {"TCP_KEEPIDLE": 2, "TCP_KEEPALIVE": 2, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 3}


class SocketPort:
    """A TCP connection as a `Port`, on `time.monotonic`."""

    def __init__(self, url: str) -> None:
        """Connect to `socket://host:port`.

        Raises:
            PortError: the address is incomplete, or nothing answers there within `CONNECT_WAIT_S`.
        """
        self._url = url
        self._socket = _connect(url, CONNECT_WAIT_S)

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
            self._socket.settimeout(READ_WAIT_S)
            data = self._socket.recv(READ_LIMIT)
        except TimeoutError:
            data = b""
        else:
            if not data:
                raise ConnectionResetError("the sensor closed the connection")
        return Chunk(data, time.monotonic(), until_s)

    def write(self, data: bytes) -> None:
        """Send bytes, giving up after `WRITE_WAIT_S`."""
        try:
            self._socket.settimeout(WRITE_WAIT_S)
            self._socket.sendall(data)
        except TimeoutError:
            return

    def reopen(self) -> None:
        """Close and connect again.

        Raises:
            PortError: nothing answers within `RECONNECT_WAIT_S`.
        """
        self.close()
        self._socket = _connect(self._url, RECONNECT_WAIT_S)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _connect(url: str, wait_s: float) -> socket.socket:
    try:
        parts = urlsplit(url)
        if not parts.hostname or parts.port is None:
            raise ValueError("host or port missing")  # noqa: TRY301 - explained like every other failure
        connection = socket.create_connection((parts.hostname, parts.port), timeout=wait_s)
    except (OSError, ValueError) as error:
        raise explain(url, 0, error) from error
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        option: int | None = getattr(socket, name, None)
        if option is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
    return connection
