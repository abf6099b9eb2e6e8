from __future__ import annotations

import json
from importlib.metadata import files
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from flows.commands.forms import app
from schemas.errors import ConfigurationError, DocumentError
from schemas.packs import load_department

OFFICIAL = "habutax/forms/ty2023/f1040sb.pdf"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings = {"name": "own", "title": "Our own", "country": "US", "main_form": "schedule_b"}
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "department.yaml").write_text(yaml.safe_dump(settings))
    return folder


@pytest.fixture(scope="module")
def blank() -> Path:
    found = next(it for it in files("habutax") or () if it.as_posix() == OFFICIAL)
    return Path(str(found.locate()))


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(it) for it in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def import_form(blank: Path, folder: Path, *more: str) -> str:
    return run("import", blank, "-d", folder, "--form", "schedule_b", "--year", "2023", *more)


def test_an_imported_form_is_a_valid_definition(blank: Path, folder: Path, tmp_path: Path) -> None:
    assert "72 fields" in import_form(blank, folder)
    definition = load_department(folder).form("schedule_b", 2023)
    assert definition is not None
    assert definition.blank.package == "habutax"
    assert definition.main
    assert definition.sequence == 8
    assert "Good" in run("check", "-d", folder, "--out", tmp_path / "pictures", "--dpi", "72")
    assert (tmp_path / "pictures" / "schedule_b-2023-1.png").is_file()


def test_a_blank_that_no_package_carries_is_kept_with_the_department(
    blank: Path, folder: Path, tmp_path: Path
) -> None:
    own = tmp_path / "downloaded form.pdf"
    own.write_bytes(blank.read_bytes())
    import_form(own, folder)
    definition = load_department(folder).form("schedule_b", 2023)
    assert definition is not None
    assert definition.blank.package is None
    assert (folder / definition.blank.path).read_bytes() == own.read_bytes()


def test_nothing_is_overwritten_unless_forced(blank: Path, folder: Path) -> None:
    file = folder / "forms" / "schedule_b" / "2023.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("# a person's work\n")
    with pytest.raises(ConfigurationError, match="--force"):
        import_form(blank, folder)
    assert file.read_text() == "# a person's work\n"
    import_form(blank, folder, "--force")
    assert load_department(folder).form("schedule_b", 2023)


def test_a_file_that_is_no_form_is_refused_and_nothing_is_written(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "cat.pdf").write_text("a cat")
    with pytest.raises(DocumentError):
        import_form(tmp_path / "cat.pdf", folder)
    assert not (folder / "forms").exists()
    assert not (folder / "blanks").exists()


def test_check_answers_in_json_with_all_problems(blank: Path, folder: Path) -> None:
    import_form(blank, folder)
    file = folder / "forms" / "schedule_b" / "2023.yaml"
    lines = file.read_text().splitlines()
    dropped = next(number for number, line in enumerate(lines) if "f1_10[0]" in line)
    file.write_text("\n".join(lines[:dropped] + lines[dropped + 1 :]) + "\n")
    result = CliRunner().invoke(app, ["check", "-d", str(folder), "--json"])
    assert result.exit_code == 4
    (problem,) = json.loads(result.stdout)["problems"]
    assert "f1_10[0]" in problem["message"]
    assert problem["file"].endswith("2023.yaml")
