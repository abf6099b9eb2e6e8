"""Pictures of form definitions: each page of a blank with its boxes and names drawn on it.

Made for looking at: a wrong box or name is seen in seconds here and nowhere else.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from extractors.blanks import render_blank
from schemas.forms import FieldDefinition, FieldKind, FormDefinition, PageDefinition

PICTURE_DPI = 200

_COLOURS = {
    FieldKind.AMOUNT: (0, 90, 200),
    FieldKind.COUNT: (0, 90, 200),
    FieldKind.TAXPAYER_ID: (190, 0, 120),
    FieldKind.ROUTING_NUMBER: (190, 0, 120),
    FieldKind.ACCOUNT_NUMBER: (190, 0, 120),
    FieldKind.CODE: (190, 0, 120),
    FieldKind.CHECKBOX: (200, 60, 0),
    FieldKind.CHOICE: (200, 60, 0),
    FieldKind.SIGNATURE: (120, 0, 200),
}
_OTHER_COLOUR = (0, 120, 40)
_RESERVED_COLOUR = (120, 120, 120)
_LANDMARK_COLOUR = (210, 150, 0)
_TYPE_SIZE = 4.6
"""Points of the drawn names: small, because long names must not hide their neighbours."""


def draw_page(
    definition: FormDefinition, page: PageDefinition, folder: Path, dpi: int = PICTURE_DPI
) -> Image.Image:
    """The blank's page in pale gray, with every box, comb cell, landmark and name over it.

    Raises:
        BlankMissingError: the blank is not there or differs.
    """
    blank = Image.fromarray(render_blank(definition, page.number, folder, dpi))
    picture = Image.blend(blank, Image.new("L", blank.size, 255), 0.45).convert("RGB")
    draw = ImageDraw.Draw(picture, "RGBA")
    scale = dpi / 72
    font = ImageFont.load_default(size=_TYPE_SIZE * scale)
    for landmark in page.landmarks:
        corners = [value * scale for value in landmark.box]
        draw.rectangle(corners, outline=(*_LANDMARK_COLOUR, 255), width=2)
    for field in page.fields:
        _draw_box(draw, field, scale)
    for field in page.fields:
        _draw_name(draw, field, scale, font, picture.width)
    return picture


def write_pictures(
    definition: FormDefinition, folder: Path, out: Path, dpi: int = PICTURE_DPI
) -> list[Path]:
    """Draw all pages of a form into `out` as `<form>-<year>-<page>.png`."""
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for page in definition.pages:
        path = out / f"{definition.form}-{definition.year}-{page.number}.png"
        draw_page(definition, page, folder, dpi).save(path)
        paths.append(path)
    return paths


def _colour(field: FieldDefinition) -> tuple[int, int, int]:
    return _RESERVED_COLOUR if field.reserved else _COLOURS.get(field.kind, _OTHER_COLOUR)


def _draw_box(draw: ImageDraw.ImageDraw, field: FieldDefinition, scale: float) -> None:
    colour = _colour(field)
    x0, y0, x1, y1 = (value * scale for value in field.box)
    draw.rectangle((x0, y0, x1, y1), fill=(*colour, 28), outline=(*colour, 255), width=2)
    for cell in range(1, field.comb or 1):
        x = x0 + (x1 - x0) * cell / (field.comb or 1)
        draw.line((x, y0, x, y1), fill=(*colour, 140), width=1)


def _draw_name(
    draw: ImageDraw.ImageDraw,
    field: FieldDefinition,
    scale: float,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    page_width: int,
) -> None:
    """The line and name inside the box, below it for marks: their words stand right of them.

    Names are pushed left where they would run off the page.
    """
    text = f"{field.line} {field.name}" if field.line else field.name
    wide = draw.textlength(text, font=font)
    x = min(field.box.x0 * scale + 3, page_width - wide - 3)
    high = _TYPE_SIZE * scale
    y = (field.box.y0 + field.box.y1) / 2 * scale
    if field.box.height < 10 and field.kind.is_mark:
        y = field.box.y1 * scale + high / 2
    draw.rectangle((x - 1, y - high / 2, x + wide + 1, y + high / 2 + 2), fill=(255, 255, 255, 205))
    draw.text((x, y), text, fill=(*_colour(field), 255), font=font, anchor="lm")
