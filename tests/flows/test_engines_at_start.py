"""A missing or damaged engine, program or model: one sentence at the start, exit code 5."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import extractors.engines.recogniser
import extractors.engines.tesseract
from extractors.engines.base import load_engine
from flows.cli import app
from flows.context import run_context
from schemas.errors import ExitCode

DEPARTMENT = Path(__file__).resolve().parents[2] / "departments" / "us_irs"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Engines as in a process that has just begun, and none of this test's left behind."""
    caches = (load_engine, run_context, extractors.engines.tesseract._program_version)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder whose file must never be looked at."""
    folder = tmp_path / "scans"
    folder.mkdir()
    (folder / "first.tif").write_bytes(b"no page comes this far")
    return folder


Spoil = Callable[[pytest.MonkeyPatch, Path], None]


def _without_tesseract(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setenv("PATH", str(folder))


def _without_model(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setattr(extractors.engines.recogniser, "MODEL_FILE", "gone.onnx")


def _with_damaged_model(patch: pytest.MonkeyPatch, folder: Path) -> None:
    model = folder / "PP-OCRv6_rec_small.onnx"
    whole = extractors.engines.recogniser.find_model().read_bytes()
    model.write_bytes(whole[: len(whole) // 2])
    patch.setattr(extractors.engines.recogniser, "find_model", lambda: model)


def _with_another_model(patch: pytest.MonkeyPatch, folder: Path) -> None:
    model = folder / "PP-OCRv6_rec_small.onnx"
    model.write_bytes(b"")
    patch.setattr(extractors.engines.recogniser, "find_model", lambda: model)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_without_tesseract, "apt-get install tesseract-ocr"),
        (_without_model, "gone.onnx is not installed"),
        (_with_damaged_model, "PP-OCRv6_rec_small.onnx is damaged: reinstall"),
        (_with_another_model, "PP-OCRv6_rec_small.onnx is damaged: reinstall"),
    ],
)
def test_what_an_engine_lacks_is_told_before_the_first_page(
    spoil: Spoil,
    told: str,
    scans: Path,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoil(monkeypatch, tmp_path)
    _is_refused(["run", str(scans)], told, home)


def test_an_engine_that_is_not_installed_names_those_that_are(
    scans: Path, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(DEPARTMENT, folder)
    settings = folder / "department.yaml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    changed = [
        "  handwritten: [clairvoyance]" if line.lstrip().startswith("handwritten:") else line
        for line in lines
    ]
    assert changed != lines
    settings.write_text("\n".join(changed), encoding="utf-8")
    _is_refused(
        ["run", str(scans), "--department", str(folder)], "'clairvoyance'; known engines: ", home
    )


def _is_refused(arguments: list[str], told: str, home: Path) -> None:
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == ExitCode.MISSING_DEPENDENCY
    assert told in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert not home.exists()
