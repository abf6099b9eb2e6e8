from __future__ import annotations

import hashlib
from pathlib import Path

import pikepdf
import pytest

from extractors.blanks import blank_path, render_blank
from schemas.errors import BlankMissingError
from schemas.forms import BlankReference, FormDefinition

PACKAGED = "habutax/forms/ty2022/f1040.pdf"


def make_blank(folder: Path) -> BlankReference:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(612, 792))
    page = pdf.pages[0]
    page.Contents = pdf.make_stream(b"0 g 72 648 72 72 re f")
    pdf.save(folder / "blank.pdf")
    sha256 = hashlib.sha256((folder / "blank.pdf").read_bytes()).hexdigest()
    return BlankReference(path="blank.pdf", sha256=sha256)


def definition(reference: BlankReference) -> FormDefinition:
    page = {"number": 1, "width": 612, "height": 792}
    return FormDefinition.model_validate(
        {"form": "x", "title": "X", "year": 2022, "blank": reference, "pages": [page]}
    )


def test_a_blank_beside_the_department_is_found_and_drawn(tmp_path: Path) -> None:
    reference = make_blank(tmp_path)
    assert blank_path(reference, tmp_path) == tmp_path / "blank.pdf"
    gray = render_blank(definition(reference), 1, tmp_path)
    assert gray.shape == (3300, 2550)
    assert gray[300:600, 300:600].max() == 0
    assert gray[700:].min() == 255
    assert not gray.flags.writeable


def test_a_blank_that_differs_is_refused(tmp_path: Path) -> None:
    reference = make_blank(tmp_path)
    blank_path(reference, tmp_path)
    (tmp_path / "blank.pdf").write_bytes(b"%PDF-1.7 something else")
    with pytest.raises(BlankMissingError, match=r"blank\.pdf differs"):
        blank_path(reference, tmp_path)


def test_a_blank_that_is_not_there_is_named(tmp_path: Path) -> None:
    reference = BlankReference(path="gone.pdf", sha256="0" * 64)
    with pytest.raises(BlankMissingError, match=r"gone\.pdf is not there"):
        blank_path(reference, tmp_path)


def test_a_package_that_is_not_installed_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    reference = BlankReference(package="no-such-blanks", path=PACKAGED, sha256="0" * 64)
    with pytest.raises(BlankMissingError, match=r"not installed.*pip install.*no-such-blanks"):
        blank_path(reference, tmp_path)


def test_a_packaged_blank_is_bound_by_its_hash_and_the_pinned_version_is_named(
    tmp_path: Path,
) -> None:
    reference = BlankReference(package="habutax", path=PACKAGED, sha256="0" * 64)
    with pytest.raises(BlankMissingError, match=r"differs.*pip install.*habutax==0\.2\.1"):
        blank_path(reference, tmp_path)
    with pytest.raises(BlankMissingError, match=r"has no file habutax/forms/none\.pdf"):
        blank_path(reference.model_copy(update={"path": "habutax/forms/none.pdf"}), tmp_path)


def test_a_page_that_the_blank_lacks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BlankMissingError, match="no page 2"):
        render_blank(definition(make_blank(tmp_path)), 2, tmp_path)
