"""Finds out what `doctor` judges: ports as the system shows them, and a sensor as it sounds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from feedback.signal import ForceBlock, Quality
from firmware_bridge.bridge import Sensor
from firmware_bridge.diagnosis import noise_of
from firmware_bridge.dialects import dialects
from firmware_bridge.doctor import PortFacts, SignalFacts
from firmware_bridge.port_errors import holders_of, user_name
from firmware_bridge.sensors import SensorPort, list_sensors

if sys.platform != "win32":
    import grp

PING_EVERY_S = 0.4
PING_WAIT_S = 0.5
SERIAL_GROUPS = ("dialout", "uucp", "tty")
"""Groups that own serial ports: Debian and Fedora, Arch, and what is left."""


def port_facts(port: SensorPort, usb_serial: Path = Path("/sys/bus/usb-serial/devices")) -> PortFacts:
    """What the system says about a port; `usb_serial` is where Linux keeps its adapters."""
    device = os.path.realpath(port.url)
    timer = usb_serial / Path(device).name / "latency_timer"
    try:
        latency_ms = int(timer.read_text())
    except (OSError, ValueError):
        latency_ms = None
    ids = port.usb_vid is not None and port.usb_pid is not None
    group = _group_of(device)
    return PortFacts(
        url=port.url,
        guess=port.guess,
        usb=f"{port.usb_vid:04x}:{port.usb_pid:04x}" if ids else "",
        openable=not os.path.exists(device) or os.access(device, os.R_OK | os.W_OK),
        group=group,
        joined=bool(group) and has_joined(group),
        holders=tuple(holders_of(device)),
        pseudo=device.startswith("/dev/pts/"),
        latency_ms=latency_ms,
        latency_file=str(timer) if latency_ms is not None else "",
    )


def all_ports(wanted: str | None) -> list[PortFacts]:
    """The ports that are connected, and the wanted one where it is a device that no list shows (a pty)."""
    listed = list_sensors()
    if wanted and "://" not in wanted and os.path.exists(wanted):
        device = os.path.realpath(wanted)
        if all(os.path.realpath(port.url) != device for port in listed):
            listed.append(SensorPort(wanted, "", None, None, "", ""))
    return [port_facts(port) for port in listed]


def _group_of(device: str) -> str:
    if sys.platform == "win32":
        return ""
    try:
        found = os.stat(device)
        # Joining root's group is no way in, nor is one that may not read and write.
        if found.st_gid == 0 or found.st_mode & 0o060 != 0o060:
            return ""
        return grp.getgrgid(found.st_gid).gr_name
    except (OSError, KeyError):
        return ""


def has_joined(group: str) -> bool:
    """This user is a member of the group by the system's list, whether or not this login knows it yet."""
    if sys.platform == "win32":
        return False
    try:
        return user_name() in grp.getgrnam(group).gr_mem
    except KeyError:
        return False


def user_groups() -> tuple[list[str], list[str]]:
    """Names of this login's groups, and of those that own serial ports here; both empty where there are no groups."""
    if sys.platform == "win32":
        return [], []
    names: list[str] = []
    for gid in {*os.getgroups(), os.getegid()}:
        try:
            names.append(grp.getgrgid(gid).gr_name)
        except KeyError:
            continue
    wanted: list[str] = []
    for name in SERIAL_GROUPS[:2]:
        try:
            grp.getgrnam(name)
        except KeyError:
            continue
        wanted.append(name)
    return names, wanted


def listen(sensor: Sensor, seconds: float, tell: Callable[[float], None] = lambda _: None) -> SignalFacts:
    """Listen to an open sensor, pinging it where it answers pings.

    Args:
        sensor: just opened; nothing else takes its blocks.
        seconds: how long, by its clock, > 0.
        tell: called with the seconds that are left.
    """
    start_s = sensor.now_s()
    end_s = start_s + seconds
    next_ping_s = start_s + 2 * PING_EVERY_S
    counts: list[np.ndarray] = []
    trips_s: list[float] = []
    saturated = 0
    while (now_s := sensor.now_s()) < end_s and sensor.health.state != "ended":
        tell(end_s - now_s)
        sensor.wait(0.1)
        for item in sensor.take():
            if isinstance(item, ForceBlock):
                counts.append(item.counts)
                saturated += int(np.count_nonzero(item.quality & np.uint8(Quality.SATURATED)))
        if sensor.answers_pings and sensor.now_s() >= next_ping_s:
            next_ping_s = sensor.now_s() + PING_EVERY_S
            if (trip_s := sensor.ping(PING_WAIT_S)) is not None:
                trips_s.append(trip_s)
    health, info = sensor.health, sensor.info
    noise_counts = noise_of(np.concatenate(counts).astype(np.float64)) if counts else 0.0
    calibration = info.calibration
    spoken = dialects().get(info.dialect or "")
    return SignalFacts(
        seconds=max(sensor.now_s() - start_s, 1e-3),
        dialect=info.dialect_label,
        samples=health.samples,
        lost=health.lost,
        checksum_errors=health.checksum_errors,
        garbage_bytes=health.garbage_bytes,
        rate_hz=health.rate_hz,
        announced_hz=info.rate_hz,
        has_clock=info.clock == "device",
        has_numbers=spoken is not None and spoken.has_seq,
        skew_ppm=health.clock_skew_ppm,
        answers_pings=sensor.answers_pings,
        round_trips_s=tuple(trips_s),
        noise_counts=noise_counts,
        noise_n=noise_counts / abs(calibration.counts_per_n) if calibration else None,
        saturated=saturated,
        serial=info.serial,
        calibration_source=calibration.source if calibration else "",
        problem=health.problem,
    )
