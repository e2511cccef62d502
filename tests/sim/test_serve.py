import os
import select
import socket
import sys
import threading
import time

import pytest

from feedback.signal import Quality
from sim.serve import ServeError, pty_server, tcp_server
from tests.sim.helpers import decoded, sensor

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
WAIT_S = 20.0


def take(fd: int, size: int) -> bytes:
    """So many bytes from a terminal or socket, however they are cut."""
    data, end = b"", time.monotonic() + WAIT_S
    while len(data) < size and time.monotonic() < end:
        if select.select([fd], [], [], 0.1)[0]:
            piece = os.read(fd, size - len(data))
            if not piece:
                break
            data += piece
    return data


@posix
def test_a_pty_gives_the_sensors_own_bytes():
    with pty_server("infraspinatus?seed=4&speed=20", threading.Event()) as server:
        fd = os.open(server.path, os.O_RDWR | os.O_NOCTTY)
        data = take(fd, 8000)
        os.close(fd)

    assert sensor("infraspinatus?seed=4").advance(60)[:8000] == data


@posix
def test_readers_of_a_pty_may_come_and_go_and_give_commands():
    with pty_server("sim://bench?speed=20", threading.Event()) as server:
        fd = os.open(server.path, os.O_RDWR | os.O_NOCTTY)
        first = decoded(take(fd, 2000))
        os.close(fd)
        fd = os.open(server.path, os.O_RDWR | os.O_NOCTTY)
        os.write(fd, b"T")
        later = b""
        end = time.monotonic() + WAIT_S
        while b"\r\nD," not in later and time.monotonic() < end:
            later += take(fd, 100)
        os.close(fd)

    assert first.seq[0] == 0
    assert b"\r\nM,proto=1" in later


@posix
def test_a_pty_that_nobody_reads_does_not_block_its_server():
    stop = threading.Event()
    with pty_server("bench?speed=1000", stop):
        time.sleep(0.1)
        stop.set()
        end = time.monotonic() + WAIT_S
        while any(t.name == "sim-pty" for t in threading.enumerate()) and time.monotonic() < end:
            time.sleep(0.01)
        assert not any(t.name == "sim-pty" for t in threading.enumerate())


def test_tcp_gives_the_sensors_own_bytes_to_one_client_after_another():
    with tcp_server("upper-trapezius?speed=20", "127.0.0.1", 0, threading.Event()) as server:
        assert server.url == f"socket://127.0.0.1:{server.port}"
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            data = take(client.fileno(), 6000)
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            later = decoded(take(client.fileno(), 3000))

    assert sensor("upper-trapezius").advance(60)[:6000] == data
    assert later.seq[0] > decoded(data).seq[-1]


def test_tcp_clients_give_commands():
    with (
        tcp_server("bench?speed=20&dialect=text", "127.0.0.1", 0, threading.Event()) as server,
        socket.create_connection(("127.0.0.1", server.port)) as client,
    ):
        client.sendall(b"B")
        data = take(client.fileno(), 4000)

    assert len(decoded(data)) > 50


def test_an_unplugged_sensor_hangs_up_on_tcp_and_is_another_one_when_back():
    url = "bench?unplug_at=2&replug_at=6&speed=20"
    with tcp_server(url, "127.0.0.1", 0, threading.Event()) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            data = take(client.fileno(), 10**6)
        assert data == sensor(url).advance(2.0)[: len(data)]
        assert len(data) > 2000

        again, end = b"", time.monotonic() + WAIT_S
        while len(again) < 3000 and time.monotonic() < end:
            with socket.create_connection(("127.0.0.1", server.port)) as client:
                again = take(client.fileno(), 3000)
        readings = decoded(again)
    assert readings.seq[0] == 0
    assert readings.quality[0] & Quality.CLOCK_RESTART


def test_a_port_in_use_is_named_in_one_sentence():
    with (
        tcp_server("bench", "127.0.0.1", 0, threading.Event()) as server,
        pytest.raises(ServeError, match="another program uses it"),
        tcp_server("bench", "127.0.0.1", server.port, threading.Event()),
    ):
        pass


def test_a_wrong_scenario_is_refused_before_anything_is_opened():
    with (
        pytest.raises(ValueError, match="there is no scenario"),
        tcp_server("elbow", "127.0.0.1", 0, threading.Event()),
    ):
        pass
