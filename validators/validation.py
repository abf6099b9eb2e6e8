"""Validating a batch: returns into a frame, rules into suites, one checkpoint, one result each.

Great Expectations runs the rules and writes Data Docs; our own results are the truth. It takes
seconds to import, so it is imported only here, inside the function. It gets surrogate keys and
sealed texts, keeps counts only, and calls nobody.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.department import Department
from schemas.returns import TaxReturn
from schemas.rules import Outcome, RuleResult, Severity
from validators.data_docs import ONE_AT_A_TIME
from validators.evaluation import Evaluation, Judgement
from validators.frames import FrameBuilder
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


class Validation:
    """What every rule said of every row of a frame; results are made of it a few at a time."""

    def __init__(
        self,
        frame: pd.DataFrame,
        rules: dict[str, CompiledRule],
        judgements: dict[str, Judgement],
    ) -> None:
        self._frame = frame
        self._rules = rules
        self._judgements = judgements
        self._places = {each: place for place, each in enumerate(frame["return_id"])}

    def count(self) -> int:
        """Number of results."""
        years = Counter(self._frame["tax_year"].tolist())
        return sum(years[year] for rule in self._rules.values() for year in rule.by_year)

    def results_of(self, return_ids: Sequence[str]) -> list[RuleResult]:
        """Of these returns: return by return, in the order of the book.

        Raises:
            KeyError: one was not validated.
        """
        places = [self._places[each] for each in return_ids]
        together = places == list(range(places[0], places[0] + len(places))) if places else True
        if together:
            return self.results(places[0], len(places)) if places else []
        return [result for place in places for result in self.results(place, 1)]

    def results(self, first: int, count: int) -> list[RuleResult]:
        """Of these rows: row by row, in the order of the book."""
        part = self._frame.iloc[first : first + count]
        ids, years = part["return_id"].tolist(), part["tax_year"].tolist()
        by_row: list[list[RuleResult]] = [[] for _ in ids]
        for key, rule in self._rules.items():
            judged = self._judgements.get(key)
            rows = zip(*(part[column.key].tolist() for column in rule.columns), strict=True)
            for index, (year, row) in enumerate(zip(years, rows, strict=True)):
                if year in rule.by_year:
                    said = judged.evaluation(first + index, year, row) if judged else None
                    by_row[index].append(_result(rule, ids[index], said or _ENGINE_FAILED))
        return [result for results in by_row for result in results]


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
    return validate_frame(frame, book, docs_folder).results(0, len(returns))


def build_frame(
    returns: Sequence[TaxReturn], book: RuleBook, department: Department
) -> pd.DataFrame:
    """One row a return: its surrogate key, its tax year and the cells that the rules need.

    Amounts are decimals, texts sealed (they print as `•••`), blanks None.
    """
    builder = FrameBuilder(book, department)
    builder.add(returns)
    return builder.frame()


def validate_frame(
    frame: pd.DataFrame, book: RuleBook, docs_folder: Path | None = None
) -> Validation:
    """The same over a frame, however many returns it holds, in one validation."""
    rules = {rule.key: rule for rule in book.rules}
    with ONE_AT_A_TIME:
        judgements = _run_checkpoint(frame, rules, book, docs_folder)
    return Validation(frame, rules, judgements)


def _run_checkpoint(
    frame: pd.DataFrame,
    rules: dict[str, CompiledRule],
    book: RuleBook,
    docs_folder: Path | None,
) -> dict[str, Judgement]:
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
    return run.judgements


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
