from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import ConfigurationError
from schemas.packs import find_department, load_department
from schemas.yaml_lines import YamlProblem, read_yaml

SETTINGS = {"name": "dept", "title": "A department", "country": "US", "main_form": "form_x"}
FORM = {
    "form": "form_x",
    "title": "Form X",
    "year": 2022,
    "main": True,
    "blank": {"path": "blank.pdf", "sha256": "0" * 64},
    "pages": [
        {
            "number": 1,
            "width": 612,
            "height": 792,
            "fields": [
                {"name": "wages", "line": "1", "kind": "amount", "box": [500, 100, 576, 112]},
                {"name": "interest", "line": "2", "kind": "amount", "box": [500, 112, 576, 124]},
            ],
        }
    ],
}
RULE = {
    "id": "X-001",
    "title": "Wages are there",
    "text": "Wages are required",
    "category": "missing_data",
    "severity": "alert",
    "form": "form_x",
    "years": {"first": 2021, "last": 2023},
    "check": "present(wages)",
    "source": "line 1",
}


def write(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data, sort_keys=False))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "packs" / "dept"
    write(folder / "department.yaml", SETTINGS)
    write(folder / "forms" / "form_x" / "2022.yaml", FORM)
    write(folder / "rules" / "x.yaml", {"rules": [RULE]})
    write(
        folder / "parameters" / "p.yaml",
        {"parameters": [{"name": "d", "unit": "USD", "source": "law", "values": {2022: 1}}]},
    )
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_department(folder)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_loads_everything_the_folder_says(pack: Path) -> None:
    department = load_department(pack)
    definition = department.form("form_x", 2022)
    assert definition is not None
    assert [field.name for field in definition.fields()] == ["wages", "interest"]
    assert department.rules[0].file == "rules/x.yaml"
    assert department.rules[0].at_line == 2
    assert department.parameters[0].values == {2022: 1}


def test_a_department_is_found_in_the_given_folders_before_the_built_in_ones(pack: Path) -> None:
    assert find_department("dept", [pack.parent]) == pack
    own = pack.parent / "us_irs"
    write(own / "department.yaml", SETTINGS)
    assert find_department("us_irs", [pack.parent]) == own
    assert find_department("us_irs") != own


@pytest.mark.parametrize("name", ["no_such", "../dept", "", "a b"])
def test_an_unknown_department_is_answered_with_the_known_ones(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="us_irs"):
        find_department(name or tmp_path)


def test_all_problems_come_at_once_each_with_file_and_line(pack: Path) -> None:
    text = (pack / "forms/form_x/2022.yaml").read_text()
    text = text.replace("line: '2'", "line: '2'\n    kinds: amount").replace(
        "year: 2022", "year: x"
    )
    write(pack / "forms/form_x/2022.yaml", text)
    write(pack / "rules/x.yaml", {"rules": [RULE | {"severity": "loud"}, RULE | {"form": "y"}]})
    write(pack / "parameters/p.yaml", "parameters: [")
    write(pack / "department.yaml", SETTINGS | {"colour": "green"})
    found = problems(pack)
    at = {
        key: next(number for number, line in enumerate(text.splitlines(), 1) if key in line)
        for key in ("year: x", "kinds")
    }
    assert any(it.startswith(f"forms/form_x/2022.yaml:{at['year: x']}: year:") for it in found)
    assert any(
        it.startswith(f"forms/form_x/2022.yaml:{at['kinds']}: unknown key pages[0].fields[1].kinds")
        for it in found
    )
    assert any(it.startswith("rules/x.yaml:6: ") and "severity" in it for it in found)
    assert any(it.startswith("parameters/p.yaml:") and "not YAML" in it for it in found)
    assert "department.yaml:5: unknown key colour" in found


def test_a_rule_for_a_form_that_is_not_there_is_named(pack: Path) -> None:
    write(pack / "rules/x.yaml", {"rules": [RULE | {"form": "form_y"}]})
    assert problems(pack) == ["rules/x.yaml:7: rule X-001: no form form_y; known forms: form_x"]


def test_one_rule_id_may_serve_different_years_but_not_the_same_one(pack: Path) -> None:
    later = RULE | {"years": {"first": 2024, "last": 2024}}
    write(pack / "rules/x.yaml", {"rules": [RULE, later]})
    assert len(load_department(pack).rules) == 2
    write(pack / "rules/x.yaml", {"rules": [RULE, RULE]})
    assert "already at rules/x.yaml:2" in problems(pack)[0]


def test_a_form_in_the_wrong_place_is_named(pack: Path) -> None:
    write(pack / "forms/form_x/2021.yaml", FORM)
    write(pack / "forms/stray.yaml", FORM)
    found = problems(pack)
    assert "forms/form_x/2021.yaml:3: year is 2022, the file's place says 2021" in found
    assert "forms/stray.yaml: a form's file is forms/<form>/<year>.yaml" in found


def test_a_main_form_must_be_the_departments(pack: Path) -> None:
    write(pack / "forms/form_x/2022.yaml", FORM | {"main": False})
    assert "main is false" in problems(pack)[0]


def test_a_key_given_twice_is_an_error_not_a_silent_choice(pack: Path) -> None:
    text = (pack / "department.yaml").read_text() + "title: Another\n"
    write(pack / "department.yaml", text)
    assert problems(pack) == ["department.yaml:5: key 'title' is given twice"]


def test_yes_and_no_stay_words(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "option: no\ncolour: on\nmain: true\n")
    assert read_yaml(tmp_path / "a.yaml").data == {"option": "no", "colour": "on", "main": True}


def test_a_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(YamlProblem, match="UTF-8"):
        read_yaml(tmp_path / "a.yaml")


@given(st.dictionaries(st.text("abcdef", min_size=1), st.integers(), min_size=1, max_size=8))
def test_lines_are_those_of_the_file(tmp_path_factory: pytest.TempPathFactory, data: dict) -> None:
    file = tmp_path_factory.mktemp("yaml") / "a.yaml"
    file.write_text("".join(f'"{key}": {value}\n' for key, value in data.items()))
    document = read_yaml(file)
    assert document.data == data
    assert [document.line_of((key,)) for key in data] == list(range(1, len(data) + 1))


def test_a_policy_that_speaks_of_what_is_not_there_is_told_with_its_line(pack: Path) -> None:
    classes = {
        "pays_out": {"fields": ["form_x.wages", "form_x.refund"], "target_error": "1/5000"},
        "informative": {"fields": ["*.wages"], "when_unread": "leave"},
    }
    clauses = [
        {"rule": "X-*", "then": "review"},
        {"rule": "Y-*", "then": "accept"},
        {"severity": "reject", "then": "review"},
    ]
    decisions = {"consequences": classes, "failed_rules": clauses}
    write(pack / "department.yaml", SETTINGS | {"decisions": decisions})
    lines = (pack / "department.yaml").read_text().splitlines()

    def line(text: str) -> int:
        return next(at for at, each in enumerate(lines, 1) if text in each)

    assert problems(pack) == [
        f"department.yaml:{line('form_x.refund')}: decisions.consequences.pays_out.fields.1: "
        "no form has a field form_x.refund; write form.name, such as form_x.interest",
        f"department.yaml:{line('*.wages')}: decisions.consequences.informative.fields.0: "
        "form_x.wages is in pays_out already: a field is in one class",
        f"department.yaml:{line('Y-*')}: decisions.failed_rules.1.rule: "
        "the department has no such rule",
        f"department.yaml:{line('severity: reject') + 1}: decisions.failed_rules.2.then: "
        "the department has no such rule",
    ]


def test_a_policy_is_not_blamed_for_a_form_that_cannot_be_read(pack: Path) -> None:
    decisions = {"consequences": {"pays_out": {"fields": ["form_x.wages"]}}}
    write(pack / "department.yaml", SETTINGS | {"decisions": decisions})
    assert load_department(pack).settings.decisions.consequence_of("form_x", "wages") is not None
    write(pack / "forms" / "form_x" / "2022.yaml", FORM | {"surprise": 1})
    found = problems(pack)
    assert found and not [problem for problem in found if "decisions" in problem]


@pytest.mark.parametrize(
    ("decisions", "told"),
    [
        ({"sampel": {}}, "unknown key decisions.sampel"),
        ({"sampling": {"share": "2%"}}, "decisions.sampling.share: write a share such as 1/600"),
        ({"failed_rules": [{"then": "review"}]}, "name a rule, a category or a severity"),
    ],
)
def test_a_policy_that_makes_no_sense_is_told(pack: Path, decisions: object, told: str) -> None:
    write(pack / "department.yaml", SETTINGS | {"decisions": decisions})
    [problem] = problems(pack)
    assert told in problem
