"""Validating a batch: returns into a frame, rules into suites, one checkpoint, one result each.

Great Expectations runs the rules and writes Data Docs; our own results are the truth. It takes
seconds to import, so it is imported only here, inside the function. It gets surrogate keys and
sealed texts, keeps counts only, and calls nobody.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.department import Department
from schemas.returns import TaxReturn
from schemas.rules import Outcome, RuleResult, Severity
from validators.data_docs import ONE_AT_A_TIME
from validators.evaluation import Evaluation
from validators.facts import FactSheet
from validators.rulebook import CompiledRule, RuleBook
from validators.scope import describe_form

if TYPE_CHECKING:
    import pandas as pd

_ENGINE_FAILED = Evaluation(Outcome.NOT_EVALUATED, "not evaluated: the validation engine failed")

SEVERITY = {
    Severity.ALERT: "warning",
    Severity.REJECT: "critical",
    Severity.REJECT_AND_STOP: "critical",
}
"""Ours → Great Expectations'."""


def validate_returns(
    returns: Sequence[TaxReturn],
    book: RuleBook,
    department: Department,
    docs_folder: Path | None = None,
) -> list[RuleResult]:
    """Every rule of the book over every return of its years: pass, fail or not evaluated.

    With a `docs_folder`, Great Expectations' Data Docs are written there (`index.html`), beside
    those of the last runs. Results come return by return, in the order of the returns and of
    the book.
    """
    if not returns:
        return []
    frame = build_frame(returns, book, department)
    rules = {rule.key: rule for rule in book.rules}
    with ONE_AT_A_TIME:
        evaluations = _run_checkpoint(frame, rules, book, docs_folder)
    results = []
    for index, tax_return in enumerate(returns):
        for key, rule in rules.items():
            if tax_return.tax_year in rule.by_year:
                found = evaluations.get(key)
                evaluation = (found[index] if found else None) or _ENGINE_FAILED
                results.append(_result(rule, tax_return.return_id, evaluation))
    return results


def build_frame(
    returns: Sequence[TaxReturn], book: RuleBook, department: Department
) -> pd.DataFrame:
    """One row a return: its surrogate key, its tax year and the cells that the rules need.

    Amounts are decimals, texts sealed (they print as `•••`), blanks None.
    """
    import pandas as pd

    columns = book.columns()
    rows = FactSheet(department).rows(returns, columns)
    data: dict[str, Any] = {
        "return_id": pd.Series([it.return_id for it in returns], dtype=object),
        "tax_year": pd.Series([it.tax_year for it in returns], dtype="int64"),
    }
    for index, column in enumerate(columns):
        data[column.key] = pd.Series([row[index] for row in rows], dtype=object)
    return pd.DataFrame(data)


def _run_checkpoint(
    frame: pd.DataFrame,
    rules: dict[str, CompiledRule],
    book: RuleBook,
    docs_folder: Path | None,
) -> dict[str, list[Evaluation | None]]:
    # Both are read when Great Expectations is imported.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    os.environ.setdefault("TQDM_DISABLE", "1")
    import great_expectations as gx

    from validators.data_docs import DataDocs, make_context
    from validators.expectations import RUNS, Run

    context = make_context(docs_folder)
    source = context.data_sources.add_pandas("returns")
    batch = source.add_dataframe_asset("batch").add_batch_definition_whole_dataframe("all")
    token = secrets.token_hex(8)
    definitions = [
        context.validation_definitions.add(
            gx.ValidationDefinition(name=suite.name, data=batch, suite=context.suites.add(suite))
        )
        for suite in _suites(rules, book, len(frame), token)
    ]
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name=book.department,
            validation_definitions=definitions,
            result_format={
                "result_format": "BASIC",
                "partial_unexpected_count": 0,
                "exclude_unexpected_values": True,
            },
        )
    )
    run = RUNS[token] = Run(rules)
    try:
        result = checkpoint.run(batch_parameters={"dataframe": frame})
        if docs_folder is not None:
            DataDocs(context, docs_folder).publish(result)
    finally:
        del RUNS[token]
    return run.evaluations


def _suites(
    rules: dict[str, CompiledRule], book: RuleBook, row_count: int, token: str
) -> list[Any]:
    """One suite a form, and one for the batch as a whole."""
    import great_expectations as gx
    from great_expectations import expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    from validators.expectations import ExpectRuleToHold

    by_form: dict[str, list[Any]] = {}
    for key, rule in rules.items():
        definition = rule.definition
        expectation = ExpectRuleToHold(
            rule=key,
            run=token,
            description=f"{definition.id}: {rule.plain_text}",
            severity=FailureSeverity(SEVERITY[definition.severity]),
            meta={
                "rule_id": definition.id,
                "title": definition.title,
                "severity": definition.severity.value,
                "category": definition.category.value,
                "source": definition.source,
            },
        )
        by_form.setdefault(definition.form, []).append(expectation)
    batch = [
        gxe.ExpectTableRowCountToEqual(value=row_count, description="No return was lost."),
        gxe.ExpectColumnValuesToBeUnique(
            column="return_id", description="Every return is there once."
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="tax_year",
            value_set=list(book.years),
            description="The department has rules for every return's tax year.",
        ),
    ]
    suites = [gx.ExpectationSuite(name="The batch", expectations=batch)]
    for form, expectations in by_form.items():
        suites.append(gx.ExpectationSuite(name=describe_form(form), expectations=expectations))
    return suites


def _result(rule: CompiledRule, return_id: str, evaluation: Evaluation) -> RuleResult:
    definition = rule.definition
    return RuleResult(
        rule_id=definition.id,
        return_id=return_id,
        severity=definition.severity,
        category=definition.category,
        outcome=evaluation.outcome,
        message=evaluation.message,
        inputs=evaluation.inputs,
    )
