"""Doubts that only the whole page raises: one field beside the others, as the same hand wrote them.

They never change a value; they send it to a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from schemas.forms import FieldDefinition, FieldKind
from schemas.readings import FieldValue, ValueStatus

_CENTS = re.compile(r"\.\d\d\)?-?\s*$")
_HALF_TRUSTED = 0.5


def doubt_by_page(
    values: Sequence[FieldValue], definitions: Sequence[FieldDefinition]
) -> tuple[FieldValue, ...]:
    """The values of one page in order, those that the page speaks against in review."""
    doubted = dict(_double_marks(values, definitions)) | dict(_lost_points(values))
    return tuple(
        value.model_copy(
            update={
                "status": ValueStatus.REVIEW,
                "reason": doubted[i],
                "confidence": min(value.confidence, _HALF_TRUSTED),
            }
        )
        if i in doubted
        else value
        for i, value in enumerate(values)
    )


def _double_marks(
    values: Sequence[FieldValue], definitions: Sequence[FieldDefinition]
) -> list[tuple[int, str]]:
    """Two marks in a group of which one may be marked: a person looks at both.

    Also where one of them was taken for taken back: only the filer knows.
    """
    inked: dict[str, list[int]] = {}
    for i, (value, definition) in enumerate(zip(values, definitions, strict=True)):
        doubtful = value.status is ValueStatus.REVIEW
        if definition.kind is FieldKind.CHOICE and (value.value is True or doubtful):
            inked.setdefault(definition.group or "", []).append(i)
    found = []
    for fields in inked.values():
        marked = sum(values[i].value is True for i in fields)
        if len(fields) < 2 or not marked:
            continue
        two = "two boxes are marked where one may be"
        one = "two boxes have ink where one may be marked: one may have been taken back"
        found += [(i, two if marked > 1 else one) for i in fields]
    return found


def _lost_points(values: Sequence[FieldValue]) -> list[tuple[int, str]]:
    """Amounts without cents where the filer writes cents: the scan may have lost the point.

    A lost point makes an amount a hundred times as large, and every digit of it is read
    right: no engine doubts it.
    """
    amounts = {
        i: value.as_read
        for i, value in enumerate(values)
        if value.kind is FieldKind.AMOUNT
        and value.value is not None
        and _count(str.isdigit, value.as_read) >= 3
        and not value.decided_by.startswith("engine:textlayer")
    }
    with_cents = {i for i, text in amounts.items() if _CENTS.search(text)}
    found = []
    for i in amounts.keys() - with_cents:
        if values[i].status is not ValueStatus.ACCEPTED:
            continue
        plain = len(amounts) - len(with_cents) - 1
        if with_cents and 2 * len(with_cents) >= plain:
            found.append((i, "other amounts of this page have cents: a point may be lost here"))
        elif not with_cents and not plain and _may_end_in_cents(amounts[i]):
            found.append((i, "the last two digits may be cents whose point is lost"))
    return found


def _may_end_in_cents(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return len(digits) >= 5 and digits.endswith("00") and "," not in text


def _count(test: Callable[[str], bool], text: str) -> int:
    return sum(test(character) for character in text)
