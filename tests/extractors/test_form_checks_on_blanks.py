from __future__ import annotations

from pathlib import Path

import pytest

from extractors.form_checks import check_blank
from extractors.form_pictures import draw_page, write_pictures
from schemas.form_checks import DefinitionFiles
from schemas.forms import Box, FormDefinition
from schemas.packs import load_department


@pytest.fixture(scope="module")
def definition() -> FormDefinition:
    found = load_department("us_irs").form("schedule_3", 2023)
    assert found is not None
    return found


@pytest.fixture
def files() -> DefinitionFiles:
    return DefinitionFiles(load_department("us_irs").folder)


def with_fields(definition: FormDefinition, change: dict[str, dict[str, object]]) -> FormDefinition:
    """The definition with fields changed by name; an empty change leaves the field out."""
    pages = tuple(
        page.model_copy(
            update={
                "fields": tuple(
                    field.model_copy(update=change.get(field.name, {}))
                    for field in page.fields
                    if change.get(field.name) != {}
                )
            }
        )
        for page in definition.pages
    )
    return definition.model_copy(update={"pages": pages})


def test_the_published_definition_agrees_with_its_blank(
    definition: FormDefinition, files: DefinitionFiles
) -> None:
    assert check_blank(definition, files) == []


def test_a_mark_may_have_the_white_within_a_printed_outline_for_its_box(
    files: DefinitionFiles,
) -> None:
    schedule = load_department("us_irs").form("schedule_b", 2023)
    assert schedule is not None
    names = ("foreign_account_yes", "taxable_interest")
    boxes = {it.name: it.box for it in schedule.fields() if it.name in names}
    smaller = {
        name: {"box": Box(box.x0 + 2, box.y0 + 2, box.x1 - 2, box.y1 - 2)}
        for name, box in boxes.items()
    }
    problems = check_blank(with_fields(schedule, smaller), files)
    assert [it.message.split(":")[0] for it in problems] == ["taxable_interest"]


def test_every_disagreement_with_the_blank_is_named(
    definition: FormDefinition, files: DefinitionFiles
) -> None:
    first = next(it for it in definition.fields() if it.name == "foreign_tax_credit")
    wrong = with_fields(
        definition,
        {
            "foreign_tax_credit": {},
            "education_credits": {"box": Box(10, 10, 60, 22)},
            "adoption_credit": {"source_field": "nowhere"},
            "names_shown": {"comb": 9},
        },
    )
    found = "\n".join(problem.message for problem in check_blank(wrong, files))
    assert f"{first.source_field} at" in found
    assert "is not defined" in found
    assert "education_credits: the blank has its box at" in found
    assert "adoption_credit: page 1 of the blank has no such field" in found
    assert "names_shown: the blank has comb None" in found


def test_a_missing_blank_is_a_problem_with_the_definitions_file(
    definition: FormDefinition, files: DefinitionFiles
) -> None:
    blank = definition.blank.model_copy(update={"sha256": "0" * 64})
    (problem,) = check_blank(definition.model_copy(update={"blank": blank}), files)
    assert problem.file.endswith("schedule_3/2023.yaml")
    assert problem.line > 0
    assert "habutax==" in problem.message


def test_pictures_show_every_box(
    definition: FormDefinition, files: DefinitionFiles, tmp_path: Path
) -> None:
    page = definition.pages[0]
    picture = draw_page(definition, page, files.folder, dpi=72)
    assert picture.size == (612, 792)
    for field in page.fields:
        edge = picture.getpixel((int(field.box.x0), int((field.box.y0 + field.box.y1) / 2)))
        assert isinstance(edge, tuple)
        assert max(edge) - min(edge) > 20 or field.reserved, field.name
    paths = write_pictures(definition, files.folder, tmp_path, dpi=72)
    assert [path.name for path in paths] == ["schedule_3-2023-1.png", "schedule_3-2023-2.png"]
