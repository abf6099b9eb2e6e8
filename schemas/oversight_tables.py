"""Tables of what is known of batches as a whole: figures to compare by, and what was found.

They follow from the other tables and can be made anew from them at any time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from schemas.columns import json_column, words
from schemas.rules import Outcome, Severity
from schemas.tables import Base


class BatchFigure(Base):
    """One figure of one batch: `part` of `whole`, so that later batches need not count again."""

    __tablename__ = "batch_figures"

    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(String(40), primary_key=True)
    """See `loaders.figures`."""
    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Of a distribution, from 0; else 0."""
    part: Mapped[int] = mapped_column(BigInteger)
    whole: Mapped[int] = mapped_column(BigInteger)


class ReturnFigure(Base):
    """A return's amounts, folded into three numbers: equal where all amounts are."""

    __tablename__ = "return_figures"
    __table_args__ = (
        Index("ix_return_figures_same", "department", "tax_year", "amounts", "total", "placed"),
    )

    return_id: Mapped[str] = mapped_column(
        ForeignKey("returns.id", ondelete="CASCADE"), primary_key=True
    )
    department: Mapped[str] = mapped_column(String(80))
    tax_year: Mapped[int]
    amounts: Mapped[int]
    """How many, other than 0."""
    total: Mapped[int] = mapped_column(BigInteger)
    """Their sum, each modulo a prime: absurd amounts must not overflow."""
    placed: Mapped[int] = mapped_column(BigInteger)
    """The same, each times its place on the page."""


class BatchFinding(Base):
    """What one expectation said of a batch (`schemas.findings.Finding`)."""

    __tablename__ = "batch_findings"

    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    expectation: Mapped[str] = mapped_column(String(80), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    position: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(words(Outcome), index=True)
    severity: Mapped[Severity] = mapped_column(words(Severity))
    title: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    numbers: Mapped[dict[str, Any]] = mapped_column(json_column())
    count: Mapped[int]
    returns: Mapped[list[str]] = mapped_column(json_column())
    cases: Mapped[list[dict[str, Any]]] = mapped_column(json_column())
