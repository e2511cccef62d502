"""The tables, in SQLAlchemy Core: one definition for SQLite and PostgreSQL.

Rows are only ever added (the one exception is the end of a session, filled in when it comes), so that records of
several stations can be put together by their client-made ids. A correction is a new row.

    client ─┬─ point ─┬──────────────── band
            ├─ session ─┬─ calibration ─── sample_chunk
            │           ├─ point_change, press, report, phase, threshold, event, correction
            │           └─ band
            ├─ assessment ─── pain_area, finding, factor
            ├─ plan ─── homework
            └─ check_answer, soreness
    trainee ─┬─ attempt ─── attempt_chunk
             └─ training_skip
    audit   what was done to the record itself

Columns ending in `_us` are microseconds from the start of the session unless they say otherwise.
Whatever changes here needs a new file in `migrations/versions`, which may only add.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A time of day: only aware ones go in, only UTC ones come out, also where the database knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: D102
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time of day in the record needs a time zone: use datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: D102
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[object]:
    return Column("id", Uuid(), primary_key=True)


def _of(table: str, *, nullable: bool = False) -> Column[object]:
    """The row belongs to one of `table` and goes with it."""
    return Column(f"{table}_id", Uuid(), ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=nullable)


client = Table(
    "client",
    metadata,
    _id(),
    Column("code", String(40), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("note", Text(), nullable=False),
    UniqueConstraint("code"),
)

point = Table(
    "point",
    metadata,
    _id(),
    _of("client"),
    Column("muscle", Text(), nullable=False),
    Column("side", String(10), nullable=False),
    Column("label", Text(), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    UniqueConstraint("client_id", "muscle", "side", "label"),
)

session = Table(
    "session",
    metadata,
    _id(),
    _of("client"),
    # The computer that records: on a shared server only this one may recover the session.
    Column("station", Text(), nullable=False),
    Column("started_at", UtcDateTime(), nullable=False),
    Column("ended_at", UtcDateTime()),
    Column("ended_how", String(20)),
    Column("applicator", String(40), nullable=False),
    Column("tip_area_cm2", Float(), nullable=False),
    Column("sensor_url", Text(), nullable=False),
    Column("sensor_serial", Text(), nullable=False),
    Column("sensor_device", Text(), nullable=False),
    Column("dialect", Text(), nullable=False),
    Column("clock", String(20), nullable=False),
    Column("app_version", Text(), nullable=False),
    # The start on the clock of the samples: what ties a raw capture of the wire to this record.
    Column("t0_s", Float(), nullable=False),
    Column("samples", BigInteger()),
    Column("lost", BigInteger()),
    Column("checksum_errors", BigInteger()),
    Column("reconnects", Integer()),
    Column("rate_hz", Float()),
    Column("clock_skew_ppm", Float()),
    # A code of whoever gives; null in sessions recorded before it was asked.
    Column("therapist", String(40)),
    Index(None, "client_id", "started_at"),
)

calibration = Table(
    "calibration",
    metadata,
    _id(),
    _of("session"),
    Column("t_us", BigInteger(), nullable=False),
    Column("zero_counts", Float(), nullable=False),
    Column("counts_per_n", Float(), nullable=False),
    Column("source", Text(), nullable=False),
    Column("tared_under_load", Boolean(), nullable=False),
    # JSON [[counts risen above the zero, newtons], …] of a sensor that is no line; null for a line.
    Column("curve", Text()),
    Index(None, "session_id"),
)

sample_chunk = Table(
    "sample_chunk",
    metadata,
    # A plain integer key keeps the blobs in SQLite's ordinary rows; (session_id, seq) is the name across stations.
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    _of("session"),
    Column("seq", Integer(), nullable=False),
    Column("t0_us", BigInteger(), nullable=False),
    Column("t1_us", BigInteger(), nullable=False),
    Column("n", Integer(), nullable=False),
    Column("lost", BigInteger(), nullable=False),
    _of("calibration", nullable=True),
    Column("codec", String(20), nullable=False),
    Column("payload", LargeBinary(), nullable=False),
    UniqueConstraint("session_id", "seq"),
)

point_change = Table(
    "point_change",
    metadata,
    _id(),
    _of("session"),
    Column("t_us", BigInteger(), nullable=False),
    _of("point"),
    Index(None, "session_id"),
)

press = Table(
    "press",
    metadata,
    _id(),
    _of("session"),
    _of("point", nullable=True),
    Column("start_us", BigInteger(), nullable=False),
    Column("end_us", BigInteger(), nullable=False),
    Column("peak_n", Float()),
    Column("peak_kpa", Float()),
    Column("hold_start_us", BigInteger()),
    Column("hold_end_us", BigInteger()),
    Column("hold_mean_kpa", Float()),
    Column("ramp_kpa_per_s", Float()),
    Column("time_in_band_s", Float()),
    Column("sag_pct", Float()),
    Column("dose_ns", Float()),
    Column("lost", BigInteger(), nullable=False),
    Column("quality", SmallInteger(), nullable=False),
    Column("ended", String(20), nullable=False),
    # What was in force when it ended.
    Column("lower_kpa", Float()),
    Column("upper_kpa", Float()),
    Column("ceiling_kpa", Float()),
    Index(None, "session_id"),
    Index(None, "point_id"),
)

report = Table(
    "report",
    metadata,
    _id(),
    _of("session"),
    _of("point", nullable=True),
    # No foreign key: a report is written at once, the press it was given in only when that ends.
    Column("press_id", Uuid()),
    Column("t_us", BigInteger(), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("rating", SmallInteger()),
    Column("pressure_kpa", Float()),
    Column("quality", SmallInteger(), nullable=False),
    Column("source", String(40), nullable=False),
    # A row of kind "undo" takes back the report it names.
    Column("corrects_id", Uuid(), ForeignKey("report.id", ondelete="CASCADE")),
    Index(None, "session_id"),
)

band = Table(
    "band",
    metadata,
    _id(),
    _of("point", nullable=True),
    _of("session", nullable=True),
    Column("applicator", String(40), nullable=False),
    Column("tip_area_cm2", Float(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("t_us", BigInteger()),
    Column("lower_kpa", Float()),
    Column("upper_kpa", Float()),
    Column("lower_low_kpa", Float()),
    Column("lower_high_kpa", Float()),
    Column("upper_low_kpa", Float()),
    Column("upper_high_kpa", Float()),
    Column("ceiling_kpa", Float()),
    Column("source", String(20), nullable=False),
    Column("because", Text(), nullable=False),
    Column("posterior", LargeBinary()),
    Column("posterior_version", String(40)),
    Index(None, "point_id", "at"),
    Index(None, "session_id"),
)

phase = Table(
    "phase",
    metadata,
    _id(),
    _of("session"),
    _of("point", nullable=True),
    # No foreign key: a phase may end before its press does.
    Column("press_id", Uuid()),
    Column("technique", Text(), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("round", Integer(), nullable=False),
    Column("start_us", BigInteger(), nullable=False),
    Column("end_us", BigInteger(), nullable=False),
    # Which rule ended it.
    Column("rule", Text(), nullable=False),
    Column("pressure_kpa", Float()),
    Column("rate_kpa_per_s", Float()),
    Index(None, "session_id"),
)

threshold = Table(
    "threshold",
    metadata,
    _id(),
    _of("session"),
    _of("point", nullable=True),
    Column("technique", Text(), nullable=False),
    Column("start_us", BigInteger(), nullable=False),
    Column("end_us", BigInteger(), nullable=False),
    # JSON [{"kpa": …, "rate_kpa_per_s": … or null, "used": true or false}, …], in order.
    Column("repeats", Text(), nullable=False),
    Column("mean_kpa", Float()),
    Column("cv_pct", Float()),
    Column("at_least", Boolean(), nullable=False),
    Index(None, "session_id"),
)

check_answer = Table(
    "check_answer",
    metadata,
    _id(),
    _of("client"),
    _of("session", nullable=True),
    # Answers that were given together.
    Column("check_id", Uuid(), nullable=False),
    Column("seq", Integer(), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("key", String(80), nullable=False),
    Column("question", Text(), nullable=False),
    Column("yes", Boolean(), nullable=False),
    Column("means", Text(), nullable=False),
    Column("level", String(20), nullable=False),
    Column("note", Text(), nullable=False),
    Index(None, "client_id", "at"),
)

assessment = Table(
    "assessment",
    metadata,
    _id(),
    _of("client"),
    _of("session", nullable=True),
    Column("at", UtcDateTime(), nullable=False),
    Column("note", Text(), nullable=False),
    Index(None, "client_id", "at"),
)

pain_area = Table(
    "pain_area",
    metadata,
    _id(),
    _of("assessment"),
    Column("seq", Integer(), nullable=False),
    Column("area", Text(), nullable=False),
    Column("side", String(10), nullable=False),
    Column("rating_now", SmallInteger()),
    Column("rating_usual", SmallInteger()),
    Column("note", Text(), nullable=False),
    Index(None, "assessment_id"),
)

finding = Table(
    "finding",
    metadata,
    _id(),
    _of("assessment"),
    Column("seq", Integer(), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("area", Text(), nullable=False),
    Column("side", String(10), nullable=False),
    Column("text", Text(), nullable=False),
    Column("referred", Text(), nullable=False),
    # The trigger point in words: one that was found need not be one that was pressed. Null where it is none.
    Column("point_muscle", Text()),
    Column("point_side", String(10)),
    Column("point_label", Text()),
    Index(None, "assessment_id"),
)

factor = Table(
    "factor",
    metadata,
    _id(),
    _of("assessment"),
    Column("seq", Integer(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("note", Text(), nullable=False),
    Index(None, "assessment_id"),
)

plan = Table(
    "plan",
    metadata,
    _id(),
    _of("client"),
    Column("at", UtcDateTime(), nullable=False),
    Column("visits", Integer(), nullable=False),
    Column("weeks_min", Integer(), nullable=False),
    Column("weeks_max", Integer(), nullable=False),
    Column("goal", Text(), nullable=False),
    Column("begun_at", UtcDateTime()),
    Index(None, "client_id", "at"),
)

homework = Table(
    "homework",
    metadata,
    _id(),
    _of("plan"),
    Column("seq", Integer(), nullable=False),
    Column("text", Text(), nullable=False),
    Index(None, "plan_id"),
)

soreness = Table(
    "soreness",
    metadata,
    _id(),
    _of("client"),
    # After which session.
    _of("session", nullable=True),
    Column("at", UtcDateTime(), nullable=False),
    Column("rating", SmallInteger(), nullable=False),
    Column("hours_after", Float()),
    Column("note", Text(), nullable=False),
    Index(None, "client_id", "at"),
)

event = Table(
    "event",
    metadata,
    _id(),
    _of("session"),
    Column("t_us", BigInteger(), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("text", Text(), nullable=False),
    Index(None, "session_id"),
)

correction = Table(
    "correction",
    metadata,
    _id(),
    _of("session"),
    Column("at", UtcDateTime(), nullable=False),
    # Whoever corrects: a code; null when not given.
    Column("who", String(40)),
    # "report", "press" or "event" (a note), and its id; the newest correction of an id is in force.
    Column("entity", String(20), nullable=False),
    Column("entity_id", Uuid(), nullable=False),
    # "changed", "void" or "restored".
    Column("what", String(20), nullable=False),
    # JSON of the new words: {"kind": …, "rating": …} of a report, {"text": …} of a note; empty otherwise.
    Column("value", Text(), nullable=False),
    Column("reason", Text(), nullable=False),
    Index(None, "session_id"),
    Index(None, "entity_id"),
)

trainee = Table(
    "trainee",
    metadata,
    _id(),
    Column("code", String(40), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("note", Text(), nullable=False),
    UniqueConstraint("code"),
)

attempt = Table(
    "attempt",
    metadata,
    _id(),
    _of("trainee"),
    # The beginning; with the zone of the trainee's clock, so that its day is the trainee's day.
    Column("at", UtcDateTime(), nullable=False),
    Column("utc_offset_min", Integer(), nullable=False),
    Column("station", Text(), nullable=False),
    Column("drill", Text(), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("feedback", String(20), nullable=False),
    Column("target_kpa", Float()),
    Column("tip_area_cm2", Float(), nullable=False),
    Column("tolerance_share", Float(), nullable=False),
    Column("asked_share", Float(), nullable=False),
    Column("ease", Float(), nullable=False),
    Column("ceiling_kpa", Float()),
    # The drill's file as it was, so that an attempt can be read when the file has changed.
    Column("drill_text", Text(), nullable=False),
    Column("sensor_url", Text(), nullable=False),
    Column("sensor_serial", Text(), nullable=False),
    Column("sensor_device", Text(), nullable=False),
    Column("dialect", Text(), nullable=False),
    Column("app_version", Text(), nullable=False),
    Column("simulated", Boolean(), nullable=False),
    # What follows is filled in when it ends.
    Column("ended_at", UtcDateTime()),
    Column("go_us", BigInteger()),
    Column("end_us", BigInteger()),
    Column("zero_counts", Float()),
    Column("counts_per_n", Float()),
    # JSON [[counts risen above the zero, newtons], …] of a sensor that is no line; null for a line.
    Column("curve", Text()),
    Column("looks", Integer()),
    Column("estimate_kpa", Float()),
    # Why it does not count; null when it does.
    Column("void", String(40)),
    # JSON, see `feedback.drills.storing`; null for one that is void.
    Column("scores", Text()),
    # JSON [[seconds from the go, kPa], …]: the line that was asked for; null where it goes by the client.
    Column("target", Text()),
    Index(None, "trainee_id", "at"),
)

attempt_chunk = Table(
    "attempt_chunk",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    _of("attempt"),
    Column("seq", Integer(), nullable=False),
    Column("t0_us", BigInteger(), nullable=False),
    Column("t1_us", BigInteger(), nullable=False),
    Column("n", Integer(), nullable=False),
    Column("lost", BigInteger(), nullable=False),
    Column("codec", String(20), nullable=False),
    Column("payload", LargeBinary(), nullable=False),
    UniqueConstraint("attempt_id", "seq"),
)

training_skip = Table(
    "training_skip",
    metadata,
    _id(),
    _of("trainee"),
    Column("at", UtcDateTime(), nullable=False),
    Column("utc_offset_min", Integer(), nullable=False),
    Column("drill", Text(), nullable=False),
    Column("purpose", String(40), nullable=False),
    Index(None, "trainee_id", "at"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", UtcDateTime(), nullable=False),
    Column("what", String(40), nullable=False),
    Column("entity", String(40), nullable=False),
    Column("entity_id", String(80), nullable=False),
    Column("detail", Text(), nullable=False),
    # A code, or the user's name on this computer; null in rows written before it was kept.
    Column("who", String(80)),
)

version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own table, for reading the revision without importing Alembic."""
