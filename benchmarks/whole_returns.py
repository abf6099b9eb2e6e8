"""Whole returns as they were read, beside what they really say: what reconciliation is tried on.

Cases can be kept in a file, one a line, so that a change of the rules or of reconciliation is
measured in a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import Field

from benchmarks.samples.truth import TruthDocument
from extractors.assembly import assemble_returns
from schemas.department import Department
from schemas.forms import Frozen
from schemas.readings import PageResult
from schemas.returns import TaxReturn


class Case(Frozen):
    """One return as it was read, and what it really says."""

    number: int
    """Of the return among those invented with its seed."""
    read: TaxReturn
    truth: dict[str, str | bool | None]
    """`form.field` → what stands on the paper."""
    mistaken: frozenset[str] = frozenset()
    """Fields that a mistake of the filer's is in."""
    manners: dict[str, str] = Field(default_factory=dict)
    """How a field was written where it was out of the ordinary: `struck_out`."""


def place(form: str, name: str) -> str:
    """`form_1040.wages`."""
    return f"{form}.{name}"


def case_of(
    number: int, pages: Sequence[tuple[TruthDocument, PageResult]], department: Department
) -> Case | None:
    """One return from its pages and the truth of their files; None where no page was known."""
    truth: dict[str, str | bool | None] = {}
    manners: dict[str, str] = {}
    mistaken: set[str] = set()
    for document, _ in pages:
        for one in document.fields:
            truth[place(one.form, one.name)] = one.value
            if one.manner:
                manners[place(one.form, one.name)] = one.manner
        mistaken |= {place(one.form, name) for one in document.mistakes for name in one.names}
    # A sample's PNG and JPEG hold one page a file: numbers are given anew.
    read = [page.model_copy(update={"number": at}) for at, (_, page) in enumerate(pages, 1)]
    for found in assemble_returns(read, department, file="", sha256="0" * 64)[:1]:
        return Case(
            number=number, read=found, truth=truth, mistaken=frozenset(mistaken), manners=manners
        )
    return None


def save_cases(cases: Iterable[Case], kept: Path | None) -> None:
    """Added to those that are there."""
    if kept is not None:
        with kept.open("a", encoding="utf-8") as lines:
            lines.writelines(case.model_dump_json() + "\n" for case in cases)


def load_cases(kept: Path | None) -> Iterator[Case]:
    """What was kept; the last line may be cut off."""
    if kept is not None and kept.is_file():
        with kept.open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    yield Case.model_validate_json(line)
