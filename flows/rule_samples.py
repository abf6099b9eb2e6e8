"""Returns to try rules on, from the truth of a sample (`truth.jsonl`, docs/samples.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from schemas.case_files import definitions_of
from schemas.department import Department
from schemas.errors import ExitCode, TaxliftError
from schemas.returns import TaxReturn
from validators.made_returns import make_form, make_return

_TRUTH_FILE = "truth.jsonl"


class SampleError(TaxliftError):
    """A sample that is not there, or is none."""

    exit_code = ExitCode.BAD_INPUT


class _Field(BaseModel):
    """Of a truth's field, what a rule can see."""

    form: str
    name: str
    value: str | bool | None = None


class _Document(BaseModel):
    """Of a truth's document, what makes a return. Other keys are of no concern here."""

    return_id: str
    tax_year: int
    fields: tuple[_Field, ...]


def read_sample(path: Path, department: Department) -> list[TaxReturn]:
    """The returns whose truth a sample holds, as a perfect reader would hand them on.

    Args:
        path: a folder with a `truth.jsonl`, or such a file.

    Raises:
        SampleError: no such file, a line that is no truth, or no return of this department.
    """
    file = path / _TRUTH_FILE if path.is_dir() else path
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise SampleError(
            f"{file}: cannot be read; --samples wants a folder made by `taxlift sample`, or its "
            f"{_TRUTH_FILE}"
        ) from None
    written: dict[tuple[str, int], dict[str, dict[str, Any]]] = {}
    for number, line in enumerate(lines, start=1):
        try:
            document = _Document.model_validate(json.loads(line))
        except (ValidationError, ValueError):
            # What stands there may be a taxpayer's.
            raise SampleError(f"{file}:{number}: is not the truth of a document") from None
        forms = written.setdefault((document.return_id, document.tax_year), {})
        for one in document.fields:
            forms.setdefault(one.form, {})[one.name] = one.value or None
    returns = [
        made
        for number, ((_, year), forms) in enumerate(written.items(), start=1)
        if (made := _make(department, year, forms, number)) is not None
    ]
    if not returns:
        raise SampleError(f"{file}: holds no return of {department.settings.title}")
    return returns


def _make(
    department: Department, year: int, forms: dict[str, dict[str, Any]], number: int
) -> TaxReturn | None:
    definitions = definitions_of(department, year)
    if department.settings.main_form not in definitions.keys() & forms.keys():
        return None
    made = tuple(make_form(definitions[it], forms[it]) for it in forms if it in definitions)
    return make_return(department.name, year, made, number=number)
