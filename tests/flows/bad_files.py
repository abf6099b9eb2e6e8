"""Bad files as they come: each function writes one."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
import pikepdf
from PIL import Image, ImageFilter

_MEGABYTE = 2**20


@lru_cache
def squeezed(megabytes: int, content: bytes = b"\0") -> bytes:
    """So many megabytes of one byte, deflated to a thousandth."""
    packer = zlib.compressobj(9)
    block = content * _MEGABYTE
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


def png(path: Path, width: int, height: int, data: bytes) -> None:
    """A PNG that claims a size, whatever its data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def tiff(path: Path, width: int, height: int, data: bytes) -> None:
    """A deflated TIFF that claims a size, whatever its data."""
    tags = {256: width, 257: height, 258: 8, 259: 8, 262: 1, 277: 1, 278: height, 279: len(data)}
    start = 8 + 2 + 12 * (len(tags) + 1) + 4
    tags[273] = start
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    head = b"II*\x00" + struct.pack("<IH", 8, len(tags))
    path.write_bytes(head + entries + struct.pack("<I", 0) + data)


def pdf(path: Path, pages: int = 1, **save: object) -> pikepdf.Pdf:
    """A PDF of empty letter pages."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(612, 792))
    made.save(path, **save)
    return made


def pdf_of_an_image(path: Path, width: int, height: int, data: bytes) -> None:
    made = pikepdf.new()
    made.add_blank_page(page_size=(612, 792))
    image = made.make_stream(data)
    image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    image.Width, image.Height, image.BitsPerComponent = width, height, 8
    image.ColorSpace, image.Filter = pikepdf.Name.DeviceGray, pikepdf.Name.FlateDecode
    made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    made.pages[0].Contents = made.make_stream(b"q 612 0 0 792 0 0 cm /Im0 Do Q")
    made.save(path, compress_streams=False)


def pdf_of_content(path: Path, packed: bytes, layers: int = 1, *, in_form: bool = False) -> None:
    """A page whose content unpacks to far more: at once, or in several layers, or in a form
    that the page draws."""
    made = pikepdf.new()
    made.add_blank_page(page_size=(612, 792))
    content = made.make_stream(packed)
    content.Filter = pikepdf.Array([pikepdf.Name.FlateDecode] * layers)
    if in_form:
        content.Type, content.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        content.BBox = pikepdf.Array([0, 0, 612, 792])
        made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm0=content))
        content = made.make_stream(b"/Fm0 Do")
    made.pages[0].Contents = content
    made.save(path, compress_streams=False)


def cat(path: Path, side: int = 1200) -> None:
    """Something like a photograph: soft shapes of all sizes, no page."""
    chance = np.random.default_rng(9)
    layers = []
    for grain in (8, 32, 128, 512):
        small = Image.fromarray(chance.integers(0, 255, (grain, grain, 3)).astype(np.uint8))
        layers.append(np.asarray(small.resize((side, side), Image.Resampling.BICUBIC), float))
    mixed = np.average(layers, axis=0, weights=[8, 4, 2, 1])
    mixed = (mixed - mixed.min()) / (mixed.max() - mixed.min()) * 255
    Image.fromarray(mixed.astype(np.uint8)).filter(ImageFilter.GaussianBlur(1)).save(
        path, quality=85
    )


def white(path: Path) -> None:
    """A sheet fed the wrong way round: nothing but paper."""
    chance = np.random.default_rng(3)
    sheet = np.clip(chance.normal(247, 2, (2200, 1700)), 0, 255).astype(np.uint8)
    Image.fromarray(sheet).save(path, dpi=(200, 200))
