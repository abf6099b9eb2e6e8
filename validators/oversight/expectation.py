"""An inquiry as a Great Expectations expectation over SQL. Importing this imports it: slow.

`UnexpectedRowsExpectation` is the built-in that is nearest. It asks twice, cuts at 200 rows,
takes text only and prints to the terminal; so ours asks once, with SQLAlchemy's own statements,
and leaves counts and surrogate keys with Great Expectations, all else with the `Watch`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import sqlalchemy as sa
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from validators.oversight.inquiry import Answer, Inquiry, ask

METRIC = "table.taxlift_inquiry"
MAX_NAMED_RETURNS = 20


@dataclass
class Watch:
    """One batch being looked at: the database, what is asked of it, and what it answered."""

    engine: sa.Engine
    inquiries: dict[str, Inquiry]
    answers: dict[str, Answer] = field(default_factory=dict)

    def ask(self, name: str, engine: SqlAlchemyExecutionEngine) -> Answer:
        """Never raises: Great Expectations would keep the traceback in its results."""
        answer = ask(self.inquiries[name], engine.execute_query)
        self.answers[name] = answer
        return answer


WATCHES: dict[str, Watch] = {}
"""Those in progress by token: an expectation's arguments must be plain text."""


class LoadedReturns(SQLDatasource):
    """Our own connection: no second pool, and no password in Great Expectations' hands."""

    type: Literal["taxlift"] = "taxlift"  # type: ignore[assignment]
    watch: str

    def get_engine(self) -> sa.Engine:
        return WATCHES[self.watch].engine

    def get_execution_engine(self) -> SqlAlchemyExecutionEngine:
        if self._execution_engine is None:
            # Without temporary tables it only reads.
            self._execution_engine = SqlAlchemyExecutionEngine(
                engine=self.get_engine(), create_temp_table=False
            )
        return self._execution_engine


class InquiryAnswers(TableMetricProvider):
    """Asks one inquiry; gives counts and surrogate keys."""

    metric_name = METRIC
    value_keys = ("inquiry", "watch")

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> dict[str, Any]:
        watch = WATCHES[metric_value_kwargs["watch"]]
        answer = watch.ask(metric_value_kwargs["inquiry"], execution_engine)
        returns = [one for subject in answer.subjects for one in subject.returns]
        return {
            "basis": answer.basis,
            "failure": answer.failure,
            "found": sum(subject.count for subject in answer.subjects),
            "subjects": len(answer.subjects),
            "returns": list(dict.fromkeys(returns))[:MAX_NAMED_RETURNS],
        }


class ExpectNothingFound(BatchExpectation):
    """An inquiry over the department's database finds nothing unexpected."""

    inquiry: str
    watch: str
    least: int

    metric_dependencies: ClassVar[tuple[str, ...]] = (METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("inquiry", "watch", "least")
    args_keys: ClassVar[tuple[str, ...]] = ("inquiry", "watch", "least")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        found = metrics[METRIC]
        if found["failure"]:
            said = f"could not be evaluated: {found['failure']}"
        elif found["basis"] < self.least:
            said = f"not evaluated: {found['basis']:,} could be compared"
        else:
            said = f"{found['found']:,} found, {found['basis']:,} compared"
        return {
            # What could not be evaluated has not succeeded; it is no alert either.
            "success": not found["failure"] and found["basis"] >= self.least and not found["found"],
            "result": {
                "observed_value": said,
                "details": {"failed": found["found"], "failed_returns": found["returns"]},
            },
        }
