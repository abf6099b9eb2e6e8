"""`taxlift explain`: what an auditor sees as text, page, picture and JSON, and what he does not."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path

import cv2
import explained
import made
import numpy as np
import pytest
from typer.testing import CliRunner

from flows.cli import app
from loaders.database import open_database
from loaders.repository import Repository
from schemas.errors import ExitCode
from schemas.settings import Settings

SECRETS = (made.SSN, explained.NEAR_SSN, explained.WRITTEN_SSN, "912-34-5678", "91234")
IDENTIFIERS = ("taxpayer_ssn", "address_city")


def run(*arguments: object, columns: int = 120):
    result = CliRunner().invoke(
        app, ["explain", *map(str, arguments)], env={"COLUMNS": str(columns)}
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def flat(text: str) -> str:
    """Without line ends and odds' blanks, which depend on the width."""
    return re.sub(r"\s+", " ", text)


def pictures(page: str) -> list[np.ndarray]:
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    return [cv2.imdecode(np.frombuffer(base64.b64decode(it), np.uint8), 0) for it in found]


@pytest.mark.parametrize("columns", [80, 120])
def test_a_field_tells_paper_readings_arithmetic_rules_and_who(
    return_id: str, columns: int
) -> None:
    result = run(return_id[:8], "form_1040.wages", columns=columns)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.splitlines())) <= columns
    told = flat(result.output)
    for words in (
        "Form 1040 2022, line 1z: wages",
        "smith ***-**-5678.tif, page 1",
        "pixels 100 to 300 from the left, 200 to 240 from the top",
        "52,340",
        "arithmetic, among what the engines read, by F1040-001 and F1040-009",
        "strip 7 52840 90.0 % 52340 (1 : 4.5)",
        "Corrected reading: the likeliest reading of the return",
        "4 = 1 failed + 2 passed + 1 not about this return",
        "Line 9 is 52,340, but lines 1z and 2b add up to 52,220.",
        "line 1z (wages) = 52,340; taxable interest = -120",
        "The department's files have no rule of this id now.",
        "old (the department has",
        "--crop field.png",
    ):
        assert words in told, words


def test_the_field_may_be_a_line_in_words_of_its_own(return_id: str) -> None:
    one, other = run(return_id, "form_1040", "1z"), run(return_id, "form_1040.wages")
    assert one.output == other.output and one.exit_code == 0


@pytest.mark.parametrize("columns", [80, 120])
def test_a_return_tells_what_became_of_it_and_why(return_id: str, columns: int) -> None:
    result = run(explained.FILE, columns=columns)
    assert result.exit_code == 0, result.output
    told = flat(result.output)
    for words in (
        f"Return {return_id}: US Internal Revenue Service, tax year 2022",
        "1 field in review",
        "sha256",
        "in run ",
        "1 corrected reading, 1 conflict, 1 filer's own mistake",
        "first read as 52,840; by F1040-001, F1040-009",
        "should be 1,234.50; F1040-001, F1040-009 fail",
        "Failed (1) F1040-009 Line 9 is 52,340",
        "Not evaluated (1) S3-001 taxpayer ssn of Form 1040 is in review",
        "rules.stored: success",
        f"rules {explained.RULES} (the department has",
    ):
        assert words in told, words


def test_json_has_the_same_and_of_a_field_only_that(return_id: str) -> None:
    whole = json.loads(run(return_id, "--json").stdout)
    one = json.loads(run(return_id, "wages", "--json").stdout)
    assert [field["name"] for field in one["fields"]] == ["wages"]
    assert one["fields"][0] in whole["fields"]
    assert {rule["rule_id"] for rule in one["rules"]} < {rule["rule_id"] for rule in whole["rules"]}
    assert one["fields"][0]["reconciliation"]["first"]["value"] == "52840"


def test_the_page_is_whole_in_itself_and_shows_the_ink(return_id: str, tmp_path: Path) -> None:
    out = tmp_path / "pages" / "field.html"
    assert run(return_id, "wages", "--html", out).exit_code == 0
    page = out.read_text(encoding="utf-8")
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    assert out.stat().st_mode & 0o077 == 0
    [picture] = pictures(page)
    assert picture.shape == (40 + 2 * 8, 200 + 2 * 8) and (picture == 0).sum() == 20 * 180
    assert 'class="here" x="100" y="200" width="200" height="40"' in page
    assert "Line 9, total income, must be the sum" in page
    definition = "total_income == sum("
    assert definition in page, "of a rule that failed the very check is shown"


def test_the_page_of_a_return_shows_every_filled_field(return_id: str, tmp_path: Path) -> None:
    out = tmp_path / "return.html"
    assert run(return_id, "--html", out).exit_code == 0
    page = out.read_text(encoding="utf-8")
    filled = [it for it in explained.values() if it.value not in (None, False)]
    # A field stands either among those to look at or among the others.
    assert len(pictures(page)) == len(filled) - len(IDENTIFIERS)
    assert page.count("identifier, not shown") == len(IDENTIFIERS)


def test_no_identifier_anywhere_unless_asked_for(return_id: str, tmp_path: Path) -> None:
    told = []
    for asked in ([], *([name] for name in (*IDENTIFIERS, "wages"))):
        out = tmp_path / f"{'-'.join(asked) or 'return'}.html"
        told.append(run(return_id, *asked).output)
        told.append(run(return_id, *asked, "--json").output)
        told.append(run(return_id, *asked, "--html", out).output)
        told.append(out.read_text(encoding="utf-8"))
    text = "".join(told)
    assert not [secret for secret in SECRETS if secret in text]
    assert not pictures((tmp_path / "taxpayer_ssn.html").read_text(encoding="utf-8"))
    assert not pictures((tmp_path / "address_city.html").read_text(encoding="utf-8"))


def test_a_picture_is_written_and_one_of_an_identifier_is_not(
    return_id: str, tmp_path: Path
) -> None:
    out = tmp_path / "crops" / "wages.png"
    assert run(return_id, "wages", "--crop", out).exit_code == 0
    assert cv2.imread(str(out), 0).shape == (56, 216)
    assert out.stat().st_mode & 0o077 == 0
    for name in IDENTIFIERS:
        refused = run(return_id, name, "--crop", tmp_path / "no.png")
        assert refused.exit_code == ExitCode.BAD_INPUT
        assert "--show-personal" in refused.output
    assert not (tmp_path / "no.png").exists()
    assert run(return_id, "--crop", out).exit_code == ExitCode.BAD_ARGUMENTS


def test_identifiers_in_clear_are_shown_and_recorded(
    return_id: str, repository: Repository, tmp_path: Path
) -> None:
    before = repository.audit.verify().events
    out, crop = tmp_path / "clear.html", tmp_path / "clear.png"
    personal = run(
        return_id, "taxpayer_ssn", "--show-personal", "--html", out, "--crop", crop, "--json"
    )
    assert made.SSN in personal.output
    page = out.read_text(encoding="utf-8")
    assert made.SSN in page and len(pictures(page)) == 1 and "identifiers" in page
    assert crop.is_file()
    after = Repository(open_database(Settings().database_url)).audit.verify()
    assert after.sound and after.events == before + 1
    assert "explain.unmasked" in run(return_id).output


def test_without_the_scan_everything_else_is_told(
    return_id: str, home: Path, tmp_path: Path
) -> None:
    shutil.rmtree(home / "archive")
    out = tmp_path / "return.html"
    result = run(return_id, "--html", out)
    assert result.exit_code == 0 and "not in the archive" in flat(result.output)
    page = out.read_text(encoding="utf-8")
    assert not pictures(page) and "no picture" in page
    refused = run(return_id, "wages", "--crop", tmp_path / "no.png")
    assert refused.exit_code == ExitCode.BAD_INPUT and "lacks the file" in flat(refused.output)


def test_a_damaged_scan_is_told_of(return_id: str, home: Path, tmp_path: Path) -> None:
    [stored] = [path for path in (home / "archive").rglob("*") if path.is_file()]
    stored.chmod(0o600)
    stored.write_bytes(stored.read_bytes()[:200])
    result = run(return_id, "wages", "--crop", tmp_path / "no.png")
    assert result.exit_code == ExitCode.BAD_INPUT and "damaged" in flat(result.output)


def test_a_departments_files_may_be_elsewhere(
    return_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import schemas.packs

    built_in = schemas.packs.BUILT_IN / "us_irs"
    monkeypatch.setattr(schemas.packs, "BUILT_IN", Path("/nowhere"))
    without = run(return_id, "wages")
    assert without.exit_code == 0 and "name its folder with --department" in flat(without.output)
    named = run(return_id, "wages", "--department", built_in)
    assert "Line 9, total income" in flat(named.output)


@pytest.mark.parametrize(
    "asked", [["zzzz-nothing"], ["RETURN", "wagse"], ["RETURN", "form_1040 99"]]
)
def test_what_is_not_there_is_a_wrong_argument_with_a_hint(
    return_id: str, asked: list[str]
) -> None:
    result = run(*(return_id if word == "RETURN" else word for word in asked))
    assert result.exit_code == ExitCode.BAD_ARGUMENTS
    assert "no return" in flat(result.output) or "form_1040" in result.output
    assert "Traceback" not in result.output


def test_a_place_that_cannot_be_written(return_id: str) -> None:
    for option in ("--html", "--crop"):
        result = run(return_id, "wages", option, "/proc/nowhere/out")
        assert result.exit_code == ExitCode.BAD_INPUT
        assert "cannot be written" in flat(result.output)
