"""A return: one filer's submission for one tax year, assembled from pages."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import NamedTuple

from schemas.forms import Frozen
from schemas.readings import FieldValue


class ReturnStatus(StrEnum):
    """What was decided of a return."""

    ACCEPTED = "accepted"  # loaded; no person needed
    REVIEW = "review"  # loaded; some fields or pages wait for a person
    REJECTED = "rejected"  # by a rule of severity reject, on accepted values


class FormInstance(Frozen):
    """One form within a return."""

    form: str
    year: int
    pages: tuple[int, ...]
    """Pages of the document, in the form's own order."""
    values: tuple[FieldValue, ...]

    def by_name(self) -> dict[str, FieldValue]:
        return {value.name: value for value in self.values}


class TaxReturn(Frozen):
    """The forms that one filer handed in together for one year."""

    return_id: str
    department: str
    file: str
    sha256: str
    tax_year: int
    forms: tuple[FormInstance, ...]
    missing_pages: tuple[str, ...] = ()
    """Pages that the forms have and the document lacks: `form_1040 2022 page 2`."""


class SampledPlace(NamedTuple):
    """A field of an accepted return that a person keys blind."""

    form: int
    """Place of the form in the return, from 0."""
    name: str


def return_id(sha256: str, first_page: int) -> str:
    """Deterministic, so that reading the same document again makes the same return."""
    return hashlib.sha256(f"{sha256}:{first_page}".encode()).hexdigest()[:20]
