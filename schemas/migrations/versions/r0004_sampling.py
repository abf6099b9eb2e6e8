"""Fields of accepted returns that a person keys blind, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None

WORD = sa.String(40)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """One table."""
    op.create_table(
        "sampled_fields",
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("return_id", sa.String(40), nullable=False),
        sa.Column("department", sa.String(80), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("blank", sa.Boolean(), nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        sa.Column("keyed_by", sa.Text()),
        sa.Column("keyed_at", MOMENT),
        sa.Column("held", sa.Text()),
        sa.Column("keyed", sa.Text()),
        sa.Column("settled_by", sa.Text()),
        sa.Column("settled_at", MOMENT),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_sampled_fields_page_id")),
        sa.PrimaryKeyConstraint("page_id", "name", name=op.f("pk_sampled_fields")),
    )
    op.create_index("ix_sampled_fields_outcome", "sampled_fields", ["department", "outcome"])
    op.create_index(op.f("ix_sampled_fields_return_id"), "sampled_fields", ["return_id"])
