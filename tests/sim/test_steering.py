"""A simulated hand steered by its address."""

import threading
import time

import pytest
import serial

from sim.bus import BUS, Bus
from sim.steering import Steering
from tests.sim.helpers import decoded

URL = "sim://gastrocnemius?hand=steered&noise=0&seed=4"


@pytest.fixture(autouse=True)
def handlers_and_an_empty_bus():
    if "sim.urlhandler" not in serial.protocol_handler_packages:
        serial.protocol_handler_packages.append("sim.urlhandler")
    BUS.forget()
    yield
    BUS.forget()


class Table:
    """A steered device whose time is handed in."""

    def __init__(self, url=URL):
        self.bus = Bus()
        self.steering = Steering(url, self.bus)
        self._device = self.bus.plug_in(url).sensor
        self._at_s = 0.0
        meta = self._device.meta()
        self._zero, self._per_n = float(meta["zero_counts"]), float(meta["counts_per_n"])

    def measure(self, seconds):
        self._at_s += seconds
        counts = decoded(self._device.advance(self._at_s)).counts
        return (counts - self._zero) / self._per_n


def test_what_is_aimed_at_is_measured():
    table = Table()
    assert abs(table.measure(1)).max() < 0.1
    table.steering.aim(20.0)
    assert table.measure(3)[-40:].mean() == pytest.approx(20.0, rel=0.08)
    assert table.steering.arrived
    assert table.steering.aimed_n == 20.0
    assert table.steering.force_n == pytest.approx(20.0, rel=0.1)
    table.steering.aim(0.0)
    assert abs(table.measure(2)[-40:]).max() < 0.1
    assert table.steering.arrived


def test_pressures_follow_the_tip_of_the_address():
    table = Table(URL + "&tip=2")
    table.steering.aim_kpa(150.0, 60.0)
    assert table.measure(5)[-40:].mean() == pytest.approx(30.0, rel=0.08)
    assert table.steering.pressure_kpa == pytest.approx(150.0, rel=0.1)
    assert table.steering.tip_area_cm2 == 2.0


def test_the_hand_goes_as_fast_as_it_is_asked_to():
    table = Table()
    table.steering.aim(30.0, 3.0)
    force = table.measure(8)
    half = force[(force > 6) & (force < 18)]
    rate = (half[-1] - half[0]) / (len(half) / 80)
    assert rate == pytest.approx(3.0, rel=0.25)
    assert not table.steering.arrived


def test_a_change_of_aim_is_measured_within_a_tenth_of_a_second():
    table = Table()
    table.steering.aim(10.0)
    before = table.measure(3)[-1]
    table.steering.aim(30.0, 100.0)
    table.measure(0.1)
    assert table.measure(0.1)[-1] > before + 5.0


def test_the_hand_can_be_given_back_to_its_plan():
    table = Table()
    table.steering.aim(None)
    assert table.steering.aimed_n is None
    assert table.measure(12).max() > 10


def test_steering_before_and_after_the_port_is_opened_meets_the_same_hand():
    before = Steering(URL)
    before.aim(15.0)
    with serial.serial_for_url(URL, timeout=0.01) as port:
        after = Steering(URL.removeprefix("sim://"))
        assert after.aimed_n == 15.0
        after.aim(5.0)
        assert before.aimed_n == 5.0
        assert port.pressing.aimed_n == 5.0


def test_no_time_passes_for_a_hand_whose_sensor_is_not_plugged_in_yet():
    bus = Bus()
    Steering(URL, bus).aim(15.0)
    time.sleep(0.05)
    from_s = time.monotonic()
    slot = bus.plug_in(URL)
    assert slot.epoch_s >= from_s
    assert bus.plug_in(URL).epoch_s == slot.epoch_s


def test_a_port_opened_again_has_the_same_hand_until_the_bus_forgets_it():
    with serial.serial_for_url(URL, timeout=0.01):
        Steering(URL).aim(5.0)
    with serial.serial_for_url(URL, timeout=0.01) as port:
        assert port.pressing.aimed_n == 5.0
    BUS.forget(URL)
    with serial.serial_for_url(URL, timeout=0.01) as port:
        assert port.pressing.aimed_n == 0.0


def test_another_address_is_another_hand():
    Steering(URL).aim(5.0)
    assert Steering(URL + "&tip=2").aimed_n == 0.0


@pytest.mark.parametrize(
    "url", ["sim://gastrocnemius", "sim://bench?hand=steered", "sim://gastrocnemius?hand=plan"]
)
def test_an_address_that_cannot_be_steered_says_what_to_do(url):
    with pytest.raises(ValueError, match=r"hand=steered, for example sim://") as error:
        Steering(url)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "aim",
    [(-1.0, None), (float("nan"), None), (float("inf"), 5.0), (5.0, 0.0), (5.0, -3.0), (5.0, float("nan"))],
)
def test_an_impossible_aim_is_refused_and_changes_nothing(aim):
    steering = Steering(URL, Bus())
    steering.aim(7.0)
    with pytest.raises(ValueError, match="a hand can only be asked"):
        steering.aim(*aim)
    assert steering.aimed_n == 7.0


def test_it_can_be_steered_from_other_threads_while_the_port_is_read():
    with serial.serial_for_url(URL + "&speed=20", timeout=0.2) as port:
        steering = Steering(URL + "&speed=20")
        failed = []

        def steer():
            try:
                for n in range(200):
                    steering.aim(n % 40, 200.0)
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=steer) for _ in range(3)]
        for thread in threads:
            thread.start()
        data = b"".join(port.read(500) for _ in range(20))
        for thread in threads:
            thread.join()
    assert not failed
    readings = decoded(data)
    assert len(readings.counts) > 300
    assert readings.seq.tolist() == list(range(readings.seq[0], readings.seq[0] + len(readings.seq)))
