"""Tables of an export: clients, points, sessions, and what was measured and said in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from feedback.history import tables as t
from feedback.history.export_spec import (
    STARTED,
    Cell,
    Spec,
    client_cell,
    kept,
    moment_cell,
    of_session,
    point_cells,
    session_order,
    told,
    with_point,
)
from feedback.history.export_types import Kind
from feedback.history.rows import UNDO

if TYPE_CHECKING:
    from feedback.history.export_facts import Facts

_WHOSE = t.session.c.client_id
_SESSION = {"session_id": ("sessions", "session_id")}
_AT_POINT = {**_SESSION, "point_id": ("points", "point_id")}


def session_tables() -> list[Spec]:
    """In an order in which what is referred to comes first; samples and events are told elsewhere."""
    return [
        _clients(),
        _points(),
        _sessions(),
        _calibrations(),
        _point_changes(),
        _presses(),
        _reports(),
        _undone(),
        _bands(),
        _phases(),
        _thresholds(),
        _corrections(),
    ]


def session_cell(table: sa.Table) -> Cell:
    """The session a row belongs to."""
    return kept("session_id", table.c.session_id, "The session.")


def _clients() -> Spec:
    c = t.client.c
    return Spec(
        "clients",
        "A client: a code, never a name.",
        t.client,
        (
            kept("client_id", c.id, "The client's id, the same in every record that knows this client."),
            kept("client", c.code, "The client's code."),
            kept("created_at_utc", c.created_at, "When the client was first put into the record."),
            kept("note", c.note, "A note."),
        ),
        t.client,
        (c.created_at, c.id),
        c.id,
    )


def _points() -> Spec:
    c = t.point.c
    return Spec(
        "points",
        "A trigger point of a client.",
        t.point,
        (
            kept("point_id", c.id, "The point's id."),
            kept("client_id", c.client_id, "Whose it is."),
            client_cell(),
            kept("muscle", c.muscle, "Muscle."),
            kept("side", c.side, "Side: left, right, or empty in the midline."),
            kept("label", c.label, "What tells it from others in the muscle."),
            kept("created_at_utc", c.created_at, "When it was first put into the record."),
        ),
        t.point.join(t.client),
        (t.client.c.created_at, t.client.c.id, c.created_at, c.id),
        c.client_id,
        refers={"client_id": ("clients", "client_id")},
    )


def _sessions() -> Spec:
    c = t.session.c

    def duration(row: Any, _facts: Facts) -> int | None:
        return row.ended_at_utc and round((row.ended_at_utc - row.started_at_utc).total_seconds() * 1e6)

    return Spec(
        "sessions",
        "A session: one time the screen was open, with its sensor.",
        t.session,
        (
            kept("session_id", c.id, "The session's id."),
            kept("client_id", c.client_id, "Whose session."),
            client_cell(),
            kept("started_at_utc", c.started_at, "When it began; times in the session count from here."),
            kept("ended_at_utc", c.ended_at, "When it ended; empty while it runs."),
            kept("ended_how", c.ended_how, "ended, or recovered after it was cut off; empty while it runs."),
            told("duration_s", Kind.SECONDS, duration, "From its start to its end."),
            kept("applicator", c.applicator, "What pressed: probe, thumb, finger, knuckle or elbow."),
            kept("tip_area_cm2", c.tip_area_cm2, "Contact area; pressure is force over it."),
            kept("sensor_url", c.sensor_url, "Address of the sensor."),
            kept("sensor_serial", c.sensor_serial, "Its serial number, as it says."),
            kept("sensor_device", c.sensor_device, "What it says it is."),
            told(
                "simulated",
                Kind.TRUTH,
                lambda row, _: row.sensor_url.startswith("sim:"),
                "Whether the sensor was a simulated one.",
            ),
            kept("dialect", c.dialect, "The language it speaks."),
            kept("clock", c.clock, "Where the times of samples come from: device or arrival."),
            kept("app_version", c.app_version, "Version of Goodpain."),
            kept("samples", c.samples, "Samples; empty while it runs."),
            kept("lost_samples", c.lost, "Samples known to be lost."),
            kept("checksum_errors", c.checksum_errors, "Messages of the sensor with a wrong checksum."),
            kept("reconnects", c.reconnects, "How often the sensor came back."),
            kept("rate_hz", c.rate_hz, "Samples a second."),
            kept("clock_skew_ppm", c.clock_skew_ppm, "The sensor's clock against that of the computer."),
            told(
                "presses",
                Kind.WHOLE,
                lambda row, facts: facts.presses_per_session.get(row.session_id, 0),
                "Presses, without those that are void.",
            ),
            told(
                "reports",
                Kind.WHOLE,
                lambda row, facts: facts.reports_per_session.get(row.session_id, 0),
                "Reports, without those that were taken back.",
            ),
            kept("therapist", c.therapist, "Code of whoever gave; empty when it was not told."),
            kept("station", c.station, "The computer that recorded."),
            kept("t0_s", c.t0_s, "The start on the computer's own clock of the samples."),
        ),
        t.session.join(t.client),
        (c.started_at, c.id),
        _WHOSE,
        refers={"client_id": ("clients", "client_id")},
    )


def _calibrations() -> Spec:
    c = t.calibration.c
    return Spec(
        "calibrations",
        "How counts became newtons from a moment on: force = (counts - zero_counts) / counts_per_n, or the curve.",
        t.calibration,
        (
            kept("calibration_id", c.id, "The calibration's id."),
            session_cell(t.calibration),
            client_cell(),
            told(
                "number",
                Kind.WHOLE,
                lambda row, facts: facts.calibration_numbers[row.calibration_id],
                "From 1 in its session; samples name it by this.",
            ),
            kept("time_s", c.t_us, "From when on, from the start of the session."),
            kept("zero_counts", c.zero_counts, "Counts with nothing on the tip."),
            kept("counts_per_n", c.counts_per_n, "Counts that a newton adds."),
            kept("source", c.source, "Where it comes from."),
            kept("tared_under_load", c.tared_under_load, "Whether something pressed while the zero was set."),
            kept("curve", c.curve, "JSON [[counts above the zero, N], …] of a sensor that is no line."),
        ),
        of_session(t.calibration),
        session_order(c.t_us, c.id),
        _WHOSE,
        refers=_SESSION,
    )


def _point_changes() -> Spec:
    c = t.point_change.c
    return Spec(
        "point_changes",
        "From when on presses and reports belonged to a point.",
        t.point_change,
        (
            kept("point_change_id", c.id, "Its id."),
            session_cell(t.point_change),
            client_cell(),
            moment_cell(),
            *point_cells(c.point_id),
            kept("time_s", c.t_us, "From the start of the session."),
        ),
        with_point(of_session(t.point_change), t.point_change),
        session_order(c.t_us, c.id),
        _WHOSE,
        extra=STARTED,
        refers=_AT_POINT,
    )


def _presses() -> Spec:
    c = t.press.c

    def void(row: Any, facts: Facts) -> Any:
        found = facts.corrections.get(row.press_id)
        return found if found is not None and found.what == "void" else None

    return Spec(
        "presses",
        "A press: from touch to release, with its measures and the band and ceiling in force when it ended.",
        t.press,
        (
            kept("press_id", c.id, "The press's id."),
            session_cell(t.press),
            client_cell(),
            moment_cell("start_s"),
            *point_cells(c.point_id),
            kept("start_s", c.start_us, "Touch, from the start of the session."),
            kept("end_s", c.end_us, "Release."),
            told("duration_s", Kind.SECONDS, lambda row, _: row.end_s - row.start_s, "How long it lasted."),
            kept("peak_force_n", c.peak_n, "Largest force."),
            kept("peak_pressure_kpa", c.peak_kpa, "Largest pressure."),
            kept("hold_start_s", c.hold_start_us, "When the hold began; empty without a hold."),
            kept("hold_end_s", c.hold_end_us, "When it ended."),
            kept("hold_mean_pressure_kpa", c.hold_mean_kpa, "Mean pressure of the hold."),
            kept("ramp_kpa_per_s", c.ramp_kpa_per_s, "How fast the pressure rose."),
            kept("time_in_band_s", c.time_in_band_s, "Time within the band; empty without a band."),
            kept("sag_pct", c.sag_pct, "How much the pressure fell during the hold."),
            kept("dose_n_s", c.dose_ns, "Force times time."),
            kept("lost_samples", c.lost, "Samples known to be lost in it."),
            kept("quality", c.quality, "What is known against its samples."),
            kept("ended", c.ended, "How it ended."),
            kept("band_lower_kpa", c.lower_kpa, "Lower edge of the band."),
            kept("band_upper_kpa", c.upper_kpa, "Upper edge of the band."),
            kept("ceiling_kpa", c.ceiling_kpa, "Never above it."),
            told("tip_area_cm2", Kind.NUMBER, t.session.c.tip_area_cm2, "Contact area."),
            told("applicator", Kind.TEXT, t.session.c.applicator, "What pressed."),
            told("void", Kind.TRUTH, lambda row, facts: void(row, facts) is not None, "It does not count."),
            told(
                "void_reason",
                Kind.TEXT,
                lambda row, facts: getattr(void(row, facts), "reason", None),
                "Why not.",
            ),
        ),
        with_point(of_session(t.press), t.press),
        session_order(c.start_us, c.end_us, c.id),
        _WHOSE,
        extra=STARTED,
        refers=_AT_POINT,
    )


def _reports() -> Spec:
    c = t.report.c

    def word(row: Any, facts: Facts, name: str, first: Any) -> Any:
        found = facts.corrections.get(row.report_id)
        if found is None or found.what != "changed":
            return first
        return json.loads(found.value or "{}").get(name, first)

    return Spec(
        "reports",
        "One thing the client said, with the pressure at that moment.",
        t.report,
        (
            kept("report_id", c.id, "The report's id."),
            session_cell(t.report),
            client_cell(),
            moment_cell(),
            *point_cells(c.point_id),
            kept("press_id", c.press_id, "The press it was given in; may be one that was never kept."),
            kept("time_s", c.t_us, "When, from the start of the session."),
            told(
                "kind",
                Kind.TEXT,
                lambda row, facts: word(row, facts, "kind", row.first_kind),
                "What was said: rating, good, enough, …; as corrected.",
            ),
            told(
                "rating_0_10",
                Kind.WHOLE,
                lambda row, facts: word(row, facts, "rating", row.first_rating_0_10),
                "The rating of a report of kind rating; as corrected.",
            ),
            kept(
                "pressure_kpa",
                c.pressure_kpa,
                "Pressure at that moment; empty where there was none to trust.",
            ),
            kept("quality", c.quality, "What is known against the sample of that moment."),
            kept("source", c.source, "How it came in."),
            told(
                "undone",
                Kind.TRUTH,
                lambda row, facts: row.report_id in facts.taken_back,
                "It was taken back.",
            ),
            told(
                "undone_time_s",
                Kind.SECONDS,
                lambda row, facts: facts.taken_back.get(row.report_id),
                "When it was taken back.",
            ),
            kept("first_kind", c.kind, "What was written down first, before any correction."),
            kept("first_rating_0_10", c.rating, "The rating that was written down first."),
        ),
        with_point(of_session(t.report), t.report),
        session_order(c.t_us, c.id),
        _WHOSE,
        c.kind != UNDO,
        fixed={"corrects_id": None},
        extra=STARTED,
        refers=_AT_POINT,
    )


def _undone() -> Spec:
    c = t.report.c
    return Spec(
        "undone",
        "A report taken back: which and when.",
        t.report,
        (
            kept("undone_id", c.id, "Its id."),
            session_cell(t.report),
            client_cell(),
            moment_cell(),
            kept("report_id", c.corrects_id, "The report that was taken back."),
            *point_cells(c.point_id),
            kept("time_s", c.t_us, "When, from the start of the session."),
            kept("source", c.source, "Who took it back."),
            kept("quality", c.quality, "Always empty."),
        ),
        with_point(of_session(t.report), t.report),
        session_order(c.t_us, c.id),
        _WHOSE,
        c.kind == UNDO,
        fixed={"kind": UNDO, "press_id": None, "rating": None, "pressure_kpa": None},
        extra=STARTED,
        refers={**_AT_POINT, "report_id": ("reports", "report_id")},
    )


def _bands() -> Spec:
    c = t.band.c
    owner = t.client.alias("owner")
    joined = (
        t.band.join(t.session, c.session_id == t.session.c.id, isouter=True)
        .join(t.point, c.point_id == t.point.c.id, isouter=True)
        .join(owner, owner.c.id == sa.func.coalesce(_WHOSE, t.point.c.client_id), isouter=True)
    )
    return Spec(
        "bands",
        "One state of the band and ceiling of a point, and what it rests on.",
        t.band,
        (
            kept("band_id", c.id, "Its id."),
            kept(
                "session_id", c.session_id, "The session in which it came into force; empty outside of one."
            ),
            client_cell(owner.c.code),
            kept("at_utc", c.at, "When it came into force; the newest of a point counts."),
            *point_cells(c.point_id),
            kept("time_s", c.t_us, "When, from the start of the session."),
            kept("applicator", c.applicator, "What it holds for."),
            kept("tip_area_cm2", c.tip_area_cm2, "Contact area that it holds for."),
            kept("lower_kpa", c.lower_kpa, "Lower edge; empty when there is no band."),
            kept("lower_from_kpa", c.lower_low_kpa, "The lower edge is probably above this."),
            kept("lower_to_kpa", c.lower_high_kpa, "The lower edge is probably below this."),
            kept("upper_kpa", c.upper_kpa, "Upper edge."),
            kept("upper_from_kpa", c.upper_low_kpa, "The upper edge is probably above this."),
            kept("upper_to_kpa", c.upper_high_kpa, "The upper edge is probably below this."),
            kept("ceiling_kpa", c.ceiling_kpa, "Never above it."),
            kept("source", c.source, "Where it comes from: learned, given, …; none when there is no band."),
            kept("because", c.because, "What it rests on."),
            kept("posterior", c.posterior, "What the band model has learned, in its own bytes."),
            kept("posterior_version", c.posterior_version, "The version of their meaning."),
        ),
        joined,
        (c.at, c.id),
        owner.c.id,
        refers=_AT_POINT,
    )


def _phases() -> Spec:
    c = t.phase.c
    return Spec(
        "phases",
        "A phase of a technique: ramp, hold, ease, rest or release.",
        t.phase,
        (
            kept("phase_id", c.id, "Its id."),
            session_cell(t.phase),
            client_cell(),
            moment_cell("start_s"),
            *point_cells(c.point_id),
            kept("press_id", c.press_id, "The press; may be one that was never kept."),
            kept("technique", c.technique, "Name of the technique."),
            kept("kind", c.kind, "Which phase."),
            kept("round", c.round, "Which round."),
            kept("start_s", c.start_us, "From the start of the session."),
            kept("end_s", c.end_us, "When it ended."),
            told("duration_s", Kind.SECONDS, lambda row, _: row.end_s - row.start_s, "How long it lasted."),
            kept("ended_by", c.rule, "Which rule ended it."),
            kept("mean_pressure_kpa", c.pressure_kpa, "Mean pressure."),
            kept("rate_kpa_per_s", c.rate_kpa_per_s, "How fast the pressure rose."),
        ),
        with_point(of_session(t.phase), t.phase),
        session_order(c.end_us, c.id),
        _WHOSE,
        extra=STARTED,
        refers=_AT_POINT,
    )


def _thresholds() -> Spec:
    c = t.threshold.c

    def superseded(row: Any, facts: Facts) -> bool:
        key = (row.session_id, row.technique, row.start_s)
        return facts.newest_thresholds[key] != row.threshold_id

    return Spec(
        "thresholds",
        "A pressure threshold that was measured: the mean of its repeats.",
        t.threshold,
        (
            kept("threshold_id", c.id, "Its id."),
            session_cell(t.threshold),
            client_cell(),
            moment_cell("start_s"),
            *point_cells(c.point_id),
            kept("technique", c.technique, "Name of the technique."),
            kept("start_s", c.start_us, "From the start of the session."),
            kept("end_s", c.end_us, "When it ended."),
            kept("repeats", c.repeats, "JSON of the repeats, in order: kPa, kPa/s, and whether it was used."),
            kept("mean_kpa", c.mean_kpa, "Mean of the repeats that were used."),
            kept("cv_pct", c.cv_pct, "Their spread: standard deviation over mean."),
            kept("at_least", c.at_least, "The ceiling came first: the threshold is at least this."),
            told("superseded", Kind.TRUTH, superseded, "The measurement went on, and a later result counts."),
            told("tip_area_cm2", Kind.NUMBER, t.session.c.tip_area_cm2, "Contact area."),
            told("applicator", Kind.TEXT, t.session.c.applicator, "What pressed."),
        ),
        with_point(of_session(t.threshold), t.threshold),
        session_order(c.end_us, c.id),
        _WHOSE,
        extra=STARTED,
        refers=_AT_POINT,
    )


def _corrections() -> Spec:
    c = t.correction.c
    return Spec(
        "corrections",
        "A correction; what it corrects stays, and the newest of an id is in force.",
        t.correction,
        (
            kept("correction_id", c.id, "Its id."),
            session_cell(t.correction),
            client_cell(),
            kept("at_utc", c.at, "When it was made."),
            kept("who", c.who, "A code; empty when it was not told."),
            kept("entity", c.entity, "What is corrected: report, press or event."),
            kept("entity_id", c.entity_id, "Which one."),
            kept("what", c.what, "changed, void or restored."),
            kept("value", c.value, "JSON of the new words."),
            kept("reason", c.reason, "Why."),
        ),
        of_session(t.correction),
        session_order(c.at, c.id),
        _WHOSE,
        refers=_SESSION,
    )
