"""`sim://SCENARIO?option=value&…` for pyserial: a port with a virtual sensor behind it.

No thread: the bytes are computed from the clock when somebody reads.
"""

from __future__ import annotations

import errno
import time
from threading import Lock
from typing import Any

from serial.serialutil import PortNotOpenError, SerialBase, SerialException

from sim.bus import BUS, Slot
from sim.schedule import Pressing

_NAP_S = 0.01
"""Longest sleep while waiting for bytes: how soon a cancel is noticed. (Waiting on an Event costs four times more.)"""


class Serial(SerialBase):
    """A pyserial port.

    Besides what every port has: `now_s()`, the host's clock for it, and `pressing`, what presses (a steerable
    `sim.hand.Hand` in the scenarios that have one).
    """

    BAUDRATES = SerialBase.BAUDRATES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._slot: Slot | None = None
        self._slot_url = ""
        self._opened_s = 0.0
        self._buffer = bytearray()
        self._buffer_lock = Lock()
        self._cancelled = False
        super().__init__(*args, **kwargs)

    def open(self) -> None:
        """Plug in, or find the sensor that is plugged in.

        Raises:
            ValueError: the address names no scenario or has an option that cannot be.
            SerialException: the sensor is unplugged now (errno ENOENT), or the port is open already.
        """
        if self.port is None:
            raise SerialException("Port must be configured before it can be used.")
        if self.is_open:
            raise SerialException("Port is already open.")
        # The same port object opened again finds the same device: nobody pulled the plug.
        slot = (
            self._slot if self._slot is not None and self._slot_url == self.port else BUS.plug_in(self.port)
        )
        if not slot.plugged():
            raise SerialException(
                errno.ENOENT, f"could not open port {self.port}: no such device (unplugged)"
            )
        self._slot, self._slot_url = slot, self.port
        slot.openings += 1
        if slot.openings == 1:
            self._opened_s = 0.0
        else:
            # What came while the port was closed is not for this opening.
            self._opened_s = slot.elapsed_s()
            with slot.lock:
                slot.sensor.advance(self._opened_s)
        self._buffer.clear()
        self._cancelled = False
        self.is_open = True

    def close(self) -> None:
        """Close the port; a waiting `read` returns what it has."""
        self.is_open = False
        self._cancelled = True

    def _reconfigure_port(self) -> None:
        """Every setting of a serial line is accepted: there is no line."""

    def _update_dtr_state(self) -> None:
        """The virtual sensor has no reset line."""

    def _update_rts_state(self) -> None:
        """The virtual sensor has no flow control."""

    def _update_break_state(self) -> None:
        """The virtual sensor ignores a break."""

    def now_s(self) -> float:
        """The host's clock for this port: `time.monotonic()`, running `speed` times as fast since it was opened."""
        return time.monotonic() if self._slot is None else self._slot.now_s()

    @property
    def pressing(self) -> Pressing:
        """What presses on the tip."""
        return self._open_slot().sensor.pressing

    def _open_slot(self) -> Slot:
        if self._slot is None or not self.is_open:
            raise PortNotOpenError
        return self._slot

    def _pulled(self, slot: Slot, at_s: float) -> bool:
        unplug_s = slot.address.faults.unplug_at
        return unplug_s is not None and self._opened_s <= unplug_s <= at_s

    def _pump(self) -> bool:
        """Move what has arrived into the buffer; False when the plug has been pulled since the port was opened."""
        slot = self._open_slot()
        at_s = slot.elapsed_s()
        gone = self._pulled(slot, at_s)
        with slot.lock:
            data = slot.sensor.advance(slot.address.faults.unplug_at or 0.0 if gone else at_s)
        with self._buffer_lock:
            self._buffer += data
        return not gone

    @property
    def in_waiting(self) -> int:
        """Bytes that a `read` would return at once.

        Raises:
            OSError: the sensor has been unplugged (errno EIO), as a USB device reports it.
        """
        if not self._pump() and not self._buffer:
            raise OSError(errno.EIO, "Input/output error")
        return len(self._buffer)

    def read(self, size: int = 1) -> bytes:
        """Up to `size` bytes; waits for them as long as the timeout allows.

        Raises:
            SerialException: the sensor has been unplugged; bytes that arrived before are given first.
            PortNotOpenError: the port is closed.
        """
        slot = self._open_slot()
        deadline = None if self.timeout is None else time.monotonic() + self.timeout
        while True:
            if len(self._buffer) >= size:
                break
            plugged = self._pump()
            if len(self._buffer) >= size or (self._buffer and not plugged):
                break
            if not plugged:
                raise SerialException(
                    "device reports readiness to read but returned no data (device disconnected or multiple "
                    "access on port?)"
                )
            left = _NAP_S if deadline is None else deadline - time.monotonic()
            if left <= 0:
                break
            with slot.lock:
                due_s = (slot.sensor.next_s - slot.elapsed_s()) / slot.address.options.speed
            time.sleep(max(min(left, due_s, _NAP_S), 0.0002))
            if self._cancelled or not self.is_open:
                self._cancelled = False
                break
        with self._buffer_lock:
            data = bytes(self._buffer[:size])
            del self._buffer[:size]
        return data

    def cancel_read(self) -> None:
        """Let a waiting `read` return at once with what it has."""
        self._cancelled = True

    def write(self, data: bytes) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Send commands to the device.

        Raises:
            SerialException: the sensor has been unplugged, or the port is closed.
        """
        slot = self._open_slot()
        raw = bytes(data)
        at_s = slot.elapsed_s()
        if self._pulled(slot, at_s):
            raise SerialException("write failed: [Errno 5] Input/output error")
        with slot.lock:
            slot.sensor.write(raw, at_s)
        return len(raw)

    def flush(self) -> None:
        """Nothing to wait for."""

    def reset_input_buffer(self) -> None:
        """Throw away what has arrived and was not read."""
        if self.is_open:
            self._pump()
        self._buffer.clear()

    def reset_output_buffer(self) -> None:
        """Nothing is ever waiting to go out."""

    @property
    def out_waiting(self) -> int:
        """Bytes waiting to go out: always 0."""
        return 0

    @property
    def cts(self) -> bool:
        """Clear to send."""
        return True

    @property
    def dsr(self) -> bool:
        """Data set ready."""
        return True

    @property
    def ri(self) -> bool:
        """Ring indicator."""
        return False

    @property
    def cd(self) -> bool:
        """Carrier detect."""
        return True
