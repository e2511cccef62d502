"""What a band model has learned is kept beside the band."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the posterior of the band model, as bytes, and the version of their meaning."""
    op.add_column("band", sa.Column("posterior", sa.LargeBinary(), nullable=True))
    op.add_column("band", sa.Column("posterior_version", sa.String(length=40), nullable=True))
