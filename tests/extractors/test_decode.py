from __future__ import annotations

import io
from pathlib import Path

import img2pdf
import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from extractors.decode import FileKind, decode_pages, sniff
from extractors.pdf_image import _quarter_turns
from schemas.settings import Settings

LIMITS = Settings()


def sheet(seed: int = 1, size: tuple[int, int] = (440, 340)) -> np.ndarray:
    """A page with black shapes, different in every corner."""
    rng = np.random.default_rng(seed)
    page = np.full(size, 255, np.uint8)
    for _ in range(30):
        y, x = rng.integers(0, size[0] - 40), rng.integers(0, size[1] - 60)
        page[y : y + rng.integers(4, 40), x : x + rng.integers(4, 60)] = 0
    page[:30, :60] = 0
    return page


def pages_of(path: Path, limits: Settings = LIMITS) -> list:
    return list(decode_pages(path, limits))


def image_pdf(path: Path, page: np.ndarray, contents: bytes | None = None, **entries) -> Path:
    """A PDF whose page draws one raw gray image on a sheet of 340 × 440 points at 72 dpi."""
    pdf = pikepdf.new()
    high, wide = page.shape
    image = pdf.make_stream(
        page.tobytes(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=wide,
        Height=high,
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
    )
    for key, value in entries.pop("image", {}).items():
        image[key] = value
    body = contents or b"q 340 0 0 440 0 0 cm /Im0 Do Q"
    pdf.add_blank_page(page_size=(340, 440))
    made = pdf.pages[0]
    made.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    made.Contents = pdf.make_stream(body)
    for key, value in entries.items():
        made[f"/{key}"] = value
    pdf.save(path, compress_streams=True)
    return path


def as_shown(path: Path, number: int = 0) -> np.ndarray:
    """What PDFium draws at one pixel a point: the truth about which way up and how dark."""
    document = pypdfium2.PdfDocument(path)
    try:
        return document[number].render(scale=1, grayscale=True).to_numpy().squeeze().copy()
    finally:
        document.close()


@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_lossless_scans_come_back_pixel_by_pixel(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"scan{suffix}"
    Image.fromarray(sheet()).save(path, dpi=(40, 40))
    (page,) = pages_of(path)
    assert page.number == 1
    assert np.array_equal(page.gray, sheet())
    assert page.layer is None


def test_a_fax_of_many_pages_is_decoded_page_by_page(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    sheets = [sheet(seed) for seed in range(4)]
    first, *rest = (Image.fromarray(one > 127) for one in sheets)
    first.save(path, compression="group4", save_all=True, append_images=rest, dpi=(200, 200))
    pages = decode_pages(path, LIMITS)
    assert np.array_equal(next(pages).gray, sheets[0])
    assert [(one.number, np.array_equal(one.gray, sheets[one.number - 1])) for one in pages] == [
        (2, True),
        (3, True),
        (4, True),
    ]


def test_a_standard_fax_s_oblong_pixels_are_made_square(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    tall = sheet(size=(1078, 1728))
    Image.fromarray(tall > 127).save(path, compression="group4", dpi=(204, 98))
    (page,) = pages_of(path)
    assert page.gray.shape == (2244, 1728)
    assert page.dpi == pytest.approx(204, abs=0.1)


def test_the_resolution_is_guessed_where_the_file_says_nonsense(tmp_path: Path) -> None:
    for name, dpi in (("camera.jpg", (72, 72)), ("none.png", None), ("zero.png", (1, 1))):
        path = tmp_path / name
        image = Image.fromarray(np.full((2200, 1700), 250, np.uint8))
        image.save(path, **({"dpi": dpi} if dpi else {}))
        assert pages_of(path)[0].dpi == 200


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P", "LA", "CMYK", "I;16"])
def test_every_kind_of_pixel_becomes_gray(tmp_path: Path, mode: str) -> None:
    source = Image.fromarray(sheet())
    image = (
        Image.fromarray((sheet().astype(np.uint16) << 8) | 255)
        if mode == "I;16"
        else source.convert(mode)
    )
    path = tmp_path / ("scan.tif" if mode in ("CMYK", "I;16") else "scan.png")
    image.save(path)
    difference = np.abs(pages_of(path)[0].gray.astype(int) - sheet())
    assert difference.max() <= 2


def test_what_is_transparent_is_white_paper(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(path)
    assert pages_of(path)[0].gray.min() == 255


def test_a_photo_s_orientation_is_heeded(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(np.rot90(sheet())).save(path, quality=95, exif=exif)
    gray = pages_of(path)[0].gray
    assert gray.shape == sheet().shape
    assert np.abs(gray.astype(int) - sheet()).mean() < 3


def test_a_jpeg_named_pdf_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "return.pdf"
    Image.fromarray(sheet()).save(path, "JPEG")
    assert sniff(path) is FileKind.JPEG
    assert len(pages_of(path)) == 1


@pytest.mark.parametrize("container", ["tif", "jpg", "png"])
def test_a_pdf_page_that_is_one_image_is_that_image(tmp_path: Path, container: str) -> None:
    image = tmp_path / f"scan.{container}"
    picture = Image.fromarray(sheet() > 127 if container == "tif" else sheet())
    picture.save(image, dpi=(200, 200), **({"compression": "group4"} if container == "tif" else {}))
    path = tmp_path / "scan.pdf"
    path.write_bytes(img2pdf.convert(str(image)))
    (page,) = pages_of(path)
    assert page.gray.shape == sheet().shape
    assert np.array_equal(page.gray, pages_of(image)[0].gray)
    assert page.layer is None


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_turned_pdf_page_is_as_a_viewer_shows_it(tmp_path: Path, rotate: int) -> None:
    path = image_pdf(tmp_path / "a.pdf", sheet(), Rotate=rotate)
    (page,) = pages_of(path)
    assert np.abs(page.gray.astype(int) - as_shown(path)).mean() < 3


@pytest.mark.parametrize(
    "matrix",
    ["340 0 0 440 0 0", "-340 0 0 -440 340 440", "0 -440 340 0 0 440", "0 440 -340 0 340 0"],
)
def test_an_image_turned_by_its_own_matrix_too(tmp_path: Path, matrix: str) -> None:
    wide = matrix.startswith("0")
    image = sheet(size=(340, 440)) if wide else sheet()
    path = image_pdf(tmp_path / "a.pdf", image, f"q {matrix} cm /Im0 Do Q".encode())
    (page,) = pages_of(path)
    shown = as_shown(path)
    assert page.gray.shape == shown.shape == (440, 340)
    assert np.abs(page.gray.astype(int) - shown).mean() < 3


def packed(kind: str, page: np.ndarray) -> tuple[bytes, dict]:
    """A page's data as a PDF holds it, with the entries that say how."""
    if kind == "flate":
        return np.packbits(page > 127, axis=1).tobytes(), {"/BitsPerComponent": 1}
    buffer = io.BytesIO()
    if kind == "jpeg":
        Image.fromarray(page).save(buffer, "JPEG", quality=95)
        return buffer.getvalue(), {"/Filter": pikepdf.Name.DCTDecode}
    Image.fromarray(page > 127).save(buffer, "TIFF", compression="group4")
    with Image.open(buffer) as image:
        start, length = image.tag_v2[273][0], image.tag_v2[279][0]
    parameters = pikepdf.Dictionary(
        K=-1, Columns=page.shape[1], Rows=page.shape[0], BlackIs1=kind == "fax, black is 1"
    )
    entries = {"/Filter": pikepdf.Name.CCITTFaxDecode, "/DecodeParms": parameters}
    return buffer.getvalue()[start : start + length], {**entries, "/BitsPerComponent": 1}


@pytest.mark.parametrize("decode", [None, [0, 1], [1, 0]], ids=str)
@pytest.mark.parametrize("kind", ["flate", "jpeg", "fax", "fax, black is 1"])
def test_black_and_white_are_as_a_viewer_shows_them(
    tmp_path: Path, kind: str, decode: list[int] | None
) -> None:
    path = tmp_path / "a.pdf"
    data, entries = packed(kind, sheet())
    pdf = pikepdf.new()
    image = pdf.make_stream(data)
    for key, value in {
        "/Subtype": pikepdf.Name.Image,
        "/Width": 340,
        "/Height": 440,
        "/ColorSpace": pikepdf.Name.DeviceGray,
        "/BitsPerComponent": 8,
        **entries,
        **({"/Decode": pikepdf.Array(decode)} if decode else {}),
    }.items():
        image[key] = value
    pdf.add_blank_page(page_size=(340, 440))
    pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    pdf.pages[0].Contents = pdf.make_stream(b"q 340 0 0 440 0 0 cm /Im0 Do Q")
    pdf.save(path)
    (page,) = pages_of(path)
    assert page.gray.shape == (440, 340), "pulled out, not drawn"
    assert np.abs(page.gray.astype(int) - as_shown(path)).mean() < 2


@pytest.mark.parametrize(
    "more",
    [
        {"contents": b"q 340 0 0 440 0 0 cm /Im0 Do Q 10 10 50 50 re f"},
        {"contents": b"q 100 0 0 100 0 0 cm /Im0 Do Q"},
        {"contents": b"q 340 30 -30 440 0 0 cm /Im0 Do Q"},
        {"CropBox": pikepdf.Array([0, 0, 340, 220])},
        {"image": {"/ImageMask": True, "/BitsPerComponent": 1}},
    ],
    ids=["painted over", "small", "leaning", "cropped", "mask"],
)
def test_a_page_that_is_more_or_less_than_one_image_is_drawn(tmp_path: Path, more: dict) -> None:
    path = image_pdf(tmp_path / "a.pdf", sheet(), **more)
    (page,) = pages_of(path)
    shown = as_shown(path)
    assert page.dpi == 200
    assert abs(page.gray.shape[0] - shown.shape[0] * 200 / 72) <= 2
    assert abs(page.gray.mean() - shown.mean()) < 4


def test_a_scan_with_recognised_text_over_it_is_still_a_scan(tmp_path: Path) -> None:
    hidden = b"q 340 0 0 440 0 0 cm /Im0 Do Q BT 3 Tr /F0 9 Tf 10 10 Td (guessed) Tj ET"
    (page,) = pages_of(image_pdf(tmp_path / "a.pdf", sheet(), hidden))
    assert page.gray.shape == sheet().shape
    assert page.layer is None


def test_quarter_turns_refuse_mirrors() -> None:
    assert _quarter_turns((1, 0, 0, -1, 0, 0)) is None
    assert _quarter_turns((-1, 0, 0, 1, 0, 0)) is None


def test_a_born_digital_page_brings_its_words_and_values(tmp_path: Path) -> None:
    path = tmp_path / "filled.pdf"
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(300, 200))
    page = pdf.pages[0]
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F0=font))
    page.Contents = pdf.make_stream(b"BT /F0 12 Tf 20 170 Td (Wages) Tj ET")
    parent = pdf.make_indirect(pikepdf.Dictionary(T="form1[0]"))
    text = pikepdf.Dictionary(
        Subtype=pikepdf.Name.Widget,
        FT=pikepdf.Name.Tx,
        T="f1_01[0]",
        V="52,340",
        Rect=[100, 160, 200, 180],
        Parent=parent,
    )
    marks = [
        pikepdf.Dictionary(
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Btn,
            T=f"c1_01[{index}]",
            AS=pikepdf.Name("/1") if index else pikepdf.Name.Off,
            Rect=[20, 100 + 20 * index, 30, 110 + 20 * index],
            Parent=parent,
        )
        for index in range(2)
    ]
    page.Annots = pikepdf.Array([pdf.make_indirect(one) for one in (text, *marks)])
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([parent]))
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    pdf.save(path)
    (seen,) = pages_of(path)
    assert seen.layer is not None
    assert (seen.layer.width, seen.layer.height) == (300, 200)
    assert seen.layer.acroform == {
        "form1[0].f1_01[0]": "52,340",
        "form1[0].c1_01[0]": False,
        "form1[0].c1_01[1]": True,
    }
    (word,) = (one for one in seen.layer.words if one.text == "Wages")
    assert 19 < word.box.x0 < 22
    assert 15 < word.box.y0 < 25
