"""Our rules as a Great Expectations expectation. Importing this imports Great Expectations: slow.

The expectation names a rule and a run; its metric runs the compiled rule over the frame. What
Great Expectations keeps of it are counts and surrogate keys, never a value: the evaluations
themselves stay with the `Run`, in this process.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from schemas.rules import Outcome
from validators.evaluation import DOES_NOT_APPLY, Judgement, judge_rule
from validators.rulebook import CompiledRule

if TYPE_CHECKING:
    import pandas as pd

METRIC = "table.taxlift_rule"
MAX_NAMED_RETURNS = 20


@dataclass
class Run:
    """One validation in progress: its rules, and what they said of each row of the frame."""

    rules: dict[str, CompiledRule]
    judgements: dict[str, Judgement] = field(default_factory=dict)

    def judge(self, key: str, frame: pd.DataFrame) -> Judgement:
        rule = self.rules[key]
        rows = list(zip(*(frame[column.key].tolist() for column in rule.columns), strict=True))
        found = judge_rule(rule, frame["tax_year"].tolist(), rows)
        self.judgements[key] = found
        return found


RUNS: dict[str, Run] = {}
"""Runs in progress by token: an expectation's arguments must be plain text."""


class RuleOutcomes(TableMetricProvider):
    """Runs one rule over the whole frame; gives counts and the surrogate keys of failures."""

    metric_name = METRIC
    value_keys = ("rule", "run")

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
        cls,
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> dict[str, Any]:
        frame, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type="table")
        found = RUNS[metric_value_kwargs["run"]].judge(metric_value_kwargs["rule"], frame)
        counts: Counter[str] = Counter()
        failed: list[str] = []
        for said, times in Counter(found).items():
            if said is not None:
                applies = not said.message.startswith(DOES_NOT_APPLY)
                counts[said.outcome.value if applies else "does_not_apply"] += times
        for return_id, said in zip(frame["return_id"], found, strict=True):
            if len(failed) == MAX_NAMED_RETURNS or not counts[Outcome.FAIL]:
                break
            if said is not None and said.outcome is Outcome.FAIL:
                failed.append(return_id)
        return {"counts": dict(counts), "failed": failed}


class ExpectRuleToHold(BatchExpectation):
    """A department's rule holds for every return of the batch to which it applies."""

    rule: str
    run: str

    metric_dependencies: ClassVar[tuple[str, ...]] = (METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("rule", "run")
    args_keys: ClassVar[tuple[str, ...]] = ("rule", "run")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        found = metrics[METRIC]
        counts = Counter(found["counts"])
        unread = counts[Outcome.NOT_EVALUATED]
        said = (
            f"{counts[Outcome.PASS]:,} pass, {counts[Outcome.FAIL]:,} fail, "
            f"{unread:,} not evaluated, {counts['does_not_apply']:,} do not apply"
        )
        # A rule that could nowhere be evaluated has not passed.
        details = {"failed": counts[Outcome.FAIL], "failed_returns": found["failed"]}
        success = not counts[Outcome.FAIL] and not (unread and not counts[Outcome.PASS])
        return {
            "success": success,
            "result": {"observed_value": said, "details": details},
        }
