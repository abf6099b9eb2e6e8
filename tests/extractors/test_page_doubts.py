"""One field beside the others of its page."""

from __future__ import annotations

import pytest

from extractors.page_doubts import doubt_by_page
from schemas.forms import Box, FieldDefinition, FieldKind
from schemas.readings import FieldValue, ValueStatus


def definition(i: int, kind: FieldKind) -> FieldDefinition:
    choice = {"group": "status", "option": f"o{i}"} if kind is FieldKind.CHOICE else {}
    return FieldDefinition(name=f"f_{i}", kind=kind, box=Box(0, 0, 9, 9), **choice)


def value(i: int, kind: FieldKind, text, decided_by="engine:rapidocr 1") -> FieldValue:
    held = text if kind is FieldKind.CHOICE else text.replace(",", "")
    return FieldValue(
        form="f",
        year=2022,
        page=1,
        name=f"f_{i}",
        line=None,
        source_field=None,
        kind=kind,
        value=held,
        as_read="X" if text is True else str(text or ""),
        confidence=0.999,
        status=ValueStatus.ACCEPTED if text else ValueStatus.BLANK,
        decided_by=decided_by,
        bbox=(0, 0, 1, 1),
    )


def doubted(kind, texts, **kw) -> list[str]:
    values = [value(i, kind, text, **kw) for i, text in enumerate(texts)]
    after = doubt_by_page(values, [definition(i, kind) for i in range(len(values))])
    assert [v.value for v in after] == [v.value for v in values], "a doubt changes no value"
    return [v.as_read for v in after if v.status is ValueStatus.REVIEW]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1,234.50", "782.00", "78200"], ["78200"]),
        (["1,234.50", "95"], []),  # two digits cannot hold a lost point
        (["1,234", "782", "78,200"], []),  # nobody writes cents here
        (["1,234", "782", "912", "1,500", "45.20"], []),  # one odd amount with cents
        (["78200"], ["78200"]),  # nothing to compare with, and it could be 782.00
        (["78,200"], []),
        (["782"], []),
        (["78200", "12345"], []),  # the filer writes neither commas nor cents
        (["1,234.50", "12345"], ["12345"]),
    ],
)
def test_an_amount_without_cents_among_amounts_with_cents(texts, expected):
    assert doubted(FieldKind.AMOUNT, texts) == expected


def test_a_text_layer_loses_no_points():
    texts = ["1,234.50", "782.00", "78200"]
    assert doubted(FieldKind.AMOUNT, texts, decided_by="engine:textlayer 1") == []


def test_two_marks_in_a_group_go_to_a_person():
    assert doubted(FieldKind.CHOICE, [True, False, True]) == ["X", "X"]
    assert doubted(FieldKind.CHOICE, [True, False, False]) == []


def test_a_doubtful_box_takes_the_mark_of_its_group_to_a_person():
    kind = FieldKind.CHOICE
    doubtful = value(1, kind, False).model_copy(update={"status": ValueStatus.REVIEW})
    values = [value(0, kind, True), doubtful, value(2, kind, False)]
    after = doubt_by_page(values, [definition(i, kind) for i in range(3)])
    review = ValueStatus.REVIEW
    assert [one.status for one in after] == [review, review, ValueStatus.BLANK]
    assert "taken back" in (after[0].reason or "")
