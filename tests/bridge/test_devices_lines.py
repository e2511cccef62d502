"""Other people's devices that send lines: each example as it was published, and what it is in newtons of push."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.signal import Quality
from feedback.units import POUND_KG, STANDARD_GRAVITY
from firmware_bridge.dialects import Log, Meta, Readings, dialect, dialects, recognise
from tests.bridge.feeding import assert_bounded, assert_same, feed_all, split_at

LB = POUND_KG * STANDARD_GRAVITY
KG = STANDARD_GRAVITY
LINE_DIALECTS = [
    "openscale",
    "hx711-bogde",
    "hx711-sparkfun",
    "hx711-olkal",
    "nau7802",
    "serial-plotter",
    "mark-10",
    "imada",
    "wagner-fdx",
    "wagner-fdix",
    "lutron",
    "shimpo-fgv",
    "shimpo-dfs",
]


def decode(name: str, data: bytes) -> Readings:
    """Decode after a line end, as the bytes before the first one are left out."""
    return dialect(name).new_decoder().feed(b"\r\n" + data)


def newtons(readings: Readings) -> list[float | None]:
    """Newtons of each sample by the calibration announced before it; None without one."""
    found: list[float | None] = []
    counts_per_n = 0.0
    messages = list(readings.messages)
    for i, counts in enumerate(readings.counts.tolist()):
        while messages and messages[0].before <= i:
            message = messages.pop(0)
            if isinstance(message, Meta) and "counts_per_n" in message.values:
                counts_per_n = float(message.values["counts_per_n"])
        found.append(counts / counts_per_n if counts_per_n else None)
    return found


def logs(readings: Readings) -> list[str]:
    return [message.text for message in readings.messages if isinstance(message, Log)]


FORCES = [
    ("openscale", b"12276,2.56,lbs,-0.06,\r\n", 2.56 * LB),
    ("openscale", b"14076,10.34,lbs,-0.06,\r\n", 10.34 * LB),
    ("openscale", b"2.56,kg,\r\n", 2.56 * KG),
    ("openscale", b"2.56,kg,84123,24.06,-1.50,\r\n", 2.56 * KG),
    ("hx711-sparkfun", b"reading,0.5kg,-10.00\r\n", 0.5 * KG),
    ("hx711-sparkfun", b"Reading: 1.2 lbs calibration_factor: -375.00\r\n", 1.2 * LB),
    ("serial-plotter", b"force_N:3.2,temp:21.5\n", 3.2),
    ("serial-plotter", b"temp:21.5\tweight_kg:0.5\n", 0.5 * KG),
    ("mark-10", b"-18.78 lbF\r\n", -18.78 * LB),
    ("mark-10", b"4.285 N\r\n", 4.285),
    ("mark-10", b"3.258 lbF\r\n", 3.258 * LB),
    ("mark-10", b"12.3 N\r\n", 12.3),
    ("mark-10", b"1.25 kgF\r\n", 1.25 * KG),
    ("mark-10", b"500 mN\r\n", 0.5),
    ("mark-10", b"0.0125 kN\r\n", 12.5),
    ("imada", b"+123.4NTO\r", 123.4),
    ("imada", b"-012.3NTL\r", -12.3),
    ("imada", b"+01.23KTO\r", 1.23 * KG),
    ("imada", b"+01.23OTH\r", 1.23 * LB),
    ("wagner-fdx", b"- 23.02 lbf\r\n", -23.02 * LB),
    ("wagner-fdx", b"18.14 kgf\r\n", 18.14 * KG),
    ("wagner-fdix", b"  5.25 LB\r\n", 5.25 * LB),
    ("lutron", b"\x0241590200001234\r", 12.34),
    ("lutron", b"\x0241591100000098\r", -9.8),
    ("lutron", b"\x0241550300001234\r", 1.234 * KG),
    ("lutron", b"\x0241560200000100\r", LB),
    ("shimpo-fgv", b"+012.50 N\r\n", 12.5),
]


@pytest.mark.parametrize(("name", "line", "force_n"), FORCES, ids=[f"{n} {line!r}" for n, line, _ in FORCES])
def test_a_published_line_is_its_newtons_of_push(name: str, line: bytes, force_n: float) -> None:
    readings = decode(name, line * 3)
    assert newtons(readings) == [pytest.approx(force_n, abs=1e-4)] * 2
    assert (readings.quality == Quality.UNCHECKED).all()
    assert (readings.t_us == -1).all()


COUNTS = [
    ("hx711-bogde", b"HX711 reading: 8412345\r\n", 8412345, []),
    ("hx711-bogde", b"one reading:\t-0.1\t| average:\t0.2\r\n", -100, []),
    ("hx711-olkal", b"Load_cell output val: 12.34\r\n", 12340, []),
    ("hx711-olkal", b"Load_cell 1 output val: 1.50    Load_cell 2 output val: -2.50\r\n", 1500, [-2500]),
    ("nau7802", b"Read 123456\r\n", 123456, []),
    ("nau7802", b"Reading: 123456\tWeight: 1.23\tAvgWeight: 1.22\r\n", 123456, []),
    ("nau7802", b"Reading: 123456\tScale not calibrated. Press 'c'.\r\n", 123456, []),
    ("serial-plotter", b"Variable_1:512,Variable_2:0\n", 512000, [0]),
    ("serial-plotter", b"L1:1,L2:2\n", 1000, [2000]),
    ("mark-10", b"3.258\r\n", 3258, []),
    ("shimpo-dfs", b"0.125\r\n", 125, []),
]


@pytest.mark.parametrize(
    ("name", "line", "counts", "extra"), COUNTS, ids=[f"{n} {c}" for n, _, c, _ in COUNTS]
)
def test_a_line_without_a_unit_is_counts_and_no_force(
    name: str, line: bytes, counts: int, extra: list[int]
) -> None:
    readings = decode(name, line * 3)
    assert readings.counts.tolist() == [counts] * 2
    assert readings.extra.tolist() == [extra] * 2
    assert newtons(readings) == [None, None]


NO_FORCE = [
    ("openscale", b"316,inf,lbs,-0.06,\r\n"),
    ("openscale", b"1) Tare scale to zero [1000]\r\n"),
    ("openscale", b"12276,2.56,lbs\r\n"),
    ("openscale", b"12276,2.56,lb,-0.06,\r\n"),
    ("hx711-sparkfun", b"zero factore: -1\r\n"),
    ("hx711-sparkfun", b"reading,infkg,-10.00\r\n"),
    ("hx711-olkal", b"Load_cell output val: nan\r\n"),
    ("serial-plotter", b"force_N:nan,temp:21.5\n"),
    ("mark-10", b"*10\r\n"),
    ("mark-10", b"*22\r\n"),
    ("mark-10", b"OVER\r\n"),
    ("mark-10", b"18.78 lbFin\r\n"),
    ("mark-10", b"V1.00;LBF;CUR;FLTC8;FLTP1;AOUT00;AOFF5;FULL;MIT;POL;B0\r\n"),
    ("imada", b"+123.4NPO\r"),
    ("imada", b"E\r"),
    ("imada", b"+12.34NTO\r"[:8] + b"\r"),
    ("wagner-fdx", b"HELP\r\n"),
    ("wagner-fdx", b"- 23.02 lbf Peak\r\n"),
    ("lutron", b"\x0241590200\r"),
    ("lutron", b"\x02415902--------\r"),
    ("lutron", b"\x0241510200001234\r"),
    ("shimpo-fgv", b"BB\r\n"),
    ("shimpo-dfs", b"ERR3\r\n"),
    ("shimpo-dfs", b"OVER\r\n"),
]


@pytest.mark.parametrize(("name", "line"), NO_FORCE, ids=[f"{n} {line!r}" for n, line in NO_FORCE])
def test_what_is_no_reading_never_becomes_one_however_often_it_comes(name: str, line: bytes) -> None:
    assert len(decode(name, line * 9)) == 0


def test_overload_is_flagged_or_told_once_and_the_reading_goes_on_after_it() -> None:
    imada = decode("imada", b"+123.4NTO\r" * 3 + b"+199.9NTE\r" * 2 + b"+001.0NTO\r")
    assert (imada.quality & Quality.SATURATED > 0).tolist() == [False, False, True, True, False]
    wagner = decode("wagner-fdx", b"18.14 kgf\r\n" * 3 + b"HELP\r\n" * 5 + b"1.00 kgf\r\n" + b"HELP\r\n")
    assert newtons(wagner) == pytest.approx([18.14 * KG, 18.14 * KG, KG], abs=1e-4)
    assert len(logs(wagner)) == 2
    assert "overloaded" in logs(wagner)[0]


def test_a_converter_at_its_limit_is_saturated() -> None:
    full = 2**23 - 1
    for name, line in [
        ("hx711-bogde", b"HX711 reading: %d\r\n" % full),
        ("nau7802", b"Read -%d\r\n" % (full + 1)),
        ("openscale", b"1,95.10,kg,%d,24.06,\r\n" % full),
    ]:
        readings = decode(name, line * 3)
        assert (readings.quality & Quality.SATURATED > 0).all(), name


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("mark-10", b"10.00 lbF\r\n", b"44.48 N\r\n"),
        ("imada", b"+010.0NTO\r", b"+01.02KTO\r"),
        ("wagner-fdx", b"10.00 kgf\r\n", b"22.05 lbf\r\n"),
        ("lutron", b"\x0241590200001000\r", b"\x0241550300001020\r"),
        ("openscale", b"22.05,lbs,\r\n", b"10.00,kg,\r\n"),
        ("serial-plotter", b"force_N:9.8,t:1\n", b"weight_kg:1.0,t:1\n"),
    ],
)
def test_another_unit_counts_when_it_came_three_times_and_the_force_stays_the_same(
    name: str, one: bytes, other: bytes
) -> None:
    readings = decode(name, one * 4 + other + one + other * 5)
    found = newtons(readings)
    assert len(found) == 3 + 1 + 3
    assert found == pytest.approx([found[0]] * len(found), rel=0.01)
    assert [m.before for m in readings.messages if isinstance(m, Meta)] == [0, 4]
    # A calibration made by hand is in counts: it must mean the same after the change.
    assert readings.counts.tolist() == pytest.approx([int(readings.counts[0])] * len(found), rel=0.01)


def test_a_lost_letter_of_a_unit_gives_no_wrong_newton() -> None:
    readings = decode("mark-10", b"1.250 kgF\r\n" * 3 + b"1.250 gF\r\n" + b"1.250 kgF\r\n" * 2)
    assert newtons(readings) == pytest.approx([1.25 * KG] * 4, abs=1e-4)


def test_a_byte_lost_behind_the_leading_digits_of_an_openscale_line_gives_no_wrong_newton() -> None:
    # A leading digit of a longer number can be lost unseen: there is no checksum, and every sample says so.
    whole = b"12276,2.56,lbs,-0.06,\r\n"
    for i in range(len(b"12276,"), len(whole)):
        found = newtons(decode("openscale", whole * 3 + whole[:i] + whole[i + 1 :] + whole * 2))
        assert found == pytest.approx([2.56 * LB] * len(found), abs=1e-4), i
        assert len(found) >= 3


def test_the_menu_and_the_banner_of_openscale_are_passed_over() -> None:
    banner = (
        b"Serial Load Cell Converter version 1.2\r\nBy SparkFun Electronics\r\nNo remote sensor found\r\n"
    )
    menu = b"\r\n1) Tare scale to zero [1000]\r\n4) Set report rate [200]\r\nx) Exit\r\n>"
    readings = decode("openscale", banner + b"1,2.56,lbs,\r\n" * 3 + menu + b"\r\n2,2.57,lbs,\r\n")
    assert newtons(readings) == pytest.approx([2.56 * LB, 2.56 * LB, 2.57 * LB], abs=1e-4)
    assert {"fw": "1.2"} in [m.values for m in readings.messages if isinstance(m, Meta)]


def test_the_unit_of_a_shimpo_comes_from_its_list() -> None:
    readings = decode("shimpo-dfs", b"MDL DFS-100\r\nUNITS lb\r\nDSPN\r\nOK\r\n" + b"D\r\n1.250\r\n" * 3)
    assert newtons(readings) == pytest.approx([1.25 * LB] * 2, abs=1e-4)


def test_a_shimpo_in_peak_mode_gives_no_force() -> None:
    assert len(decode("shimpo-dfs", b"UNITS lb\r\nDSPT 0.125\r\n" + b"1.250\r\n" * 5)) == 0


RECOGNISED = [
    ("openscale", b"316,inf,lbs,-0.06,\r\n12276,2.56,lbs,-0.06,\r\n12476,2.56,lbs,-0.06,\r\n"),
    ("hx711-bogde", b"HX711 reading: 8412345\r\n" * 4),
    ("hx711-sparkfun", b"Reading: 1.2 lbs calibration_factor: -375.00\r\n" * 4),
    ("hx711-sparkfun", b"reading,0.0kg,-10.00\r\n" * 4),
    ("hx711-olkal", b"Load_cell output val: 12.34\r\n" * 4),
    ("nau7802", b"Reading: 123456\tWeight: 1.23\tAvgWeight: 1.22\r\n" * 4),
    ("serial-plotter", b"Variable_1:512,Variable_2:0\n" * 4),
    ("mark-10", b"-18.78 lbF\r\n" * 4),
    ("imada", b"+123.4NTO\r" * 4),
    ("wagner-fdx", b"- 0.02 lbf\r\n  18.14 lbf\r\n" * 3),
    ("lutron", b"\x0241590200001234\r" * 4),
    ("tindeq", bytes.fromhex("01100000 2041E803 00000000 484120A1 0700".replace(" ", "")) * 3),
    # Nothing of their own in these: the newtons are the same.
    ("numbers", b"4.285 N\r\n" * 4),
    ("numbers", b"18.14 kgf\r\n" * 4),
]


@pytest.mark.parametrize(("name", "data"), RECOGNISED, ids=[f"{n} {d[:18]!r}" for n, d in RECOGNISED])
def test_a_device_that_speaks_by_itself_is_recognised(name: str, data: bytes) -> None:
    found = recognise(data)
    assert found is not None
    assert found.name == name


def test_every_dialect_says_what_it_was_written_from() -> None:
    for found in dialects().values():
        assert found.evidence != "unknown", found.name
        assert found.label
    assert all(found.poll is None or found.poll_every_s > 0 for found in dialects().values())


PIECES = st.one_of(
    st.sampled_from(
        [line for _, line, _ in FORCES] + [line for _, line in NO_FORCE] + [line for _, line, *_ in COUNTS]
    ),
    st.binary(max_size=30),
)


@pytest.mark.parametrize("name", LINE_DIALECTS)
@given(pieces=st.lists(PIECES, max_size=30), cuts=st.lists(st.integers(0, 600), max_size=20))
def test_any_bytes_in_any_split_give_the_same_readings(
    name: str, pieces: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(pieces)
    one, other = dialect(name).new_decoder(), dialect(name).new_decoder()
    assert_same(one.feed(data), feed_all(other, split_at(data, cuts)))
    assert one.garbage_bytes == other.garbage_bytes
    assert_bounded(one)
