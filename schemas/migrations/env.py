"""Alembic's entry: migrates on the connection that `loaders.database` hands over.

The caller holds the transaction and the lock; nothing is committed here.
"""

from __future__ import annotations

from alembic import context

from schemas.migrations import VERSION_TABLE
from schemas.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
