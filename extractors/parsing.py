"""From text as read to canonical values: one text for each value, or None.

None means that the text is not, or not surely, a value of that kind: a person decides. No
guess is made where two readings of the same text are plausible (`1,23`, `(123`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from schemas.forms import FieldKind

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−_", "-"))
_NOTHING = re.compile(r"(?:-{1,2}\s*0\s*-{1,2}|0|none|n\s*/\s*a|nil|zero)\.?", re.IGNORECASE)
_CENTS_LEFT_OUT = re.compile(r"(?<=\d)(?:\s*\.\s*-{1,3}|\s+-{1,3}|\s+(?:no|xx|00)\s*/\s*100|\.)$")
_PLAIN = re.compile(r"(\d{1,13})(?:\.(\d{2}))?")
_GROUPED = re.compile(r"(\d{1,3}(?:[,. ]\d{3}){1,4})(?:([. ])(\d{2}))?")
_ONLY_CENTS = re.compile(r"\.(\d{2})")
_SHARE = re.compile(r"0\.\d{3,4}|\.\d{4}|1\.0{4}")
"""A part of a whole, as some lines ask for it: no amount is written so."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_EARLIEST_YEAR = 1880
_LATEST_YEAR = 2100
_PIVOT = 40
"""Two-digit years below this are of the 2000s."""

_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH"
    " NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY"
    " AS FM GU MH MP PR PW VI AA AE AP"
)
US_STATES = frozenset(_STATES.split())
"""Postal abbreviations: states, territories, associated states, armed forces (USPS Pub. 28)."""


def canonical(kind: FieldKind, text: str, date_order: str = "mdy") -> str | None:
    """The one text that stands for what `text` says, by the field's kind.

    Amounts: plain decimals without commas, cents only where there are any (`1234`, `1234.50`,
    `-120`). Taxpayer ids, routing numbers and phones: digits. Dates: ISO. Postal codes:
    `12345` or `12345-6789`, or letters and digits as abroad. Names and text: as written, white
    space folded. Marks: `true` or `false`. None where the text cannot be such a value.

    Args:
        date_order: `mdy`, `dmy` or `ymd`, for dates written in digits only.
    """
    folded = " ".join(unicodedata.normalize("NFKC", text).split())
    if kind.is_mark:
        return "true" if folded else "false"
    if not folded:
        return None
    if kind is FieldKind.DATE:
        return parse_date(folded, date_order)
    return _PARSERS[kind](folded)


def parse_amount(text: str) -> str | None:
    """Dollars and cents as written by hand or printed, as plain decimal text."""
    text = text.translate(_DASHES).strip()
    if _NOTHING.fullmatch(text.replace("$", "").strip()):
        return "0"
    text, negative = _take_sign(text)
    text = _CENTS_LEFT_OUT.sub("", text).strip()
    if text.endswith("-"):  # an accountant's minus after the figure: `123-`
        if negative:
            return None
        text, negative = text[:-1].rstrip(), True
    if text.startswith("$"):
        text = text[1:].lstrip()
    number = _unsigned(text)
    if number is None:
        return None
    if negative:
        number = -number
    if number == number.to_integral_value():
        return str(int(number))
    return str(number)


def _take_sign(text: str) -> tuple[str, bool]:
    """Strip one leading minus, or parentheses around the whole; whether there was one."""
    inner = text[1:].lstrip() if text.startswith("$") else text
    if inner.startswith("(") and inner.endswith(")"):
        return inner[1:-1].strip(), True
    if inner.startswith("-"):
        return inner[1:].lstrip(), True
    return text, False


def _unsigned(text: str) -> Decimal | None:
    """A number with or without separators of thousands.

    A point before three digits can only be a comma, cents have two; but not after a nought, where
    thousands never begin. A comma before two digits is a point, or a digit is lost: not decided
    here.
    """
    text = re.sub(r"\s*([,.])\s*", r"\1", text)
    if _SHARE.fullmatch(text):
        return Decimal(re.sub(r"(\.\d\d+?)0+$", r"\1", text))
    if match := _PLAIN.fullmatch(text):
        return Decimal(match[1] + (f".{match[2]}" if match[2] else ""))
    if match := _ONLY_CENTS.fullmatch(text):
        return Decimal(f"0.{match[1]}")
    if match := _GROUPED.fullmatch(text):
        groups, separator, cents = match.groups()
        if cents and separator == "." and "." in groups:
            return None  # `1.234.56`: two separators misread, or a digit lost
        return Decimal(re.sub(r"[,. ]", "", groups) + (f".{cents}" if cents else ""))
    return None


def _parse_count(text: str) -> str | None:
    if _NOTHING.fullmatch(text.translate(_DASHES)):
        return "0"
    return str(int(text)) if re.fullmatch(r"[0-9]{1,4}", text) else None


def _parse_taxpayer_id(text: str) -> str | None:
    """SSN, ITIN or EIN as nine digits; a preparer's number as P and eight digits."""
    bare = _without(text.translate(_DASHES), " -.")
    if re.fullmatch(r"[0-9]{9}", bare):
        return bare
    return bare.upper() if re.fullmatch(r"[Pp][0-9]{8}", bare) else None


def _parse_routing_number(text: str) -> str | None:
    bare = _without(text.translate(_DASHES), " -")
    return bare if re.fullmatch(r"[0-9]{9}", bare) else None


def _parse_account_number(text: str) -> str | None:
    """Up to 17 letters and digits (Form 1040's instructions, line 35d); hyphens kept."""
    bare = _without(text.translate(_DASHES), " ").upper()
    return bare if re.fullmatch(r"[0-9A-Z][0-9A-Z-]{2,16}", bare) else None


def _parse_phone(text: str) -> str | None:
    """Ten digits for numbers of North America, else 7 to 15 with the country's code."""
    text = text.translate(_DASHES)
    if not re.fullmatch(r"\+?[0-9 ().\-/]+", text):
        return None
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    return digits if len(digits) == 10 or (text[0] == "+" and 7 <= len(digits) <= 15) else None


def _parse_postal_code(text: str) -> str | None:
    text = text.translate(_DASHES)
    bare = _without(text, " -")
    if re.fullmatch(r"[0-9]+", bare):
        if len(bare) == 5:
            return bare
        return f"{bare[:5]}-{bare[5:]}" if len(bare) == 9 else None
    return text.upper() if re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z -]{1,8}[0-9A-Za-z]", text) else None


def _parse_code(text: str) -> str | None:
    bare = _without(text.translate(_DASHES), " ").upper()
    return bare if re.fullmatch(r"[0-9A-Z][0-9A-Z.\-]{0,19}", bare) else None


def _parse_email(text: str) -> str | None:
    bare = _without(text, " ")
    return bare if re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", bare) else None


def _parse_text(text: str) -> str | None:
    """As written; something of it must be a letter or a digit."""
    return text if any(c.isalnum() for c in text) else None


def parse_date(text: str, order: str = "mdy") -> str | None:
    """A day of the calendar in ISO form, from digits in `order` or with a month's name."""
    text = text.translate(_DASHES).replace(",", " ").strip(" .")
    parts = [part for part in re.split(r"[\s/.\-]+", text) if part]
    if len(parts) == 1 and re.fullmatch(r"[0-9]{8}|[0-9]{6}", parts[0]):
        parts = _cut_run(parts[0], order)
    if len(parts) != 3:
        return None
    if any(part.isalpha() for part in parts):
        return _named_month(parts)
    if not all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts):
        return None
    if len(parts[0]) == 4:
        year, month, day = parts
    else:
        by_letter = dict(zip(order, parts, strict=True))
        year, month, day = by_letter["y"], by_letter["m"], by_letter["d"]
    return _iso(year, int(month), day)


def _cut_run(digits: str, order: str) -> list[str]:
    """Split `04152023` by the order; six digits have a year of two."""
    year_width = len(digits) - 4
    parts = []
    for letter in order:
        width = year_width if letter == "y" else 2
        parts.append(digits[:width])
        digits = digits[width:]
    return parts


def _named_month(parts: list[str]) -> str | None:
    named = [part for part in parts if part.lower() in _MONTHS]
    others = [re.sub(r"(?i)(?<=\d)(st|nd|rd|th)$", "", part) for part in parts if part not in named]
    if len(named) != 1 or len(others) != 2 or not all(re.fullmatch(r"\d+", o) for o in others):
        return None
    day, year = others if len(others[0]) <= 2 else (others[1], others[0])
    return _iso(year, _MONTHS[named[0].lower()], day)


def _iso(year: str, month: int, day: str) -> str | None:
    if len(year) not in (2, 4) or len(day) > 2:
        return None
    number = int(year)
    if len(year) == 2:
        number += 2000 if number < _PIVOT else 1900
    if not _EARLIEST_YEAR <= number <= _LATEST_YEAR:
        return None
    try:
        return date(number, month, int(day)).isoformat()
    except ValueError:
        return None


def _without(text: str, characters: str) -> str:
    return text.translate({ord(c): None for c in characters})


_PARSERS: dict[FieldKind, Callable[[str], str | None]] = {
    FieldKind.AMOUNT: parse_amount,
    FieldKind.COUNT: _parse_count,
    FieldKind.TAXPAYER_ID: _parse_taxpayer_id,
    FieldKind.NAME: _parse_text,
    FieldKind.TEXT: _parse_text,
    FieldKind.ROUTING_NUMBER: _parse_routing_number,
    FieldKind.ACCOUNT_NUMBER: _parse_account_number,
    FieldKind.PHONE: _parse_phone,
    FieldKind.POSTAL_CODE: _parse_postal_code,
    FieldKind.CODE: _parse_code,
    FieldKind.EMAIL: _parse_email,
}
