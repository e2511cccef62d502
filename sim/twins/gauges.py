"""Twins of handheld force gauges, from their manuals and from drivers that talk to them."""

from __future__ import annotations

import struct

from sim.twins.base import NEWTONS, LineTwin, Twin, TwinOptions

_MARK_10_UNITS = {"lb": "lbF", "kg": "kgF", "oz": "ozF", "g": "gF", "N": "N", "kN": "kN"}
_MARK_10_SWITCHES = {"LB": "lb", "KG": "kg", "OZ": "oz", "G": "g", "N": "N", "KN": "kN"}
_LUTRON_UNITS = {"kg": "55", "lb": "56", "g": "57", "oz": "58", "N": "59"}


class Mark10(LineTwin):
    """Mark-10 Series 5: `?` and the rest of its language, or a stream (`AOUT1`)."""

    unit = "lb"
    rate_hz = 10.0
    streaming = False

    def __init__(self, options: TwinOptions, seed: int = 1) -> None:
        super().__init__(options, seed)
        self._zero_n = 0.0
        self._peak_n = 0.0

    def _line(self, force_n: float) -> bytes:
        return f"{(force_n - self._zero_n) / NEWTONS[self.unit]:.3f} {_MARK_10_UNITS[self.unit]}\r\n".encode()

    def reading(self, at_s: float) -> bytes:
        """The displayed reading."""
        if self.overloaded(at_s):
            return b"OVER\r\n"
        self._peak_n = max(self._peak_n, self.force_n(at_s))
        return self._line(self.force_n(at_s))

    def command(self, name: str, at_s: float) -> bytes:
        """One command of the language."""
        if name in ("?", "?C"):
            return self.reading(at_s)
        if name == "?PC":
            return self._line(self._peak_n)
        if name == "Z":
            self._zero_n = self.force_n(at_s)
        elif name in _MARK_10_SWITCHES:
            self.unit = _MARK_10_SWITCHES[name]
        elif name.startswith("AOUT") and name[4:].isdigit():
            self.streaming = int(name[4:]) > 0
        elif name == "LIST":
            return b"V1.00;LBF;CUR;FLTC8;FLTP1;AOUT00;AOFF5;FULL;MIT;POL;B0\r\n"
        else:
            return b"*10\r\n"
        return b""


class Imada(LineTwin):
    """IMADA DST: ten bytes for each `D`."""

    streaming = False

    def __init__(self, options: TwinOptions, seed: int = 1) -> None:
        super().__init__(options, seed)
        self._zero_n = 0.0
        self._mode = "T"

    def reading(self, at_s: float) -> bytes:
        """Ten bytes."""
        value = (self.force_n(at_s) - self._zero_n) / NEWTONS[self.unit]
        unit = {"N": "N", "kg": "K", "lb": "O"}[self.unit]
        judgement = "E" if self.overloaded(at_s) else "O"
        return f"{'-' if value < 0 else '+'}{abs(value):05.1f}{unit}{self._mode}{judgement}\r".encode()

    def command(self, name: str, at_s: float) -> bytes:
        """`D`, `Z`, `T` and `P`."""
        if name == "D":
            return self.reading(at_s)
        if name == "Z":
            self._zero_n = self.force_n(at_s)
        elif name in ("T", "P"):
            self._mode = name
        else:
            return b"E\r"
        return b"R\r"


class Wagner(LineTwin):
    """Wagner FDIX and FDX: `F`, `?` and `C?` for one reading, `CB` and `CE` around a stream."""

    unit = "lb"
    streaming = False

    def reading(self, at_s: float) -> bytes:
        """One line; a blank after the sign, and for the sign of compression."""
        if self.overloaded(at_s):
            return b"HELP\r\n"
        # A gauge at rest wavers about its zero.
        value = self.shown(at_s) + (-0.01 if round(at_s * 10) % 5 == 0 else 0.0)
        unit = {"lb": "lbf", "kg": "kgf", "N": "N"}[self.unit]
        return f"{'-' if value < 0 else ' '} {abs(value):.2f} {unit}\r\n".encode()

    def command(self, name: str, at_s: float) -> bytes:
        """One command, in capitals or not."""
        name = name.upper()
        if name in ("F", "?", "C?"):
            return self.reading(at_s)
        if name in ("CB", "CE"):
            self.streaming = name == "CB"
        return b""

    def obey(self, data: bytes, at_s: float) -> bytes:
        """As on lines; a single `F` is taken at once."""
        return super().obey(data.replace(b"F\r", b"F").replace(b"F", b"F\r"), at_s)


class Lutron(Twin):
    """A gauge with the Lutron stream; it takes no commands."""

    rate_hz = 5.0

    def reading(self, at_s: float) -> bytes:
        """Sixteen bytes."""
        digits = "--------" if self.overloaded(at_s) else f"{abs(round(self.shown(at_s) * 100)):08d}"
        sign = int(self.shown(at_s) < 0)
        return f"\x0241{_LUTRON_UNITS[self.unit]}{sign}2{digits}\r".encode()


class Sauter(Twin):
    """Sauter FH: seven characters for each `9`, `2` sets the zero."""

    streaming = False

    def __init__(self, options: TwinOptions, seed: int = 1) -> None:
        super().__init__(options, seed)
        self._zero_n = 0.0

    def reading(self, at_s: float) -> bytes:
        """Seven characters, or words when it is overloaded."""
        if self.overloaded(at_s):
            return b"OVERLD "
        value = self.force_n(at_s) - self._zero_n
        return f"{int(value < 0)}{abs(value):06.2f}".encode()

    def obey(self, data: bytes, at_s: float) -> bytes:
        """Single characters."""
        answer = b""
        for key in data:
            if key == ord("9"):
                answer += self.reading(at_s)
            elif key == ord("2"):
                self._zero_n = self.force_n(at_s)
        return answer


class ShimpoFgv(LineTwin):
    """Shimpo FGV-X: repeats each command, `BB` and `BB1` start a stream, `AB` ends it."""

    streaming = False

    def reading(self, at_s: float) -> bytes:
        """One line."""
        if self.overloaded(at_s):
            return b"OVER\r\n"
        return f"{self.shown(at_s):+07.2f} {self.unit}\r\n".encode()

    def command(self, name: str, at_s: float) -> bytes:
        """One command and its echo."""
        echo = f"{name}\r\n".encode()
        if name == "BA":
            return echo + self.reading(at_s)
        if name in ("BB", "BB1"):
            self.streaming = True
        elif name == "AB":
            self.streaming = False
        elif name != "AA":
            return b"ERR1\r\n"
        return echo


class ShimpoDfs(LineTwin):
    """Shimpo DFS: `LIST` tells the unit, `D` gives a number without one."""

    unit = "lb"
    streaming = False

    def reading(self, at_s: float) -> bytes:
        """One line."""
        return b"OVER\r\n" if self.overloaded(at_s) else f"{self.shown(at_s):.3f}\r\n".encode()

    def command(self, name: str, at_s: float) -> bytes:
        """One command."""
        if name == "D":
            return self.reading(at_s)
        if name == "LIST":
            return f"MDL DFS-100\r\nUNITS {self.unit}\r\nDSPN\r\nOK\r\n".encode()
        if name in ("BB", "AB"):
            self.streaming = name == "BB"
            return b"OK\r\n"
        return b"OK\r\n" if name in ("Z", "UNTN", "UNTG", "UNTL", "DSPN") else b"ERR1\r\n"


class Tindeq(Twin):
    """What a Tindeq Progressor notifies, byte after byte; a serial line has to stand for the radio."""

    unit = "kg"
    rate_hz = 80.0

    def reading(self, at_s: float) -> bytes:
        """One packet of one sample."""
        return b"\x01\x08" + struct.pack("<fI", self.shown(at_s), round(at_s * 1e6))
