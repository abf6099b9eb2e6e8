"""Mistakes in rules: all at once, each with file, line, column and what was probably meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_department import department, rule
from typer.testing import CliRunner

from flows.commands.rules import app
from schemas.department import Parameter
from schemas.errors import ConfigurationError, ExitCode
from schemas.rules import RuleDefinition
from validators.rulebook import compile_rules


def mistakes(*rules: RuleDefinition, **more: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        compile_rules(department(*rules, **more))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("wagse == 1", "no field `wagse` on form_1040; did you mean 'wages'?"),
        ("schedule_2.total == 1", "no form `schedule_2`; did you mean 'schedule_1'?"),
        ("schedule_1.totl == 1", "no field `totl` on schedule_1; did you mean 'total'?"),
        ("return.year == 1", "no `return.year`; did you mean 'tax_year'?"),
        ("present(wages) and roud(wages) == 1", "no function `roud`; did you mean 'round'?"),
        ("has_form(schedule_9)", "no form `schedule_9`; did you mean 'schedule_1'?"),
        ("has_page(form_1040, 3)", "form_1040 has the pages [1, 2]"),
        ("param(standard_deducton) == 1", "did you mean 'standard_deduction'?"),
        ('param(standard_deduction, "singel") == 1', "did you mean 'single'?"),
        ("param(credit, 7) == 1", "parameter credit has no key `7`; it has 0, 1, 2"),
        ("param(credit) == 1", "`param(credit)` needs 1 keys, not 0"),
        ('filing_status == "singel"', "no option \"singel\"; did you mean 'single'?"),
        ('filing_status in ("single", "joint")', 'no option "joint"'),
        ("wages + zip == 1", "expected an amount or a number, but `zip` is a text"),
        ('wages == "100"', "cannot compare an amount with a text"),
        ("zip < zip", "`<` does not compare a text with a text"),
        ("wages", "expected yes or no, but `wages` is an amount"),
        ("wages * interest == 1", "an amount times an amount is no amount"),
        ("1 / wages == 1", "a number divided by an amount"),
        ("wages and blind", "expected yes or no, but `wages` is an amount"),
        ("sum() == 0", "`sum` needs an argument"),
        ("abs(wages, 1) == 0", "`abs` takes 1 arguments, not 2"),
        ("if(blind, wages, zip) == 1", "the branches of `if` differ"),
        ("round(wages, 0) == 1", "the step of `round` is a number above 0"),
        ("sum(bonus_*) == 1", "no field of form_1040 fits `bonus_*`"),
        ("dependent_*_name == zip", "a family (`dependent_*_name`) stands only inside"),
        ("sum(dependent_*_name) == 1", "`dependent_1_name` is a text"),
        ("all(present(dependent_*_name) implies blank(filing_status_*))", "differ: "),
        ("present(wages + 1)", "`present` takes a field"),
        ("marked(wages)", "expected yes or no"),
        ('matches(zip, "(a+)+")', "pattern: could take too long"),
        ("matches(zip, zip)", "the pattern of `matches` is a text"),
        ('date("2023-02-30") == born', 'a date is written as "2023-04-18"'),
        ("unique(zip) and blind", "`unique(…)` is only a whole check"),
        ("wages == ", "the expression ends too early"),
        ("wages = 1", "unexpected '='; equality is written `==`"),
        ("wages == 'x'", "texts are written in double quotes"),
        ("1 < wages < 3", "comparisons do not chain"),
        ("(" * 80 + "blind" + ")" * 80 + " implies (", "the expression ends too early"),
        ("not " * 70 + "blind", "nested deeper than 60 levels"),
        ("wages == 1 " + "or wages == 1 " * 400, "longer than 4,000 characters"),
        ("__import__(wages)", "unexpected '_'"),
    ],
)
def test_each_mistake_is_named(check: str, message: str) -> None:
    said, *others = mistakes(rule(check))
    assert message in said, said
    # One mistake is told of once; a family's, for each of its members.
    assert not others or "*" in check, others


def test_conditions_and_texts_are_checked_too() -> None:
    found = mistakes(rule("blind", when="blnd", text="Line {wagse} and a stray { brace"))
    assert [("when:" in it, "text:" in it) for it in found].count((False, True)) == 2
    assert any("rule T-001, when: no field `blnd`" in it for it in found)


def test_all_mistakes_of_all_rules_at_once() -> None:
    found = mistakes(
        rule("wagse == intrest", id="T-001"), rule("blind"), rule("tax == taxx", id="T-002")
    )
    assert len(found) == 3


def test_a_field_that_some_years_lack_asks_for_a_split() -> None:
    years = {"first": 2021, "last": 2022}
    (said,) = mistakes(rule("present(born)", years=years))
    assert "no field `born` on form_1040" in said
    assert "in 2021 (the rule is for 2021 to 2022: split it by years)" in said
    (said,) = mistakes(rule("param(late) == 5", years=years))
    assert "parameter late has no value in 2021" in said
    assert compile_rules(department(rule("present(born)"))).rules


def test_years_that_the_department_does_not_have() -> None:
    (said,) = mistakes(rule("blind", years={"first": 1990, "last": 1999}))
    assert "the department has no form_1040 in these years" in said


def test_every_filing_status_needs_its_number() -> None:
    def law(values: dict[str, Any]) -> tuple[Parameter, ...]:
        return (Parameter(name="limit", unit="USD", source="law", values={2022: values}),)

    check = rule("wages < param(limit)")
    (said,) = mistakes(check, parameters=law({"single": 1, "head_of_household": 2}))
    assert "no value for filing status 'married_filing_jointly'" in said
    (said,) = mistakes(check, parameters=law({"single": 1, "head_of_houshold": 2}))
    assert "did you mean 'head_of_household'?" in said
    (said,) = mistakes(check, parameters=law({"single": [1, 2], "head_of_household": {"a": 1}}))
    assert "limit" in said


RULES = """\
rules:
  - id: F-001
    check: wages == wagse
  - id: F-002
    when: "blnd"
    check: >-
      wages ==
        intrest + 1
  - id: F-003
    check: |
      # a remark
      wages == 1 and
        taxx == 2
"""


def test_mistakes_are_placed_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    given = {"file": "rules.yaml"}
    rules = (
        rule("wages == wagse", id="F-001", at_line=2, **given),
        rule("wages == intrest + 1", when="blnd", id="F-002", at_line=4, **given),
        rule("# a remark\nwages == 1 and\n  taxx == 2\n", id="F-003", at_line=9, **given),
    )
    found = mistakes(*rules, folder=tmp_path)
    places = [it.removeprefix(f"{tmp_path}/rules.yaml:").split(": rule")[0] for it in found]
    lines = RULES.splitlines()
    expected = []
    for word in ("wagse", "blnd", "intrest", "taxx"):
        line = next(index for index, text in enumerate(lines) if word in text)
        expected.append(f"{line + 1}: column {lines[line].index(word) + 1}")
    assert places == expected


def test_the_command_says_what_is_wrong_and_fails(tmp_path: Path) -> None:
    pack = tmp_path / "broken"
    (pack / "rules").mkdir(parents=True)
    (pack / "department.yaml").write_text(
        "name: broken\ntitle: Broken\ncountry: US\nmain_form: form_1040\n", encoding="utf-8"
    )
    (pack / "rules" / "all.yaml").write_text("rules:\n  - id: X-1\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["check", "--department", str(pack)])
    assert result.exit_code == ExitCode.BAD_CONFIGURATION
    assert "all.yaml:2" in result.stderr and "no rule can run" in result.stderr


def test_the_command_counts_and_lists_the_built_in_rules() -> None:
    import json

    checked = CliRunner().invoke(app, ["check", "--json"])
    if checked.exit_code == ExitCode.BAD_CONFIGURATION:
        pytest.fail(checked.stderr)
    assert json.loads(checked.stdout)["department"] == "us_irs"
    listed = CliRunner().invoke(app, ["list", "--json", "--form", "form_1040"])
    rules = json.loads(listed.stdout)
    assert rules and all(it["form"] == "form_1040" and it["text"] for it in rules)
