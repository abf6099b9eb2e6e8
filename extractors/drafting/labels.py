"""What the form prints beside a box: its label and its line number, guessed from the words.

Two layouts are known: a *row* (`1z  Add lines 1a through 1h . . . 1z [    ]`: the text stands to
the left, the line number again right before the box) and a *cell* (`Your first name` in small
print above the writing space).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.page_image import Word
from schemas.forms import Box

LINE_NUMBER = re.compile(r"\d{1,2}[a-z]{0,2}")
_BARE_LETTER = re.compile(r"[a-z]")
_NO_WORD = re.compile(r"[^A-Za-z0-9]+")
"""Leaders, arrows, bullets, lone brackets."""

_NEAR_LINE_NUMBER = 30.0
"""Points between a line number's right edge and its box."""
_TOUCHING = 7.0
"""Points between the words of a label and the box that follows them."""
_ROW_GAP = 8.0
"""Points between the rows of a table."""
_COLUMN_HEAD = 30.0
"""Points to both sides of a mark over which the head of its column may reach."""
_CELL_HEIGHT = 13.0
"""Points above a box in which a cell's small print lies."""
_WORD_GAP = 4.0
"""Points: more than this lies between a number and the words it numbers, less between words."""
_MOST_ROWS = 6
_ROW_STEP = 13.0
"""Points from the top of a row of print up to the one before it."""
_NUMBER_COLUMN = 30.0
"""Points left of a line's words in which its number or letter stands."""
_TEXT_WIDTH = 460.0
_WIDE_GAP = 16.0
"""Points without a word that end a mark's label."""
_LONGEST_LABEL = 90


@dataclass(frozen=True, slots=True)
class BesideBox:
    """What was found beside a box; empty and none where nothing was."""

    label: str
    line: str | None
    in_row: bool
    """The line number stands right before the box, as amounts have it."""


def beside_text_box(box: Box, words: Sequence[Word], others: Sequence[Box]) -> BesideBox:
    """Label and line of a box to write in; `others` are the page's other boxes to write in."""
    row = _row(box, words)
    left = [word for word in row if word.box.x1 <= box.x0 + 2]
    start = max((it.x1 for it in others if _same_row(it, box) and it.x1 <= box.x0), default=0.0)
    number = left[-1] if left and LINE_NUMBER.fullmatch(left[-1].text) else None
    if number is not None and box.x0 - number.box.x1 < _NEAR_LINE_NUMBER:
        text = [word for word in left[:-1] if word.box.x0 >= start - 2]
        label = _join(_whole_line(text, words)) or _label_of_neighbour(box, words, others)
        return BesideBox(label, number.text, in_row=True)
    touching = [word for word in left if word.box.x0 >= start - 2]
    if touching and box.x0 - touching[-1].box.x1 < _TOUCHING:
        text = _until_gap(touching[::-1], backwards=True)
        return BesideBox(_join(_drop_number(text)), _first_number(left), in_row=False)
    top = _top_of_column(box, others)
    cell = _above(top, words, others)
    if cell:
        return BesideBox(_join(_drop_number(cell)), _first_number(cell), in_row=False)
    nearest = _until_gap(left[::-1], backwards=True)
    return BesideBox(_join(_drop_number(nearest)), _first_number(left), in_row=False)


def _label_of_neighbour(box: Box, words: Sequence[Word], others: Sequence[Box]) -> str:
    """The label of the box to the left: `Other income. List type [    ]  8z [    ]`."""
    left = [it for it in others if _same_row(it, box) and it.x1 <= box.x0]
    if not left:
        return ""
    neighbour = max(left, key=lambda it: it.x1)
    return beside_text_box(neighbour, words, [it for it in others if it is not neighbour]).label


def beside_mark(box: Box, words: Sequence[Word], others: Sequence[Box]) -> BesideBox:
    """Label and line of a box to mark; `others` are all of the page's other boxes.

    The label is right of it; else, in a column of marks, above; else left of it.
    """
    row = _row(box, words)
    stop = min((it.x0 for it in others if _same_row(it, box) and it.x0 > box.x0), default=1e9)
    right = [word for word in row if box.x1 - 2 <= word.box.x0 < stop]
    left = [word for word in row if word.box.x1 <= box.x0 + 2]
    label = _join(_until_gap(right)) if right and right[0].box.x0 - box.x1 < _WIDE_GAP else ""
    top = _top_of_column(box, others)
    if not re.search(r"[A-Za-z]{2}|\d{3}", label) and top is not box:
        wide = Box(top.x0 - _COLUMN_HEAD, top.y0, top.x1 + _COLUMN_HEAD, top.y1)
        label = _join(_above(wide, words, others))
    if not re.search(r"[A-Za-z]{2}|\d{3}", label):
        label = _join(_drop_number(_until_gap(left[::-1], backwards=True)))
    return BesideBox(label, _first_number(left), in_row=False)


def column_head(box: Box, words: Sequence[Word]) -> str:
    """The nearest word straight above a mark: `Yes` and `No` at the head of their columns."""
    middle = (box.x0 + box.x1) / 2
    above = [
        word
        for word in words
        if word.box.y1 <= box.y0 + 2
        and word.box.x0 - 2 <= middle <= word.box.x1 + 2
        and re.search(r"[A-Za-z]", word.text)
    ]
    return max(above, key=lambda word: word.box.y1).text if above else ""


def row_text(box: Box, words: Sequence[Word]) -> str:
    """The words left of a box on its row, without line number: what a group of marks asks."""
    return _join(_drop_number([word for word in _row(box, words) if word.box.x1 <= box.x0 + 2]))


def _same_row(one: Box, other: Box) -> bool:
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared > 0.5 * min(one.height, other.height)


def _row(box: Box, words: Sequence[Word]) -> list[Word]:
    """Words whose middle lies in the height of the box, left to right, leaders dropped."""
    low, high = (box.y0 - 1, box.y1 + 1) if box.height < 16 else (box.y1 - 14, box.y1 + 1)
    row = [
        word
        for word in words
        if low <= (word.box.y0 + word.box.y1) / 2 <= high and not _NO_WORD.fullmatch(word.text)
    ]
    return sorted(row, key=lambda word: word.box.x0)


def _top_of_column(box: Box, others: Sequence[Box]) -> Box:
    """The first of the boxes that stand right above each other, as the rows of a table do."""
    top = box
    while True:
        above = [
            it
            for it in others
            if abs(it.x0 - top.x0) < 2 and abs(it.x1 - top.x1) < 2
            and -2 < top.y0 - it.y1 < _ROW_GAP and it.y0 < top.y0
        ]  # fmt: skip
        if not above:
            return top
        top = max(above, key=lambda it: it.y1)


def _above(box: Box, words: Sequence[Word], others: Sequence[Box]) -> list[Word]:
    """Small print right above (or within the top of) a box, as cells have it."""
    found = []
    for word in words:
        middle_x = (word.box.x0 + word.box.x1) / 2
        within = box.x0 - 2 <= middle_x <= box.x1 + 2
        high_enough = box.y0 - _CELL_HEIGHT <= word.box.y0 and word.box.y1 <= box.y0 + 5
        taken = any(other.overlap(word.box) > 0 for other in others)
        if within and high_enough and not taken and not _NO_WORD.fullmatch(word.text):
            found.append(word)
    return sorted(found, key=lambda word: (round(word.box.y0 / 3), word.box.x0))


def _until_gap(words: Sequence[Word], backwards: bool = False) -> list[Word]:
    """Words from the box outwards, up to the first wide gap; in reading order."""
    kept: list[Word] = []
    for word in words:
        if kept:
            last = kept[-1].box
            gap = last.x0 - word.box.x1 if backwards else word.box.x0 - last.x1
            if gap > _WIDE_GAP:
                break
        kept.append(word)
    return kept[::-1] if backwards else kept


def _whole_line(text: Sequence[Word], words: Sequence[Word]) -> list[Word]:
    """The words of a numbered line that is printed in several rows, of which `text` is the last.

    Rows are followed upwards at the same left edge, until one has its number or letter.
    """
    kept = _drop_number(text)
    if not kept or len(kept) < len(text):
        return kept
    edge, top = kept[0].box.x0, kept[0].box.y0
    for _ in range(_MOST_ROWS):
        above = [
            word
            for word in words
            if top - _ROW_STEP < (word.box.y0 + word.box.y1) / 2 < top
            and edge - _NUMBER_COLUMN < word.box.x0 and word.box.x1 < edge + _TEXT_WIDTH
            and not _NO_WORD.fullmatch(word.text)
        ]  # fmt: skip
        row = sorted(above, key=lambda word: word.box.x0)
        starts = [word for word in row if abs(word.box.x0 - edge) < 2]
        if not starts:
            return kept
        numbered = [word for word in row if word.box.x1 < edge]
        kept = [word for word in row if word.box.x0 >= edge - 2] + kept
        if numbered:
            return kept
        top = starts[0].box.y0
    return kept


def _first_number(words: Sequence[Word]) -> str | None:
    first = next(iter(words), None)
    return first.text if first and LINE_NUMBER.fullmatch(first.text) else None


def _drop_number(words: Sequence[Word]) -> list[Word]:
    """Words after the line number or letter (`b Taxable interest` → `Taxable interest`)."""
    for index in range(len(words) - 1):
        word, after = words[index], words[index + 1]
        number = LINE_NUMBER.fullmatch(word.text)
        if not number and not _BARE_LETTER.fullmatch(word.text):
            continue
        apart = after.box.x0 - word.box.x1 > _WORD_GAP
        if index == 0 and (apart or word.text != "a"):
            return list(words[1:])
        if index and word.box.x0 - words[index - 1].box.x1 <= _WORD_GAP:
            continue
        if apart:
            return list(words[index + 1 :])
        # `1 a  Total amount`: number and letter set apart.
        if number and _BARE_LETTER.fullmatch(after.text) and index + 2 < len(words):
            return list(words[index + 2 :])
    return list(words)


def _join(words: Sequence[Word]) -> str:
    text = " ".join(word.text for word in words)
    text = re.sub(r"(\s*[.·]){2,}", "", text).strip(" .:·")
    if len(text) <= _LONGEST_LABEL:
        return text
    return text[:_LONGEST_LABEL].rsplit(" ", 1)[0] + "…"
