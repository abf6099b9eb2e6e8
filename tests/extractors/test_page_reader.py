from __future__ import annotations

import threading

import cv2
import numpy as np
import page_material as material
import pytest

from extractors.page_image import PageImage
from extractors.page_reader import PageReader
from schemas.errors import EngineError, RejectReason
from schemas.readings import PageStatus, ValueStatus


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> PageReader:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAXLIFT_CACHE", str(tmp_path_factory.mktemp("cache")))
        return PageReader(material.department())


def filled(name: str, text: str) -> np.ndarray:
    blank = material.blank("form_1040", 2022)
    gray = blank.gray.copy()
    box = next(one.box for one in blank.page.fields if one.name == name)
    place = (int(box.x1 * 300 / 72) - 160, int(box.y1 * 300 / 72) - 12)
    cv2.putText(gray, text, place, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 20, 3, cv2.LINE_AA)
    return gray


def test_a_page_is_read_with_all_that_proves_it(reader: PageReader) -> None:
    page, _ = material.scanned(filled("wages", "48260"), degrees=0.6, turned=180)
    result = reader.read(page)
    assert result.status is PageStatus.READ
    assert (result.form, result.year, result.form_page) == ("form_1040", 2022, 1)
    assert result.turned == 180
    assert result.identification_score > 0.5
    assert result.registration_score > 0.9
    assert len(result.transform) == 9
    assert set(result.seconds) == {"identify", "register", "lift", "read"}
    assert result.versions["blank_sha256"]
    values = {one.name: one for one in result.values}
    assert len(values) == len(material.blank("form_1040", 2022).page.fields)
    assert values["wages"].value == "48260"
    assert values["taxable_interest"].status is ValueStatus.BLANK
    left, top, right, bottom = values["wages"].bbox
    assert page.gray[top:bottom, left:right].min() < 100


def test_blank_unknown_and_bad_pages_say_so(reader: PageReader) -> None:
    white = reader.read(PageImage(1, np.full((3300, 2550), 255, np.uint8), 300.0))
    assert (white.status, white.reason) == (PageStatus.BLANK, RejectReason.BLANK)
    photo = reader.read(PageImage(2, material.photograph()))
    assert (photo.status, photo.reason) == (PageStatus.UNKNOWN, RejectReason.UNKNOWN_FORM)
    assert photo.number == 2
    assert photo.message
    assert photo.values == ()


def test_a_badly_registered_page_is_refused(
    reader: PageReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extractors.page_reader.register_page", lambda *_: None)
    page, _ = material.scanned(material.blank("form_1040", 2022).gray)
    result = reader.read(page)
    assert (result.status, result.reason) == (
        PageStatus.REFUSED,
        RejectReason.REGISTRATION_FAILED,
    )
    assert result.form == "form_1040"


def test_a_failing_engine_refuses_the_page_and_tells_nothing_of_it(
    reader: PageReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise EngineError("crashed on 123-45-6789")

    monkeypatch.setattr("extractors.page_reader.read_fields", fail)
    page, _ = material.scanned(material.blank("form_1040", 2022).gray)
    result = reader.read(page)
    assert (result.status, result.reason) == (PageStatus.REFUSED, RejectReason.ENGINE_FAILED)
    assert "123-45-6789" not in result.message


def test_one_reader_serves_several_threads(reader: PageReader) -> None:
    page, _ = material.scanned(filled("wages", "48260"), dpi=200)
    results = []
    threads = [threading.Thread(target=lambda: results.append(reader.read(page))) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(results) == 3
    assert len({tuple((v.name, v.value) for v in one.values) for one in results}) == 1
