"""Looking at a batch as a whole, in the run and after it: never in its way, and never twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flow_runs import Ran
from typer.testing import CliRunner

from flows import oversight
from flows.cli import app
from flows.context import run_context
from loaders.database import open_database
from loaders.findings import FindingStore
from schemas.errors import DatabaseError
from schemas.rules import Outcome


def store(ran: Ran) -> FindingStore:
    return FindingStore(open_database(ran.url))


def forget(ran: Ran) -> None:
    with store(ran).engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM batch_findings"))


def test_a_run_ends_with_findings(undisturbed: Ran) -> None:
    found = store(undisturbed).findings(undisturbed.run)
    assert {each.expectation: each.outcome for each in found}["repeated_filer"] is Outcome.PASS
    # Three returns and no history: most can not be said, and none of it by failure.
    assert not [each for each in found if "Could not be evaluated" in each.message]
    assert not [each for each in found if each.outcome is Outcome.FAIL]
    index = (undisturbed.folder / "data-docs" / "index.html").read_text(encoding="utf-8")
    assert "The department&#39;s returns" in index


def test_looking_again_changes_nothing(settled_copy: Ran) -> None:
    context = run_context("us_irs", settled_copy.settings)
    before = store(settled_copy).findings(settled_copy.run)
    events = _events(settled_copy)
    assert sorted(oversight.oversee(context, settled_copy.run, None), key=repr) == sorted(
        before, key=repr
    )
    assert _events(settled_copy) == events


def _events(ran: Ran) -> int:
    with store(ran).engine.connect() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM audit_events")).scalar_one()


@pytest.mark.parametrize("place", ["look_at_batch", "BatchInView"])
def test_a_failure_is_a_finding_and_says_no_value(
    settled_copy: Ran, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("of 900-12-3456")

    monkeypatch.setattr(oversight, place, broken)
    context = run_context("us_irs", settled_copy.settings)
    oversight.oversee(context, settled_copy.run, None)
    (failed,) = store(settled_copy).findings(settled_copy.run)
    assert (failed.expectation, failed.outcome) == (oversight.WHOLE, Outcome.NOT_EVALUATED)
    assert "ValueError at test_oversight.py" in failed.message
    assert "3456" not in failed.message


def test_a_lost_database_is_logged_and_nothing_more(
    settled_copy: Ran, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lost(*_: Any, **__: Any) -> None:
        raise DatabaseError("gone")

    for name in ("measure", "store_findings", "without_findings"):
        monkeypatch.setattr(FindingStore, name, lost)
    context = run_context("us_irs", settled_copy.settings)
    oversight.make_up_oversight(context, settled_copy.run)
    (failed,) = oversight.oversee(context, settled_copy.run, None)
    assert failed.outcome is Outcome.NOT_EVALUATED
    assert "could not be kept: DatabaseError" in caplog.text


def test_the_next_run_makes_up_for_one_that_was_broken_off(
    settled_copy: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = run_context("us_irs", settled_copy.settings)
    looked: list[str] = []
    monkeypatch.setattr(oversight, "oversee", lambda _, batch, __: looked.append(batch))
    later = context.repository.start_or_resume_batch("us_irs", "another inbox")
    oversight.make_up_oversight(context, later)
    assert looked == []
    forget(settled_copy)
    oversight.make_up_oversight(context, later)
    assert looked == [settled_copy.run]


def test_a_batch_without_a_page_has_nothing_to_look_at(settled_copy: Ran) -> None:
    context = run_context("us_irs", settled_copy.settings)
    batch = context.repository.start_or_resume_batch("us_irs", "an empty inbox")
    assert oversight.oversee(context, batch, None) == ()


def test_the_command_shows_them(undisturbed: Ran) -> None:
    shown = CliRunner().invoke(app, ["findings", undisturbed.run, "--db", undisturbed.url])
    assert shown.exit_code == 0, shown.output
    assert f"Run {undisturbed.run} as a whole: 0 alerts" in shown.output
    assert "repeated_filer" in shown.output
    answer = CliRunner().invoke(app, ["findings", "--json", "--db", undisturbed.url])
    found = json.loads(answer.output)
    assert {"repeated_filer", "page_mix"} <= {each["expectation"] for each in found}
