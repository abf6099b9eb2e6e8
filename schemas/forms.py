"""What a form is: definitions of forms, pages and fields, bound to an official blank.

All boxes are in PDF points (1/72 inch) with the origin at the page's top left and y
growing downwards, as pdfplumber has them.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

NAME_PATTERN = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class Frozen(BaseModel):
    """Base of all our models: immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    def overlap(self, other: Box) -> float:
        """Area shared with another box, in square units of both."""
        wide = min(self.x1, other.x1) - max(self.x0, other.x0)
        high = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(wide, 0.0) * max(high, 0.0)


class FieldKind(StrEnum):
    """What is written in a field; decides characters, parsing, engine and threshold."""

    AMOUNT = "amount"  # dollars and cents: Decimal
    COUNT = "count"  # a small whole number
    TAXPAYER_ID = "taxpayer_id"  # SSN, ITIN, EIN, PTIN: text, always masked
    NAME = "name"  # of a person or firm
    TEXT = "text"  # streets, towns, occupations, free text
    DATE = "date"
    CHECKBOX = "checkbox"  # stands alone: marked or not
    CHOICE = "choice"  # a checkbox of a group in which at most one is marked
    ROUTING_NUMBER = "routing_number"  # masked
    ACCOUNT_NUMBER = "account_number"  # masked
    PHONE = "phone"
    POSTAL_CODE = "postal_code"
    CODE = "code"  # PINs, abbreviations, other short codes; masked
    EMAIL = "email"
    SIGNATURE = "signature"  # present or not

    @property
    def is_mark(self) -> bool:
        """Read by ink against the blank, not by characters."""
        return self in (FieldKind.CHECKBOX, FieldKind.CHOICE, FieldKind.SIGNATURE)

    @property
    def is_words(self) -> bool:
        """Written in letters mostly; case says nothing."""
        return self in (FieldKind.NAME, FieldKind.TEXT, FieldKind.EMAIL)

    @property
    def is_personal(self) -> bool:
        """Masked wherever a person or a log might see it without need."""
        return self in (
            FieldKind.TAXPAYER_ID,
            FieldKind.ROUTING_NUMBER,
            FieldKind.ACCOUNT_NUMBER,
            FieldKind.CODE,
        )


class FieldDefinition(Frozen):
    """One place on a page where a filer writes or marks."""

    name: str
    """Stable English name across years, unique in the form: `wages`."""
    line: str | None = None
    """Line as printed: `1a`, `25d`; none for the heading's fields."""
    label: str = ""
    """The form's own words beside the box, for people."""
    kind: FieldKind
    box: Box
    source_field: str | None = None
    """The AcroForm's full field name, where the blank is fillable."""
    comb: int | None = Field(default=None, ge=2, le=60)
    """Number of equal cells that the box is divided into."""
    max_length: int | None = Field(default=None, ge=1)
    group: str | None = None
    """For a choice: the name of the group (`filing_status`), which is also its column."""
    option: str | None = None
    """For a choice: what marking this box means (`married_filing_jointly`)."""
    export_value: str | None = None
    """The AcroForm's export value when marked (`1`)."""
    reserved: bool = False
    """Printed as reserved or closed: nothing belongs there. Read, never expected."""

    @field_validator("name")
    @classmethod
    def _name_is_snake_case(cls, value: str) -> str:
        if not NAME_PATTERN.fullmatch(value):
            raise ValueError(f"{value!r} is not a snake_case name")
        return value

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.box.width <= 0 or self.box.height <= 0:
            raise ValueError(f"{self.name}: box {tuple(self.box)} has no area")
        if (self.kind is FieldKind.CHOICE) != (self.group is not None and self.option is not None):
            raise ValueError(f"{self.name}: kind choice, group and option go together")
        return self


class Landmark(Frozen):
    """Words printed on the blank that tell this page from its near twins: title, year."""

    text: str
    box: Box


class PageDefinition(Frozen):
    """One page of a form, its size in points and its fields in reading order."""

    number: int = Field(ge=1)
    width: float = Field(gt=0)
    height: float = Field(gt=0)
    landmarks: tuple[Landmark, ...] = ()
    fields: tuple[FieldDefinition, ...] = ()

    @model_validator(mode="after")
    def _boxes_are_on_the_page(self) -> Self:
        page = Box(0, 0, self.width, self.height)
        for field in self.fields:
            if field.box.overlap(page) < 0.99 * field.box.width * field.box.height:
                raise ValueError(
                    f"{field.name}: box {tuple(field.box)} lies off page {self.number}"
                )
        return self


class BlankReference(Frozen):
    """Where the official empty form is found, and the hash that it must have."""

    package: str | None = None
    """A PyPI distribution that carries it as data; none: a path beside the department."""
    path: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class FormDefinition(Frozen):
    """One form of one tax year."""

    form: str
    """Stable id across years: `form_1040`, `schedule_1`."""
    title: str
    year: int = Field(ge=1900, le=2100)
    main: bool = False
    """A return begins with this form; the others are attached to it."""
    sequence: int = 0
    """Order of the form in a return (the IRS's attachment sequence number)."""
    blank: BlankReference
    absent: tuple[str, ...] = ()
    """Stable names that this year's form does not have."""
    pages: tuple[PageDefinition, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        seen: set[str] = set()
        for field in self.fields():
            if field.name in seen:
                raise ValueError(f"{self.form} {self.year}: field {field.name} is named twice")
            seen.add(field.name)
        both = seen & set(self.absent)
        if both:
            raise ValueError(f"{self.form} {self.year}: {sorted(both)} both absent and present")
        return self

    def fields(self) -> tuple[FieldDefinition, ...]:
        """All fields of all pages, in order."""
        return tuple(field for page in self.pages for field in page.fields)
