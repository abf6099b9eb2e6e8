"""Column types that keep what they are given: exact amounts, UTC times, words of an enum."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

AMOUNT_SCALE = 10_000
"""SQLite has no decimals: there an amount is a whole number of ten-thousandths."""

_AMOUNT_LIMIT = Decimal(10) ** 14


def fits_amount(amount: Decimal) -> bool:
    """Whether `ExactAmount` can hold it: below 10^14, at most four places."""
    return (
        amount.is_finite()
        and abs(amount) < _AMOUNT_LIMIT
        and amount * AMOUNT_SCALE == (amount * AMOUNT_SCALE).to_integral_value()
    )


class ExactAmount(TypeDecorator[Decimal]):
    """A `Decimal` that never passes through a float: NUMERIC, or a scaled integer on SQLite."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = (
            sa.BigInteger() if dialect.name == "sqlite" else sa.Numeric(asdecimal=True)
        )
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | int | None:
        if value is None:
            return None
        if not isinstance(value, Decimal) or not fits_amount(value):
            raise ValueError("an amount must be a Decimal below 10^14 with at most four places")
        return int(value * AMOUNT_SCALE) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return Decimal(value) / AMOUNT_SCALE if dialect.name == "sqlite" else Decimal(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; a time without a zone is refused."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(kind: type[StrEnum]) -> sa.Enum:
    """A column of an enum's values as text, so that new words need no migration."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda enum: [member.value for member in enum],
    )


def json_column(*, none_as_null: bool = False) -> TypeEngine[Any]:
    """JSON, in PostgreSQL's binary form where there is one.

    With `none_as_null` nothing is no value of the database, and not JSON's own `null`.
    """
    binary = JSONB(none_as_null=none_as_null)
    return sa.JSON(none_as_null=none_as_null).with_variant(binary, "postgresql")


def row_id() -> TypeEngine[int]:
    """An automatic number; SQLite numbers rows itself only under the type INTEGER."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
