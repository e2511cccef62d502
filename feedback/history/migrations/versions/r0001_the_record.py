"""The record: clients, points, sessions with samples, presses, reports, bands, events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables of the first revision."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("code", name=op.f("uq_client_code")),
    )
    op.create_table(
        "point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("muscle", sa.Text(), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_point_client_id_client"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point")),
        sa.UniqueConstraint(
            "client_id", "muscle", "side", "label", name=op.f("uq_point_client_id_muscle_side_label")
        ),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_how", sa.String(length=20), nullable=True),
        sa.Column("applicator", sa.String(length=40), nullable=False),
        sa.Column("tip_area_cm2", sa.Float(), nullable=False),
        sa.Column("sensor_url", sa.Text(), nullable=False),
        sa.Column("sensor_serial", sa.Text(), nullable=False),
        sa.Column("sensor_device", sa.Text(), nullable=False),
        sa.Column("dialect", sa.Text(), nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("app_version", sa.Text(), nullable=False),
        sa.Column("t0_s", sa.Float(), nullable=False),
        sa.Column("samples", sa.BigInteger(), nullable=True),
        sa.Column("lost", sa.BigInteger(), nullable=True),
        sa.Column("checksum_errors", sa.BigInteger(), nullable=True),
        sa.Column("reconnects", sa.Integer(), nullable=True),
        sa.Column("rate_hz", sa.Float(), nullable=True),
        sa.Column("clock_skew_ppm", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_session_client_id_client"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index(
        op.f("ix_session_client_id_started_at"), "session", ["client_id", "started_at"], unique=False
    )
    op.create_table(
        "band",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("applicator", sa.String(length=40), nullable=False),
        sa.Column("tip_area_cm2", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("t_us", sa.BigInteger(), nullable=True),
        sa.Column("lower_kpa", sa.Float(), nullable=True),
        sa.Column("upper_kpa", sa.Float(), nullable=True),
        sa.Column("lower_low_kpa", sa.Float(), nullable=True),
        sa.Column("lower_high_kpa", sa.Float(), nullable=True),
        sa.Column("upper_low_kpa", sa.Float(), nullable=True),
        sa.Column("upper_high_kpa", sa.Float(), nullable=True),
        sa.Column("ceiling_kpa", sa.Float(), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["point.id"], name=op.f("fk_band_point_id_point"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_band_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_band")),
    )
    op.create_index(op.f("ix_band_point_id_at"), "band", ["point_id", "at"], unique=False)
    op.create_index(op.f("ix_band_session_id"), "band", ["session_id"], unique=False)
    op.create_table(
        "calibration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("t_us", sa.BigInteger(), nullable=False),
        sa.Column("zero_counts", sa.Float(), nullable=False),
        sa.Column("counts_per_n", sa.Float(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("tared_under_load", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_calibration_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
    )
    op.create_index(op.f("ix_calibration_session_id"), "calibration", ["session_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("t_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_event_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_session_id"), "event", ["session_id"], unique=False)
    op.create_table(
        "point_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("t_us", sa.BigInteger(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"], ["point.id"], name=op.f("fk_point_change_point_id_point"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
            name=op.f("fk_point_change_session_id_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_change")),
    )
    op.create_index(op.f("ix_point_change_session_id"), "point_change", ["session_id"], unique=False)
    op.create_table(
        "press",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=True),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.Column("peak_n", sa.Float(), nullable=True),
        sa.Column("peak_kpa", sa.Float(), nullable=True),
        sa.Column("hold_start_us", sa.BigInteger(), nullable=True),
        sa.Column("hold_end_us", sa.BigInteger(), nullable=True),
        sa.Column("hold_mean_kpa", sa.Float(), nullable=True),
        sa.Column("ramp_kpa_per_s", sa.Float(), nullable=True),
        sa.Column("time_in_band_s", sa.Float(), nullable=True),
        sa.Column("sag_pct", sa.Float(), nullable=True),
        sa.Column("dose_ns", sa.Float(), nullable=True),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.Column("ended", sa.String(length=20), nullable=False),
        sa.Column("lower_kpa", sa.Float(), nullable=True),
        sa.Column("upper_kpa", sa.Float(), nullable=True),
        sa.Column("ceiling_kpa", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["point_id"], ["point.id"], name=op.f("fk_press_point_id_point"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_press_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press")),
    )
    op.create_index(op.f("ix_press_point_id"), "press", ["point_id"], unique=False)
    op.create_index(op.f("ix_press_session_id"), "press", ["session_id"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=True),
        sa.Column("press_id", sa.Uuid(), nullable=True),
        sa.Column("t_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("pressure_kpa", sa.Float(), nullable=True),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["report.id"], name=op.f("fk_report_corrects_id_report"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["point.id"], name=op.f("fk_report_point_id_point"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_report_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index(op.f("ix_report_session_id"), "report", ["session_id"], unique=False)
    op.create_table(
        "sample_chunk",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("t0_us", sa.BigInteger(), nullable=False),
        sa.Column("t1_us", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("calibration_id", sa.Uuid(), nullable=True),
        sa.Column("codec", sa.String(length=20), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calibration_id"],
            ["calibration.id"],
            name=op.f("fk_sample_chunk_calibration_id_calibration"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
            name=op.f("fk_sample_chunk_session_id_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_chunk")),
        sa.UniqueConstraint("session_id", "seq", name=op.f("uq_sample_chunk_session_id_seq")),
    )
