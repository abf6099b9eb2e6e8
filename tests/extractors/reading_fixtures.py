"""Field crops drawn for the tests of reading: exact ink, no form, no scanner."""

from __future__ import annotations

import cv2
import numpy as np

from extractors.page_image import FieldImage, Gray, TextLayer
from schemas.department import Department, DepartmentSettings, EngineChoice
from schemas.forms import (
    BlankReference,
    Box,
    FieldDefinition,
    FieldKind,
    FormDefinition,
    PageDefinition,
)

WIDTH, HEIGHT, MARGIN = 300, 50, 12


def definition(
    kind: FieldKind = FieldKind.AMOUNT, name: str = "wages", **more: object
) -> FieldDefinition:
    if kind is FieldKind.CHOICE:
        more = {"group": "filing_status", "option": name, **more}
    box = Box(0, 0, 8, 8) if kind in (FieldKind.CHECKBOX, FieldKind.CHOICE) else Box(0, 0, 72, 12)
    return FieldDefinition(name=name, kind=kind, box=box, **more)  # type: ignore[arg-type]


def paper(field: FieldDefinition) -> Gray:
    wide, high = (33, 33) if field.box.width == 8 else (WIDTH, HEIGHT)
    return np.full((high + 2 * MARGIN, wide + 2 * MARGIN), 255, np.uint8)


def field_image(
    field: FieldDefinition,
    ink: Gray | None = None,
    registered: Gray | None = None,
    layer: TextLayer | None = None,
) -> FieldImage:
    ink = paper(field) if ink is None else ink
    height, width = ink.shape
    return FieldImage(
        definition=field,
        registered=ink.copy() if registered is None else registered,
        ink=ink,
        inner=(MARGIN, MARGIN, width - MARGIN, height - MARGIN),
        bbox=(0, 0, width, height),
        layer=layer,
    )


def printed(text: str, field: FieldDefinition | None = None, size: float = 1.0) -> FieldImage:
    """Text set in a plain stroke font, about as high as 10-point print at 300 dpi."""
    field = field or definition()
    ink = paper(field)
    cv2.putText(ink, text, (MARGIN + 8, 50), cv2.FONT_HERSHEY_SIMPLEX, size, 0, 3, cv2.LINE_AA)
    return field_image(field, ink)


def marked(field: FieldDefinition, thickness: int = 4) -> FieldImage:
    ink = paper(field)
    cv2.line(ink, (16, 16), (41, 41), 0, thickness, cv2.LINE_AA)
    cv2.line(ink, (41, 16), (16, 41), 0, thickness, cv2.LINE_AA)
    return field_image(field, ink)


def form_with(*fields: FieldDefinition) -> FormDefinition:
    return FormDefinition(
        form="form_1040",
        title="Test",
        year=2022,
        blank=BlankReference(path="blank.pdf", sha256="0" * 64),
        pages=(PageDefinition(number=1, width=612, height=792, fields=fields),),
    )


def department(**settings: object) -> Department:
    from pathlib import Path

    settings.setdefault(
        "engines",
        EngineChoice(
            typed=("tesseract", "rapidocr"),
            typed_words=("tesseract", "rapidocr"),
            handwritten=("rapidocr",),
            handwritten_words=("rapidocr",),
        ),
    )
    made = DepartmentSettings(
        name="test",
        title="Test",
        country="US",
        main_form="form_1040",
        **settings,  # type: ignore[arg-type]
    )
    return Department(settings=made, folder=Path(), forms=())
