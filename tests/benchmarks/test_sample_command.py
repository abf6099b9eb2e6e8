"""`taxlift sample`: files as scanners deliver them, with complete and honest truth."""

from __future__ import annotations

import errno
from pathlib import Path

import pypdfium2
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from benchmarks.samples.command import sample
from benchmarks.samples.maker import SamplePlan, make_sample
from benchmarks.samples.truth import TruthDocument, hash_file, read_truth
from schemas.department import Department
from schemas.errors import DiskFullError
from schemas.packs import load_department

app = typer.Typer()
app.command()(sample)


@pytest.fixture(scope="module")
def department() -> Department:
    return load_department("us_irs")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "out"
    result = CliRunner().invoke(
        app, [str(out), "--returns", "4", "--ink", "typed", "--quality", "fair", "--digital", "0.3"]
    )
    assert result.exit_code == 0, result.output
    assert "4 returns" in result.output
    return out


def page_count(file: Path) -> int:
    if file.suffix == ".pdf":
        return len(pypdfium2.PdfDocument(file))
    with Image.open(file) as image:
        return getattr(image, "n_frames", 1)


def test_truth_names_every_file_page_and_field(made: Path, department: Department) -> None:
    documents = list(read_truth(made))
    assert {document.file for document in documents} == {
        file.name for file in made.iterdir() if file.name != "truth.jsonl"
    }
    for document in documents:
        file = made / document.file
        assert document.sha256 == hash_file(file)
        assert [page.page for page in document.pages] == list(range(1, page_count(file) + 1))
        assert document.pages[0].form == "form_1040"
        for page in document.pages:
            form = department.form(page.form, document.tax_year)
            assert form is not None
            expected = [field.name for field in form.pages[page.form_page - 1].fields]
            told = [field.name for field in document.fields if field.page == page.page]
            assert told == expected
    fields = [field for document in documents for field in document.fields]
    assert any(field.filled for field in fields) and not all(field.filled for field in fields)
    for field in fields:
        nothing = False if field.kind.is_mark else None
        assert (field.value == nothing) != field.filled
        assert (field.as_written == nothing) != field.filled


def test_pages_lie_where_truth_says(made: Path) -> None:
    for document in read_truth(made):
        if document.ink == "digital":
            continue
        for page in document.pages:
            (a, b, c), (d, e, f), (g, h, i) = page.matrix
            x, y, w = (
                row[0] * 306 + row[1] * 396 + row[2] for row in ((a, b, c), (d, e, f), (g, h, i))
            )
            width, height = 8.5 * page.dpi[0], 11 * page.dpi[1]
            assert abs(x / w - width / 2) < 0.03 * width
            assert abs(y / w - height / 2) < 0.03 * height


def test_same_seed_same_bytes_and_a_longer_sample_begins_alike(
    tmp_path: Path, department: Department
) -> None:
    def hashes(out: Path, returns: int, seed: int = 3) -> list[str]:
        plan = SamplePlan(out=out, returns=returns, ink="mixed", seed=seed, digital=0.5)
        return [one.sha256 for documents in make_sample(plan, department) for one in documents]

    first = hashes(tmp_path / "a", 2)
    assert hashes(tmp_path / "b", 3)[:2] == first
    assert hashes(tmp_path / "c", 2, seed=4) != first


def told(tmp_path: Path, department: Department, **changes: object) -> list[TruthDocument]:
    plan = SamplePlan(out=tmp_path, returns=1, ink="typed", **changes)  # type: ignore[arg-type]
    return [one for documents in make_sample(plan, department) for one in documents]


def test_png_has_one_page_a_file(tmp_path: Path, department: Department) -> None:
    documents = told(tmp_path, department, containers=("png",))
    assert len(documents) >= 2
    for number, document in enumerate(documents, start=1):
        assert document.file == f"ret-0001-p{number}.png"
        assert [page.page for page in document.pages] == [1]
        assert {field.page for field in document.fields} == {1}
    assert len({document.return_id for document in documents}) == 1


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_born_digital_return_says_what_truth_says(
    tmp_path: Path, department: Department, seed: int
) -> None:
    (document,) = told(tmp_path, department, seed=seed, containers=("pdf",), digital=1.0)
    assert document.ink == "digital"
    pdf = pypdfium2.PdfDocument(tmp_path / document.file)
    if document.container == "pdf-form":
        pdf.init_forms()
    else:
        assert pdf.get_formtype() == 0
        text = "".join(page.get_textpage().get_text_bounded() for page in pdf)
        squeezed = "".join(text.split())
        for field in document.fields:
            if field.filled and isinstance(field.as_written, str) and field.name == "total_income":
                assert field.as_written in squeezed


def test_refuses_a_folder_with_other_things(tmp_path: Path, made: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    result = CliRunner().invoke(app, [str(tmp_path), "--returns", "1"])
    assert result.exit_code == 2
    assert (tmp_path / "letter.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "option", [["--containers", "gif"], ["--year", "1999"], ["--ink", "crayon"]]
)
def test_refuses_what_it_cannot_make(tmp_path: Path, option: list[str]) -> None:
    result = CliRunner().invoke(app, [str(tmp_path / "out"), *option])
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_full_disk_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("benchmarks.samples.maker.deliver", full)
    result = CliRunner().invoke(
        app, [str(tmp_path / "out"), "--returns", "1", "--ink", "typed", "--digital", "0"]
    )
    assert isinstance(result.exception, DiskFullError)
    assert "no room left" in str(result.exception)
