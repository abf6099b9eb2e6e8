"""What is known of batches as a whole: figures to compare by, and what was found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WORD = sa.String(40)


def upgrade() -> None:
    """Three tables; they are filled as batches end."""
    op.create_table(
        "batch_figures",
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("measure", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_figures_batch_id")
        ),
        sa.PrimaryKeyConstraint(
            "batch_id", "measure", "subject", "bucket", name=op.f("pk_batch_figures")
        ),
    )
    op.create_table(
        "return_figures",
        sa.Column("return_id", sa.String(40), nullable=False),
        sa.Column("department", sa.String(80), nullable=False),
        sa.Column("tax_year", sa.Integer(), nullable=False),
        sa.Column("amounts", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("placed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["returns.id"],
            name=op.f("fk_return_figures_return_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_return_figures")),
    )
    op.create_index(
        "ix_return_figures_same",
        "return_figures",
        ["department", "tax_year", "amounts", "total", "placed"],
    )
    op.create_table(
        "batch_findings",
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("expectation", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("severity", WORD, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("numbers", JSON, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("returns", JSON, nullable=False),
        sa.Column("cases", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_findings_batch_id")
        ),
        sa.PrimaryKeyConstraint(
            "batch_id", "expectation", "subject", name=op.f("pk_batch_findings")
        ),
    )
    op.create_index(op.f("ix_batch_findings_outcome"), "batch_findings", ["outcome"])
