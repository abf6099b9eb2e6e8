"""How often each rule spoke in what is loaded, in both kinds of database."""

from __future__ import annotations

import made

from loaders.repository import Repository
from loaders.rule_counts import count_rule_results
from schemas.rule_tally import RuleTally
from schemas.rules import Category, Outcome, RuleResult, Severity

BEGINS = "does not apply"


def said(return_id: str, rule_id: str, outcome: Outcome, message: str = "") -> RuleResult:
    return RuleResult(
        rule_id=rule_id,
        return_id=return_id,
        severity=Severity.REJECT,
        category=Category.MATH_ERROR,
        outcome=outcome,
        message=message,
    )


def test_results_are_counted_by_rule_and_department(repository: Repository) -> None:
    batch = repository.start_or_resume_batch("us_irs", "/in")
    ids = []
    for file in ("a.pdf", "b.pdf"):
        document = repository.receive(batch, file, made.sha(file), 1).document_id
        pages = (made.first_page("1000"), made.second_page())
        repository.store_pages(document, pages)
        decided = made.decided(file, *pages)
        ids.append(decided.tax_return.return_id)
        repository.store_returns(batch, [decided])
    idle = f"{BEGINS}: its condition is not met"
    repository.store_rule_results(
        [
            said(ids[0], "T-1", Outcome.FAIL, "wrong"),
            said(ids[0], "T-2", Outcome.PASS, idle),
            said(ids[1], "T-1", Outcome.PASS),
            said(ids[1], "T-2", Outcome.NOT_EVALUATED, "not evaluated: in review"),
        ]
    )
    assert count_rule_results(repository.engine, "us_irs", BEGINS) == (
        2,
        {
            "T-1": RuleTally(failed=1, passed=1),
            "T-2": RuleTally(does_not_apply=1, not_evaluated=1),
        },
    )
    assert count_rule_results(repository.engine, "nc_dor", BEGINS) == (0, {})
