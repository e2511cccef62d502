"""A session in figures: for scripts as JSON, for people as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feedback.press import Press
    from feedback.units import PressureUnit
    from tui.live_loop import LiveLoop


def press_json(press: Press, start_s: float) -> dict[str, Any]:
    """A press with its times from the start of the session; None where a figure does not exist."""
    return {
        "start_s": _rounded(press.start_s - start_s, 4),
        "duration_s": _rounded(press.duration_s, 4),
        "peak_kpa": _rounded(press.peak_kpa, 2),
        "peak_force_n": _rounded(press.peak_n, 3),
        "hold_mean_kpa": _rounded(press.hold_mean_kpa, 2),
        "ramp_kpa_per_s": _rounded(press.ramp_kpa_per_s, 2),
        "time_in_band_s": _rounded(press.time_in_band_s, 3),
        "sag_pct": _rounded(press.sag_pct, 2),
        "dose_ns": _rounded(press.dose_ns, 3),
        "lost": press.lost,
        "ended": press.ended,
    }


def session_json(loop: LiveLoop, session_id: str, start_s: float) -> dict[str, Any]:
    """The whole session as `goodpain record --json` prints it."""
    health, info, totals = loop.health(), loop.sensor.info, loop.totals
    duration_s = 0.0 if totals.first_s is None or totals.last_s is None else totals.last_s - totals.first_s
    return {
        "session": session_id,
        "samples": totals.samples,
        "lost": health.lost,
        "saturated": totals.saturated,
        "checksum_errors": health.checksum_errors,
        "repeated": health.repeated,
        "reconnects": health.reconnects,
        "rate_hz": _rounded(loop.rate_hz, 3),
        "duration_s": _rounded(duration_s, 4),
        "clock": info.clock,
        "clock_skew_ppm": _rounded(health.clock_skew_ppm, 1),
        "peak_force_n": _rounded(totals.peak_n, 3),
        "calibrated": info.calibration is not None,
        "dialect": info.dialect,
        "sensor": {
            "url": info.url,
            "device": info.device,
            "serial": info.serial,
            "firmware": info.firmware,
        },
        "presses": [press_json(press, start_s) for press in loop.presses],
    }


def summary_lines(loop: LiveLoop, unit: PressureUnit) -> list[str]:
    """What to tell people at the end of a session."""
    health, totals = loop.health(), loop.totals
    presses = loop.presses
    duration_s = 0.0 if totals.first_s is None or totals.last_s is None else totals.last_s - totals.first_s
    rate = f" at {loop.rate_hz:.1f} a second" if loop.rate_hz else ""
    lines = [
        f"Session of {duration_s:.1f} s: {totals.samples} samples{rate}, {health.lost} lost, "
        f"{len(presses)} {'press' if len(presses) == 1 else 'presses'}."
    ]
    if presses:
        lines.append(
            f"{'press':>5} {'starts s':>8} {'lasts s':>7} {'peak':>5} {'hold':>5} {'in band s':>9} {'sag %':>5} "
            f"{'dose N·s':>8}  ({unit.label})"
        )
    for number, press in enumerate(presses, 1):
        lines.append(
            f"{number:>5} {press.start_s - (totals.first_s or 0):>8.1f} {press.duration_s:>7.1f} "
            f"{unit.text(press.peak_kpa, unit=False):>5} "
            f"{'–' if press.hold_mean_kpa is None else unit.text(press.hold_mean_kpa, unit=False):>5} "
            f"{_figure(press.time_in_band_s, 1):>9} {_figure(press.sag_pct, 1):>5} {press.dose_ns:>8.1f}"
            + ("" if press.ended == "release" else f"  {press.ended}")
        )
    return lines


def _figure(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
