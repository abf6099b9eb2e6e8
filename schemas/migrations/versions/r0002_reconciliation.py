"""Values keep their ink, their risk and what the arithmetic of the whole return said of them.

What was read before this revision has none of the three: reading it again brings them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Three columns that may be empty."""
    op.add_column("field_values", sa.Column("ink", sa.String(40)))
    op.add_column("field_values", sa.Column("risk", sa.Double()))
    op.add_column("field_values", sa.Column("reconciliation", JSON))
