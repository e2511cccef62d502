"""The words and figures of the live screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from datetime import datetime

    from feedback.units import PressureUnit
    from feedback.view import LiveView
    from firmware_bridge import SensorHealth, SensorInfo
    from tui.wanted import Visit


def place_text(visit: Visit) -> str:
    """Who is pressed where and with what."""
    return f"{visit.client_code} · {visit.point} · {visit.applicator} {visit.tip_area_cm2:g} cm²"


def health_text(health: SensorHealth, info: SensorInfo, view: LiveView, *, long: bool = True) -> str:
    """The sensor in a few words."""
    if view.waiting:
        return "waiting for the sensor"
    parts = [] if view.live else [f"no signal {view.age_s or 0:.1f} s"]
    if health.rate_hz:
        parts.append(f"{health.rate_hz:.0f}/s")
    parts.append(f"{health.lost} lost")
    if health.checksum_errors:
        parts.append(f"{health.checksum_errors} bad")
    if health.reconnects:
        parts.append(f"{health.reconnects} reconnect{'s' if health.reconnects > 1 else ''}")
    if info.clock == "arrival":
        parts.append("times by arrival")
    if long and info.dialect_label:
        parts.append(info.dialect_label)
    return " · ".join(parts)


def standing_rows(view: LiveView, unit: PressureUnit) -> Text:
    """Hold, band and what was said, as short rows."""
    rows: list[tuple[str, str, str]] = []
    press = view.press if view.live else None
    rows.append(("Hold", f"{press.hold_s:.0f} s" if press else "–", "bold" if press else ""))
    if view.bounds.band or not press:
        rows.append(("In band", f"{press.time_in_band_s:.0f} s" if press and view.bounds.band else "–", ""))
    heard = view.last_heard
    if heard:
        age_s = max(0.0, view.now_s - heard.report.time_s)
        rows.append(("Said", f"{heard.report.words} · {age_text(age_s)}", "dim" if age_s > 30 else "bold"))
    else:
        rows.append(("Said", "nothing yet", "dim"))
    band = view.bounds.band
    if band:
        rows.append(
            ("Band", f"{unit.text(band.lower_kpa, unit=False)} – {unit.text(band.upper_kpa, unit=False)}", "")
        )
    elif view.bounds.stay_below_kpa is not None:
        rows.append(("Stay below", unit.text(view.bounds.stay_below_kpa, unit=False), "bold"))
    else:
        rows.append(("Band", "none yet", "dim"))
    if view.bounds.target_kpa is not None:
        rows.append(("Try", unit.text(view.bounds.target_kpa, unit=False), ""))
    if view.hold and view.live and view.hold.sag_pct is not None:
        sag = f"{abs(view.hold.sag_pct):.0f} % {'lost' if view.hold.sag_pct >= 0 else 'gained'}"
        rows.append(("Pressure", sag, "bold" if view.hold.sagging else ""))
    rows.append(("Ceiling", unit.text(view.ceiling_kpa, unit=False), ""))
    rows.append(("Presses", str(len(view.presses)), ""))
    text = Text(no_wrap=True, overflow="ellipsis")
    for name, value, style in rows:
        text.append(f"{name:<10} ", "dim")
        text.append(f"{value}\n", style)
    return text


def hold_text(view: LiveView) -> str:
    """How the hold goes, as far as it is known."""
    return view.hold.sentence if view.hold and view.live else ""


def threshold_text(view: LiveView, unit: PressureUnit) -> str:
    """A threshold that the coach has measured, or nothing."""
    result = view.coach.result if view.coach else None
    if result is None:
        return ""
    least = "at least " if result.at_least else ""
    scatter = "" if result.cv_pct is None else f", scatter {result.cv_pct:.0f} %"
    used = sum(result.used)
    return f"Threshold {least}{unit.text(result.mean_kpa)} (mean of {used}{scatter})"


def press_rows(view: LiveView, unit: PressureUnit, height: int) -> str:
    """Presses of this session at this point, the newest last, as many as fit."""
    lines = [f"{'press':>5} {'lasts':>6} {'hold':>6} {'in band':>8} {'sag':>6}"]
    shown = view.presses[-max(3, height - 22) :]
    for number, press in enumerate(shown, len(view.presses) - len(shown) + 1):
        hold = "–" if press.hold_mean_kpa is None else unit.text(press.hold_mean_kpa, unit=False)
        in_band = "–" if press.time_in_band_s is None else f"{press.time_in_band_s:.1f} s"
        sag = "–" if press.sag_pct is None else f"{press.sag_pct:.0f} %"
        mark = "" if press.ended == "release" else f" {press.ended}"
        lines.append(f"{number:>5} {press.duration_s:>4.1f} s {hold:>6} {in_band:>8} {sag:>6}{mark}")
    if not view.presses:
        lines.append("  no press at this point yet")
    return "\n".join(lines)


def said_text(view: LiveView, unit: PressureUnit) -> str:
    """What the client said last and at which pressure, for a few seconds."""
    heard = view.last_heard
    if heard is None:
        return ""
    if view.waits:
        return "The client said stop: release, and talk before pressing again – r goes on"
    if view.now_s - heard.report.time_s > 4:
        return ""
    who = "The simulated client" if heard.report.source == "simulated client" else "The client"
    at = "" if heard.pressure_kpa is None else f" at {unit.text(heard.pressure_kpa)}"
    return f"{who} says: {heard.report.words}{at}"


def compact_text(cue: str, reading: str) -> str:
    """What is left where there is no room for panels."""
    return f"{cue}\n{reading}\nMake the window larger."


def age_text(seconds: float) -> str:
    """`4 s`, `2 min`, `1 h`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.0f} h"


def course_over_text(at: datetime) -> str:
    """Where a client is whose next visit begins another course; `at` is when the last visit was."""
    return f"This course is over: {at.astimezone():%Y-%m-%d} was its last visit. The next one begins another."
