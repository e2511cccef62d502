"""A calibration may be a curve: sensors that are no line, as an FSR is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the knots of the curve, as JSON; null for a line."""
    op.add_column("calibration", sa.Column("curve", sa.Text(), nullable=True))
