from __future__ import annotations

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from benchmarks.samples.delivery import CONTAINERS, deliver, page_paths
from benchmarks.samples.scanner import Look, ScannedPage


def make_page(
    bitonal: bool, dpi: tuple[float, float] = (200.0, 200.0), seed: int = 1
) -> ScannedPage:
    rng = np.random.default_rng(seed)
    image = np.full((440, 340), 255, np.uint8)
    image[100:120, 40:300] = 0
    if not bitonal:
        image = np.clip(image - rng.integers(0, 30, image.shape), 0, 255).astype(np.uint8)
    return ScannedPage(image, dpi[0], bitonal, 0, np.eye(3), Look.OFFICE, dpi[1])


def test_tiff_holds_bitonal_pages_as_g4_and_gray_ones_as_jpeg(tmp_path: Path) -> None:
    pages = [make_page(True), make_page(False, (300.0, 300.0)), make_page(True, (204.0, 196.0))]
    with Image.open(deliver(pages, tmp_path / "a.x", "tiff-g4")) as tiff:
        assert getattr(tiff, "n_frames", 1) == 3
        seen = []
        for index, page in enumerate(pages):
            tiff.seek(index)
            seen.append(tiff.info["compression"])
            assert tuple(float(v) for v in tiff.info["dpi"]) == pytest.approx(page.resolution)
            if page.bitonal:
                assert np.array_equal(np.asarray(tiff.convert("L")), page.image)
        assert seen == ["group4", "jpeg", "group4"]


def test_pdf_embeds_each_page_as_one_image_of_its_size(tmp_path: Path) -> None:
    pages = [make_page(True, (204.0, 196.0)), make_page(False)]
    with pikepdf.open(deliver(pages, tmp_path / "a.pdf", "pdf")) as pdf:
        assert len(pdf.pages) == 2
        filters = []
        for sheet, page in zip(pdf.pages, pages, strict=True):
            (image,) = sheet.get_images().values()
            assert isinstance(image, pikepdf.Stream)
            filters.append(
                str(image.Filter if isinstance(image.Filter, pikepdf.Name) else image.Filter[0])
            )
            assert (int(image.Height), int(image.Width)) == page.image.shape
            width = float(sheet.mediabox[2]) - float(sheet.mediabox[0])
            assert width == pytest.approx(page.image.shape[1] / page.dpi * 72, abs=0.2)
            if page.bitonal:
                taken = np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("L"))
                assert np.array_equal(taken, page.image)
        assert filters == ["/CCITTFaxDecode", "/DCTDecode"]


@pytest.mark.parametrize("container", ["png", "jpg"])
def test_single_page_formats_write_one_file_a_page_with_its_dpi(
    tmp_path: Path, container: str
) -> None:
    pages = [make_page(True), make_page(False, seed=2)]
    first = deliver(pages, tmp_path / "scan", container)
    paths = page_paths(2, tmp_path / "scan", container)
    assert first == paths[0]
    for path, page in zip(paths, pages, strict=True):
        with Image.open(path) as image:
            assert (image.height, image.width) == page.image.shape
            assert float(image.info["dpi"][0]) == pytest.approx(page.dpi, abs=0.5)
            if container == "png":
                assert np.array_equal(np.asarray(image.convert("L")), page.image)


def test_one_page_keeps_the_plain_name(tmp_path: Path) -> None:
    assert deliver([make_page(True)], tmp_path / "scan.tmp", "png") == tmp_path / "scan.png"


@pytest.mark.parametrize("container", CONTAINERS)
def test_same_pages_same_bytes(tmp_path: Path, container: str) -> None:
    pages = [make_page(True), make_page(False)]
    first = deliver(pages, tmp_path / "one", container).read_bytes()
    second = deliver(pages, tmp_path / "two", container).read_bytes()
    assert first == second


def test_nothing_to_deliver_or_nowhere_to_put_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no pages"):
        deliver([], tmp_path / "a", "pdf")
    with pytest.raises(ValueError, match="djvu"):
        deliver([make_page(True)], tmp_path / "a", "djvu")
