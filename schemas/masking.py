"""Hiding taxpayers' identifiers wherever a person or a log might see them without need."""

from __future__ import annotations

import re

from schemas.forms import FieldKind

_HASH = re.compile(r"(?<![0-9A-Za-z])([0-9a-f]{64})(?![0-9A-Za-z])")
"""A SHA-256 as it is written."""
_NINE_DIGITS = re.compile(r"(?<!\d)(\d{3})[- ]?(\d{2})[- ]?(\d{4})(?!\d)")
_EIN = re.compile(r"(?<!\d)\d{2}-\d{7}(?!\d)")
_LONG_NUMBER = re.compile(r"(?<![\w.])\d{10,17}(?![\w.])")


def mask_identifier(text: str) -> str:
    """Keep the last four characters of a taxpayer identifier: `***-**-1234`."""
    digits = re.sub(r"[^0-9A-Za-z]", "", text)
    return f"***-**-{digits[-4:]}" if len(digits) >= 8 else "***-**-****"


def mask_value(kind: FieldKind, text: str) -> str:
    """Mask a value by its field's kind; kinds that are not personal pass unchanged."""
    if not text or not kind.is_personal:
        return text
    if kind is FieldKind.TAXPAYER_ID:
        return mask_identifier(text)
    if kind is FieldKind.CODE:
        return "****"
    return "*" * max(len(text) - 4, 4) + (text[-4:] if len(text) > 8 else "")


def mask_written(kind: FieldKind, text: str) -> str:
    """What stands in a field: masked by its kind, and where words belong by its looks."""
    return mask_text(text) if kind.is_words else mask_value(kind, text)


def mask_text(text: str) -> str:
    """Mask anything in free text that looks like an identifier or an account number.

    Content hashes are left whole: by chance they hold nine digits, and name nobody.
    """
    parts = _HASH.split(text)
    return "".join(part if at % 2 else _mask_free_text(part) for at, part in enumerate(parts))


def _mask_free_text(text: str) -> str:
    text = _NINE_DIGITS.sub(lambda match: f"***-**-{match[3]}", text)
    text = _EIN.sub(lambda match: f"**-***{match[0][-4:]}", text)
    return _LONG_NUMBER.sub(lambda match: "*" * (len(match[0]) - 4) + match[0][-4:], text)
