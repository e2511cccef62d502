"""Tables of an export: what trainees did at the drills."""

from __future__ import annotations

from feedback.history import tables as t
from feedback.history.export_spec import Spec, kept, told
from feedback.history.export_types import Kind

_TRAINEE = {"trainee_id": ("trainees", "trainee_id")}


def drill_tables() -> list[Spec]:
    """In an order in which what is referred to comes first. None of it belongs to a client."""
    return [_trainees(), _drills(), _skips()]


def _trainees() -> Spec:
    c = t.trainee.c
    return Spec(
        "trainees",
        "Somebody who practises: a code, never a name.",
        t.trainee,
        (
            kept("trainee_id", c.id, "The trainee's id."),
            kept("trainee", c.code, "The trainee's code."),
            kept("created_at_utc", c.created_at, "When the trainee was first put into the record."),
            kept("note", c.note, "A note."),
        ),
        t.trainee,
        (c.created_at, c.id),
        trainee_id=c.id,
    )


def _drills() -> Spec:
    c = t.attempt.c
    return Spec(
        "drills",
        "An attempt at a drill.",
        t.attempt,
        (
            kept("attempt_id", c.id, "Its id."),
            kept("trainee_id", c.trainee_id, "Whose it is."),
            told("trainee", Kind.TEXT, t.trainee.c.code, "The trainee's code."),
            kept("at_utc", c.at, "When it began."),
            kept("utc_offset_min", c.utc_offset_min, "The trainee's clock against UTC."),
            kept("ended_at_utc", c.ended_at, "When it ended; empty while it runs."),
            kept("drill", c.drill, "Name of the drill."),
            kept("kind", c.kind, "Kind of the drill."),
            kept("purpose", c.purpose, "What it was for: practice or a test."),
            kept("feedback", c.feedback, "When the trainee saw the pressure."),
            kept("target_kpa", c.target_kpa, "The pressure that was asked for; empty where it changes."),
            kept("tip_area_cm2", c.tip_area_cm2, "Contact area."),
            kept("tolerance_share", c.tolerance_share, "Within which share of the target it is right."),
            kept("asked_share", c.asked_share, "For which share of the time it had to be right."),
            kept("ease", c.ease, "How much easier it was made than the drill says."),
            kept("ceiling_kpa", c.ceiling_kpa, "Never above it."),
            kept("go_s", c.go_us, "The go, from the beginning."),
            kept("end_s", c.end_us, "The end, from the beginning."),
            kept("looks", c.looks, "How often the trainee looked at the pressure."),
            kept("estimate_kpa", c.estimate_kpa, "What the trainee thought it was."),
            kept("void", c.void, "Why it does not count; empty when it does."),
            kept("scores", c.scores, "JSON of the scores; empty when it does not count."),
            kept("target", c.target, "JSON [[s from the go, kPa], …]: the line that was asked for."),
            kept("drill_text", c.drill_text, "The drill's file as it was."),
            kept("sensor_url", c.sensor_url, "Address of the sensor."),
            kept("sensor_serial", c.sensor_serial, "Its serial number, as it says."),
            kept("sensor_device", c.sensor_device, "What it says it is."),
            kept("dialect", c.dialect, "The language it speaks."),
            kept("zero_counts", c.zero_counts, "Counts with nothing on the tip."),
            kept("counts_per_n", c.counts_per_n, "Counts that a newton adds."),
            kept("curve", c.curve, "JSON [[counts above the zero, N], …] of a sensor that is no line."),
            kept("app_version", c.app_version, "Version of Goodpain."),
            kept("simulated", c.simulated, "Whether the sensor was a simulated one."),
            kept("station", c.station, "The computer that recorded."),
        ),
        t.attempt.join(t.trainee),
        (c.at, c.id),
        trainee_id=c.trainee_id,
        refers=_TRAINEE,
    )


def _skips() -> Spec:
    c = t.training_skip.c
    return Spec(
        "drill_skips",
        "A step of the training that was skipped.",
        t.training_skip,
        (
            kept("skip_id", c.id, "Its id."),
            kept("trainee_id", c.trainee_id, "Who skipped it."),
            told("trainee", Kind.TEXT, t.trainee.c.code, "The trainee's code."),
            kept("at_utc", c.at, "When."),
            kept("utc_offset_min", c.utc_offset_min, "The trainee's clock against UTC."),
            kept("drill", c.drill, "Name of the drill."),
            kept("purpose", c.purpose, "What it would have been for."),
        ),
        t.training_skip.join(t.trainee),
        (c.at, c.id),
        trainee_id=c.trainee_id,
        refers=_TRAINEE,
    )
