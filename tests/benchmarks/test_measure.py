"""The benchmark itself: both pipelines on a page whose truth is known, and what it writes."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from benchmarks.run import scenarios


def bench(*options):
    from flows.cli import app

    outcome = CliRunner().invoke(app, ["bench", "--seed", "11", *map(str, options)])
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    out = tmp_path_factory.mktemp("bench")
    bench(
        *("--out", out, "--write-docs", out / "docs", "--returns", 1, "--textbook-pages", 1),
        *("--scenario", "typed, good", "--scenario", "hand (fonts), fair"),
    )
    return out


@pytest.mark.slow
def test_both_pipelines_are_measured_on_the_same_page(results):
    typed, _ = json.loads((results / "results.json").read_text())
    seconds = typed["seconds"]
    assert seconds["textbook"]["pages"] == seconds["ours"]["pages"] == 1
    assert seconds["textbook"]["cpu"] > 0
    ours = {row["group"]: row for row in typed["accuracy"]}
    theirs = {row["group"]: row for row in typed["textbook"]}
    assert ours["amounts"]["right"] / ours["amounts"]["fields"] > 0.9
    assert theirs["marks"]["right"] / theirs["marks"]["fields"] > 0.8
    assert typed["pages"]["wrong"] == 0
    assert max(typed["pages"]["corner_errors"]) < 3


@pytest.mark.slow
def test_the_time_of_a_page_is_told_by_stage_and_engine(results):
    typed, hand = json.loads((results / "results.json").read_text())
    assert {"decode", "identify", "register", "lift", "read"} <= set(typed["stages"])
    assert typed["engines"]["tesseract"]["fields"] > 0
    assert hand["engines"]["marks"]["calls"] == 1


@pytest.mark.slow
def test_the_page_of_results_says_what_was_measured_and_how(results):
    page = (results / "docs" / "measured.md").read_text()
    assert page == (results / "results.md").read_text()
    assert "taxlift bench --returns 1 --seed 11" in page
    assert "| typed, good | textbook |" in page
    assert "| handwritten amounts | not measured" in page
    for figure in re.findall(r"\]\((measured/[^)]+)\)", page):
        assert (results / "docs" / figure).stat().st_size > 500


@pytest.mark.slow
def test_the_gallery_holds_its_pictures_itself(results):
    gallery = (results / "gallery-1.html").read_text()
    misread = json.loads((results / "misread.json").read_text())
    assert gallery.count("<figure") == sum(m["paper"] == "hand (fonts), fair" for m in misread)
    assert 'src="data:image/png' in gallery or "<figure" not in gallery
    assert 'src="http' not in gallery


@pytest.mark.slow
def test_several_processes_measure_what_one_does(tmp_path):
    read, corners = [], []
    for jobs in (1, 2):
        out = tmp_path / str(jobs)
        bench(
            *("--out", out, "--returns", 2, "--textbook-pages", 0, "--jobs", jobs),
            *("--scenario", "hand (fonts), fair"),
        )
        (one,) = json.loads((out / "results.json").read_text())
        # Registration draws samples: corners differ by millionths from process to process.
        corners.append(one["pages"].pop("corner_errors"))
        read.append((one["accuracy"], one["pages"]))
    assert read[0] == read[1]
    assert corners[0] == pytest.approx(corners[1], abs=0.01)


@pytest.mark.slow
def test_a_profile_tells_only_the_time(tmp_path):
    options = ("--textbook-pages", 0, "--scenario", "hand (fonts), fair")
    said = bench("--out", tmp_path, "--profile", *options)
    assert "| hand (fonts), fair | `rapidocr` |" in said
    assert (tmp_path / "profile.md").is_file()
    assert not (tmp_path / "results.json").exists()


def test_claims_need_real_glyphs(tmp_path):
    assert not any("real glyphs" in one.name for one in scenarios(None))
    assert sum("real glyphs" in one.name for one in scenarios(tmp_path)) == 3


def test_every_paper_is_measured_on_every_quality(tmp_path):
    assert len(scenarios(tmp_path)) == 9
