"""Files of examples and cases: what is understood, and that every mistake is told at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.case_files import CaseBook, load_cases
from schemas.errors import ConfigurationError
from schemas.forms import Box, FieldDefinition, FieldKind
from schemas.packs import load_department
from schemas.rule_cases import IN_REVIEW, read_cell

FIELDS = (
    {"name": "wages", "line": "1", "kind": "amount", "box": [500, 100, 576, 112]},
    {"name": "signature", "kind": "signature", "box": [500, 112, 576, 124]},
    {"name": "taxpayer_ssn", "kind": "taxpayer_id", "box": [500, 124, 576, 136]},
)
FORM = {
    "form": "form_x",
    "title": "Form X",
    "main": True,
    "blank": {"path": "blank.pdf", "sha256": "0" * 64},
    "pages": [{"number": 1, "width": 612, "height": 792, "fields": list(FIELDS)}],
}
RULE = """rules:
  - id: X-001
    title: Wages are there
    text: Wages are required
    category: missing_data
    severity: alert
    form: form_x
    years: {first: 2021, last: 2022}
    check: present(wages)
    source: line 1
"""
EXAMPLES = """examples:
  - name: worker
    title: Somebody who works.
    years: [2021, 2022]
    forms:
      form_x:
        wages: {2021: 1000, 2022: 1100.50}
        signature: marked
        taxpayer_ssn: "900110001"
"""
CASES = """cases:
  - rule: X-001
    example: worker
    fails: {wages: blank}
    boundary: {wages: 0}
    not_evaluated: {wages: unread}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    def write(place: str, data: Any) -> None:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data if isinstance(data, str) else yaml.safe_dump(data))

    write(
        "department.yaml",
        {"name": "dept", "title": "A department", "country": "US", "main_form": "form_x"},
    )
    for year in (2021, 2022):
        write(f"forms/form_x/{year}.yaml", FORM | {"year": year})
    write("rules/x.yaml", RULE)
    write("examples/worker.yaml", EXAMPLES)
    write("cases/x.yaml", CASES)
    return tmp_path


def read(pack: Path) -> CaseBook:
    return load_cases(load_department(pack))


def mistakes(pack: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as error:
        read(pack)
    return [f"{Path(it.file).name}:{it.line}: {it.message}" for it in error.value.problems]


def test_examples_hold_values_by_year_and_cases_know_their_place(pack: Path) -> None:
    book = read(pack)
    [example], [case] = book.examples, book.cases
    assert example.of_year(2021)["form_x"]["wages"] == 1000
    assert example.of_year(2022)["form_x"]["wages"] == 1100.5
    assert (case.file, case.at_line) == ("cases/x.yaml", 2)


def test_a_department_without_cases_has_none(pack: Path) -> None:
    (pack / "cases/x.yaml").unlink()
    (pack / "examples/worker.yaml").unlink()
    assert read(pack) == CaseBook()


def test_every_mistake_is_told_at_once_with_its_line(pack: Path) -> None:
    examples = EXAMPLES.replace("marked", "yes").replace('"900110001"', "900110001")
    (pack / "examples/worker.yaml").write_text(examples.replace("2022: 1100.50", "2022: much"))
    cases = CASES.replace("fails: {wages:", "fails: {wagse:").replace("wages: 0", "form_y.wages: 0")
    (pack / "cases/x.yaml").write_text(cases)
    assert mistakes(pack) == [
        "x.yaml:4: form_x has no field 'wagse'; did you mean 'wages'?",
        "x.yaml:5: no form 'form_y'; did you mean 'form_x'?",
        "worker.yaml:7: wages: must be a number, without thousands commas (in 2022)",
        "worker.yaml:8: signature: a box is marked, blank or unread, not 'yes'",
        "worker.yaml:9: taxpayer_ssn: must be text: put it in quotes",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("X-001", "X-002", "x.yaml:2: no rule X-002; did you mean 'X-001'?"),
        ("worker", "walker", "x.yaml:3: no example 'walker'; did you mean 'worker'?"),
        ("fails:", "fail:", "x.yaml:4: unknown key fail"),
        ("example:", "years: [2023]\n    example:", "X-001 and example worker do not both have"),
        ("example:", "total: wages\n    example:", "total stands for fails"),
        ("{wages: blank}", "{beside: {wagse: 1}}", "x.yaml:4: form_x has no field 'wagse'"),
        ("{wages: blank}", "{beside: {return.tax_year: 1999}}", "worker is not of 1999"),
        ("{wages: blank}", "{form_x: gone}", "a form is absent or twice, not 'gone'"),
        ("{wages: blank}", "{wages: {2021: blank}}", "nothing is said of 2022 (in 2022)"),
        ("{wages: blank}", "{wages: }", "nothing is written; of an empty field say blank"),
    ],
)
def test_what_is_wrong_in_a_case_is_told(pack: Path, old: str, new: str, told: str) -> None:
    (pack / "cases/x.yaml").write_text(CASES.replace(old, new, 1))
    assert any(told in it for it in mistakes(pack))


def test_an_example_cannot_be_there_twice(pack: Path) -> None:
    (pack / "examples/again.yaml").write_text(EXAMPLES)
    assert mistakes(pack) == ["worker.yaml:2: example worker is defined twice"]


@pytest.mark.parametrize(
    ("kind", "written", "cell"),
    [
        (FieldKind.AMOUNT, 1000.99, "1000.99"),
        (FieldKind.AMOUNT, "1000.10", "1000.10"),
        (FieldKind.AMOUNT, -0.005, "-0.005"),
        (FieldKind.AMOUNT, 10**15, "1000000000000000"),
        (FieldKind.DATE, "2023-04-18", "2023-04-18"),
        (FieldKind.TEXT, "Boone", "Boone"),
        (FieldKind.CHECKBOX, "marked", True),
        (FieldKind.CHECKBOX, "blank", None),
        (FieldKind.AMOUNT, "unread", IN_REVIEW),
    ],
)
def test_values_come_as_they_were_typed(kind: FieldKind, written: object, cell: object) -> None:
    assert read_cell(FieldDefinition(name="x", kind=kind, box=Box(0, 0, 9, 9)), written) == cell


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (FieldKind.AMOUNT, "1,000"),
        (FieldKind.AMOUNT, "nan"),
        (FieldKind.AMOUNT, True),
        (FieldKind.AMOUNT, None),
        (FieldKind.DATE, "18.4.2023"),
        (FieldKind.TAXPAYER_ID, 19000033),
        (FieldKind.CHECKBOX, True),
    ],
)
def test_what_no_field_can_hold_is_refused(kind: FieldKind, written: object) -> None:
    with pytest.raises(ValueError):
        read_cell(FieldDefinition(name="x", kind=kind, box=Box(0, 0, 9, 9)), written)
