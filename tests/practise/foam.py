"""A sensor on a pseudo-terminal that is pressed as a test wants it: real bytes through a real port, in real time."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from firmware_bridge.wire import encode_text_sample
from tests.bridge.pty_device import PtyDevice

RATE_HZ = 80
ZERO, PER_N = 2000, 500
META = (
    f"M,fw=9,device=foam,serial=F-1,rate_hz={RATE_HZ},counts_per_n={PER_N},zero_counts={ZERO},"
    "adc_min=-8388608,adc_max=8388607\r\n"
)
NO_CALIBRATION = f"M,fw=9,device=foam,serial=F-1,rate_hz={RATE_HZ}\r\n"


class Foam:
    """Speaks the native text dialect; `press_kpa` is what is pressed now, under 1 cm². A context manager."""

    def __init__(self, folder: Path, meta: str = META) -> None:
        self.device = PtyDevice(folder / "foam")
        self.press_kpa = 0.0
        self.speaking = True
        self.saturated = False
        self._meta = meta.encode()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return self.device.url

    def unplug(self) -> None:
        with self._lock:
            self.device.unplug()

    def __enter__(self) -> Foam:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5.0)
        self.device.unplug()

    def _run(self) -> None:
        start_s, seq = time.monotonic(), 0
        while not self._stop.wait(0.005):
            due = int((time.monotonic() - start_s) * RATE_HZ)
            said = b"" if seq else self._meta
            asked = self.device.received() if self.device._master >= 0 else b""
            if b"?" in asked:
                said += self._meta
            while seq < due:
                counts = ZERO + round(PER_N * self.press_kpa / 10)
                sample = encode_text_sample(seq & 0xFFFF, seq * 12_500, [counts], 1 if self.saturated else 0)
                said += sample if self.speaking else b""
                seq += 1
            with self._lock:
                if said and self.device._master >= 0:
                    try:
                        self.device.send(said)
                    except OSError:
                        return
