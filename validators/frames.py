"""Returns as one frame, built a few at a time: a row a return, a column a cell that rules need.

Whole returns are large, their cells are not: what is added can be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from schemas.department import Department
from schemas.returns import TaxReturn
from validators.facts import FactSheet
from validators.rulebook import RuleBook

if TYPE_CHECKING:
    import pandas as pd


class FrameBuilder:
    """Gathers rows; `frame` ends it. Amounts are decimals, texts sealed, blanks None."""

    def __init__(self, book: RuleBook, department: Department) -> None:
        self._columns = book.columns()
        self._facts = FactSheet(department)
        self._ids: list[str] = []
        self._years: list[int] = []
        self._cells: list[list[Any]] = [[] for _ in self._columns]

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, returns: Sequence[TaxReturn]) -> None:
        """Add returns, in order."""
        self.add_rows(
            (it.return_id for it in returns),
            (it.tax_year for it in returns),
            self._facts.rows(returns, self._columns),
        )

    def add_rows(
        self, ids: Iterable[str], years: Iterable[int], rows: Sequence[Sequence[Any]]
    ) -> None:
        """Add rows that are made already, with a cell for each column of the book."""
        self._ids.extend(ids)
        self._years.extend(years)
        for column, cells in zip(self._cells, zip(*rows, strict=True), strict=False):
            column.extend(cells)

    def frame(self) -> pd.DataFrame:
        """All rows: `return_id`, `tax_year` and the cells. Nothing can be added afterwards."""
        import pandas as pd

        data: dict[str, Any] = {
            "return_id": pd.Series(self._ids, dtype=object),
            "tax_year": pd.Series(self._years, dtype="int64"),
        }
        for index, column in enumerate(self._columns):
            data[column.key] = pd.Series(self._cells[index], dtype=object)
            self._cells[index] = []
        # Columns stay apart: put together they would all be copied, and none is needed whole.
        return pd.DataFrame(data, copy=False)
