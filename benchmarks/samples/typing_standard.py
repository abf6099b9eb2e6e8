"""The standard faces of PDF (Helvetica, Courier …) as fillable forms and tax software print them.

PDFium carries stand-ins for them, so no font needs to be installed.
"""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
import pikepdf
import pypdfium2

from benchmarks.samples.ink_pen import REFERENCE_HEIGHT, Glyph, trim

STANDARD_FACES = {  # name → capital height as a share of the font size
    "Helvetica": 0.718,
    "Helvetica-Bold": 0.718,
    "Courier": 0.562,
    "Courier-Bold": 0.562,
    "Times-Roman": 0.662,
}
_CHARACTERS = "".join(chr(code) for code in range(33, 127))
_COLUMNS = 10
_CELL = (200, 220)
"""Width and height of a character's cell, pixels."""
_START = (40, 150)
"""Origin in the cell: x, and y of the baseline from its top."""


def _specimen(face: str, size: float) -> bytes:
    """A one-page PDF with every character in a cell of its own; a point is a pixel."""
    rows = -(-len(_CHARACTERS) // _COLUMNS)
    width, height = _COLUMNS * _CELL[0], rows * _CELL[1]
    drawing = []
    for index, character in enumerate(_CHARACTERS):
        row, column = divmod(index, _COLUMNS)
        x = column * _CELL[0] + _START[0]
        y = height - row * _CELL[1] - _START[1]
        drawing.append(f"BT /F {size:.3f} Tf {x} {y} Td <{ord(character):02x}> Tj ET")
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(width, height))
        page = pdf.pages[0]
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name(f"/{face}"),
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=pdf.make_indirect(font)))
        page.Contents = pdf.make_stream("\n".join(drawing).encode("ascii"))
        buffer = io.BytesIO()
        pdf.save(buffer)
    return buffer.getvalue()


@lru_cache(maxsize=len(STANDARD_FACES))
def standard_glyphs(face: str) -> dict[str, Glyph]:
    """Every printable ASCII character of a face, at reference height.

    Raises:
        KeyError: not one of `STANDARD_FACES`.
    """
    size = REFERENCE_HEIGHT / STANDARD_FACES[face]
    document = pypdfium2.PdfDocument(_specimen(face, size))
    try:
        page = document[0]
        picture = page.render(scale=1, grayscale=True).to_numpy()
        text = page.get_textpage()
        advances: dict[int, float] = {}
        for index in range(text.count_chars()):
            left, low, right, high = text.get_charbox(index, loose=True)
            if right <= left:  # a space that PDFium reads into the gaps
                continue
            column = int(left + (right - left) / 2) // _CELL[0]
            row = int(picture.shape[0] - (low + high) / 2) // _CELL[1]
            advances[row * _COLUMNS + column] = right - left
    finally:
        document.close()
    coverage = 1.0 - picture.reshape(picture.shape[:2]).astype(np.float32) / 255.0
    glyphs: dict[str, Glyph] = {}
    for index, character in enumerate(_CHARACTERS):
        row, column = divmod(index, _COLUMNS)
        top, left = row * _CELL[1], column * _CELL[0]
        cell = np.ascontiguousarray(coverage[top : top + _CELL[1], left : left + _CELL[0]])
        advance = advances.get(index, 0.556 * size)
        glyphs[character] = trim(cell, _START[0], _START[1], advance)
    return glyphs
