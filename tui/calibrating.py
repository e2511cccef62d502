"""A calibration or a check while it runs, whatever shows it: sensor and procedure brought together, and the result."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback.signal import ForceBlock, NoticeKind
from feedback.units import STANDARD_GRAVITY
from firmware_bridge.assessment import Assessment, Conditions, assess
from firmware_bridge.calibration import CalibrationFile, file_name, keep
from firmware_bridge.calibration_report import report_of
from firmware_bridge.errors import CalibrationError
from firmware_bridge.procedure import AUTO_WAIT_S, Procedure

if TYPE_CHECKING:
    from firmware_bridge import Sensor
    from firmware_bridge.loads import Load

SILENT_S = 30.0
"""Without a sample for so long an automatic calibration gives up."""


@dataclass(frozen=True, slots=True)
class CalibrationWanted:
    """What the user wants of a calibration.

    Attributes:
        loads: in order.
        folder: of calibration files.
        out: write to this file instead of the sensor's own in `folder`.
        serial: for a sensor that sends none.
        hold_s: seconds averaged for a point.
        diagnose_s: seconds of the diagnosis.
        creep_s: seconds of the creep test; 0 leaves it out.
        auto: take each load by itself.
        wait_s: then, how long a load may take to come and to rest.
        conditions: tolerances and tip.
        gravity: local gravity used, m/s².
        tip: name of the tip.
        note: for the file.
        keep_anyway: write a calibration that was not accepted, marked as such.
    """

    loads: tuple[Load, ...]
    folder: Path
    out: Path | None = None
    serial: str = ""
    hold_s: float = 3.0
    diagnose_s: float = 10.0
    creep_s: float = 60.0
    auto: bool = False
    wait_s: float = AUTO_WAIT_S
    conditions: Conditions = field(default_factory=Conditions)
    gravity: float = STANDARD_GRAVITY
    tip: str = "probe"
    note: str = ""
    keep_anyway: bool = False

    def procedure(self) -> Procedure:
        """The steps for it."""
        return Procedure(
            self.loads,
            hold_s=self.hold_s,
            diagnose_s=self.diagnose_s,
            creep_s=self.creep_s,
            auto=self.auto,
            wait_s=self.wait_s,
        )


@dataclass(frozen=True, slots=True)
class Result:
    """A finished calibration.

    Attributes:
        serial: of the sensor.
        assessment: how good it is.
        content: what is, or would be, in the file.
        path: the file that was written; None when nothing was.
        older: where the calibration before it went; None when there was none.
        rate_hz: samples a second.
    """

    serial: str
    assessment: Assessment
    content: CalibrationFile
    path: Path | None
    older: Path | None
    rate_hz: float


class Calibrating:
    """Hands the samples of a sensor to a procedure; call `pump` often, from one thread.

    Attributes:
        failed: why it cannot go on; empty while it can.
    """

    def __init__(self, sensor: Sensor, procedure: Procedure, *, auto: bool) -> None:
        self.sensor = sensor
        self.procedure = procedure
        self.failed = ""
        self._auto = auto
        self._heard_s = sensor.now_s()

    def pump(self) -> list[ForceBlock]:
        """Take what the sensor sent; returns it, for a chart."""
        blocks: list[ForceBlock] = []
        for item in self.sensor.take():
            if isinstance(item, ForceBlock):
                if len(item):
                    self._heard_s = float(item.time_s[-1])
                    self.procedure.feed(item)
                    blocks.append(item)
            elif item.kind is NoticeKind.ENDED and not self.procedure.done:
                self.failed = (
                    "The sensor's recording ended before every load was measured: nothing was written"
                )
        if self.procedure.failed:
            self.failed = f"The calibration stopped: {self.procedure.failed}"
        elif self._auto and self.sensor.heard_until_s - self._heard_s > SILENT_S:
            self.failed = (
                f"The sensor has sent nothing for {SILENT_S:.0f} s: check the cable, nothing was written"
            )
        return blocks

    def check_serial(self, wanted: CalibrationWanted) -> str:
        """The serial number under which the calibration is kept.

        Raises:
            CalibrationError: the sensor sends none and none was given.
        """
        serial = self.sensor.info.serial or wanted.serial
        if not serial:
            raise CalibrationError(
                "This sensor sends no serial number: give it a name with --serial, and hand its file to --calibration "
                "whenever you use it"
            )
        return serial


def finish(running: Calibrating, wanted: CalibrationWanted, today: date) -> Result:
    """Judge what was measured and write the file, if it is accepted or wanted anyway.

    Raises:
        CalibrationError: it cannot be fitted, or not be written.
    """
    procedure, info = running.procedure, running.sensor.info
    serial = running.check_serial(wanted)
    found = assess(procedure.points, procedure.trace, wanted.conditions, procedure.saturated)
    applied = found.calibration("")
    area = wanted.conditions.tip_area_cm2
    said = {"device": info.device, "firmware": info.firmware, "dialect": info.dialect or ""}
    resolution = info.meta.get("resolution", "")
    content = CalibrationFile(
        serial=serial,
        zero_counts=float(f"{applied.zero_counts:.9g}"),
        counts_per_n=float(f"{applied.counts_per_n:.8g}"),
        date=today,
        tip_area_cm2=area,
        note=wanted.note,
        accepted=found.accepted,
        reason="; ".join(found.reasons),
        resolution=float(resolution) if resolution else None,
        curve=applied.curve,
        report=report_of(
            found,
            wanted.conditions,
            wanted.gravity,
            {wanted.tip: area} if area is not None else {},
            {name: value for name, value in said.items() if value},
            _range_n(found, info.meta),
        ),
    )
    path = older = None
    if found.accepted or wanted.keep_anyway:
        path = wanted.out or wanted.folder / file_name(serial)
        older = keep(path, content)
    diagnosis = procedure.diagnosis
    return Result(serial, found, content, path, older, diagnosis.rate_hz if diagnosis else 0.0)


def _range_n(found: Assessment, meta: dict[str, str]) -> float | None:
    """The force at which the converter ends, where the sensor says what that is and the sensor is a line."""
    fit = found.fit
    try:
        end = float(meta["adc_max" if fit.counts_per_n > 0 else "adc_min"])
    except (KeyError, ValueError):
        return None
    return (end - fit.zero_counts) / fit.counts_per_n if fit.model == "line" else None


def result_json(result: Result, procedure: Procedure) -> dict[str, Any]:
    """Everything for scripts."""
    report, found = result.content.report, result.assessment
    assert report is not None
    assert report.uncertainty is not None
    area = result.content.tip_area_cm2
    u = report.uncertainty
    return {
        "accepted": found.accepted,
        "reasons": list(found.reasons),
        "remarks": list(found.remarks),
        "serial": result.serial,
        "written": None if result.path is None else str(result.path),
        "older": None if result.older is None else str(result.older),
        "model": report.model,
        "chosen": report.chosen,
        "zero_counts": result.content.zero_counts,
        "counts_per_n": result.content.counts_per_n,
        "largest_load_n": found.largest_n,
        **{
            name: report.figures.get(name)
            for name in ("residual_max_n", "hysteresis_pct", "repeatability_pct")
        },
        **{name: report.figures.get(name) for name in ("zero_change_pct", "creep_pct", "noise_n", "range_n")},
        "uncertainty": {
            "coverage_factor": 2,
            "coverage": "about 95 %",
            "force_n": list(u.force_n),
            "expanded_n": list(u.expanded_n),
            "tip_area_cm2": area,
            "expanded_kpa": None if area is None else [u.of_pressure(f, area) for f in u.force_n],
            "budget_n": u.budget_n,
        },
        "points": [
            {**asdict(point), "residual_n": residual}
            for point, residual in zip(report.points, report.residuals_n, strict=True)
        ],
        "diagnosis": None if procedure.diagnosis is None else asdict(procedure.diagnosis),
    }


def result_lines(result: Result) -> list[str]:
    """Everything for people: the points, the figures, the uncertainty, the verdict."""
    return [*point_lines(result), "", *figure_lines(result), "", *verdict_lines(result)]


def point_lines(result: Result) -> list[str]:
    """The points as a table."""
    found = result.assessment
    lines = [f"{'load':>8}  {'way':<4}  {'counts':>12}  {'force N':>8}  {'reading N':>9}  {'residual N':>10}"]
    for point, residual in zip(found.points, found.residuals_n, strict=True):
        lines.append(
            f"{point.load:>8}  {point.direction:<4}  {point.counts:>12.1f}  {point.force_n:>8.3f}  "
            f"{_whole(point.force_n + residual):>9.3f}  {_whole(residual):>+10.3f}"
        )
    return lines


def figure_lines(result: Result) -> list[str]:
    """The figures, one a line."""
    found = result.assessment

    def pct(value: float | None, digits: int = 2) -> str:
        return "not measured" if value is None else f"{_whole(value):.{digits}f} %"

    creep = found.creep
    area = result.content.tip_area_cm2
    lines = [
        f"Model         {found.fit.model}, {found.fit.counts_per_n:.1f} counts per N",
        f"Hysteresis    {pct(found.hysteresis_pct)}   zero change {pct(found.zero_pct)}",
        f"Repeatability {pct(found.repeatability_pct)}",
        "Creep         "
        + (
            "not measured"
            if creep is None
            else f"{_whole(creep.pct):+.3f} % in {creep.seconds:.0f} s ({_whole(creep.change_n):+.3f} N)"
        ),
        f"Noise         {found.noise_n:.4f} N a sample",
    ]
    range_n = result.content.report.figures.get("range_n") if result.content.report else None
    if range_n is not None:
        lines.append(f"Range         the converter ends at {range_n:.0f} N")
    tip = "" if area is None else f", on a tip of {area:g} cm²"
    lines.append(f"Uncertainty   k = 2, about 95 %{tip}:")
    for share in (0.25, 0.5, 1.0):
        force_n = share * found.largest_n
        own = found.uncertainty.of_force(force_n) or 0.0
        kpa = ""
        if area is not None:
            own_kpa = found.uncertainty.of_pressure(force_n, area) or 0.0
            kpa = f"   {10 * force_n / area:.0f} ± {own_kpa:.1f} kPa"
        lines.append(f"{'':<13} {force_n:.2f} ± {own:.2f} N{kpa}")
    return lines


def verdict_lines(result: Result) -> list[str]:
    """Accepted or not, why, what was assumed, and where it is."""
    found = result.assessment
    if found.accepted:
        lines = [f"ACCEPTED: {'; '.join(found.reasons)}."]
    else:
        lines = ["NOT ACCEPTED:", *(f"- {reason}." for reason in found.reasons)]
    lines += [f"Note: {remark}." for remark in found.remarks]
    if result.path is None:
        lines.append("Nothing was written; --keep-anyway would keep it, marked as not accepted.")
    else:
        lines.append(f"Written to {result.path}.")
        if result.older is not None:
            lines.append(f"The calibration before is kept as {result.older.name}.")
    return lines


def _whole(value: float) -> float:
    """Rounded to thousandths, without a negative zero."""
    return round(value, 3) + 0.0
