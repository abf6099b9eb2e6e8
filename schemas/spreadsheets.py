"""Text that a spreadsheet keeps as text: what stood on paper must never run as a formula."""

from __future__ import annotations

import re
from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With these a cell's text may be taken for a formula."""

LONGEST_TEXT: Final = 32_767
"""Of one cell of a workbook."""

_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def printable(text: str) -> str:
    """Without the control characters that no workbook can hold."""
    return _UNPRINTABLE.sub("", text)
