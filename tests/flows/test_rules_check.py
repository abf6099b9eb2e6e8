"""`taxlift rules check`: what is unproved, what comes out otherwise, what samples say."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from flows.commands.rules import app
from schemas.errors import ExitCode
from schemas.packs import find_department


def check(*arguments: object) -> Any:
    return CliRunner().invoke(
        app, ["check", *map(str, arguments)], env={"COLUMNS": "80", "NO_COLOR": "1"}
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """North Carolina's pack with two rules only: quick, and to be broken."""
    folder = tmp_path / "state"
    shutil.copytree(find_department("nc_dor"), folder)
    for kind in ("rules", "cases"):
        for path in (folder / kind).glob("*.yaml"):
            if path.name != "form_d400_filer.yaml":
                path.unlink()
        path = folder / kind / "form_d400_filer.yaml"
        items = yaml.safe_load(path.read_text(encoding="utf-8"))[kind]
        key = {"rules": "id", "cases": "rule"}[kind]
        kept = {kind: [it for it in items if it[key] in ("D400-101", "D400-103")]}
        path.write_text(yaml.safe_dump(kept, sort_keys=False, default_flow_style=None))
    return folder


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "cases" / "form_d400_filer.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_proved_rules_are_said_to_be_proved(copy: Path) -> None:
    result = check("-d", copy)
    assert result.exit_code == ExitCode.OK, result.output
    assert "2 rules compile for 2021 to 2023" in result.output
    assert "Every rule is proved" in result.output
    told = json.loads(check("-d", copy, "--json").stdout)
    assert told["proved"] and told["missing"] == told["wrong"] == told["examples_that_fail"] == []
    assert told["samples"] is None


def test_a_case_that_comes_out_otherwise_is_told_with_the_numbers(copy: Path) -> None:
    change(copy, "'666110001'", "'900110001'")
    result = check("-d", copy)
    assert result.exit_code == ExitCode.BAD_CONFIGURATION
    flat = " ".join(result.output.split())
    assert "D400-103 on family of 2021, failing case (cases/form_d400_filer.yaml:" in flat
    assert "expected fail, was pass" in flat and "and 2 trials more" in flat
    # What went in, but never the identifier itself.
    assert "taxpayer_ssn = ***-**-0001" in flat and "900110001" not in result.output
    assert max(len(line) for line in result.output.splitlines()) <= 80


def test_a_rule_that_lacks_cases_is_named_with_what_it_lacks(copy: Path) -> None:
    change(copy, "  boundary: {taxpayer_first_name: A}\n", "")
    result = check("-d", copy)
    assert result.exit_code == ExitCode.BAD_CONFIGURATION
    assert re.search(r"D400-101\s+lacks: boundary\n", re.sub(r" +\n", "\n", result.output))
    told = json.loads(check("-d", copy, "--json").stdout)
    assert told["missing"] == [{"rule": "D400-101 2021-2023", "lacks": ["boundary"]}]


def test_a_department_without_cases_hears_what_is_needed(copy: Path) -> None:
    shutil.rmtree(copy / "cases")
    shutil.rmtree(copy / "examples")
    result = check("-d", copy)
    assert result.exit_code == ExitCode.BAD_CONFIGURATION
    assert "Nothing is proved" in result.output and "docs/rule-cases.md" in result.output
    assert "Traceback" not in result.output


def test_mistakes_in_cases_go_to_standard_error_with_file_and_line(copy: Path) -> None:
    change(copy, "example: family", "example: famly")
    change(copy, "fails: {taxpayer_ssn", "fials: {taxpayer_ssn")
    result = check("-d", copy)
    assert result.exit_code == ExitCode.BAD_CONFIGURATION
    assert "form_d400_filer.yaml:3: no example 'famly'; did you mean 'family'?" in result.stderr
    assert "unknown key fials" in result.stderr
    assert "2 mistakes; no case was tried" in result.stderr


def test_samples_say_which_rules_never_failed(copy: Path, tmp_path: Path) -> None:
    def line(number: int, **fields: str) -> str:
        return json.dumps(
            {
                "return_id": f"ret-{number}",
                "tax_year": 2022,
                "file": "other keys are of no concern",
                "fields": [
                    {"form": "form_d400", "name": name, "value": value}
                    for name, value in fields.items()
                ],
            }
        )

    truth = tmp_path / "truth.jsonl"
    named = {"taxpayer_first_name": "A", "taxpayer_last_name": "B"}
    truth.write_text(
        line(1, taxpayer_ssn="900110001", **named) + "\n" + line(2, taxpayer_ssn="", **named)
    )
    result = check("-d", copy, "--samples", tmp_path)
    assert result.exit_code == ExitCode.OK, result.output
    told = json.loads(check("-d", copy, "--samples", truth, "--json").stdout)["samples"]
    assert told["returns"] == 2 and told["never_failed"] == ["D400-101", "D400-103"]
    assert told["by_rule"]["D400-101"]["passed"] == 2
    assert told["by_rule"]["D400-103"] == {
        "failed": 0,
        "passed": 1,
        "does_not_apply": 1,
        "not_evaluated": 0,
    }
    truth.write_text(line(1, taxpayer_ssn="666110001"))
    again = check("-d", copy, "--samples", tmp_path)
    assert "D400-103\N{NO-BREAK SPACE}1/1" in again.output


@pytest.mark.parametrize("text", [None, "no json", '{"return_id": 7}', "\n"])
def test_what_is_no_sample_is_refused_without_a_word_of_it(
    copy: Path, tmp_path: Path, text: str | None
) -> None:
    file = tmp_path / "truth.jsonl"
    if text is not None:
        file.write_text(text)
    from flows.rule_samples import SampleError

    result = check("-d", copy, "--samples", file)
    assert isinstance(result.exception, SampleError)
    assert result.exception.exit_code == ExitCode.BAD_INPUT
    assert text is None or not text.strip() or text not in str(result.exception)
