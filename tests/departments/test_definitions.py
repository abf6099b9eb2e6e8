"""What holds of every department's form definitions, against each other and their blanks."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict

import pytest

from extractors.blanks import blank_path
from extractors.drafting.widgets import read_widgets
from extractors.form_checks import check_blanks
from schemas.department import Department
from schemas.form_checks import check_definitions
from schemas.packs import known_departments, load_department


@pytest.fixture(scope="module", params=sorted(known_departments()))
def department(request: pytest.FixtureRequest) -> Department:
    return load_department(request.param)


def test_a_department_loads_in_less_than_a_second(department: Department) -> None:
    start = time.process_time()
    load_department(department.name)
    assert time.process_time() - start < 1


def test_definitions_have_no_problems_among_themselves_or_with_their_blanks(
    department: Department,
) -> None:
    assert check_definitions(department) == []
    assert check_blanks(department) == []


def test_every_widget_of_every_blank_is_defined_exactly_once(department: Department) -> None:
    for definition in department.forms:
        _, widgets = read_widgets(blank_path(definition.blank, department.folder))
        on_paper = Counter((it.page, it.source_field, it.export_value) for it in widgets)
        defined = Counter(
            (page.number, field.source_field, field.export_value)
            for page in definition.pages
            for field in page.fields
            if field.source_field is not None
        )
        assert defined == on_paper, (definition.form, definition.year)


def test_every_year_maps_every_name_or_says_that_it_is_absent(department: Department) -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for definition in department.forms:
        names[definition.form] |= {field.name for field in definition.fields()}
    for definition in department.forms:
        here = {field.name for field in definition.fields()}
        assert here | set(definition.absent) == names[definition.form]


def test_names_are_given_not_drafted(department: Department) -> None:
    """No name is left that the importer makes of a blank's own where it finds no words."""
    for definition in department.forms:
        for field in definition.fields():
            assert not re.fullmatch(r"[cf]\d+_\d+.*|.*_li\d+.*", field.name), field
            assert field.label, field


def test_every_page_has_landmarks_and_its_year_among_them(department: Department) -> None:
    for definition in department.forms:
        for page in definition.pages:
            texts = " ".join(landmark.text for landmark in page.landmarks)
            assert str(definition.year) in texts, (definition.form, definition.year, page.number)
