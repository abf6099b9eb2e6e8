"""Many returns in one validation: put together in pieces, kept small, told of in full."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from small_department import REVIEW, department, filed, rule

from schemas.returns import TaxReturn
from schemas.rules import Outcome
from validators.evaluation import Judgement, Said, evaluate_rule, judge_rule
from validators.facts import FactSheet
from validators.frames import FrameBuilder
from validators.rulebook import compile_rules
from validators.validation import Validation, validate_frame, validate_returns

PACK = department(
    rule("total_income == wages + interest", id="T-001"),
    rule("unique(taxpayer_ssn)", id="T-002", text="Filed once."),
)
BOOK = compile_rules(PACK)


def returns(count: int, *, wrong: bool = False) -> list[TaxReturn]:
    return [
        filed(
            {
                "wages": number,
                "total_income": number + wrong,
                "taxpayer_ssn": f"9003{number:05d}" if number else REVIEW,
            },
            return_id=f"{number:020x}",
        )
        for number in range(count)
    ]


def validated(batch: list[TaxReturn], at_once: int, docs: Path | None = None) -> Validation:
    builder = FrameBuilder(BOOK, PACK)
    for start in range(0, len(batch), at_once):
        builder.add(batch[start : start + at_once])
    assert len(builder) == len(batch)
    return validate_frame(builder.frame(), BOOK, docs)


def test_rules_across_returns_see_all_pieces() -> None:
    batch = [*returns(5), filed({"taxpayer_ssn": "900300001"}, return_id="again")]
    whole = validate_returns(batch, BOOK, PACK)
    made = validated(batch, 2)
    ids = [one.return_id for one in batch]
    assert made.results_of(ids) == whole
    assert made.count() == len(whole) == 12
    repeated = {
        it.return_id for it in whole if it.rule_id == "T-002" and it.outcome is Outcome.FAIL
    }
    assert repeated == {"again", f"{1:020x}"}


def test_results_come_in_any_order_and_never_for_a_stranger() -> None:
    batch = returns(4)
    made = validated(batch, 4)
    ids = [one.return_id for one in batch]
    assert made.results_of([]) == []
    assert made.results_of(ids[1:3]) == made.results_of(ids)[2:6]
    assert [it.return_id for it in made.results_of([ids[3], ids[0]])][::2] == [ids[3], ids[0]]
    with pytest.raises(KeyError):
        made.results_of(["stranger"])


def test_pages_hold_no_more_for_many_returns_than_for_few(tmp_path: Path) -> None:
    sizes = []
    for count in (30, 300):
        docs = tmp_path / str(count)
        validated(returns(count, wrong=True), 100, docs)
        pages = [path for path in docs.rglob("*") if path.suffix in (".html", ".json")]
        keys = {key for path in pages for key in re.findall(r"\b0{15}[0-9a-f]{5}\b", _text(path))}
        assert 0 < len(keys) <= 20
        assert not any(re.search(r"9003\d{5}", _text(path)) for path in pages)
        sizes.append(sum(path.stat().st_size for path in pages))
    assert sizes[1] < 1.05 * sizes[0]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_judgement_says_each_thing_once() -> None:
    (compiled,) = [one for one in BOOK.rules if one.definition.id == "T-001"]
    rows = FactSheet(PACK).rows(returns(50), compiled.columns)
    judged = judge_rule(compiled, [2022] * 49 + [2021], rows)
    assert len(judged) == 50
    assert set(judged) == {Said(Outcome.PASS), None}
    evaluations = evaluate_rule(compiled, [2022] * 49 + [2021], rows)
    assert evaluations == [
        judged.evaluation(index, 2022 if index < 49 else 2021, row)
        for index, row in enumerate(rows)
    ]
    assert evaluations[7] and evaluations[7].inputs["wages"] == "7"
    assert evaluations[49] is None


def test_a_judgement_can_be_changed_afterwards() -> None:
    judged = Judgement(BOOK.rules[0])
    for said in (Said(Outcome.PASS), None, Said(Outcome.FAIL, "no")):
        judged.append(said)
    judged.replace(1, Said(Outcome.NOT_EVALUATED, "why"))
    assert [said and said.outcome.value for said in judged] == ["pass", "not_evaluated", "fail"]
