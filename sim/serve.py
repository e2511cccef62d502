"""A simulated sensor for other programs: on a pseudo-terminal, or on a TCP port.

    with pty_server("upper-trapezius?seed=2", stop) as server:
        print(server.path)      # /dev/pts/5: open it as any serial port

Both run in real time (times `speed`) in a thread of their own until `stop` is set or the `with` block ends.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Event, Thread

from sim.address import Address

_NAP_S = 0.02
"""Longest sleep: how soon a stop is noticed."""
_BACKLOG = 4096
"""Bytes kept for a reader that does not read; further ones are lost, as from a serial port."""


class ServeError(Exception):
    """The sensor cannot be served; the message says why and what to do."""


class _Live:
    """A virtual sensor on the wall clock."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.sensor = address.sensor()
        self._from_s = time.monotonic()

    def elapsed_s(self) -> float:
        return (time.monotonic() - self._from_s) * self.address.options.speed

    def due(self) -> bytes:
        return self.sensor.advance(self.elapsed_s())

    def nap_s(self) -> float:
        """How long nothing will come, at most `_NAP_S`."""
        wait_s = (self.sensor.next_s - self.elapsed_s()) / self.address.options.speed
        return min(max(wait_s, 0.0005), _NAP_S)

    def obey(self, commands: bytes) -> None:
        self.sensor.write(commands, self.elapsed_s())

    def plugged(self) -> bool:
        return self.address.faults.plugged(self.elapsed_s())


@contextmanager
def _running(work: Thread, closing: Event) -> Iterator[None]:
    work.start()
    try:
        yield
    finally:
        closing.set()
        work.join(2.0)


@dataclass(frozen=True, slots=True)
class PtyServer:
    """A sensor on a pseudo-terminal.

    Attributes:
        path: what to open, for example `/dev/pts/5`.
    """

    path: str


@contextmanager
def pty_server(url: str, stop: Event) -> Iterator[PtyServer]:
    """Serve a scenario on a pseudo-terminal (Linux, macOS), raw; readers may come and go.

    The sensor starts at once. An unplugged one (`unplug_at`) falls silent: a pseudo-terminal cannot be pulled.

    Args:
        url: `sim://SCENARIO?…`, with or without `sim://`.
        stop: ends the serving when set.

    Raises:
        ValueError: the address names no scenario or has an option that cannot be.
        ServeError: this system has no pseudo-terminals.
    """
    try:
        import tty
    except ImportError:
        raise ServeError("this system has no pseudo-terminals: serve the sensor on TCP instead") from None
    live = _Live(Address.parse(url))
    ours, theirs = os.openpty()
    closing = Event()
    try:
        # Holding the far end open too lets readers leave without our end seeing a hang-up.
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        work = Thread(target=_serve_pty, args=(live, ours, stop, closing), name="sim-pty", daemon=True)
        with _running(work, closing):
            yield PtyServer(os.ttyname(theirs))
    finally:
        os.close(ours)
        os.close(theirs)


def _serve_pty(live: _Live, ours: int, stop: Event, closing: Event) -> None:
    pending = b""
    while not (stop.is_set() or closing.is_set()):
        readable, _, _ = select.select([ours], [], [], live.nap_s())
        if readable:
            with contextlib.suppress(OSError):
                live.obey(os.read(ours, 4096))
        data = live.due()
        if len(pending) < _BACKLOG:
            pending += data
        if pending:
            with contextlib.suppress(BlockingIOError):
                pending = pending[os.write(ours, pending) :]


@dataclass(frozen=True, slots=True)
class TcpServer:
    """A sensor on a TCP port.

    Attributes:
        host: the name or address it was told to listen on.
        port: the port it listens on; a free one when 0 was asked for.
        address: of `host`, in numbers.
    """

    host: str
    port: int
    address: str

    @property
    def at(self) -> str:
        """HOST:PORT, as it stands in addresses."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """What to open."""
        return f"socket://{self.at}"

    @property
    def loopback(self) -> bool:
        """Only programs on this computer can reach it."""
        return ip_address(self.address.partition("%")[0]).is_loopback


@contextmanager
def tcp_server(url: str, host: str, port: int, stop: Event) -> Iterator[TcpServer]:
    """Serve a scenario on a TCP port, to one client after another.

    The sensor starts when the first client connects and goes on between clients; what it says while nobody listens
    is lost. While it is unplugged (`unplug_at`) connections are closed at once.

    Args:
        url: `sim://SCENARIO?…`, with or without `sim://`.
        host: where to listen, for example `127.0.0.1`.
        port: 0 to 65535; 0 takes a free one.
        stop: ends the serving when set.

    Raises:
        ValueError: the address names no scenario or has an option that cannot be.
        ServeError: the port cannot be listened on.
    """
    address = Address.parse(url)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError, UnicodeError) as error:
        busy = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "another program uses it" if busy else str(error)
        raise ServeError(
            f"cannot listen on {host}:{port} ({why}): choose another port, or an address of this computer"
        ) from None
    closing = Event()
    with listener:
        listener.settimeout(_NAP_S)
        work = Thread(target=_serve_tcp, args=(address, listener, stop, closing), name="sim-tcp", daemon=True)
        with _running(work, closing):
            address, taken = listener.getsockname()[:2]
            yield TcpServer(host, taken, address)


def _serve_tcp(address: Address, listener: socket.socket, stop: Event, closing: Event) -> None:
    live: _Live | None = None
    while not (stop.is_set() or closing.is_set()):
        try:
            client, _ = listener.accept()
        except OSError:
            continue
        with client:
            if live is None:
                live = _Live(address)
            else:
                live.due()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.settimeout(1.0)
            with contextlib.suppress(OSError):
                _serve_client(live, client, stop, closing)


def _serve_client(live: _Live, client: socket.socket, stop: Event, closing: Event) -> None:
    while live.plugged() and not (stop.is_set() or closing.is_set()):
        readable, _, _ = select.select([client], [], [], live.nap_s())
        if readable:
            commands = client.recv(4096)
            if not commands:
                return
            live.obey(commands)
        if data := live.due():
            client.sendall(data)
