"""The filer's hand on the paper: every amount put on a line, with slips of the pen on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from benchmarks.samples.arithmetic_tax import WHOLE, ZERO, rounded

FormLine = tuple[str, str]
"""Form id and line as printed: `("form_1040", "25d")`."""

Slip = Callable[[Decimal], Decimal]


@dataclass
class Ledger:
    """Amounts by form and line, rounded to the filer's `unit` as they are put down.

    What was put down is what later lines are figured from, so that a slip runs through the
    return as a real one does.
    """

    unit: Decimal = WHOLE
    slips: Mapping[FormLine, Slip] = field(default_factory=dict)
    amounts: dict[FormLine, Decimal] = field(default_factory=dict)
    answers: set[FormLine] = field(default_factory=set)
    """Lines where even a zero is written down: totals and «enter -0-»."""
    marks: dict[FormLine, bool] = field(default_factory=dict)
    texts: dict[FormLine, str] = field(default_factory=dict)
    slipped: dict[FormLine, tuple[Decimal, Decimal]] = field(default_factory=dict)
    """Where a slip changed something: (right, written)."""

    def put(self, form: str, line: str, amount: Decimal, answer: bool = False) -> Decimal:
        """Write an amount; with `answer`, also when it is zero. Returns what was written."""
        key = (form, line)
        right = rounded(amount, self.unit)
        written = right
        if key in self.slips and (right or answer):
            written = self.slips[key](right)
            if written != right:
                self.slipped[key] = (right, written)
        self.amounts[key] = written
        if answer:
            self.answers.add(key)
        return written

    def get(self, form: str, line: str) -> Decimal:
        """What stands on a line; 0 where nothing does."""
        return self.amounts.get((form, line), ZERO)

    def total(self, form: str, lines: Iterable[str]) -> Decimal:
        return sum((self.get(form, line) for line in lines), start=ZERO)

    def uses(self, form: str) -> bool:
        """Whether anything but zero was put on that form."""
        return any(key[0] == form and amount for key, amount in self.amounts.items())
