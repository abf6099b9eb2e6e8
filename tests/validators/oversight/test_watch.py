"""The whole of it through Great Expectations: findings, actions, pages, failures, and no leaks."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from loaded import SSN, Loaded, expecting, only
from sqlalchemy.engine import Engine

from schemas.errors import MissingProgramError
from schemas.findings import MOST_CASES, Finding
from schemas.rules import Outcome
from validators.oversight import actions, watch
from validators.oversight.inquiry import Subject


@pytest.fixture
def loaded(engine: Engine) -> Loaded:
    return Loaded(engine, only("repeated_filer"))


def returns(count: int = 6) -> list[dict[str, Any]]:
    return [
        {"taxpayer_ssn": SSN.format(at), "wages": 1_000 + at, "taxpayer_name": "Adaeze Okafor"}
        for at in range(count)
    ]


def by_name(found: Sequence[Finding]) -> dict[str, Finding]:
    return {each.expectation: each for each in found}


def test_everything_is_asked_answered_and_kept(engine: Engine, tmp_path: Path) -> None:
    small = {"least_items": 5}
    drift = ("acceptance", "blank_fields", "blank_scans", "confidence_drift", "amount_drift")
    pack = expecting(
        unlike_peers={"least_peers": 5}, repeated_content={"least_amounts": 1}, page_mix=small,
        **dict.fromkeys(drift, small),
    )  # fmt: skip
    loaded = Loaded(engine, pack)
    for batch in range(2):
        loaded.batch([{**one, "taxpayer_ssn": SSN.format(90 + batch)} for one in returns(1)] * 6)
    batch = loaded.batch(returns(), blank_pages=6)
    docs = tmp_path / "docs"
    found = loaded.look(batch, docs=docs)
    assert {each.outcome for each in found} == set(Outcome)
    names = by_name(found)
    assert len(names) == 10
    assert names["repeated_filer"].outcome is Outcome.PASS
    assert names["repeated_content"].returns == tuple(loaded.returns(batch)[:1])
    assert names["changed_since_last_year"].outcome is Outcome.NOT_EVALUATED
    assert names["blank_scans"].numbers["share"] == 0.5
    mix = names["page_mix"]
    assert (mix.outcome, mix.numbers["most"]) == (Outcome.FAIL, 0.1)
    assert [each.outcome for each in found] == sorted(
        (each.outcome for each in found), key=["fail", "not_evaluated", "pass"].index
    )

    # Nothing that Great Expectations wrote names a taxpayer, or the machine.
    files = [path for path in docs.rglob("*") if path.is_file()]
    assert len([path for path in files if path.suffix == ".json"]) == 3
    for path in files:
        content = path.read_bytes()
        secrets = [SSN.format(at) for at in (0, 1, 90, 91)]
        for secret in (*secrets, "Okafor", "Traceback", "site-packages", *_password(engine)):
            assert secret.encode() not in content, path.name
    index = (docs / "index.html").read_text(encoding="utf-8")
    assert "Batch against batch" in index


def _password(engine: Engine) -> list[str]:
    return [engine.url.password] if engine.url.password else []


def test_looking_again_changes_nothing(loaded: Loaded) -> None:
    batch = loaded.batch([*returns(), *returns(1)])
    loaded.look(batch)
    before = _everything(loaded.engine)
    loaded.look(batch)
    assert _everything(loaded.engine) == before


def _everything(engine: Engine) -> list[Any]:
    tables = ("batch_figures", "return_figures", "batch_findings", "audit_events")
    with engine.connect() as connection:
        return [
            sorted(map(str, connection.execute(sa.text(f"SELECT * FROM {table}")).all()))  # noqa: S608
            for table in tables
        ]


@pytest.mark.parametrize(("batches", "outcome"), [(2, "not_evaluated"), (3, "pass")])
def test_page_mix_needs_history(engine: Engine, batches: int, outcome: str) -> None:
    loaded = Loaded(engine, only("page_mix", least_items=5))
    ids = [loaded.batch(returns()) for _ in range(batches)]
    assert [each.outcome.value for each in loaded.look(ids[-1])] == [outcome]


def test_page_mix_of_a_kind_never_seen_before(engine: Engine) -> None:
    """Some blank pages are chance, a third of all is not; the limit itself is still usual."""
    loaded = Loaded(engine, only("page_mix", least_items=5))
    for _ in range(2):
        loaded.batch(returns(12))
    batch = loaded.batch(returns(12), blank_pages=6)
    (alert,) = loaded.look(batch)
    assert alert.outcome is Outcome.FAIL
    assert "read 66.7% (before 98.8%), blank 33.3% (before 0.4%)" in alert.message
    limit = float(str(alert.numbers["divergence"]))
    for most, outcome in ((limit + 1e-6, Outcome.PASS), (limit - 1e-5, Outcome.FAIL)):
        pack = only("page_mix", least_items=5, most_divergence=most)
        assert [each.outcome for each in loaded.look(batch, pack)] == [outcome]


def test_an_error_in_one_question_is_a_finding_and_the_others_go_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded = Loaded(engine, only("repeated_filer", history=5))
    batch = loaded.batch([*returns(), *returns(1)])
    asked = watch.of_returns

    def broken(view: Any) -> Any:
        (good,) = asked(view)
        bad = sa.select(sa.text("taxpayer_ssn")).select_from(sa.text("nowhere"))
        return [good, type(good)(**{**vars(good), "id": "broken", "basis": bad})]

    monkeypatch.setattr(watch, "of_returns", broken)
    names = by_name(loaded.look(batch, docs=tmp_path / "docs"))
    assert names["repeated_filer"].outcome is Outcome.FAIL
    assert names["broken"].outcome is Outcome.NOT_EVALUATED
    assert "Could not be evaluated" in names["broken"].message
    for path in tmp_path.rglob("*.html"):
        assert "taxpayer_ssn" not in path.read_text(encoding="utf-8")


def test_alerts_are_logged_without_values(loaded: Loaded, caplog: pytest.LogCaptureFixture) -> None:
    batch = loaded.batch([*returns(), *returns(1)])
    with caplog.at_level(logging.WARNING, logger="taxlift.findings"):
        loaded.look(batch)
    assert [one.getMessage() for one in caplog.records] == [
        f"batch {batch}: repeated_filer: Filed twice"
    ]


def test_a_departments_own_action_runs_after_recording_and_may_fail(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = loaded.batch([*returns(), *returns(1)])
    kept: list[int] = []

    def tell(found: Sequence[Finding]) -> None:
        kept.append(len(loaded.store.findings(batch)))
        raise RuntimeError(SSN.format(0))

    monkeypatch.setattr(actions, "_BUILT_IN", {"tell": tell})
    settings = loaded.pack.settings
    said = settings.expectations.model_copy(update={"actions": ("tell",)})
    settings = settings.model_copy(update={"expectations": said})
    pack = loaded.pack.model_copy(update={"settings": settings})
    names = by_name(loaded.look(batch, pack))
    assert kept == [1]
    assert names["repeated_filer"].outcome is Outcome.FAIL
    assert "stopped with RuntimeError" in names["action.tell"].message
    assert SSN.format(0) not in str(names)


def test_actions_come_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("print", "builtins:print", "taxlift.finding_actions")
    bad = EntryPoint("bad", "nowhere.at_all:act", "taxlift.finding_actions")
    monkeypatch.setattr(actions, "entry_points", lambda group: [point, bad])
    assert actions.find_actions(["log", "print"])["print"] is print
    with pytest.raises(MissingProgramError, match="known actions: bad, log, print"):
        actions.find_actions(["mail"])
    with pytest.raises(MissingProgramError, match="cannot be loaded from nowhere"):
        actions.find_actions(["bad"])


def test_all_are_counted_and_the_first_are_named() -> None:
    subject = Subject("", basis=1)
    for at in range(MOST_CASES + 5):
        subject.add({"return_id": f"r{at}"})
    assert (subject.count, len(subject.returns), len(subject.cases)) == (205, 200, 200)
