"""Which characters may stand in a field of each kind, and what else they are mistaken for.

A recogniser that knows thousands of characters reads a handwritten 0 as `O` or `〇`. Under a
field's own character set the look-alikes count for the character that they resemble.
"""

from __future__ import annotations

from enum import StrEnum
from string import ascii_letters, ascii_uppercase, digits

from schemas.forms import FieldKind


class CharacterClass(StrEnum):
    """Fields of one class can be read together and calibrated together."""

    NUMERIC = "numeric"
    TEXT = "text"


_AMOUNT = digits + ",.-()$"
_PROSE = ascii_letters + digits + " -.,'&/#"

ALLOWED: dict[FieldKind, str] = {
    FieldKind.AMOUNT: _AMOUNT,
    FieldKind.COUNT: digits,
    FieldKind.TAXPAYER_ID: digits + "-P",
    FieldKind.NAME: ascii_letters + " -.,'&",
    FieldKind.TEXT: _PROSE + "()%",
    FieldKind.DATE: ascii_letters + digits + " /-.,",
    FieldKind.ROUTING_NUMBER: digits,
    FieldKind.ACCOUNT_NUMBER: ascii_uppercase + digits + "-",
    FieldKind.PHONE: digits + "-().+/ ",
    FieldKind.POSTAL_CODE: digits + "-",
    FieldKind.CODE: ascii_uppercase + digits + "-",
    FieldKind.EMAIL: ascii_letters + digits + "@._-+",
}

FOREIGN_POSTAL_CODE = ascii_uppercase + digits + "- "

_NUMERIC_KINDS = frozenset(
    {
        FieldKind.AMOUNT,
        FieldKind.COUNT,
        FieldKind.TAXPAYER_ID,
        FieldKind.ROUTING_NUMBER,
        FieldKind.ACCOUNT_NUMBER,
        FieldKind.PHONE,
        FieldKind.POSTAL_CODE,
        FieldKind.CODE,
    }
)

_LOOK_ALIKES: dict[str, str] = {
    "0": "OoDQ〇口○",
    "1": "Il|i!丨/]",
    "2": "Zz",
    "3": "了ろ",
    "4": "Yy",
    "5": "Ss",
    "6": "bGら",
    "7": "つフ>？?",
    "8": "B&",
    "9": "gqa",
    ",": "，、،;'",
    ".": "。·",
    "-": "—–一~_―‐",
    # A typewriter without brackets has `/1,234/` for a loss. Its strokes stay possible ones, too.
    "(": "（/",
    ")": "）/",
    "$": "＄",
    "'": "’‘`´",
    "/": "／",
    "&": "＆",
}


def allowed_characters(kind: FieldKind, field_name: str = "") -> str:
    """The characters that a field of that kind may hold; empty for marks."""
    if kind is FieldKind.POSTAL_CODE and field_name.startswith("foreign"):
        return FOREIGN_POSTAL_CODE
    return ALLOWED.get(kind, "")


def character_class(kind: FieldKind) -> CharacterClass:
    """Whether a field holds mostly digits or mostly letters."""
    return CharacterClass.NUMERIC if kind in _NUMERIC_KINDS else CharacterClass.TEXT


def look_alikes(allowed: str) -> dict[str, str]:
    """For each allowed character the characters outside `allowed` that count for it."""
    return {
        character: "".join(c for c in _LOOK_ALIKES.get(character, "") if c not in allowed)
        for character in allowed
    }
