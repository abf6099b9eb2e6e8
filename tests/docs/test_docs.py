"""What the documents say is so: links lead somewhere, commands exist, none is left out."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
import typer

from flows.cli import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_CALL = re.compile(r"(?:^|[\s`/])taxlift((?: +[^\s`|&;#()]+)+)")
_LINES_OF_A_SOURCE = 400
_BYTES_OF_A_FILE = 5 * 2**20


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code(path: Path) -> str:
    """The document's code: blocks and spans, with continued lines joined."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return "\n".join([*blocks, *re.findall(r"`([^`]+)`", rest)]).replace("\\\n", " ")


def commands(
    command: click.Command | None = None, name: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    command = command or typer.main.get_command(app)
    if name:
        yield name, command
    for below, one in getattr(command, "commands", {}).items():
        yield from commands(one, (*name, below))


COMMANDS = dict(commands())


def files() -> list[Path]:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if told.returncode:
        pytest.skip("not a checkout")
    paths = [ROOT / name for name in told.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def text_files() -> Iterator[tuple[Path, str]]:
    for path in files():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_links_lead_somewhere(path: Path) -> None:
    for target in _LINK.findall(path.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            continue
        place, _, anchor = unquote(target).partition("#")
        found = (path.parent / place).resolve()
        assert found.exists(), f"{shown(path)} links to {target}"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found), f"{shown(path)} links to {target}"


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_commands_and_options_that_are_named_exist(path: Path) -> None:
    for call in _CALL.findall(code(path)):
        words = call.split()
        name: tuple[str, ...] = ()
        while words and (*name, words[0]) in COMMANDS:
            name = (*name, words.pop(0))
        if not name:
            assert words[0].startswith(("-", "<", "…", "$")), f"{shown(path)}: taxlift{call}"
            continue
        command = COMMANDS[name]
        assert (
            not getattr(command, "commands", None) or not words or words[0].startswith(("-", "…"))
        ), f"{shown(path)}: taxlift{call}"
        known = {"--help"}
        for parameter in command.params:
            known |= {*parameter.opts, *parameter.secondary_opts}
        for word in words:
            if re.match(r"--?[a-z]", word):
                option = re.split(r"[=\]\[,.:]", word)[0]
                assert option in known, f"{shown(path)}: taxlift{call} has no {option}"


@pytest.mark.parametrize(
    "name", [name for name, it in COMMANDS.items() if not hasattr(it, "commands")]
)
def test_every_command_is_told_of(name: tuple[str, ...]) -> None:
    wanted = re.compile(r"taxlift +" + r" +".join(map(re.escape, name)) + r"\b")
    assert any(wanted.search(path.read_text(encoding="utf-8")) for path in DOCUMENTS), (
        f"taxlift {' '.join(name)} is in no document"
    )


def test_variables_that_are_named_are_settings() -> None:
    from schemas.settings import Settings

    known = {f"TAXLIFT_{name.upper()}" for name in Settings.model_fields}
    for path in DOCUMENTS:
        for name in set(re.findall(r"\bTAXLIFT_[A-Z_]+\b", path.read_text(encoding="utf-8"))):
            assert name in known, f"{shown(path)} names {name}"
    told = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert not {name for name in known if name not in told}, "docs/operating.md lacks a setting"


def test_exit_codes_and_reject_reasons_are_told_of() -> None:
    from schemas.errors import ExitCode, RejectReason

    told = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert not [reason.value for reason in RejectReason if f"`{reason.value}`" not in told]
    assert not [int(each) for each in ExitCode if f"| {int(each)} |" not in told]


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    # In brackets, or this file would be the first to hold them.
    machine = re.compile(r"[/]work/|[/]tmp/w\b|[/]root/")
    for path, text in text_files():
        found = machine.search(text)
        assert not found, f"{shown(path)} names {found and found[0]}"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_hold_hashes_and_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    pinned = re.findall(r"^[A-Za-z0-9_.\[\]-]+==", text, flags=re.MULTILINE)
    assert len(pinned) > 50
    assert text.count("--hash=sha256:") >= len(pinned)


def test_no_file_is_large() -> None:
    assert not [shown(path) for path in files() if path.stat().st_size > _BYTES_OF_A_FILE]


def test_no_source_file_is_long() -> None:
    long = {
        shown(path): lines
        for path in files()
        if path.suffix == ".py"
        and (lines := path.read_text(encoding="utf-8").count("\n")) > _LINES_OF_A_SOURCE
    }
    assert not long
