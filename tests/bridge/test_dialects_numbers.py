"""Numbers on lines: the force is found, and what is no number never becomes a newton."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.signal import Quality
from feedback.units import POUND_KG, STANDARD_GRAVITY
from firmware_bridge.dialects import Meta, Readings
from firmware_bridge.dialects.numbers import NumbersDecoder
from tests.bridge.feeding import assert_bounded, assert_same, feed_all, split_at


def decode(*lines: str, end: str = "\r\n") -> tuple[Readings, NumbersDecoder]:
    """Decode whole lines; the first line end is there, as the bytes before it are left out."""
    decoder = NumbersDecoder()
    return decoder.feed((end + "".join(line + end for line in lines)).encode()), decoder


def values(readings: Readings) -> list[float]:
    """What the lines said, in their own unit."""
    found: list[float] = []
    resolution, messages = 1, list(readings.messages)
    for i, counts in enumerate(readings.counts.tolist()):
        while messages and messages[0].before <= i:
            message = messages.pop(0)
            assert isinstance(message, Meta)
            resolution = int(message.values["resolution"])
        found.append(counts / resolution)
    return found


FORCES = [
    (["0.01", "0.03", "-0.04"], [0.01, 0.03, -0.04], ""),
    (["8412345", "8412346", "-5"], [8412345, 8412346, -5], ""),
    (["4.285 N", "4.290 N"], [4.285, 4.29], "n"),
    (["-18.78 lbF", "-18.80 lbF"], [-18.78, -18.8], "lb"),
    (["- 23.02 lbf", "  18.14 lbf"], [-23.02, 18.14], "lb"),
    (["18.14 kgf"], [18.14], "kg"),
    (["12g", "14g"], [12, 14], "g"),
    (["0.0051 kN"], [0.0051], "kn"),
    (["7 oz"], [7], "oz"),
    (["12276,2.56,lbs,-0.06,", "12476,2.57,lbs,-0.06,"], [2.56, 2.57], "lb"),
    (["reading,0.0kg,-10.00", "reading,0.5kg,-9.00", "reading,1.5kg,-9.00"], [0.5, 1.5], "kg"),
    (["Reading: 1.2 lbs calibration_factor: -375.00"] * 3, [1.2, 1.2], "lb"),
    (["HX711 reading: 8412345", "HX711 reading: 8412346"], [8412346], ""),
    (["one reading:\t-0.1\t| average:\t0.2"] * 2, [-0.1], ""),
    (["Load_cell 1 output val: 5.5    Load_cell 2 output val: 7.5"] * 3, [5.5, 5.5], ""),
    (["Variable_1:512,Variable_2:0", "Variable_1:513,Variable_2:0"], [513], ""),
    (["time:123,force:4.5", "time:133,force:4.6", "time:143,force:4.7"], [4.6, 4.7], ""),
    (["force_N:3.2", "force_N:3.3"], [3.3], "n"),
    (["temp:21.5 force:3.2 g", "temp:21.5 force:3.3 g"], [3.3], "g"),
    ([">load:1627551892437:1234§kg|g", ">load:1627551892447:1236§kg|g"], [1236], ""),
    (["19:39:21.546193,0.25", "19:39:21.644970,0.5"], [0.5], ""),
    (["time_ms,force_N", "12,0.0000", "24,1.5", "36,2.25"], [0, 1.5, 2.25], "n"),
    (["19.55,57.67,0.00,mV", "19.56,57.67,0.00,mV", "19.57,57.67,0.00,mV"], [19.56, 19.57], ""),
    (["1.25\t2.5", "1.5\t2.5"], [1.25, 1.5], ""),
    (["1.25;2.5", "1.5;2.5"], [1.25, 1.5], ""),
    (["3.2 N/cm2"] * 3, [3.2, 3.2], ""),
    (["2.23E+02,1.51E+02"], [223], ""),
]


@pytest.mark.parametrize(("lines", "expected", "unit"), FORCES, ids=[lines[0][:30] for lines, _, _ in FORCES])
def test_the_force_is_found_on_what_real_sensors_send(
    lines: list[str], expected: list[float], unit: str
) -> None:
    readings, _ = decode(*lines)
    assert values(readings) == pytest.approx(expected)
    meta = readings.messages[0]
    assert isinstance(meta, Meta)
    assert meta.values["unit"] == unit
    assert ("counts_per_n" in meta.values) == bool(unit)
    assert (readings.quality == Quality.UNCHECKED).all()
    assert (readings.t_us == -1).all()
    assert (readings.seq == -1).all()


@pytest.mark.parametrize(
    ("line", "newtons"),
    [
        ("2.5 N", 2.5),
        ("2.5 kg", 2.5 * STANDARD_GRAVITY),
        ("2500 g", 2.5 * STANDARD_GRAVITY),
        ("2.5 lbs", 2.5 * POUND_KG * STANDARD_GRAVITY),
        ("8 oz", 0.5 * POUND_KG * STANDARD_GRAVITY),
        ("0.0025 kN", 2.5),
    ],
)
def test_a_unit_on_the_line_is_its_calibration(line: str, newtons: float) -> None:
    readings, _ = decode(line)
    meta = readings.messages[0]
    assert isinstance(meta, Meta)
    assert meta.values["zero_counts"] == "0"
    assert readings.counts[0] / float(meta.values["counts_per_n"]) == pytest.approx(newtons)


@pytest.mark.parametrize(
    "line",
    [
        "316,inf,lbs,-0.06,",
        "nan",
        "HELP",
        "ERR",
        "ERR0",
        "inflbs",
        "OVF",
        "-inf N",
        "---",
        "*10",
        "12.3412.35",
        "1.2.3",
    ],
)
def test_what_is_no_number_is_left_out_however_often_it_comes(line: str) -> None:
    readings, decoder = decode(*[line] * 12)
    assert len(readings) == 0
    assert decoder.garbage_bytes == 12 * len(line)


def test_a_value_that_is_missing_for_a_while_does_not_change_what_is_read() -> None:
    readings, decoder = decode("1,2.5,lbs,", "2,inf,lbs,", "3,HELP,lbs,", "4,3.5,lbs,")
    assert values(readings) == [2.5, 3.5]
    assert decoder.not_numbers == 2


def test_a_truncated_line_never_borrows_the_unit_of_the_others() -> None:
    readings, _ = decode("1276,2.56,lbs,-0.06,", "12476,2.5", *["12676,10.34"] * 20)
    assert values(readings) == [2.56]


def test_the_rest_of_a_number_at_the_beginning_is_left_out() -> None:
    decoder = NumbersDecoder()
    assert decoder.feed(b"34\r\n12.36\r\n").counts.tolist() == [12360]


def test_a_boot_banner_and_a_menu_are_left_out() -> None:
    banner = [
        "Serial Load Cell Converter version 1.2",
        "1) Tare scale to zero [1000]",
        "4) Set report rate [200]",
    ]
    readings, _ = decode(*banner, "Tare: 1000", "316,2.5,lbs,", *banner, "Tare: 1001", "516,2.6,lbs,")
    assert values(readings) == [2.5, 2.6]


def test_decimals_that_appear_later_announce_a_new_resolution() -> None:
    readings, _ = decode("12 kg", "12.5 kg", "13 kg")
    assert readings.counts.tolist() == [12, 12500, 13000]
    assert [(m.before, m.values["resolution"]) for m in readings.messages if isinstance(m, Meta)] == [
        (0, "1"),
        (1, "1000"),
    ]


def test_large_numbers_with_decimals_lose_decimals_and_not_digits() -> None:
    readings, _ = decode("8388607.25", "-8388608.0")
    assert values(readings) == pytest.approx([8388607.25, -8388608], abs=0.05)


def test_a_number_that_fits_no_count_is_left_out() -> None:
    readings, decoder = decode("5", "99999999999", "1e99", "6")
    assert values(readings) == [5, 6]
    assert decoder.garbage_bytes == len("99999999999" + "1e99")


def test_a_leading_column_that_rises_evenly_is_a_time_and_not_a_force() -> None:
    readings, decoder = decode(*[f"{1000 + 12 * i},{50 - i}" for i in range(20)])
    assert values(readings) == [50 - i for i in range(20)]
    assert decoder.held_lines == 0


def test_a_first_column_that_falls_once_is_the_force() -> None:
    readings, _ = decode("100,7", "101,7", "99,7", *[f"{100 + 12 * i},7" for i in range(20)])
    assert values(readings)[:4] == [100, 101, 99, 100]


def test_another_unit_is_believed_when_it_comes_again_and_again() -> None:
    readings, _ = decode("1.0 kg", "1.1 kg", "2.0 lb", "1.2 kg", "2.2 lb", "2.3 lb", "2.4 lb")
    assert values(readings) == [1.0, 1.1, 1.2, 2.4]
    units = [(m.before, m.values["unit"]) for m in readings.messages if isinstance(m, Meta)]
    assert units == [(0, "kg"), (3, "lb")]


NUMBER_LINES = st.one_of(
    st.floats(-1e4, 1e4).map(lambda x: f"{x:.2f}"),
    st.integers(-(10**7), 10**7).map(str),
    st.floats(-50, 50).map(lambda x: f"{x:.1f} kg"),
    st.integers(0, 10**6).map(lambda i: f"{i},{i % 90},lbs,"),
    st.integers(0, 10**6).map(lambda i: f"reading: {i}"),
    st.sampled_from(["inf", "HELP", "time,force", "banner 1.0", "", "- 5.0 N", "1,2,3", "2,2,3", "3,1,2"]),
)


@given(st.lists(NUMBER_LINES, max_size=30), st.lists(st.integers(0, 2000), max_size=40))
def test_any_split_of_the_bytes_gives_the_same_readings(lines: list[str], cuts: list[int]) -> None:
    data = "\r\n".join(lines).encode()
    one, other = NumbersDecoder(), NumbersDecoder()
    assert_same(one.feed(data), feed_all(other, split_at(data, cuts)))
    assert (one.garbage_bytes, one.not_numbers) == (other.garbage_bytes, other.not_numbers)


@given(st.binary(max_size=2000))
def test_noise_never_raises(data: bytes) -> None:
    decoder = NumbersDecoder()
    decoder.feed(b"\n" + data)
    assert decoder.checksum_errors == 0


def test_thousands_of_different_lines_are_not_kept() -> None:
    decoder = NumbersDecoder()
    for i in range(3000):
        decoder.feed(f"word{'x' * (i % 50)}{i} says 5 and {'y' * (i % 70)} 7\n".encode())
    assert_bounded(decoder)
