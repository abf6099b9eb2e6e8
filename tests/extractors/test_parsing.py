"""Text as read becomes one canonical text per value, or None where that is not sure."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.parsing import canonical
from schemas.forms import FieldKind

CENTS = st.integers(min_value=0, max_value=10**12)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.50", "1234.50"),
        ("1234", "1234"),
        ("$ 1,234", "1234"),
        ("$1,234.00", "1234"),
        ("1,234.", "1234"),
        ("1,234.-", "1234"),
        ("1,234 -", "1234"),
        ("1234 xx/100", "1234"),
        ("1.234", "1234"),
        ("1 234", "1234"),
        ("1,234 56", "1234.56"),
        ("12,345,678", "12345678"),
        (".50", "0.50"),
        ("(123)", "-123"),
        ("$(123.40)", "-123.40"),
        ("-123", "-123"),
        ("−123", "-123"),
        ("- 1,234.05", "-1234.05"),
        ("-$5", "-5"),
        ("123-", "-123"),
        ("-0-", "0"),
        ("—0—", "0"),
        ("0", "0"),
        ("0.00", "0"),
        ("-0.00", "0"),
        ("NONE", "0"),
        ("None.", "0"),
        ("N/A", "0"),
        ("007", "7"),
        ("0.4523", "0.4523"),
        (".4523", "0.4523"),
        ("0.795", "0.795"),
        ("0.7950", "0.795"),
        ("0.5000", "0.50"),
        ("1.0000", "1"),
    ],
)
def test_amounts(text: str, value: str) -> None:
    assert canonical(FieldKind.AMOUNT, text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        "$",
        "(",
        "(123",
        "123)",
        "1,23",
        "12,34",
        "1,2345",
        "1234,567",
        "1.2",
        "1.234.56",
        "1,234,56",
        "12 34 5",
        "--5",
        "-(5)",
        "-5-",
        "12O",
        "see stmt",
        "99999999999999999999999999999",
    ],
)
def test_an_amount_that_can_be_read_two_ways_is_nobodys_guess(text: str) -> None:
    assert canonical(FieldKind.AMOUNT, text) is None


@given(
    cents=CENTS, grouped=st.booleans(), dollar=st.booleans(), sign=st.sampled_from(["", "-", "("])
)
def test_any_amount_written_properly_comes_back_exactly(
    cents: int, grouped: bool, dollar: bool, sign: str
) -> None:
    whole, part = divmod(cents, 100)
    text = ("$" if dollar else "") + (f"{whole:,}" if grouped else str(whole)) + f".{part:02d}"
    text = f"({text})" if sign == "(" else sign + text
    value = canonical(FieldKind.AMOUNT, text)
    assert value is not None
    assert Decimal(value) == (-1 if sign else 1) * Decimal(cents) / 100


@given(kind=st.sampled_from(list(FieldKind)), text=st.text(max_size=30))
def test_nothing_written_can_crash_it_and_a_canonical_text_is_its_own(
    kind: FieldKind, text: str
) -> None:
    value = canonical(kind, text)
    if value is not None and not kind.is_mark:
        assert canonical(kind, value) == value


@given(text=st.text(alphabet="0123456789,.-()$ ", max_size=14))
def test_an_amount_never_invents_or_drops_a_digit_that_counts(text: str) -> None:
    value = canonical(FieldKind.AMOUNT, text)
    if value is not None:
        written = "".join(c for c in text if c.isdigit()).lstrip("0")
        kept = value.replace(".", "").lstrip("-0")
        assert written.rstrip("0").startswith(kept.rstrip("0"))
        assert len(written) - len(kept) in (0, 1, 2, 3)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (FieldKind.TAXPAYER_ID, "123-45-6789", "123456789"),
        (FieldKind.TAXPAYER_ID, "123 45 6789", "123456789"),
        (FieldKind.TAXPAYER_ID, "12-3456789", "123456789"),
        (FieldKind.TAXPAYER_ID, "p01234567", "P01234567"),
        (FieldKind.TAXPAYER_ID, "12345678", None),
        (FieldKind.TAXPAYER_ID, "applied for", None),
        (FieldKind.ROUTING_NUMBER, "123456789", "123456789"),
        (FieldKind.ROUTING_NUMBER, "12345678", None),
        (FieldKind.ACCOUNT_NUMBER, "0012 3456-78", "00123456-78"),
        (FieldKind.PHONE, "(919) 555-0123", "9195550123"),
        (FieldKind.PHONE, "+1 919 555 0123", "9195550123"),
        (FieldKind.PHONE, "+44 20 7946 0018", "442079460018"),
        (FieldKind.PHONE, "555-0123", None),
        (FieldKind.POSTAL_CODE, "27514", "27514"),
        (FieldKind.POSTAL_CODE, "27514-1234", "27514-1234"),
        (FieldKind.POSTAL_CODE, "275141234", "27514-1234"),
        (FieldKind.POSTAL_CODE, "2751", None),
        (FieldKind.POSTAL_CODE, "sw1a 1aa", "SW1A 1AA"),
        (FieldKind.COUNT, "2", "2"),
        (FieldKind.COUNT, "2.5", None),
        (FieldKind.CODE, "12 34 56", "123456"),
        (FieldKind.EMAIL, "a.b@example.org", "a.b@example.org"),
        (FieldKind.EMAIL, "a.b.example.org", None),
        (FieldKind.NAME, "  María   O'Neil ", "María O'Neil"),
        (FieldKind.TEXT, "--", None),
        (FieldKind.CHECKBOX, "X", "true"),
        (FieldKind.SIGNATURE, "", "false"),
    ],
)
def test_other_kinds(kind: FieldKind, text: str, value: str | None) -> None:
    assert canonical(kind, text) == value


@pytest.mark.parametrize(
    ("text", "order", "value"),
    [
        ("4/15/2023", "mdy", "2023-04-15"),
        ("4-15-23", "mdy", "2023-04-15"),
        ("15.4.2023", "dmy", "2023-04-15"),
        ("2023-04-15", "mdy", "2023-04-15"),
        ("04152023", "mdy", "2023-04-15"),
        ("041523", "mdy", "2023-04-15"),
        ("April 15, 2023", "mdy", "2023-04-15"),
        ("15 Apr 2023", "mdy", "2023-04-15"),
        ("Apr. 15th 2023", "mdy", "2023-04-15"),
        ("7/4/76", "mdy", "1976-07-04"),
        ("2/29/2023", "mdy", None),
        ("15/4/2023", "mdy", None),
        ("4/15", "mdy", None),
        ("4/15/202", "mdy", None),
    ],
)
def test_dates(text: str, order: str, value: str | None) -> None:
    assert canonical(FieldKind.DATE, text, order) == value


@given(
    day=st.dates(date(1900, 1, 1), date(2099, 12, 31)), order=st.sampled_from(["mdy", "dmy", "ymd"])
)
def test_any_day_comes_back(day: date, order: str) -> None:
    parts = {"y": f"{day.year:04d}", "m": str(day.month), "d": str(day.day)}
    assert canonical(FieldKind.DATE, "/".join(parts[c] for c in order), order) == day.isoformat()
