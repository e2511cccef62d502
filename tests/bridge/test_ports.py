"""Ports: real pseudo-terminals and real sockets, and one clear sentence for each way of failing."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial
import serial.rfc2217

from firmware_bridge.errors import PortBusyError, PortDeniedError, PortError, PortNotFoundError
from firmware_bridge.ports import PORT_FAILURES, Port, open_port

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from tests.bridge.pty_device import PtyDevice


def read_until(port: Port, size: int, within_s: float = 5.0) -> bytes:
    data = b""
    end_s = time.monotonic() + within_s
    while len(data) < size and time.monotonic() < end_s:
        chunk = port.read()
        assert chunk is not None
        data += chunk.data
    return data


def is_one_sentence(error: BaseException) -> bool:
    text = str(error)
    return "\n" not in text and ". " not in text and not text.endswith(".") and len(text) < 400


@pytest.fixture
def device(tmp_path: Path) -> Iterator[PtyDevice]:
    with PtyDevice(tmp_path / "sensor") as plugged:
        yield plugged


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5.0)
        yield listening


def address(server: socket.socket) -> str:
    return f"socket://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """The superuser may open anything, so give that up for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_bytes_of_a_serial_port_arrive_whole_and_in_order(device: PtyDevice) -> None:
    port = open_port(device.url)
    sent = bytes(range(256)) * 200
    sender = threading.Thread(target=device.send, args=(sent,))
    sender.start()
    assert read_until(port, len(sent)) == sent
    sender.join()
    port.close()


def test_one_read_takes_all_that_is_there(device: PtyDevice) -> None:
    port = open_port(device.url)
    device.send(b"0123456789" * 20)
    time.sleep(0.05)
    chunk = port.read()
    assert chunk is not None
    assert len(chunk.data) == 200
    port.close()


def test_the_arrival_is_on_the_monotonic_clock(device: PtyDevice) -> None:
    port = open_port(device.url)
    before_s = time.monotonic()
    device.send(b"x")
    chunk = port.read()
    assert chunk is not None
    assert before_s <= chunk.arrival_s <= port.now_s() <= time.monotonic()
    port.close()


def test_a_read_of_a_silent_port_returns_nothing_soon(device: PtyDevice) -> None:
    port = open_port(device.url)
    for _ in range(3):
        chunk = port.read()
        assert chunk is not None
        assert chunk.data == b""
    port.close()


def test_what_is_written_reaches_the_device(device: PtyDevice) -> None:
    port = open_port(device.url)
    port.write(b"?")
    time.sleep(0.02)
    assert device.received() == b"?"
    port.close()


def test_a_device_that_takes_no_bytes_does_not_hang_or_break_the_port(device: PtyDevice) -> None:
    port = open_port(device.url)
    port.write(b"?" * 100_000)
    device.send(b"still here")
    assert read_until(port, 10) == b"still here"
    port.close()


def test_a_pulled_plug_is_a_port_failure_and_reopening_works_once_it_is_back(device: PtyDevice) -> None:
    port = open_port(device.url)
    device.unplug()
    with pytest.raises(PORT_FAILURES):
        read_until(port, 1)
    with pytest.raises(PortNotFoundError):
        port.reopen()
    device.plug_in()
    port.reopen()
    device.send(b"back")
    assert read_until(port, 4) == b"back"
    port.close()
    port.close()


def test_a_missing_port_says_what_is_connected_and_what_to_do() -> None:
    with pytest.raises(PortNotFoundError, match="There is no port /dev/ttyGOODPAIN9") as caught:
        open_port("/dev/ttyGOODPAIN9")
    assert "goodpain sensors" in str(caught.value)
    assert is_one_sentence(caught.value)


def test_a_search_that_finds_no_port_says_what_is_connected() -> None:
    with pytest.raises(PortNotFoundError, match="No port fits"):
        open_port("hwgrep://no such device at all")


def test_a_port_in_use_says_by_whom(device: PtyDevice) -> None:
    first = open_port(device.url)
    with pytest.raises(PortBusyError, match="in use by") as caught:
        open_port(device.url)
    if sys.platform == "linux":
        assert "this program itself" in str(caught.value)
    assert is_one_sentence(caught.value)
    first.close()
    open_port(device.url).close()


def test_a_forbidden_port_names_the_group_to_join(device: PtyDevice) -> None:
    real = os.path.realpath(device.url)
    os.chmod(real, 0o060)
    if os.geteuid() == 0:
        import grp

        os.chown(real, 0, grp.getgrnam("dialout").gr_gid)
        os.chmod(device.link.parent, 0o755)
    with an_ordinary_user(), pytest.raises(PortDeniedError) as caught:
        open_port(real)
    assert "sudo usermod -aG" in str(caught.value) or "older than that" in str(caught.value)
    assert is_one_sentence(caught.value)


def test_a_port_that_no_group_may_open_says_so(device: PtyDevice) -> None:
    real = os.path.realpath(device.url)
    os.chmod(real, 0o000)
    with an_ordinary_user(), pytest.raises(PortDeniedError, match="chmod"):
        open_port(real)


@pytest.mark.parametrize("url", ["bogus://x", "http://192.168.4.1", "Sims://steady"])
def test_an_unknown_scheme_lists_those_known(url: str) -> None:
    with pytest.raises(PortError, match="socket://") as caught:
        open_port(url)
    assert is_one_sentence(caught.value)


def test_an_option_that_an_address_does_not_have_is_refused() -> None:
    with pytest.raises(PortError, match="option"):
        open_port("loop://?colour=red")


@pytest.mark.parametrize("url", ["", "  "])
def test_an_empty_address_is_refused(url: str) -> None:
    with pytest.raises(PortError, match="No port was named"):
        open_port(url)


@pytest.mark.parametrize("baud", [0, -9600])
def test_an_impossible_baud_rate_is_refused(device: PtyDevice, baud: int) -> None:
    with pytest.raises(PortError, match="baud"):
        open_port(device.url, baud)


def test_a_file_is_not_taken_for_a_port(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    with pytest.raises(PortError, match="is a file, not a port"):
        open_port(str(path))


def test_a_recording_given_as_a_port_is_told_how_to_be_played(tmp_path: Path) -> None:
    path = tmp_path / "visit.raw"
    path.write_bytes(b"GOODPAIN-RAW 1\n{}\n")
    with pytest.raises(PortError, match=r"replay://.*visit\.raw"):
        open_port(str(path))


def test_a_folder_is_not_taken_for_a_port(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="goodpain sensors") as caught:
        open_port(str(tmp_path))
    assert is_one_sentence(caught.value)


def test_bytes_of_a_socket_arrive_whole_from_the_first_one(server: socket.socket) -> None:
    port = open_port(address(server))
    connection, _ = server.accept()
    sent = bytes(range(256)) * 400
    connection.sendall(sent)
    assert read_until(port, len(sent)) == sent
    port.write(b"?")
    assert connection.recv(10) == b"?"
    connection.close()
    port.close()


def test_what_a_socket_sent_before_it_closed_is_not_lost(server: socket.socket) -> None:
    port = open_port(address(server))
    connection, _ = server.accept()
    connection.sendall(b"last words")
    connection.close()
    assert read_until(port, 10) == b"last words"
    with pytest.raises(PORT_FAILURES):
        read_until(port, 1)
    port.reopen()
    again, _ = server.accept()
    again.sendall(b"hello")
    assert read_until(port, 5) == b"hello"
    again.close()
    port.close()


def test_a_silent_socket_returns_nothing_soon(server: socket.socket) -> None:
    port = open_port(address(server))
    chunk = port.read()
    assert chunk is not None
    assert chunk.data == b""
    port.close()


def test_an_address_where_nothing_answers_is_said(server: socket.socket) -> None:
    url = address(server)
    server.close()
    for scheme in ("socket", "rfc2217"):
        with pytest.raises(PortNotFoundError, match="Nothing answers at 127") as caught:
            open_port(url.replace("socket", scheme))
        assert is_one_sentence(caught.value)


@pytest.mark.parametrize("url", ["socket://somewhere", "socket://", "socket://host:99999", "rfc2217://host"])
def test_an_address_without_a_port_number_is_told_how_it_should_look(url: str) -> None:
    with pytest.raises(PortError, match="host:port"):
        open_port(url)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:serial.rfc2217")
def test_an_rfc2217_server_is_read_like_a_port(server: socket.socket) -> None:
    """Pyserial's own server side answers the negotiation over a real socket."""
    stop = threading.Event()

    def serve() -> None:
        connection, _ = server.accept()
        connection.settimeout(0.02)

        class Link:
            def write(self, data: bytes) -> None:
                connection.sendall(data)

        with connection, serial.serial_for_url("loop://", timeout=0) as behind:
            manager = serial.rfc2217.PortManager(behind, Link())
            while not stop.is_set():
                try:
                    data = connection.recv(1024)
                except TimeoutError:
                    continue
                for byte in manager.filter(data):
                    connection.sendall(b"".join(manager.escape(byte.upper())))

    thread = threading.Thread(target=serve)
    thread.start()
    port = open_port(address(server).replace("socket", "rfc2217"))
    port.write(b"abc")
    assert read_until(port, 3) == b"ABC"
    port.close()
    stop.set()
    thread.join(5.0)
    assert not thread.is_alive()


def test_loop_and_spy_addresses_work(device: PtyDevice, capsys: pytest.CaptureFixture[str]) -> None:
    port = open_port("loop://")
    port.write(b"echo")
    assert read_until(port, 4) == b"echo"
    port.close()
    spied = open_port(f"spy://{device.url}")
    device.send(b"seen")
    assert read_until(spied, 4) == b"seen"
    spied.close()
    assert "RX" in capsys.readouterr().err


@pytest.mark.parametrize("query", ["file={}", "raw&file={}", "color&fil%65={}"])
def test_an_address_writes_over_no_file(tmp_path: Path, device: PtyDevice, query: str) -> None:
    path = tmp_path / "precious"
    path.write_text("as it was")
    with pytest.raises(PortError, match="would write over that file"):
        open_port(f"SPY://{device.url}?{query.format(path)}")
    assert path.read_text() == "as it was"


@pytest.mark.parametrize("url", ["SIM://bench", "Sim://bench?speed=2", " sim://bench"])
def test_a_simulated_sensor_is_told_by_its_address_however_it_was_typed(url: str) -> None:
    port = open_port(url)
    try:
        assert port.url == f"sim://{url.partition('://')[2]}"
    finally:
        port.close()
