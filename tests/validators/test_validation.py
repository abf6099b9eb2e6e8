"""Batches through Great Expectations: complete, right, fast enough, and telling nobody anything."""

from __future__ import annotations

import copy
import pickle
import re
import socket
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from small_department import REVIEW, department, filed, rule

from schemas.returns import TaxReturn
from schemas.rules import Outcome, RuleResult, Severity
from validators import data_docs
from validators.rulebook import compile_rules
from validators.ternary import Sealed
from validators.validation import build_frame, validate_returns

BOTH = {"first": 2021, "last": 2022}
SECRETS = {
    "taxpayer_ssn": "536904399",
    "spouse_ssn": "536904388",
    "routing_number": "111000025",
    "taxpayer_name": "Adaeze Okafor",
    "zip": "27601",
}
PACK = department(
    rule("total_income == wages + interest", id="T-001", years=BOTH),
    rule("present(born)", id="T-002", severity=Severity.ALERT),
    rule("unique(taxpayer_ssn, return.tax_year)", id="T-003", years=BOTH, text="Filed once."),
    rule("taxpayer_ssn == spouse_ssn or routing_checksum(zip)", id="T-004", years=BOTH,
         text="{taxpayer_ssn} of {taxpayer_name} at {zip} banks with {routing_number}"),
    rule("total == sum(other_*)", id="T-005", form="schedule_1", years=BOTH),
)  # fmt: skip
BOOK = compile_rules(PACK)


def batch() -> list[TaxReturn]:
    right = {"wages": 10, "interest": 5, "total_income": 15, **SECRETS}
    return [
        filed(right, {"other_gambling": 3, "total": 3}, return_id="right"),
        filed({**right, "total_income": 16}, return_id="wrong"),
        filed({**right, "wages": REVIEW, "taxpayer_ssn": REVIEW}, return_id="unread"),
        filed({**right, "taxpayer_ssn": "536904377"}, return_id="older", year=2021),
        filed({**right, "taxpayer_ssn": None}, return_id="nameless"),
    ]


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[RuleResult], Path]:
    docs = tmp_path_factory.mktemp("docs with a space")
    return validate_returns(batch(), BOOK, PACK, docs), docs


def outcomes(results: list[RuleResult], rule_id: str) -> dict[str, str]:
    return {it.return_id: it.outcome.value for it in results if it.rule_id == rule_id}


def test_every_rule_answers_for_every_return_of_its_years(validated: Any) -> None:
    results, _ = validated
    assert Counter(it.return_id for it in results) == {
        "right": 5, "wrong": 5, "unread": 5, "older": 4, "nameless": 5,
    }  # fmt: skip
    assert outcomes(results, "T-001") == {
        "right": "pass", "wrong": "fail", "unread": "not_evaluated", "older": "pass",
        "nameless": "pass",
    }  # fmt: skip
    assert set(outcomes(results, "T-002")) == {"right", "wrong", "unread", "nameless"}
    absent = next(it for it in results if (it.rule_id, it.return_id) == ("T-005", "wrong"))
    assert (absent.outcome, absent.message.startswith("does not apply")) == (Outcome.PASS, True)


def test_duplicates_are_found_across_the_batch(validated: Any) -> None:
    results, _ = validated
    assert outcomes(results, "T-003") == {
        "right": "fail", "wrong": "fail", "unread": "not_evaluated", "older": "pass",
        "nameless": "pass",
    }  # fmt: skip
    said = next(it.message for it in results if (it.rule_id, it.return_id) == ("T-003", "right"))
    assert said == "Filed once. 1 other return of the batch has the same."


def test_results_hold_what_went_in_with_identifiers_masked(validated: Any) -> None:
    results, _ = validated
    failed = next(it for it in results if (it.rule_id, it.return_id) == ("T-001", "wrong"))
    assert failed.inputs == {"total_income": "16", "wages": "10", "interest": "5"}
    assert "1 more" in failed.message
    everything = " ".join(str(it.inputs) + it.message for it in results)
    for secret in SECRETS.values():
        assert secret not in everything


def test_nothing_that_great_expectations_writes_names_a_taxpayer(validated: Any) -> None:
    _, docs = validated
    files = [path for path in docs.rglob("*") if path.is_file()]
    assert any(path.suffix == ".html" for path in files)
    for path in files:
        content = path.read_bytes()
        for secret in (*SECRETS.values(), "536904377", "536-90-43"):
            assert secret.encode() not in content, path.name


def test_data_docs_say_what_was_found_and_load_nothing(validated: Any) -> None:
    _, docs = validated
    index = (docs / "index.html").read_text(encoding="utf-8")
    assert "Form 1040" in index and "The batch" in index
    pages = list((docs / "site" / "validations").rglob("*.html"))
    assert len(pages) == 3
    text = next(page for page in pages if "Form 1040" in str(page)).read_text(encoding="utf-8")
    assert "3 pass, 1 fail, 1 not evaluated, 0 do not apply" in text
    for page in docs.rglob("*.html"):
        source = page.read_text(encoding="utf-8")
        assert "<script" not in source and 'src="http' not in source
        assert "<link" not in source or "://" not in source.split("<link", 1)[1].split(">", 1)[0]


def test_what_could_nowhere_be_evaluated_is_no_rule_that_failed(tmp_path: Path) -> None:
    validate_returns([batch()[2]], BOOK, PACK, tmp_path)
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    held, failed, unread = re.findall(r'class="number[^"]*">(\d+)</td>', index)[:3]
    assert (held, failed, unread) == ("0", "1", "3")  # of Form 1040: T-002 alone failed


def test_docs_are_not_needed_and_no_return_no_work(tmp_path: Path) -> None:
    results = validate_returns(batch()[:1], BOOK, PACK, None)
    assert [it.outcome.value for it in results][:1] == ["pass"]
    assert validate_returns([], BOOK, PACK, tmp_path) == []
    assert not list(tmp_path.iterdir())


def test_only_the_last_runs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_docs, "KEEP_RUNS", 2)
    for _ in range(3):
        validate_returns(batch()[:1], BOOK, PACK, tmp_path)
    assert len(list((tmp_path / "validations").glob("The batch/*/*"))) == 2
    assert len(list((tmp_path / "site" / "validations").rglob("*.html"))) == 2 * 3
    assert (tmp_path / "index.html").read_text(encoding="utf-8").count("<h4>") == 2


def test_an_engine_that_fails_leaves_nothing_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    from validators import expectations

    def broken(*_: Any) -> None:
        raise RuntimeError(SECRETS["taxpayer_ssn"])

    monkeypatch.setattr(expectations, "judge_rule", broken)
    results = validate_returns(batch(), BOOK, PACK, None)
    assert {it.outcome for it in results} == {Outcome.NOT_EVALUATED}
    assert SECRETS["taxpayer_ssn"] not in str(results)


def test_nobody_is_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: called.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **_: called.append(address) or [])
    validate_returns(batch(), BOOK, PACK, tmp_path)
    assert called == []


def test_frames_do_not_show_texts() -> None:
    frame = build_frame(batch(), BOOK, PACK)
    shown = frame.to_csv() + repr(frame) + frame.to_json(default_handler=str)
    for secret in SECRETS.values():
        assert secret not in shown
    sealed = Sealed(SECRETS["taxpayer_ssn"])
    for leak in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(sealed)


def test_great_expectations_is_imported_only_when_a_batch_is_validated() -> None:
    import subprocess

    code = "import sys, validators.validation, validators.rulebook, validators.report;"
    code += "sys.exit('great_expectations' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
