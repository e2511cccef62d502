import contextlib
import threading
import time

import pytest
import serial

import firmware_bridge.ports as ports
from feedback.signal import Quality
from sim.bus import BUS
from sim.hand import Hand
from tests.sim.helpers import decoded, sensor


@pytest.fixture(autouse=True)
def handlers():
    if "sim.urlhandler" not in serial.protocol_handler_packages:
        serial.protocol_handler_packages.append("sim.urlhandler")
    yield
    BUS.forget()


def listen(port, until_s: float) -> bytes:
    """Read as programs do, until the port's own clock has gone so far."""
    end = port.now_s() + until_s
    data = b""
    while port.now_s() < end:
        data += port.read(port.in_waiting or 1)
    return data


def test_pyserial_opens_it_and_gives_the_sensors_own_bytes():
    with serial.serial_for_url("sim://upper-trapezius?seed=3&speed=20", timeout=0.01) as port:
        data = listen(port, 10)

    assert len(data) > 10 * 80 * 15
    assert sensor("upper-trapezius?seed=3").advance(60).startswith(data)


def test_every_opening_is_a_fresh_device_at_time_0():
    for _ in range(2):
        with serial.serial_for_url("sim://bench?speed=10", timeout=0.05) as port:
            assert decoded(listen(port, 1)).seq[0] == 0


def test_its_clock_runs_with_the_speed():
    with serial.serial_for_url("sim://quiet?speed=50", timeout=0) as port:
        before, wall = port.now_s(), time.monotonic()
        time.sleep(0.05)
        passed, walled = port.now_s() - before, time.monotonic() - wall

    assert passed == pytest.approx(50 * walled, rel=0.2)


def test_read_waits_no_longer_than_its_timeout_and_returns_what_there_is():
    with serial.serial_for_url("sim://quiet?speed=0.01", timeout=0.02) as port:
        assert port.read(5000) == b""
        port.timeout = 0
        assert port.read(10) == b""


def test_commands_reach_the_device():
    with serial.serial_for_url("sim://bench?speed=20", timeout=0.01) as port:
        port.write(b"T")
        assert b"D,5," in listen(port, 2)


def test_a_waiting_read_can_be_cancelled():
    with serial.serial_for_url("sim://quiet?speed=0.001", timeout=30) as port:
        results: list[bytes] = []
        reader = threading.Thread(target=lambda: results.append(port.read(100_000)))
        reader.start()
        time.sleep(0.02)
        port.cancel_read()
        reader.join(5)

    assert len(results) == 1


def test_closing_while_another_thread_reads_ends_the_read():
    port = serial.serial_for_url("sim://quiet?speed=0.001", timeout=30)
    ended = threading.Event()

    def read() -> None:
        with contextlib.suppress(serial.PortNotOpenError):
            port.read(100_000)
        ended.set()

    threading.Thread(target=read).start()
    time.sleep(0.02)
    port.close()

    assert ended.wait(5)
    with pytest.raises(serial.PortNotOpenError):
        port.read(1)


UNPLUGGED = "sim://bench?unplug_at=3&replug_at=30&speed=30"


def test_a_pulled_plug_fails_the_read_then_the_opening_until_it_is_back():
    port = serial.serial_for_url(UNPLUGGED, timeout=0.01)
    data, pulled = b"", False
    while not pulled:
        try:
            data += port.read(port.in_waiting or 1)
        except OSError:
            pulled = True
    port.close()
    with pytest.raises(serial.SerialException) as error:
        port.open()
    assert error.value.errno == 2

    assert data == sensor("bench?unplug_at=3&replug_at=30").advance(3.0)
    before = port.now_s()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            port = serial.serial_for_url(UNPLUGGED, timeout=0.01)
            break
        except serial.SerialException:
            time.sleep(0.01)
    readings = decoded(listen(port, 8))
    assert port.now_s() > before
    assert readings.seq[0] == 0
    assert readings.quality[0] & Quality.CLOCK_RESTART
    assert len(readings) > 300
    port.close()


def test_a_write_to_a_pulled_plug_fails():
    with serial.serial_for_url("sim://bench?unplug_at=0.001&speed=10", timeout=0) as port:
        time.sleep(0.01)
        with pytest.raises(serial.SerialException):
            port.write(b"?")


def test_the_bus_forgets_on_request():
    url = "sim://bench?unplug_at=0.5&speed=100"
    serial.serial_for_url(url, timeout=0).close()
    time.sleep(0.02)
    with pytest.raises(serial.SerialException):
        serial.serial_for_url(url, timeout=0)
    BUS.forget(url)
    serial.serial_for_url(url, timeout=0).close()


def test_the_same_port_object_finds_the_same_device_again():
    port = serial.serial_for_url("sim://quiet?speed=20", timeout=0.01)
    first = decoded(listen(port, 2))
    port.close()
    before = port.now_s()
    port.open()
    second = decoded(listen(port, 2))
    port.close()

    assert second.seq[0] > first.seq[-1]
    assert port.now_s() > before


@pytest.mark.parametrize("url", ["sim://elbow", "sim://bench?colour=red", "sim://bench?seed=x"])
def test_a_wrong_address_is_a_value_error_in_one_sentence(url):
    with pytest.raises(ValueError) as error:
        serial.serial_for_url(url)
    assert "\n" not in str(error.value)


def test_the_hand_behind_a_port_can_be_steered():
    with serial.serial_for_url("sim://gastrocnemius?hand=steered&noise=0&speed=40", timeout=0.01) as port:
        assert isinstance(port.pressing, Hand)
        port.pressing.aim(20.0)
        readings = decoded(listen(port, 6))

    assert readings.counts[-1] - readings.counts[0] > 15 * 20_000


def test_the_bridge_reads_it():
    port = ports.open_port("sim://bench?noise=0&speed=20")
    try:
        data = b""
        while len(data) < 5000:
            chunk = port.read()
            assert chunk is not None
            data += chunk.data
            assert chunk.arrival_s <= port.now_s()
    finally:
        port.close()

    assert sensor("bench?noise=0").advance(60).startswith(data)
