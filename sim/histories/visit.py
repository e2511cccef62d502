"""One simulated visit as rows of the record."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from feedback.comfort import ReportKind
from feedback.history import tables as t
from feedback.history.chunks import MAX_CHUNK_US
from feedback.history.codec import Samples, encode, encode_tightly
from feedback.history.compaction import MINUTE_US
from feedback.history.rows import press_values
from feedback.measure import measure_press
from feedback.units import pressure_kpa_of
from sim.histories.people import VISIT_LN_SD, Person, SimulatedPoint
from sim.histories.signal import PlannedForce, Recorded, Signals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import sqlalchemy as sa

    from feedback.measure import Press

STATION = "simulated"
CEILING = 1.6
"""The ceiling stands so many times above the upper threshold."""
_TOUCH_S = 0.6
"""Between presses at least."""
_LONGEST_HOLD_S = 60.0

RowsByTable = dict["sa.Table", list[dict[str, Any]]]


def new_rows() -> RowsByTable:
    """An empty list for every table."""
    return defaultdict(list)


class VisitMaker:
    """Makes rows of visits; ids and all chance come from one generator."""

    def __init__(self, rng: np.random.Generator, *, unpacked: bool) -> None:
        self._rng = rng
        self._unpacked = unpacked
        self.signals = Signals(rng)

    def id(self) -> UUID:
        """A new id."""
        return UUID(bytes=self._rng.bytes(16), version=4)

    def visit(
        self,
        rows: RowsByTable,
        person: Person,
        client_id: UUID,
        point_ids: dict[SimulatedPoint, UUID],
        number: int,
        presses: int,
        lasts_s: float,
    ) -> tuple[UUID, float]:
        """Add the rows of a visit; returns its session's id and its dose in N·s."""
        rng, session_id = self._rng, self.id()
        at = person.visits[number]
        applicator, area_cm2 = person.applicator
        kpa_per_n = pressure_kpa_of(1.0, area_cm2)
        chosen = rng.permutation(len(person.points))[: max(1, min(3, len(person.points), presses))]
        points = [person.points[int(i)] for i in chosen]
        chance_ln = VISIT_LN_SD * float(rng.standard_normal())
        plan = self._plan(presses, lasts_s)
        at_point = [points[len(points) * i // max(1, len(plan))] for i in range(len(plan))]
        planned: list[PlannedForce] = []
        for (start_s, ramp_s, hold_s, release_s), point in zip(plan, at_point, strict=True):
            lower, upper = person.thresholds_kpa(point, number, chance_ln)
            aimed = lower + (upper - lower) * float(rng.uniform(-0.15, 1.1))
            level_n = max(4.0, aimed * (1.0 + 0.04 * float(rng.standard_normal())) / kpa_per_n)
            planned.append(PlannedForce(start_s, ramp_s, hold_s, release_s, level_n))
        recorded = self.signals.record(lasts_s, planned)
        samples = recorded.samples
        rows[t.session].append(
            {
                "id": session_id,
                "client_id": client_id,
                "station": STATION,
                "started_at": at,
                "ended_at": at + timedelta(seconds=lasts_s),
                "ended_how": "ended",
                "applicator": applicator,
                "tip_area_cm2": area_cm2,
                "sensor_url": f"sim://upper-trapezius?seed={number + 1}",
                "sensor_serial": "",
                "sensor_device": "simulated history",
                "dialect": "native-binary",
                "clock": "device",
                "app_version": "",
                "t0_s": 0.0,
                "samples": len(samples),
                "lost": 0,
                "checksum_errors": 0,
                "reconnects": 0,
                "rate_hz": round(len(samples) / lasts_s, 3),
                "clock_skew_ppm": None,
                "therapist": person.therapist,
            }
        )
        calibration_id = self._calibration(rows, session_id)
        self._chunks(rows, session_id, calibration_id, samples)
        dose_ns, said_at = 0.0, None
        for index, (force, point) in enumerate(zip(planned, at_point, strict=True)):
            thresholds = person.thresholds_kpa(point, number, chance_ln)
            if point is not said_at:
                said_at = point
                self._arrive(rows, session_id, point_ids[point], force, thresholds, person, at)
            press = self._press(
                rows, session_id, point_ids[point], recorded, force, thresholds, person, index
            )
            dose_ns += press.dose_ns
        if number % 4 == 0 and plan:
            thresholds = person.thresholds_kpa(points[0], number, chance_ln)
            self._threshold(rows, session_id, point_ids[points[0]], plan[0][0], lasts_s, thresholds)
        if rng.random() < 0.2:
            rows[t.event].append(
                {
                    "id": self.id(),
                    "session_id": session_id,
                    "t_us": round(lasts_s * 0.9e6),
                    "kind": "note",
                    "text": f"simulated note {number + 1}",
                }
            )
        return session_id, dose_ns

    def _plan(self, presses: int, lasts_s: float) -> list[tuple[float, float, float, float]]:
        """Start, ramp, hold and release of each press, s, one after the other over the whole session."""
        plan: list[tuple[float, float, float, float]] = []
        each_s = lasts_s / max(1, presses)
        for index in range(presses):
            room_s = each_s * float(self._rng.uniform(0.6, 0.95)) - _TOUCH_S
            ramp_s = min(5.0, max(0.3, 0.25 * room_s))
            release_s = min(1.0, max(0.2, 0.1 * room_s))
            hold_s = min(_LONGEST_HOLD_S, max(0.4, room_s - ramp_s - release_s))
            plan.append((index * each_s + _TOUCH_S / 2, ramp_s, hold_s, release_s))
        return [entry for entry in plan if entry[0] + sum(entry[1:]) < lasts_s]

    def _calibration(self, rows: RowsByTable, session_id: UUID) -> UUID:
        calibration_id = self.id()
        electronics = self.signals.electronics
        rows[t.calibration].append(
            {
                "id": calibration_id,
                "session_id": session_id,
                "t_us": 0,
                "zero_counts": electronics.zero_counts,
                "counts_per_n": electronics.counts_per_n,
                "source": "simulated",
                "tared_under_load": False,
                "curve": None,
            }
        )
        return calibration_id

    def _chunks(self, rows: RowsByTable, session_id: UUID, calibration_id: UUID, samples: Samples) -> None:
        span_us, pack = (MAX_CHUNK_US, encode) if self._unpacked else (MINUTE_US, encode_tightly)
        edges = np.arange(0, int(samples.t_us[-1]) + span_us, span_us)
        cuts = [*np.unique(np.searchsorted(samples.t_us, edges)).tolist(), len(samples)]
        for seq, (first, stop) in enumerate(_pairs(cuts)):
            part = samples.part(first, stop)
            codec, payload = pack(part)
            rows[t.sample_chunk].append(
                {
                    "session_id": session_id,
                    "seq": seq,
                    "t0_us": int(part.t_us[0]),
                    "t1_us": int(part.t_us[-1]),
                    "n": len(part),
                    "lost": 0,
                    "calibration_id": calibration_id,
                    "codec": codec,
                    "payload": payload,
                }
            )

    def _arrive(
        self,
        rows: RowsByTable,
        session_id: UUID,
        point_id: UUID,
        force: PlannedForce,
        thresholds: tuple[float, float],
        person: Person,
        at: datetime,
    ) -> None:
        """The hand goes to a point, and the band that is known of it comes into force."""
        t_us = round(max(0.0, force.start_s - 0.2) * 1e6)
        lower, upper = (edge * math.exp(0.06 * float(self._rng.standard_normal())) for edge in thresholds)
        lower, upper = min(lower, upper * 0.95), upper
        rows[t.point_change].append(
            {"id": self.id(), "session_id": session_id, "t_us": t_us, "point_id": point_id}
        )
        applicator, area_cm2 = person.applicator
        rows[t.band].append(
            {
                "id": self.id(),
                "point_id": point_id,
                "session_id": session_id,
                "applicator": applicator,
                "tip_area_cm2": area_cm2,
                "at": at + timedelta(microseconds=t_us),
                "t_us": t_us,
                "lower_kpa": lower,
                "upper_kpa": upper,
                "lower_low_kpa": lower * 0.88,
                "lower_high_kpa": lower * 1.12,
                "upper_low_kpa": upper * 0.9,
                "upper_high_kpa": upper * 1.15,
                "ceiling_kpa": thresholds[1] * CEILING,
                "source": "learned",
                "because": "simulated",
                "posterior": None,
                "posterior_version": None,
            }
        )

    def _press(
        self,
        rows: RowsByTable,
        session_id: UUID,
        point_id: UUID,
        recorded: Recorded,
        force: PlannedForce,
        thresholds: tuple[float, float],
        person: Person,
        index: int,
    ) -> Press:
        first, stop = np.searchsorted(recorded.time_s, [force.start_s, force.end_s]).tolist()
        area_cm2 = person.applicator[1]
        kpa_per_n = pressure_kpa_of(1.0, area_cm2)
        band = rows[t.band][-1]
        force_n = recorded.force_n[first:stop]
        kpa = force_n * kpa_per_n
        in_band = (kpa >= band["lower_kpa"]) & (kpa <= band["upper_kpa"])
        press = measure_press(recorded.time_s[first:stop], force_n, in_band, tip_area_cm2=area_cm2)
        press_id = self.id()
        rows[t.press].append(
            {
                "id": press_id,
                "session_id": session_id,
                "point_id": point_id,
                **press_values(press, 0.0),
                **{name: band[name] for name in ("lower_kpa", "upper_kpa", "ceiling_kpa")},
            }
        )
        self._say(rows, session_id, point_id, press_id, press, thresholds)
        if person.coached:
            self._phases(rows, session_id, point_id, press_id, force, press, index)
        return press

    def _say(
        self,
        rows: RowsByTable,
        session_id: UUID,
        point_id: UUID,
        press_id: UUID,
        press: Press,
        thresholds: tuple[float, float],
    ) -> None:
        rng = self._rng
        kpa = press.hold_mean_kpa or press.peak_kpa
        lower, upper = thresholds
        where = math.log(kpa / lower) / math.log(upper / lower) + 0.2 * float(rng.standard_normal())
        if rng.random() < 0.7:
            kind, rating = ReportKind.RATING, max(0, min(10, round(4 + 3 * where)))
        else:
            kind = (
                ReportKind.TOO_LITTLE if where < 0 else ReportKind.TOO_MUCH if where > 1 else ReportKind.GOOD
            )
            rating = None
        rows[t.report].append(
            {
                "id": self.id(),
                "session_id": session_id,
                "point_id": point_id,
                "press_id": press_id,
                "t_us": round((press.start_s + 0.7 * press.duration_s) * 1e6),
                "kind": kind.value,
                "rating": rating,
                "pressure_kpa": kpa,
                "quality": 0,
                "source": "simulated client",
                "corrects_id": None,
            }
        )

    def _phases(
        self,
        rows: RowsByTable,
        session_id: UUID,
        point_id: UUID,
        press_id: UUID,
        force: PlannedForce,
        press: Press,
        index: int,
    ) -> None:
        held_s = force.start_s + force.ramp_s
        for kind, from_s, to_s, rule in (
            ("ramp", force.start_s, held_s, "settled"),
            ("hold", held_s, held_s + force.hold_s, "time is up"),
        ):
            rows[t.phase].append(
                {
                    "id": self.id(),
                    "session_id": session_id,
                    "point_id": point_id,
                    "press_id": press_id,
                    "technique": "release",
                    "kind": kind,
                    "round": index + 1,
                    "start_us": round(from_s * 1e6),
                    "end_us": round(to_s * 1e6),
                    "rule": rule,
                    "pressure_kpa": press.hold_mean_kpa if kind == "hold" else None,
                    "rate_kpa_per_s": press.ramp_kpa_per_s if kind == "ramp" else None,
                }
            )

    def _threshold(
        self,
        rows: RowsByTable,
        session_id: UUID,
        point_id: UUID,
        start_s: float,
        lasts_s: float,
        thresholds: tuple[float, float],
    ) -> None:
        values = [thresholds[1] * math.exp(0.1 * float(self._rng.standard_normal())) for _ in range(3)]
        mean = math.fsum(values) / 3
        rows[t.threshold].append(
            {
                "id": self.id(),
                "session_id": session_id,
                "point_id": point_id,
                "technique": "threshold",
                "start_us": round(start_s * 1e6),
                "end_us": round(lasts_s * 0.8e6),
                "repeats": json.dumps([{"kpa": kpa, "rate_kpa_per_s": 30.0, "used": True} for kpa in values]),
                "mean_kpa": mean,
                "cv_pct": 100 * float(np.std(values, ddof=1)) / mean,
                "at_least": False,
            }
        )


def _pairs(cuts: list[int]) -> Iterator[tuple[int, int]]:
    return ((first, stop) for first, stop in pairwise(cuts) if first < stop)
