"""Bad input: every file ends in an error with a reason, a page and what to do."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from extractors.decode import decode_pages
from schemas.errors import DocumentError, RejectReason
from schemas.settings import Settings

LIMITS = Settings()


def refused(path: Path, limits: Settings = LIMITS) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        list(decode_pages(path, limits))
    error = caught.value
    assert error.file == path.name
    assert len(error.message) > 20
    return error


def tiff(path: Path, pages: int = 3, compression: str = "group4") -> Path:
    rng = np.random.default_rng(5)
    images = [Image.fromarray(rng.random((300, 200)) > 0.2) for _ in range(pages)]
    images[0].save(path, compression=compression, save_all=True, append_images=images[1:])
    return path


def png_header(path: Path, width: int, height: int, data: bytes = b"") -> Path:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", data or zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    return path


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.tif"
    path.touch()
    assert refused(path).reason is RejectReason.EMPTY_FILE


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("compression", ["group4", "raw", "tiff_lzw"])
def test_a_truncated_tiff(tmp_path: Path, share: float, compression: str) -> None:
    whole = tiff(tmp_path / "whole.tif", compression=compression).read_bytes()
    path = tmp_path / "cut.tif"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert refused(path).reason is RejectReason.TRUNCATED


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_truncated_image_names_its_page(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut{suffix}"
    noise = np.random.default_rng(1).integers(0, 255, (300, 300)).astype(np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:20000])
    error = refused(path)
    assert error.reason is RejectReason.TRUNCATED
    assert error.page == 1


def make_pdf(path: Path, pages: int = 1, **save) -> Path:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(612, 792))
    pdf.save(path, **save)
    return path


def test_a_truncated_pdf(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "cut.pdf", 40)
    path.write_bytes(path.read_bytes()[:-400])
    assert refused(path).reason is RejectReason.TRUNCATED


def test_a_pdf_with_a_password(tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "locked.pdf", encryption=pikepdf.Encryption(user="secret", owner="other")
    )
    error = refused(path)
    assert error.reason is RejectReason.ENCRYPTED
    assert "password" in error.message


def test_a_pdf_that_only_forbids_printing_is_read(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "owner.pdf", encryption=pikepdf.Encryption(user="", owner="other"))
    assert len(list(decode_pages(path, LIMITS))) == 1


def test_zero_pages(tmp_path: Path) -> None:
    assert refused(make_pdf(tmp_path / "none.pdf", 0)).reason is RejectReason.NO_PAGES


def test_ten_thousand_pages_of_pdf(tmp_path: Path) -> None:
    error = refused(make_pdf(tmp_path / "many.pdf", 10_000))
    assert error.reason is RejectReason.TOO_MANY_PAGES
    assert "10,000" in error.message


def test_too_many_pages_of_tiff_are_refused_before_any_is_decoded(tmp_path: Path) -> None:
    path = tiff(tmp_path / "many.tif", 30)
    pages = decode_pages(path, Settings(max_pages=20))
    with pytest.raises(DocumentError) as caught:
        next(pages)
    assert caught.value.reason is RejectReason.TOO_MANY_PAGES


def test_a_tiff_whose_pages_go_round_in_a_circle(tmp_path: Path) -> None:
    path = tiff(tmp_path / "circle.tif", 1, "raw")
    data = bytearray(path.read_bytes())
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * entries, first)
    path.write_bytes(data)
    try:
        pages = list(decode_pages(path, LIMITS))
    except DocumentError as error:
        assert error.reason in (RejectReason.TOO_MANY_PAGES, RejectReason.TRUNCATED)
    else:
        assert len(pages) == 1


@pytest.mark.parametrize("side", [60_000, 12_000])
def test_a_huge_page_is_refused_from_its_header(tmp_path: Path, side: int) -> None:
    path = png_header(tmp_path / "huge.png", side, side)
    tracemalloc.start()
    error = refused(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.reason is RejectReason.TOO_MANY_PIXELS
    assert peak < 10 * 2**20


def test_a_pdf_page_as_large_as_a_house(tmp_path: Path) -> None:
    path = tmp_path / "house.pdf"
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(14_000, 14_000))
    pdf.save(path)
    error = refused(path)
    assert error.reason is RejectReason.TOO_MANY_PIXELS
    assert error.page == 1


def one_image_pdf(path: Path, width: int, height: int, packed: bytes) -> Path:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(612, 792))
    image = pdf.make_stream(packed)
    image.Filter = pikepdf.Name.FlateDecode
    for key, value in {
        "/Subtype": pikepdf.Name.Image,
        "/Width": width,
        "/Height": height,
        "/ColorSpace": pikepdf.Name.DeviceGray,
        "/BitsPerComponent": 8,
    }.items():
        image[key] = value
    pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    pdf.pages[0].Contents = pdf.make_stream(b"q 612 0 0 792 0 0 cm /Im0 Do Q")
    pdf.save(path, compress_streams=False)
    return path


def test_an_image_of_60000_pixels_square_in_a_pdf(tmp_path: Path) -> None:
    path = one_image_pdf(tmp_path / "huge.pdf", 60_000, 60_000, zlib.compress(b"\0" * 1000))
    assert refused(path).reason is RejectReason.TOO_MANY_PIXELS


def test_a_decompression_bomb_as_a_page_s_content(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pdf"
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(612, 792))
    squeezed = zlib.compressobj(9)
    packed = b"".join(squeezed.compress(b" " * 2**20) for _ in range(200)) + squeezed.flush()
    content = pdf.make_stream(packed)
    content.Filter = pikepdf.Name.FlateDecode
    pdf.pages[0].Contents = content
    pdf.save(path, compress_streams=False)
    assert path.stat().st_size < 2**20
    error = refused(path)
    assert error.reason is RejectReason.TOO_LARGE
    assert error.page == 1


def test_a_pdf_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_text("Dear tax office, please find my return attached.\n")
    assert refused(path).reason is RejectReason.WRONG_TYPE


def test_a_kind_of_file_that_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    path.write_bytes(b"PK\x03\x04 and so on")
    assert refused(path).reason is RejectReason.UNSUPPORTED_TYPE


def test_a_file_larger_than_allowed(tmp_path: Path) -> None:
    path = tiff(tmp_path / "large.tif")
    assert refused(path, Settings(max_bytes=100)).reason is RejectReason.TOO_LARGE


def test_pages_before_a_damaged_one_are_had_and_the_error_names_the_page(tmp_path: Path) -> None:
    path = tiff(tmp_path / "half.tif", 3, "raw")
    with Image.open(path) as image:
        image.seek(2)
        start = image.tag_v2[273][0]
        offset = path.read_bytes().index(struct.pack("<I", start), 8)
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, offset, len(data) + 1000)
    path.write_bytes(data)
    pages = decode_pages(path, LIMITS)
    assert [next(pages).number, next(pages).number] == [1, 2]
    with pytest.raises(DocumentError) as caught:
        next(pages)
    assert caught.value.page == 3


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_damage_of_bytes_escapes_as_another_error(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["a.tif", "a.png", "a.jpg", "a.pdf"]))
    path = tmp_path / name
    if name == "a.pdf":
        one_image_pdf(path, 60, 40, zlib.compress(b"\x80" * 2400))
    elif name == "a.tif":
        tiff(path, 2)
    else:
        Image.fromarray(np.arange(2400, dtype=np.uint8).reshape(40, 60)).save(path)
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    try:
        for page in decode_pages(path, Settings(max_pixels=1_000_000)):
            assert page.gray.ndim == 2
    except DocumentError as error:
        assert error.reason in RejectReason
