"""Run by Alembic: the connection and its transaction come from `feedback.history.schema`."""

from __future__ import annotations

from alembic import context

from feedback.history.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
