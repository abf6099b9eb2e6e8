"""The table of what people key blind to measure how much of what is accepted is wrong."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from schemas.columns import UtcDateTime, words
from schemas.forms import FieldKind
from schemas.tables import Base


class SampleOutcome(StrEnum):
    """What keying a sampled field blind has shown."""

    WAITING = "waiting"  # nobody has keyed it
    AGREED = "agreed"  # keyed as we hold it
    DIFFERS = "differs"  # keyed otherwise: a second person decides
    UPHELD = "upheld"  # the second person found what we held
    WRONG = "wrong"  # the second person did not
    ILLEGIBLE = "illegible"  # the person could not tell what is there

    @property
    def is_keyed(self) -> bool:
        return self not in (SampleOutcome.WAITING, SampleOutcome.ILLEGIBLE)


class SampledField(Base):
    """A field of an accepted return that a person keys without seeing what we hold."""

    __tablename__ = "sampled_fields"
    __table_args__ = (Index("ix_sampled_fields_outcome", "department", "outcome"),)

    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    return_id: Mapped[str] = mapped_column(String(40), index=True)
    department: Mapped[str] = mapped_column(String(80))
    kind: Mapped[FieldKind] = mapped_column(words(FieldKind))
    blank: Mapped[bool]
    """Taken as blank when it was drawn."""
    outcome: Mapped[SampleOutcome] = mapped_column(words(SampleOutcome))
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    keyed_by: Mapped[str | None] = mapped_column(Text)
    keyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held: Mapped[str | None] = mapped_column(Text)
    """Where the two differ: what we held then, as canonical text; blank is none."""
    keyed: Mapped[str | None] = mapped_column(Text)
    """Where the two differ: what was keyed."""
    settled_by: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
