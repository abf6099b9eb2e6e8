"""The part `expectations` of a department's settings: defaults, and mistakes with their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import ConfigurationError
from schemas.expectations import DepartmentExpectations
from schemas.packs import BUILT_IN, load_department

HEAD = "name: {0}\ntitle: T\ncountry: US\nmain_form: {1}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """North Carolina's forms, with settings of the test's own."""
    copy = tmp_path / "dept"
    copy.mkdir()
    (copy / "forms").symlink_to(BUILT_IN / "nc_dor" / "forms")
    return copy


def load(folder: Path, said: str) -> DepartmentExpectations:
    text = HEAD.format("dept", "form_d400") + said
    (folder / "department.yaml").write_text(text, encoding="utf-8")
    return load_department(folder).settings.expectations


def problems(folder: Path, said: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, said)
    return [f"{one.line}: {one.message}" for one in caught.value.problems]


def test_a_department_that_says_nothing_has_all_of_them(folder: Path) -> None:
    assert load(folder, "") == DepartmentExpectations()


@pytest.mark.parametrize("name", ["us_irs", "nc_dor"])
def test_built_in_departments_load(name: str) -> None:
    assert load_department(name).settings.expectations.repeated_filer.enabled


def test_what_is_said_is_taken(folder: Path) -> None:
    said = load(
        folder,
        "expectations:\n  history: 5\n  unlike_peers: {factor: 2.5, within: null}\n"
        "  blank_scans: {enabled: false}\n",
    )
    assert (said.history, str(said.unlike_peers.factor)) == (5, "2.5")
    assert (said.unlike_peers.within, said.blank_scans.enabled) == (None, False)
    assert said.blank_scans.least_change == DepartmentExpectations().blank_scans.least_change
    assert said.blank_scans.least_change == 0.05 or said.blank_scans.least_change == 0.1


def test_mistakes_come_with_their_lines(folder: Path) -> None:
    said = "expectations:\n  histori: 5\n  unlike_peers:\n    factor: 1\n  acceptance: {least: 3}\n"
    assert problems(folder, said) == [
        "6: unknown key expectations.histori",
        "8: expectations.unlike_peers.factor: Input should be greater than 1",
        "9: unknown key expectations.acceptance.least",
    ]


def test_fields_must_be_the_main_forms_and_of_their_kind(folder: Path) -> None:
    said = (
        "expectations:\n  repeated_filer:\n    identifiers: [taxpayer_ssn, taxpayer_first_name]\n"
        "  changed_since_last_year:\n    fields: [wage]\n  unlike_peers:\n    within: colour\n"
    )
    assert problems(folder, said) == [
        "7: expectations.repeated_filer.identifiers: taxpayer_first_name is no taxpayer id",
        "9: expectations.changed_since_last_year.fields: the main form has no field 'wage'",
        "11: expectations.unlike_peers.within: the main form has no choice group 'colour'",
    ]
