"""The command line: help, exit codes, JSON, and what each command tells."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pandas as pd
import pytest
import typer
from flow_runs import Ran, Sample
from typer.testing import CliRunner

import extractors.blanks
import flows.digitise
from flows.cli import app
from flows.commands.run import ended_in_order
from loaders.export_format import ExportFormat
from schemas.errors import ExitCode

DEPARTMENT = Path(__file__).resolve().parents[2] / "departments" / "us_irs"


def run(*arguments: object):
    result = CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def commands(
    command: click.Command | None = None, name: str = "taxlift"
) -> Iterator[tuple[str, click.Command]]:
    """Every command of the command line with its full name."""
    command = command or typer.main.get_command(app)
    yield name, command
    for below, one in getattr(command, "commands", {}).items():
        yield from commands(one, f"{name} {below}")


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_and_option_has_help(name: str, command: click.Command) -> None:
    assert command.help, f"{name} lacks a help text"
    for parameter in command.params:
        if parameter.name not in ("install_completion", "show_completion", "help"):
            assert getattr(parameter, "help", None), f"{name}: {parameter.name} lacks a help text"
    shown = run(*name.split()[1:], "--help")
    assert shown.exit_code == 0
    assert "Usage" in shown.output


@pytest.mark.parametrize(
    ("variable", "value"), [("TAXLIFT_WORKERS", "zero"), ("TAXLIFT_DEPARTMENT_PATH", "/srv")]
)
def test_a_wrong_setting_is_told_by_its_name(variable: str, value: str) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "flows.cli", "batches"],
        env=os.environ | {variable: value},
        capture_output=True,
        text=True,
    )
    assert told.returncode == ExitCode.BAD_CONFIGURATION
    assert told.stderr.startswith(f"Error {variable}: ")
    assert "Traceback" not in told.stderr


def test_a_folder_that_is_not_there(tmp_path: Path, home: Path) -> None:
    result = run("run", tmp_path / "nowhere")
    assert result.exit_code == ExitCode.BAD_INPUT
    assert "nowhere: there is no such folder" in result.output
    assert not home.exists()


def test_a_department_that_is_not_there(inbox: Path, home: Path) -> None:
    result = run("run", inbox, "--department", "atlantis")
    assert result.exit_code == ExitCode.BAD_CONFIGURATION
    assert "atlantis" in result.output and "us_irs" in result.output


def test_broken_rules_are_all_told_before_the_first_page(
    sample: Sample, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(DEPARTMENT, folder)
    rules = sorted((folder / "rules").glob("*.yaml"))
    for path in rules[:2]:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("check:", "chekc:", 1), encoding="utf-8")
    result = run("run", sample.folder, "--department", folder)
    assert result.exit_code == ExitCode.BAD_CONFIGURATION
    for path in rules[:2]:
        assert path.name in result.output
    assert "chekc" in result.output
    assert not (home / "archive").exists()
    assert not (home / "taxlift.db").exists()


def test_rules_check_tells_mistakes_with_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(DEPARTMENT, folder)
    path = folder / "rules" / "schedule_b.yaml"
    text = path.read_text(encoding="utf-8")
    start = text.index("check: ") + len("check: ")
    end = text.index("\n", start)
    path.write_text(text[:start] + '"wages ="' + text[end:], encoding="utf-8")
    line = text[:start].count("\n") + 1
    result = run("rules", "check", "--department", folder)
    assert result.exit_code == ExitCode.BAD_CONFIGURATION
    assert f"schedule_b.yaml:{line}" in result.output


def test_rules_check_and_list() -> None:
    told = json.loads(run("rules", "check", "--json").stdout)
    listed = json.loads(run("rules", "list", "--json").stdout)
    assert told["rules"] == len(listed) > 100
    assert sum(row["rules"] for row in told["by"]) == told["rules"]
    assert "rules compile for 2021 to 2023" in run("rules", "check").output


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://someone:secret-word@127.0.0.1:9/none",
        "sqlite:////proc/nowhere/taxlift.db",
        "no url at all",
    ],
)
@pytest.mark.parametrize("command", ["run", "batches", "review"])
def test_a_database_that_cannot_be_reached(url: str, command: str, inbox: Path, home: Path) -> None:
    with pytest.MonkeyPatch.context() as kept:
        kept.setenv("TAXLIFT_DB_URL", "")  # `run --db` sets it; what was there comes back
        arguments = [command, inbox] if command == "run" else [command]
        result = run(*arguments, "--db", url)
    assert result.exit_code == ExitCode.DATABASE, result.output
    assert "secret-word" not in result.output
    assert "Traceback" not in result.output


def test_blanks_that_are_missing(
    sample: Sample, home: Path, server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the package that carries the official forms is not installed."""
    found = importlib.metadata.distribution

    def distribution(name: str) -> importlib.metadata.Distribution:
        if name == "habutax":
            raise importlib.metadata.PackageNotFoundError(name)
        return found(name)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    extractors.blanks._packaged.cache_clear()
    monkeypatch.setattr(flows.digitise.read, "retry_delay_seconds", [0, 0])
    result = run("forms", "check", "--json")
    assert result.exit_code == ExitCode.BAD_CONFIGURATION
    assert "habutax" in result.stdout
    result = run("run", sample.folder)
    assert result.exit_code == ExitCode.MISSING_DEPENDENCY
    assert "habutax" in result.output


def test_running_twice_tells_what_was_received_before(
    settled_copy: Ran, sample: Sample, server: None
) -> None:
    result = run("run", sample.folder)
    assert result.exit_code == 0
    assert result.output.count("received before") >= len(sample.documents)
    assert f"{len(sample.documents)} received before" in result.output
    told = json.loads(run("run", sample.folder, "--json").stdout)
    assert told["documents"]["duplicate"] == told["documents"]["received"]
    assert Path(told["report"]).is_file()
    strict = run("run", sample.folder, "--strict")
    assert strict.exit_code == 0


def test_strict_tells_of_rejected_documents_by_exit_code(
    home: Path, inbox: Path, server: None
) -> None:
    (inbox / "empty.pdf").touch()
    assert run("run", inbox, "--strict").exit_code == ExitCode.REJECTED_DOCUMENTS
    assert run("run", inbox).exit_code == 0


def test_batches_and_documents(undisturbed: Ran, sample: Sample) -> None:
    (batch,) = json.loads(run("batches", "--db", undisturbed.url, "--json").stdout)
    assert batch["run"] == undisturbed.run
    assert batch["documents"]["received"] == len(sample.documents)
    assert undisturbed.run in run("batches", "--db", undisturbed.url).output
    rows = json.loads(run("documents", "--db", undisturbed.url, "--json").stdout)
    assert [row["file"] for row in rows] == sorted(one.file for one in sample.documents)
    shown = run("documents", "--db", undisturbed.url, "--run", undisturbed.run).output
    assert all(one.file in shown for one in sample.documents)


def test_a_run_that_is_not_there(undisturbed: Ran, tmp_path: Path) -> None:
    for command in (
        ["documents"],
        ["review"],
        ["export", "--out", tmp_path / "out.jsonl"],
    ):
        result = run(*command, "--run", "19700101-1", "--db", undisturbed.url)
        assert result.exit_code == ExitCode.DATABASE
        assert "19700101-1" in result.output and undisturbed.run in result.output


def test_a_database_in_which_nothing_was_run(home: Path) -> None:
    assert "No runs yet" in run("batches").output
    assert "Nothing waits" in run("review").output
    assert json.loads(run("batches", "--json").stdout) == []
    assert run("documents").exit_code == ExitCode.DATABASE


def test_review_tells_what_to_key_without_leading_the_person(
    undisturbed: Ran, sample: Sample
) -> None:
    rows = json.loads(run("review", "--db", undisturbed.url, "--limit", 1000, "--json").stdout)
    assert rows
    for row in rows:
        assert not {"value", "as_read", "readings"} & set(row)
        assert row["file"] and row["reason"]
    shown = run("review", "--db", undisturbed.url, "--limit", 1).output
    assert rows[0]["file"] in shown and "--limit" in shown


def test_export_in_every_format(undisturbed: Ran, sample: Sample, tmp_path: Path) -> None:
    held = {}
    for kind in ExportFormat:
        out = tmp_path / f"out.{kind.value}"
        result = run("export", "--db", undisturbed.url, "--format", kind.value, "--out", out)
        assert result.exit_code == 0, result.output
        held[kind.value] = out
    lines = [json.loads(line) for line in held["jsonl"].read_text(encoding="utf-8").splitlines()]
    assert {line["sha256"] for line in lines} == {one.sha256 for one in sample.documents}
    frame = pd.read_csv(held["csv"], dtype=str)
    assert len(pd.read_parquet(held["parquet"])) == len(frame)
    assert {"name", "value"} <= set(frame.columns)
    assert pd.read_excel(held["xlsx"], sheet_name=None)


def test_audit_verify(undisturbed: Ran) -> None:
    told = json.loads(run("audit", "verify", "--db", undisturbed.url, "--json").stdout)
    assert told["sound"] and told["events"] > 5
    again = run("audit", "verify", "--db", undisturbed.url, "--head", told["head"])
    assert again.exit_code == 0 and "sound" in again.output


def test_a_form_drafted_into_a_department_of_its_own_can_be_checked(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    (folder / "department.yaml").write_text(
        "name: scratch\ntitle: Scratch\ncountry: US\nmain_form: form_8606\n", encoding="utf-8"
    )
    blank = next(it for it in importlib.metadata.files("habutax") or () if it.name == "f8606.pdf")
    result = run(
        *("forms", "import", blank.locate(), "--department", folder),
        *("--form", "form_8606", "--year", 2023),
    )
    assert result.exit_code == 0, result.output
    assert (folder / "forms" / "form_8606" / "2023.yaml").is_file()
    told = json.loads(run("forms", "check", "--department", folder, "--json").stdout)
    assert told["problems"] == [] and told["fields"] > 40
    again = run(
        *("forms", "import", blank.locate(), "--department", folder),
        *("--form", "form_8606", "--year", 2023),
    )
    assert again.exit_code == ExitCode.BAD_CONFIGURATION and "--force" in again.output


def test_a_request_to_end_ends_in_order_and_only_while_a_run_is_on() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), ended_in_order():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_command_that_is_none_is_a_wrong_argument() -> None:
    assert run("fly").exit_code == ExitCode.BAD_ARGUMENTS
    assert run("run").exit_code == ExitCode.BAD_ARGUMENTS
    assert run("export", "--format", "pdf", "--out", "x").exit_code == ExitCode.BAD_ARGUMENTS
