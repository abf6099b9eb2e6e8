"""The benchmark itself: both pipelines on a page whose truth is known, and what it writes."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from benchmarks.run import scenarios


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    from flows.cli import app

    out = tmp_path_factory.mktemp("bench")
    options = ["--returns", "1", "--textbook-pages", "1", "--seed", "11"]
    outcome = CliRunner().invoke(
        app, ["bench", "--out", str(out), *options, "--scenario", "typed, good"]
    )
    assert outcome.exit_code == 0, outcome.output
    return out


@pytest.mark.slow
def test_both_pipelines_are_measured_on_the_same_page(results):
    (typed,) = json.loads((results / "results.json").read_text())
    seconds = typed["seconds"]
    assert seconds["textbook"]["pages"] == seconds["ours_on_textbook_pages"]["pages"] == 1
    assert seconds["textbook"]["cpu"] > 0
    ours = {row["group"]: row for row in typed["accuracy"]}
    theirs = {row["group"]: row for row in typed["textbook"]}
    assert ours["amounts"]["right"] / ours["amounts"]["fields"] > 0.9
    assert theirs["marks"]["right"] / theirs["marks"]["fields"] > 0.8
    assert typed["pages"]["wrong"] == 0
    assert max(typed["pages"]["corner_errors"]) < 3


@pytest.mark.slow
def test_the_page_of_results_says_what_was_measured_and_how(results):
    page = (results / "results.md").read_text()
    assert "taxlift bench --returns 1 --seed 11" in page
    assert "| typed, good | textbook |" in page
    assert (results / "gallery-0.html").exists()


def test_claims_need_real_glyphs(tmp_path):
    assert not any("real glyphs" in one.name for one in scenarios(None))
    assert sum("real glyphs" in one.name for one in scenarios(tmp_path)) == 3
