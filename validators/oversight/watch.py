"""Looking at a batch as a whole: inquiries into suites, one checkpoint with actions, findings.

Great Expectations asks the database, calls the actions and writes Data Docs; the findings are
ours. What the built-in expectations can say, they do: how the kinds of pages are mixed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from schemas.findings import Finding
from schemas.readings import PageStatus
from schemas.rules import Outcome
from validators.data_docs import ONE_AT_A_TIME
from validators.oversight.actions import Act, find_actions
from validators.oversight.inquiries import of_batches, of_returns
from validators.oversight.inquiry import (
    DOCUMENTS,
    FIGURES,
    PAGES,
    Answer,
    BatchInView,
    Inquiry,
    Told,
)

if TYPE_CHECKING:
    from validators.oversight.expectation import Watch

Record = Callable[[Sequence[Finding]], object]
"""Keeps findings of a batch in place of those that it had."""
Shares = dict[str, tuple[float, float]]
"""Kind of page → its share in the batches before, and in this one."""

_RETURNS, _BATCHES, _PAGES = "The department's returns", "Batch against batch", "Pages"
_MIX = "page_mix"
_MIX_TITLE = "Other pages than before"


def look_at_batch(
    engine: sa.Engine, view: BatchInView, record: Record, docs_folder: Path | None = None
) -> list[Finding]:
    """Ask everything that the department expects of a batch that is loaded.

    `record` is called within the checkpoint, before any other action, and once more if one of
    those failed.
    """
    inquiries = {one.id: one for one in (*of_returns(view), *of_batches(view))}
    shares = _page_shares(engine, view)
    found: list[Finding] = []

    def take(answers: dict[str, Answer], divergence: float | None, mix_asked: bool) -> None:
        found.extend(_findings(view, inquiries, answers))
        if view.expected.page_mix.enabled:
            found.append(_mix_finding(view, shares, divergence, mix_asked))
        record(found)

    actions = find_actions(view.expected.actions)
    with ONE_AT_A_TIME:
        failed = _run_checkpoint(engine, view, inquiries, shares, take, actions, found, docs_folder)
    if failed:
        found += [could_not(view.batch_id, f"action.{name}", why) for name, why in failed.items()]
        record(found)
    return found


def could_not(batch_id: str, expectation: str, why: str) -> Finding:
    """A finding that says of something that it could not be evaluated."""
    return Finding(
        batch_id=batch_id,
        expectation=expectation,
        outcome=Outcome.NOT_EVALUATED,
        title="Could not be evaluated",
        message=f"Could not be evaluated: {why}. The batch itself is not affected.",
    )


def _run_checkpoint(
    engine: sa.Engine,
    view: BatchInView,
    inquiries: dict[str, Inquiry],
    shares: Shares,
    take: Callable[[dict[str, Answer], float | None, bool], None],
    actions: dict[str, Act],
    found: list[Finding],
    docs_folder: Path | None,
) -> dict[str, str]:
    # Both are read when Great Expectations is imported.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    os.environ.setdefault("TQDM_DISABLE", "1")
    import great_expectations as gx

    from validators.data_docs import DataDocs, make_context
    from validators.oversight.calls import CALLS, CallFunction
    from validators.oversight.expectation import WATCHES, Watch

    token = secrets.token_hex(8)
    watch = WATCHES[token] = Watch(engine, inquiries)
    failed: dict[str, str] = {}
    context = make_context(docs_folder)
    source: Any = context.data_sources.add_taxlift(
        "database", connection_string="sqlite://", watch=token
    )
    try:
        definitions = [
            context.validation_definitions.add(
                gx.ValidationDefinition(name=name, data=data, suite=context.suites.add(suite))
            )
            for name, data, suite in _suites(source, view, watch, token, shares)
        ]

        def first(result: Any) -> None:
            take(watch.answers, _divergence(result), bool(shares))

        calls: dict[str, Callable[[Any], None]] = {"record": first}
        calls |= {name: _guarded(name, act, found, failed) for name, act in actions.items()}
        if not definitions:  # all that a department asks may need history that is not there
            for call in calls.values():
                call(None)
            return failed
        CALLS[token] = calls
        checkpoint = context.checkpoints.add(
            gx.Checkpoint(
                name=view.department.name,
                validation_definitions=definitions,
                actions=[CallFunction(name=name, call=token) for name in calls],
                result_format={
                    "result_format": "BASIC",
                    "partial_unexpected_count": 0,
                    "exclude_unexpected_values": True,
                },
            )
        )
        result = checkpoint.run()
        if docs_folder is not None:
            DataDocs(context, docs_folder).publish(result)
    finally:
        # On SQLite it holds a connection, and with it a view of the database as it was.
        source.get_execution_engine().close()
        CALLS.pop(token, None)
        del WATCHES[token]
    return failed


def _guarded(
    name: str, act: Act, found: list[Finding], failed: dict[str, str]
) -> Callable[[Any], None]:
    def call(_: Any) -> None:
        try:
            act(tuple(found))
        except Exception as error:
            failed[name] = f"the action stopped with {type(error).__name__}"

    return call


def _suites(
    source: Any, view: BatchInView, watch: Watch, token: str, shares: Shares
) -> list[tuple[str, Any, Any]]:
    import great_expectations as gx
    from great_expectations import expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    from validators.oversight.expectation import ExpectNothingFound

    suites = []
    for name, table, inquiries in (
        (_RETURNS, "returns", of_returns(view)),
        (_BATCHES, "batch_figures", of_batches(view)),
    ):
        expectations = [
            ExpectNothingFound(
                inquiry=one.id,
                watch=token,
                least=one.least,
                description=f"{one.id}: {one.plain}",
                severity=FailureSeverity.WARNING,
                meta={"expectation": one.id, "title": one.title, "severity": "alert"},
            )
            for one in inquiries
        ]
        if expectations:
            asset = source.add_table_asset(table, table_name=table)
            data = asset.add_batch_definition_whole_table("all")
            suites.append((name, data, gx.ExpectationSuite(name=name, expectations=expectations)))
    if shares:
        asset = source.add_query_asset("pages", query=_pages_query(view))
        mix = gxe.ExpectColumnKLDivergenceToBeLessThan(
            column="status",
            partition_object={
                "values": list(shares),
                "weights": [before for before, _ in shares.values()],
            },
            threshold=view.expected.page_mix.most_divergence,
            description=f"{_MIX}: Pages turn out as in the batches before.",
            severity=FailureSeverity.WARNING,
            meta={"expectation": _MIX, "title": _MIX_TITLE, "severity": "alert"},
        )
        data = asset.add_batch_definition_whole_table("all")
        suites.append((_PAGES, data, gx.ExpectationSuite(name=_PAGES, expectations=[mix])))
    return suites


def _pages_query(view: BatchInView) -> str:
    query = (
        sa.select(PAGES.c.status)
        .join(DOCUMENTS, DOCUMENTS.c.id == PAGES.c.document_id)
        .where(DOCUMENTS.c.batch_id == view.batch_id)
    )
    return str(query.compile(compile_kwargs={"literal_binds": True}))


def _page_shares(engine: sa.Engine, view: BatchInView) -> Shares:
    """Kind of page → its share in the batches before and in this one; empty if too little.

    A tenth of a page is added to each kind before: what never was is unexpected, not impossible.
    """
    said = view.expected.page_mix
    query = sa.select(FIGURES).where(
        FIGURES.c.measure == "pages",
        FIGURES.c.whole >= said.least_items,
        FIGURES.c.batch_id.in_([view.batch_id, *view.earlier]),
    )
    before = {status.value: 0 for status in PageStatus}
    now: dict[str, float] = {}
    batches = set()
    with engine.connect() as connection:
        for row in connection.execute(query):
            if row.batch_id == view.batch_id:
                now[row.subject] = row.part / row.whole
            else:
                batches.add(row.batch_id)
                before[row.subject] += row.part
    if not said.enabled or not now or len(batches) < view.expected.least_history:
        return {}
    whole = sum(before.values()) + len(before) / 10
    return {kind: ((count + 0.1) / whole, now[kind]) for kind, count in before.items()}


def _divergence(result: Any) -> float | None:
    """What the built-in expectation observed; None where it was not asked, or stopped."""
    for suite in result.run_results.values() if result is not None else ():
        for one in suite.results:
            if one.expectation_config.meta.get("expectation") == _MIX:
                observed = one.result.get("observed_value")
                return None if observed is None else float(observed)
    return None


def _mix_finding(
    view: BatchInView, shares: Shares, divergence: float | None, asked: bool
) -> Finding:
    said = view.expected.page_mix
    if not asked:
        why = (
            f"Not evaluated: it takes {said.least_items} pages in this batch and in "
            f"{view.expected.least_history} batches before it."
        )
        return _finding(view, _MIX, _MIX_TITLE, Outcome.NOT_EVALUATED, Told("", why))
    if divergence is None:
        return could_not(view.batch_id, _MIX, "the database could not be asked")
    numbers: dict[str, Any] = {"divergence": round(divergence, 6), "most": said.most_divergence}
    for kind, (before, now) in shares.items():
        numbers |= {f"{kind}_before": round(before, 6), kind: round(now, 6)}
    if divergence <= said.most_divergence:
        told = Told("", "Pages turn out as in the batches before.", numbers)
        return _finding(view, _MIX, _MIX_TITLE, Outcome.PASS, told)
    moved = [
        f"{kind} {now:.1%} (before {before:.1%})"
        for kind, (before, now) in shares.items()
        if f"{now:.1%}" != f"{before:.1%}"
    ]
    message = f"Pages turn out otherwise than in the batches before: {', '.join(moved)}."
    told = Told("", message, numbers)
    return _finding(view, _MIX, _MIX_TITLE, Outcome.FAIL, told)


def _findings(
    view: BatchInView, inquiries: dict[str, Inquiry], answers: dict[str, Answer]
) -> list[Finding]:
    found = []
    for name, inquiry in inquiries.items():
        answer = answers.get(name)
        if answer is None or answer.failure:
            why = f"the database stopped with {answer.failure}" if answer else "it was not asked"
            found.append(could_not(view.batch_id, name, why))
        elif answer.basis < inquiry.least:
            why = f"Not evaluated: {inquiry.too_little}."
            told = Told("", why, {"compared": answer.basis})
            found.append(_finding(view, name, inquiry.title, Outcome.NOT_EVALUATED, told))
        elif not answer.subjects:
            told = Told("", inquiry.plain, {"compared": answer.basis})
            found.append(_finding(view, name, inquiry.title, Outcome.PASS, told))
        for subject in answer.subjects if answer else ():
            finding = _finding(view, name, inquiry.title, Outcome.FAIL, inquiry.tell(subject))
            found.append(
                finding.model_copy(
                    update={
                        "count": subject.count if subject.returns else 0,
                        "returns": tuple(dict.fromkeys(subject.returns)),
                        "cases": tuple(subject.cases),
                    }
                )
            )
    return found


def _finding(
    view: BatchInView, expectation: str, title: str, outcome: Outcome, told: Told
) -> Finding:
    return Finding(
        batch_id=view.batch_id,
        expectation=expectation,
        subject=told.subject,
        outcome=outcome,
        title=title,
        message=told.message,
        numbers=told.numbers,
    )
