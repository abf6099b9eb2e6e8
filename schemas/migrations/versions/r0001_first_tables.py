"""The first tables, and the triggers that make the audit log append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

# As of this revision: a migration does not change when the code's own types do.
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WORD = sa.String(40)
MOMENT = sa.DateTime(timezone=True)
AMOUNT = sa.Numeric().with_variant(sa.BigInteger(), "sqlite")

SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
    """,
    """
    CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
    """,
    # Also stops INSERT OR REPLACE, which deletes without firing delete triggers.
    """
    CREATE TRIGGER audit_events_chained BEFORE INSERT ON audit_events
    WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM audit_events)
      OR NEW.prev_hash IS NOT coalesce(
        (SELECT hash FROM audit_events ORDER BY sequence DESC LIMIT 1),
        '0000000000000000000000000000000000000000000000000000000000000000')
    BEGIN SELECT RAISE(ABORT, 'the event does not continue the audit log'); END
    """,
)

POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION taxlift_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'the audit log is append-only';
    END $$
    """,
    """
    CREATE FUNCTION taxlift_audit_is_chained() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE last record;
    BEGIN
      SELECT sequence, hash INTO last FROM audit_events ORDER BY sequence DESC LIMIT 1;
      IF NEW.sequence IS DISTINCT FROM coalesce(last.sequence, 0) + 1
        OR NEW.prev_hash IS DISTINCT FROM coalesce(last.hash, repeat('0', 64)) THEN
        RAISE EXCEPTION 'the event does not continue the audit log';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION taxlift_audit_is_append_only()
    """,
    """
    CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION taxlift_audit_is_append_only()
    """,
    """
    CREATE TRIGGER audit_events_chained BEFORE INSERT ON audit_events
    FOR EACH ROW EXECUTE FUNCTION taxlift_audit_is_chained()
    """,
)


def upgrade() -> None:
    """Make everything."""
    _make_bookkeeping()
    _make_readings()
    _make_findings()
    sqlite = op.get_context().dialect.name == "sqlite"
    for trigger in SQLITE_TRIGGERS if sqlite else POSTGRESQL_TRIGGERS:
        op.execute(sa.text(trigger))


def _make_bookkeeping() -> None:
    """Deliveries, and what is recorded of the work itself."""
    op.create_table(
        "batches",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("department", sa.String(length=80), nullable=False),
        sa.Column("inbox", sa.Text(), nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(
        "uq_batches_open",
        "batches",
        ["department", "inbox"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "documents",
        sa.Column("id", ROW, nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("department", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("reason", WORD, nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_documents_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("sha256", "department", name=op.f("uq_documents_sha256_department")),
    )
    op.create_index(op.f("ix_documents_batch_id"), "documents", ["batch_id"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("id", ROW, nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("document_id", ROW, nullable=True),
        sa.Column("reason", WORD, nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_receipts_batch_id")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_receipts_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint(
            "batch_id", "path", "sha256", name=op.f("uq_receipts_batch_id_path_sha256")
        ),
    )
    op.create_index(op.f("ix_receipts_document_id"), "receipts", ["document_id"], unique=False)
    op.create_table(
        "audit_events",
        sa.Column("sequence", ROW, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_events")),
    )
    op.create_table(
        "wide_views",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("department", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_wide_views")),
    )
    op.create_index(op.f("ix_wide_views_department"), "wide_views", ["department"], unique=False)


def _make_readings() -> None:
    """Returns, pages and values."""
    op.create_table(
        "returns",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("document_id", ROW, nullable=False),
        sa.Column("department", sa.String(length=80), nullable=False),
        sa.Column("tax_year", sa.Integer(), nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("missing_pages", JSON, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_returns_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
    )
    op.create_index(op.f("ix_returns_document_id"), "returns", ["document_id"], unique=False)
    op.create_table(
        "return_forms",
        sa.Column("id", ROW, nullable=False),
        sa.Column("return_id", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=80), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("pages", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_forms_return_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_forms")),
        sa.UniqueConstraint(
            "return_id",
            "form",
            "year",
            "copy",
            name=op.f("uq_return_forms_return_id_form_year_copy"),
        ),
    )
    op.create_index("ix_return_forms_form_year", "return_forms", ["form", "year"], unique=False)
    op.create_table(
        "pages",
        sa.Column("id", ROW, nullable=False),
        sa.Column("document_id", ROW, nullable=False),
        sa.Column("return_form_id", ROW, nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("dpi", sa.Double(), nullable=True),
        sa.Column("status", WORD, nullable=False),
        sa.Column("reason", WORD, nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("form", sa.String(length=80), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("form_page", sa.Integer(), nullable=True),
        sa.Column("identification_score", sa.Double(), nullable=False),
        sa.Column("turned", sa.Integer(), nullable=False),
        sa.Column("registration_score", sa.Double(), nullable=False),
        sa.Column("residual_px", sa.Double(), nullable=True),
        sa.Column("transform", JSON, nullable=False),
        sa.Column("seconds", JSON, nullable=False),
        sa.Column("versions", JSON, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_pages_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["return_form_id"], ["return_forms.id"], name=op.f("fk_pages_return_form_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_pages_document_id_number")),
    )
    op.create_index(op.f("ix_pages_return_form_id"), "pages", ["return_form_id"], unique=False)
    op.create_table(
        "field_values",
        sa.Column("page_id", ROW, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("return_form_id", ROW, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(length=40), nullable=True),
        sa.Column("source_field", sa.Text(), nullable=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("masked", sa.Text(), nullable=True),
        sa.Column("amount", AMOUNT, nullable=True),
        sa.Column("mark", sa.Boolean(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("as_read", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("x0", sa.Integer(), nullable=False),
        sa.Column("y0", sa.Integer(), nullable=False),
        sa.Column("x1", sa.Integer(), nullable=False),
        sa.Column("y1", sa.Integer(), nullable=False),
        sa.Column("readings", JSON, nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_field_values_page_id")),
        sa.ForeignKeyConstraint(
            ["return_form_id"], ["return_forms.id"], name=op.f("fk_field_values_return_form_id")
        ),
        sa.PrimaryKeyConstraint("page_id", "name", name=op.f("pk_field_values")),
        sa.UniqueConstraint(
            "return_form_id", "name", name=op.f("uq_field_values_return_form_id_name")
        ),
    )
    op.create_index(
        "ix_field_values_in_review",
        "field_values",
        ["page_id"],
        unique=False,
        sqlite_where=sa.text("status = 'review'"),
        postgresql_where=sa.text("status = 'review'"),
    )


def _make_findings() -> None:
    """What follows from the values."""
    op.create_table(
        "rule_results",
        sa.Column("return_id", sa.String(length=40), nullable=False),
        sa.Column("rule_id", sa.String(length=80), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("severity", WORD, nullable=False),
        sa.Column("category", WORD, nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("inputs", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_rule_results_return_id")
        ),
        sa.PrimaryKeyConstraint("return_id", "rule_id", "occurrence", name=op.f("pk_rule_results")),
    )
    op.create_index(op.f("ix_rule_results_outcome"), "rule_results", ["outcome"], unique=False)
    op.create_table(
        "review_items",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("document_id", ROW, nullable=False),
        sa.Column("page_id", ROW, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("return_id", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_review_items_document_id")
        ),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_review_items_page_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_review_items")),
    )
    op.create_index(
        op.f("ix_review_items_document_id"), "review_items", ["document_id"], unique=False
    )
    op.create_index(
        "ix_review_items_status", "review_items", ["status", "document_id"], unique=False
    )
