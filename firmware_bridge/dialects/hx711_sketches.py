r"""The example sketches of the usual Arduino libraries for load cells, as they come: HX711 and NAU7802.

    HX711 reading: 8412345                                   bogde/HX711
    one reading:\t-0.1\t| average:\t0.2                       bogde/HX711, after its own calibration
    Reading: 1.2 lbs calibration_factor: -375.00             SparkFun, calibration sketch
    reading,0.0kg,-10.00                                     a copy of it that is often met
    Load_cell output val: 12.34                              olkal/HX711_ADC, one cell
    Load_cell 1 output val: 1.5    Load_cell 2 output val: 2.5        olkal/HX711_ADC, two cells
    Read 123456                                              Adafruit NAU7802
    Reading: 123456\tWeight: 1.23\tAvgWeight: 1.22            SparkFun Qwiic Scale (NAU7802)

The unit is the one that the sketch prints, and as true as the factor in it; where none is printed the numbers are raw
counts until the sensor is calibrated here.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from firmware_bridge.dialects.base import Dialect, Evidence
from firmware_bridge.dialects.gauge_lines import GaugeDecoder, Parse, Remark, Value, likeness_of, unit_of

RAW_MAX = (1 << 23) - 1
"""Both converters have 24 bits: at this count, either way, they are at their limit."""
UNITLESS_COUNTS = 1000
"""Counts in one of the numbers with decimals and without a unit."""

_INTEGER = r"([+-]?\d{1,10})"
_DECIMAL = r"([+-]?\d{1,7}\.\d{1,6})"
_BOGDE_RAW = re.compile(rf"(?:HX711 )?reading:[ \t]+{_INTEGER}")
_BOGDE_SCALED = re.compile(rf"one reading:\t{_DECIMAL}\t\| average:\t{_DECIMAL}")
_SPARKFUN = re.compile(
    rf"Reading: {_DECIMAL} (lbs|kg|g|N) calibration_factor: {_DECIMAL}|reading,{_DECIMAL}(lbs|kg|g|N),{_DECIMAL}"
)
_OLKAL_ONE = re.compile(rf"Load_cell output val: {_DECIMAL}")
_OLKAL_TWO = re.compile(rf"Load_cell 1 output val: {_DECIMAL} {{4}}Load_cell 2 output val: {_DECIMAL}")
_ADAFRUIT = re.compile(rf"Read {_INTEGER}")
_QWIIC = re.compile(
    rf"Reading: {_INTEGER}(?:\tWeight: {_DECIMAL}\tAvgWeight: {_DECIMAL})?(?:\tScale not calibrated\..{{0,40}})?"
)
_TARED = Remark("the sketch set its own zero")
_NO_NUMBER = re.compile(r"(?:Reading: |reading,|Load_cell output val: )-?(?:inf|nan|ovf).*")
_SILENT = Remark("the sketch gives no number: its calibration factor is wrong", no_value=True)


def _raw(text: str, layout: str) -> Value:
    counts = int(text)
    return Value(counts, layout=layout, saturated=abs(counts) >= RAW_MAX)


def _scaled(text: str, layout: str, extra: tuple[str, ...] = ()) -> Value:
    further = tuple(round(float(one) * UNITLESS_COUNTS) for one in extra)
    return Value(float(text), layout=layout, resolution=UNITLESS_COUNTS, extra=further)


def parse_bogde(line: str) -> Value | Remark | None:
    """Read one line of the examples of bogde/HX711."""
    if match := _BOGDE_RAW.fullmatch(line):
        return _raw(match[1], "raw")
    if match := _BOGDE_SCALED.fullmatch(line):
        return _scaled(match[1], "scaled")
    return None


def parse_sparkfun(line: str) -> Value | Remark | None:
    """Read one line of SparkFun's calibration sketch for the HX711, or of the copy with commas."""
    if match := _SPARKFUN.fullmatch(line.rstrip()):
        number, unit = (match[1], match[2]) if match[1] else (match[4], match[5])
        return Value(float(number), unit_of(unit), "blanks" if match[1] else "commas")
    return _SILENT if _NO_NUMBER.fullmatch(line) else None


def parse_olkal(line: str) -> Value | Remark | None:
    """Read one line of the examples of olkal/HX711_ADC; of two cells the first is the force."""
    if match := _OLKAL_ONE.fullmatch(line.rstrip()):
        return _scaled(match[1], "one")
    if match := _OLKAL_TWO.fullmatch(line.rstrip()):
        return _scaled(match[1], "two", (match[2],))
    if line.startswith("Tare") and line.rstrip().endswith("complete"):
        return _TARED
    return _SILENT if _NO_NUMBER.fullmatch(line) else None


def parse_nau7802(line: str) -> Value | Remark | None:
    """Read one line of the NAU7802 examples of Adafruit and SparkFun: always the converter's own count."""
    if match := _ADAFRUIT.fullmatch(line):
        return _raw(match[1], "adafruit")
    if match := _QWIIC.fullmatch(line.rstrip()):
        return _raw(match[1], "weights" if match[2] else "reading")
    return None


def _sketch(
    name: str, label: str, parse: Parse, level: float, evidence: Evidence, bauds: tuple[int, ...], hint: str
) -> Dialect:
    def likeness(data: bytes) -> float:
        return likeness_of(parse, data, level)

    new_decoder: Callable[[], GaugeDecoder] = lambda: GaugeDecoder(parse, label)  # noqa: E731
    return Dialect(name, label, False, False, False, new_decoder, likeness, evidence, bauds, hint=hint)


BOGDE = _sketch(
    "hx711-bogde",
    "HX711 sketch (bogde)",
    parse_bogde,
    0.92,
    "driver source",
    (57600, 38400),
    "The numbers have no unit: calibrate the sensor here.",
)
SPARKFUN = _sketch(
    "hx711-sparkfun",
    "HX711 sketch (SparkFun)",
    parse_sparkfun,
    0.92,
    "hardware",
    (9600,),
    "The unit is as true as the calibration factor typed into the sketch.",
)
OLKAL = _sketch(
    "hx711-olkal",
    "HX711 sketch (olkal)",
    parse_olkal,
    0.92,
    "driver source",
    (57600,),
    "The numbers have no unit: calibrate the sensor here. Of two cells the first is the force.",
)
NAU7802 = _sketch(
    "nau7802",
    "NAU7802 sketch (Adafruit, SparkFun)",
    parse_nau7802,
    0.91,
    "driver source",
    (115200,),
    "The converter's own counts are read, not the sketch's weight, which has no unit: calibrate the sensor here.",
)
