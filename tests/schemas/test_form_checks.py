from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.form_checks import check_definitions
from schemas.packs import load_department

SETTINGS = {"name": "dept", "title": "A department", "country": "US", "main_form": "form_x"}


def amount(name: str, top: float, **extra: Any) -> dict[str, Any]:
    return {"name": name, "kind": "amount", "box": [500, top, 576, top + 12]} | extra


def choice(option: str, left: float, group: str = "status") -> dict[str, Any]:
    box = [left, 50, left + 8, 58]
    name = f"{group}_{option}"
    return {"name": name, "kind": "choice", "group": group, "option": option, "box": box}


def write_form(folder: Path, year: int, fields: list[dict[str, Any]], **extra: Any) -> None:
    page = {"number": 1, "width": 612, "height": 792, "fields": fields}
    form = {
        "form": "form_x",
        "title": "Form X",
        "year": year,
        "main": True,
        "blank": {"path": "blank.pdf", "sha256": "0" * 64},
        "pages": [page],
    }
    file = folder / "forms" / "form_x" / f"{year}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(form | extra, sort_keys=False))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "department.yaml").write_text(yaml.safe_dump(SETTINGS))
    return tmp_path


def messages(folder: Path) -> list[str]:
    return [problem.message for problem in check_definitions(load_department(folder))]


def test_sound_definitions_have_no_problems(folder: Path) -> None:
    write_form(folder, 2021, [amount("wages", 100), choice("single", 20), choice("married", 40)])
    write_form(
        folder,
        2022,
        [amount("wages", 112), amount("tips", 124), choice("single", 20), choice("married", 40)],
    )
    write_form(
        folder, 2021, [amount("wages", 100), choice("single", 20), choice("married", 40)],
        absent=["tips"],
    )  # fmt: skip
    assert messages(folder) == []


def test_a_name_that_another_year_has_must_be_there_or_absent(folder: Path) -> None:
    write_form(folder, 2021, [amount("wages", 100)])
    write_form(folder, 2022, [amount("wages", 100), amount("tips", 112)])
    assert messages(folder) == [
        "tips is a field in 2022, but neither defined nor listed under absent in 2021"
    ]


def test_an_absent_name_that_no_year_has_is_a_misspelling(folder: Path) -> None:
    write_form(folder, 2021, [amount("wages", 100)], absent=["tipps"])
    assert "misspelt" in messages(folder)[0]


def test_one_name_means_one_kind_in_all_years(folder: Path) -> None:
    write_form(folder, 2021, [amount("wages", 100)])
    write_form(folder, 2022, [amount("wages", 100, kind="text")])
    assert messages(folder) == ["wages is of kind text, but of kind amount in 2021"]


def test_overlapping_boxes_are_named_with_the_line_of_the_later_one(folder: Path) -> None:
    write_form(folder, 2021, [amount("wages", 100), amount("tips", 106), amount("tax", 118)])
    problems = check_definitions(load_department(folder))
    assert [it.message for it in problems] == ["tips: box overlaps that of wages"]
    text = Path(problems[0].file).read_text().splitlines()
    assert "tips" in text[problems[0].line - 1]


def test_touching_boxes_do_not_overlap(folder: Path) -> None:
    write_form(folder, 2021, [amount("wages", 100), amount("tips", 111.5)])
    assert messages(folder) == []


def test_groups_need_several_different_choices(folder: Path) -> None:
    double = choice("single", 40) | {"name": "other"}
    write_form(folder, 2021, [choice("single", 20), double, choice("yes", 60, group="alone")])
    found = messages(folder)
    assert any("group alone has only one choice" in it for it in found)
    assert any("group status has an option twice" in it for it in found)
