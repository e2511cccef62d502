"""Twins of load cells behind an Arduino: OpenScale and the example sketches of the usual libraries."""

from __future__ import annotations

from sim.twins.base import NEWTONS, Twin, TwinOptions

COUNTS_PER_N = 20_000
ZERO_COUNTS = 84_123
RAW_MAX = (1 << 23) - 1


class _Sketch(Twin):
    def raw(self, at_s: float) -> int:
        """What the 24-bit converter gives."""
        return RAW_MAX if self.overloaded(at_s) else round(ZERO_COUNTS + COUNTS_PER_N * self.force_n(at_s))


class OpenScale(_Sketch):
    """SparkFun OpenScale as it comes, with its raw counts switched on; `x` opens and leaves its menu."""

    unit = "lb"
    rate_hz = 5.0
    banner = (
        b"\r\nSerial Load Cell Converter version 1.2\r\nBy SparkFun Electronics\r\nNo remote sensor found\r\n"
        b"Press x to bring up settings\r\n"
    )

    def reading(self, at_s: float) -> bytes:
        """One line."""
        unit = {"lb": "lbs", "kg": "kg"}[self.unit]
        return f"{round(at_s * 1000)},{self.shown(at_s):.2f},{unit},{self.raw(at_s)},24.06,\r\n".encode()

    def obey(self, data: bytes, at_s: float) -> bytes:
        """Only the key of the menu."""
        del at_s
        if b"x" not in data:
            return b""
        self.in_menu = not self.in_menu
        if not self.in_menu:
            return b"\r\nExiting\r\n"
        return (
            b"\r\nSystem Configuration\r\n1) Tare scale to zero [84123]\r\n2) Calibrate scale [20000]\r\n"
            b"3) Timestamp [On]\r\n4) Set report rate [200]\r\n5) Set baud rate [9600]\r\n"
            b"6) Change units of measure [lbs]\r\n7) Decimals [2]\r\n8) Average amount [4]\r\nx) Exit\r\n>"
        )


class Bogde(_Sketch):
    """The raw example of bogde/HX711."""

    def reading(self, at_s: float) -> bytes:
        """One line."""
        return f"HX711 reading: {self.raw(at_s)}\r\n".encode()


class SparkFun(_Sketch):
    """SparkFun's calibration sketch; `+ a - z` change its factor."""

    unit = "lb"
    banner = b"HX711 calibration sketch\r\nRemove all weight from scale\r\nZero factor: 84123\r\n"

    def __init__(self, options: TwinOptions, seed: int = 1) -> None:
        super().__init__(options, seed)
        self._factor = -7050.0
        self._set = -7050.0

    def reading(self, at_s: float) -> bytes:
        """One line."""
        value = self.shown(at_s) * self._set / self._factor
        unit = {"lb": "lbs", "kg": "kg", "g": "g", "N": "N"}[self.unit]
        return f"Reading: {value:.1f} {unit} calibration_factor: {self._factor:.2f}\r\n".encode()

    def obey(self, data: bytes, at_s: float) -> bytes:
        """Keys that change the factor by ten."""
        del at_s
        for key in data.decode("ascii", "replace"):
            self._factor += 10.0 if key in "+a" else -10.0 if key in "-z" else 0.0
        return b""


class Olkal(_Sketch):
    """The one-cell example of olkal/HX711_ADC, calibrated in grams; `t` sets its zero."""

    unit = "g"
    banner = b"\r\nStarting...\r\nStartup is complete\r\n"

    def __init__(self, options: TwinOptions, seed: int = 1) -> None:
        super().__init__(options, seed)
        self._zero_n = 0.0

    def reading(self, at_s: float) -> bytes:
        """One line."""
        grams = (self.force_n(at_s) - self._zero_n) / NEWTONS["g"]
        return f"Load_cell output val: {grams:.2f}\r\n".encode()

    def obey(self, data: bytes, at_s: float) -> bytes:
        """`t`."""
        if b"t" not in data:
            return b""
        self._zero_n = self.force_n(at_s)
        return b"Tare load cell complete\r\n"


class Nau7802(_Sketch):
    """SparkFun's Qwiic Scale example; `t` sets the zero of its weight, which is not what is read here."""

    banner = b"Qwiic Scale Example\r\nZero offset: 84123\r\nCalibration factor: 1\r\n"

    def reading(self, at_s: float) -> bytes:
        """One line."""
        weight = self.force_n(at_s) / NEWTONS["kg"]
        return f"Reading: {self.raw(at_s)}\tWeight: {weight:.2f}\tAvgWeight: {weight:.2f}\r\n".encode()


class SerialPlotter(_Sketch):
    """A sketch made for the Serial Plotter, its force in newtons beside a temperature."""

    rate_hz = 20.0

    def reading(self, at_s: float) -> bytes:
        """One line."""
        if self.overloaded(at_s):
            return b"force_N:nan,temp:24.06\n"
        return f"force_{self.unit}:{self.shown(at_s):.3f},temp:24.06\n".encode()


class Plain(_Sketch):
    """A sketch that prints a number and a unit."""

    unit = "kg"

    def reading(self, at_s: float) -> bytes:
        """One line."""
        return f"{self.shown(at_s):.3f} {self.unit}\r\n".encode() if not self.overloaded(at_s) else b"OVF\r\n"
