"""The independent solver: `habutax`, run as the separate program that it is, never imported.

It gets a file of inputs, solves the forms, and fills in the official PDFs by their AcroForm
fields' full names, for which it calls `pdftk`. A script of that name, put before any other on its
path, keeps what was to be written into each form. So nothing of ours lies between its solution
and the names of the fields, which our definitions have too (`source_field`).
"""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

PACKAGE = "habutax"
SECONDS = 120.0
"""Longest time for one call of the program."""

Inputs = dict[str, dict[str, str]]
"""Section (a form or an information return, `w-2:0`) → name → what is typed in."""

_STAND_IN = """#!/bin/sh
# In pdftk's place: keeps what would be written into each form, by the form's name.
if [ "$2" = fill_form ]; then cp "$3" "$SOLVED_FORMS/$(basename "$1").fdf"; fi
"""
_FDF_LINE = re.compile(r"<< /T \((?P<name>.*?)\) /V \((?P<value>.*)\) >>")
_INPUT_NAME = re.compile(r"#(?P<name>\S+) =\s*")
_OPTION = re.compile(r'#\s+\* "(?P<option>[^"]+)":')


class CannotSolve(Exception):
    """The program says that it has not learnt such a case, or stops."""


@dataclass(frozen=True)
class Solution:
    """What stands in each form's fields: PDF's name → AcroForm field → text."""

    forms: dict[str, dict[str, str]]


class Program:
    """The solver as it is installed beside this interpreter."""

    @staticmethod
    def version() -> str | None:
        """None where it is not installed."""
        try:
            return version(PACKAGE)
        except PackageNotFoundError:
            return None

    @cached_property
    def _command(self) -> Path:
        """Its script, as its own installation record names it."""
        files = distribution(PACKAGE).files or ()
        for file in files:
            if file.name == PACKAGE and file.parent.name == "bin":
                return Path(str(file.locate())).resolve()
        return Path(sys.executable).with_name(PACKAGE)

    def forms(self, year: int) -> list[str]:
        """The forms and information returns that it knows of a year."""
        told = self._run(["list-forms", "--year", str(year)])
        return [
            line.split("|")[0].strip()
            for line in told.splitlines()[2:]
            if "|" in line and not line.strip().startswith("-")
        ]

    def harmless_answers(self, year: int, form: str) -> dict[str, str]:
        """Every question that it may ask for a form, with the answer that changes nothing."""
        # Forms of which each spouse has one want to know whose; w-2 and its like do not.
        for instance in (form, f"{form}:you"):
            try:
                return _answers(self._run(["list-form-inputs", instance, "--year", str(year)]))
            except CannotSolve:
                continue
        return {}

    def solve(self, year: int, inputs: Inputs, forms: Sequence[str]) -> Solution:
        """Solve and fill in the forms.

        Raises:
            CannotSolve: with the program's own reason.
        """
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _write_inputs(folder / "inputs", inputs)
            solution = folder / "solution"
            asked = ["solve", str(folder / "inputs"), "--year", str(year)]
            asked += [part for form in forms for part in ("--form", form)]
            told = self._run([*asked, "--solution", str(solution)])
            if "Successfully solved" not in told:
                raise CannotSolve(_reason(told))
            stand_in = folder / "bin" / "pdftk"
            stand_in.parent.mkdir()
            stand_in.write_text(_STAND_IN, encoding="ascii")
            stand_in.chmod(0o700)
            filled = folder / "forms"
            filled.mkdir()
            self._run(
                ["fill-pdfs", "--no-flatten", str(solution), str(folder / "all.pdf")],
                {"PATH": f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}"}
                | {"SOLVED_FORMS": str(filled)},
            )
            return Solution({it.name.removesuffix(".fdf"): _fields(it) for it in filled.iterdir()})

    def _run(self, arguments: Sequence[str], environment: Mapping[str, str] = {}) -> str:
        try:
            done = subprocess.run(  # noqa: S603 -- the program named above, no shell
                [str(self._command), *arguments],
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            raise CannotSolve("takes too long") from None
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise CannotSolve(f"stops: {last[0]}")
        return done.stdout


def _write_inputs(file: Path, inputs: Inputs) -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read_dict(inputs)
    with file.open("w", encoding="utf-8") as out:
        config.write(out)


def _answers(told: str) -> dict[str, str]:
    """From the program's list of a form's inputs: no, 0, nothing, or the first that there is."""
    answers: dict[str, str] = {}
    comment: list[str] = []
    for line in told.splitlines():
        match = _INPUT_NAME.fullmatch(line)
        if match is None:
            comment = [] if not line.strip() else [*comment, line]
            continue
        text = "\n".join(comment)
        options = _OPTION.findall(text)
        if "y[es] or n[o]" in text:
            answer = "no"
        elif "must be an integer" in text or "floating point" in text:
            answer = "0"
        elif options and "empty or one of" not in text:
            answer = options[0]
        else:
            answer = ""
        answers[match["name"]] = answer
        comment = []
    return answers


def _reason(told: str) -> str:
    """What the program could not do, in one line."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    listed = [line for line in lines if line.startswith("- ") or " (needed by" in line]
    return "; ".join(listed[:2]) or (lines[-1] if lines else "says nothing")


def _fields(fdf: Path) -> dict[str, str]:
    lines = fdf.read_text(encoding="utf-8").splitlines()
    found = (_FDF_LINE.search(line) for line in lines)
    return {match["name"]: match["value"].strip() for match in found if match}
