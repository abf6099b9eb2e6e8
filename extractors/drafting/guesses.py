"""Guesses that a person confirms: a field's kind, and a name drafted from its label."""

from __future__ import annotations

import re
import unicodedata

from extractors.drafting.labels import BesideBox
from extractors.drafting.widgets import Widget, WidgetType
from schemas.forms import FieldKind

_BY_WORDS: tuple[tuple[str, FieldKind], ...] = (
    # First match wins: the more special stand first.
    (r"routing (no|number)|bank code|\bbic\b", FieldKind.ROUTING_NUMBER),
    (r"account (no|number)|\biban\b", FieldKind.ACCOUNT_NUMBER),
    (r"signature", FieldKind.SIGNATURE),
    (
        r"social security n|\bssn\b|\bitin\b|\bein\b|\bptin\b|employer id|taxpayer id|\btin\b",
        FieldKind.TAXPAYER_ID,
    ),
    (r"\bpin\b|protection|abbreviation", FieldKind.CODE),
    (r"e-?mail", FieldKind.EMAIL),
    (r"phone|\bfax\b", FieldKind.PHONE),
    (r"\bzip\b|post(al)? ?code", FieldKind.POSTAL_CODE),
    (r"\bdate\b", FieldKind.DATE),
    (r"^(number|no\.|how many) ", FieldKind.COUNT),
    (r"address|street|city|town|occupation|relationship|country|state", FieldKind.TEXT),
    (r"\bnames?\b", FieldKind.NAME),
)
_AMOUNT_WIDTH = (30.0, 130.0)
"""Points: how wide official forms make a box for money."""
_LONGEST_NAME = 40

_FILLER = frozenset(  # split() reads better here than sixty quoted words
    """a an and any are as at be box by check do did does enter for form forms from here how if in
    instructions into is it its line lines of on or see that the their this these to total was
    were which with you your""".split()  # noqa: SIM905
)


def guess_kind(widget: Widget, beside: BesideBox, grouped: bool) -> FieldKind:
    """What is written in the box, by its type, its words, its cells and its size."""
    if widget.type is WidgetType.SIGNATURE:
        return FieldKind.SIGNATURE
    if widget.type is WidgetType.MARK:
        return FieldKind.CHOICE if grouped else FieldKind.CHECKBOX
    words = f"{beside.label} {widget.tooltip}".strip().lower()
    amount_size = _AMOUNT_WIDTH[0] <= widget.box.width <= _AMOUNT_WIDTH[1]
    if beside.in_row and amount_size and not widget.comb and widget.box.height < 20:
        return FieldKind.AMOUNT
    for pattern, kind in _BY_WORDS:
        if re.search(pattern, words):
            return kind
    if widget.comb and widget.max_length in (9, 11):
        return FieldKind.TAXPAYER_ID
    if widget.comb:
        return FieldKind.CODE
    return FieldKind.TEXT


def guess_name(label: str, fallback: str) -> str:
    """A snake_case name out of a label's telling words; `fallback` where it has none."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"\([^)]*\)", " ", plain).replace("'", "")
    words = re.findall(r"[a-z0-9]+", plain)
    telling = [word for word in words if word not in _FILLER] or words
    start = next((index for index, word in enumerate(telling) if word[0].isalpha()), len(telling))
    name = ""
    for word in telling[start:]:
        if name and len(name) + 1 + len(word) > _LONGEST_NAME:
            break
        name = f"{name}_{word}" if name else word[:_LONGEST_NAME]
    return name or fallback


class NameRegister:
    """Hands out names that are unique in a form: `wages`, `wages_2`, `wages_3`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        candidate, number = name, 1
        while candidate in self._taken:
            number += 1
            candidate = f"{name}_{number}"
        self._taken.add(candidate)
        return candidate
