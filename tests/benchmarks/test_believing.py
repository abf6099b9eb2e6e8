"""Reliability and risk against coverage, on fields whose outcome is known."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks.believing import (
    Taken,
    expected_error,
    reliability,
    risk_coverage,
    taken,
    taken_at,
)
from benchmarks.charts import Line, reliability_chart, risk_coverage_chart
from benchmarks.scoring import Scored


def scored(confidence: float, right: bool, risk: float = 1.0, accepted: bool = False) -> Scored:
    return Scored("amounts", "hand", "fair", True, right, accepted, confidence, "k", risk)


FIELDS = [
    *(scored(0.999, right=True, risk=0.0001, accepted=True) for _ in range(60)),
    *(scored(0.97, right=i > 0, risk=0.005) for i in range(30)),
    *(scored(0.6, right=i > 3) for i in range(10)),
]


def test_bins_tell_what_was_said_beside_what_was_true():
    bins = reliability(FIELDS)
    assert [(one.fields, one.right) for one in bins] == [(10, 6), (30, 29), (60, 60)]
    assert [one.said for one in bins] == pytest.approx([0.6, 0.97, 0.999])
    assert expected_error(bins) == pytest.approx((30 * (0.97 - 29 / 30) + 60 * 0.001) / 100)
    assert reliability([]) == [] and expected_error([]) == 0.0


def test_risk_is_counted_from_the_surest_downwards_and_equals_come_in_together():
    assert risk_coverage(FIELDS) == [Taken(100, 60, 0), Taken(100, 90, 1), Taken(100, 100, 5)]
    assert risk_coverage([]) == []


def test_what_is_taken_follows_the_target():
    assert taken(FIELDS) == taken_at(FIELDS, 1 / 5000) == taken_at(FIELDS, 1 / 600)
    assert taken_at(FIELDS, 1 / 100) == Taken(100, 90, 1)
    assert taken_at(FIELDS, 1.0) == Taken(100, 100, 5)


@pytest.mark.parametrize("fields", [FIELDS, []])
def test_charts_are_drawings_with_every_kind_and_paper(fields):
    papers = {"real glyphs": fields, "a < b": fields}
    for chart in (
        reliability_chart({"amounts": {name: reliability(f) for name, f in papers.items()}}),
        risk_coverage_chart(
            {"amounts": {name: Line(risk_coverage(f), taken(f)) for name, f in papers.items()}}
        ),
    ):
        words = {one.text for one in ElementTree.fromstring(chart).iter() if one.text}  # noqa: S314
        assert {"amounts", "real glyphs", "a < b"} <= words
