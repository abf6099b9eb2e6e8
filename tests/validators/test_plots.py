"""Plots: well-formed, with words, sizes that follow the numbers, and text that stays text."""

from __future__ import annotations

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.period_report import BatchFigures, RuleCounts
from schemas.report import DocumentCounts, FieldCounts, PageCounts, ReturnCounts
from validators.plots import WIDTH, Bar, Line, Part, bars, columns, lines
from validators.report_plots import MOST_COLUMNS, timeline


def parsed(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)  # noqa: S314 -- our own


def rows(*numbers: int) -> list[Bar]:
    return [Bar(f"rule {at}", (Part("bad", "failed", one),)) for at, one in enumerate(numbers)]


@pytest.mark.parametrize("draw", [bars, columns])
@given(numbers=st.lists(st.integers(0, 10**9), max_size=20))
def test_the_larger_number_has_the_larger_box(draw, numbers: list[int]) -> None:
    root = parsed(draw("Failures", rows(*numbers)))
    side = "width" if draw is bars else "height"
    boxes = [float(it.get(side, 0)) for it in root.iter("rect")]
    filled = [number for number in numbers if number]
    assert len(boxes) == len(filled)
    for (one, box), (other, box_of_other) in zip(
        zip(filled, boxes, strict=True), list(zip(filled, boxes, strict=True))[1:], strict=False
    ):
        assert one < other or box >= box_of_other or one == other
    for it in root.iter("rect"):
        assert float(it.get("x", 0)) >= 0
        assert float(it.get("x", 0)) + float(it.get("width", 0)) <= WIDTH + 1.3


def test_proportions_are_kept() -> None:
    wide = [float(it.get("width", 0)) for it in parsed(bars("x", rows(100, 50, 25))).iter("rect")]
    assert wide[0] == pytest.approx(2 * wide[1], abs=0.2) == pytest.approx(4 * wide[2], abs=0.4)


def test_a_plot_says_in_words_what_it_shows() -> None:
    root = parsed(bars("Failures by rule", rows(7, 3)))
    svg = next(root.iter("svg"))
    assert svg.get("role") == "img"
    named = {it.get("id"): it.text for it in svg if it.tag in ("title", "desc")}
    assert [named[name] for name in svg.get("aria-labelledby", "").split()] == [
        "Failures by rule", "rule 0: 7 failed; rule 1: 3 failed",
    ]  # fmt: skip


def test_what_stood_on_paper_is_no_markup() -> None:
    row = Bar('<script>alert("1")</script>', (Part("bad", "<b>", 1),))
    for draw in (bars, columns):
        text = draw("<i>", [row])
        assert "<script" not in text and "<b>" not in text and "<i>" not in text
        parsed(text)


def test_a_gap_breaks_the_line() -> None:
    root = parsed(
        lines("Acceptance", ["a", "b", "c", "d"], [Line("good", "x", (0.5, 1.0, None, 0.0))])
    )
    points = [it.get("points", "").split() for it in root.iter("polyline")]
    assert [len(one) for one in points] == [2, 1]
    heights = [float(point.split(",")[1]) for one in points for point in one]
    assert heights[1] < heights[0] < heights[2], "more is higher"


@pytest.mark.parametrize(
    "draw", [lambda: bars("x", []), lambda: columns("x", []), lambda: lines("x", [], [])]
)
def test_nothing_can_be_drawn(draw) -> None:
    parsed(draw())


def figures(day: date) -> BatchFigures:
    return BatchFigures(
        batch_id=f"{day:%Y%m%d}-1", day=day, documents=DocumentCounts(received=3, loaded=3),
        pages=PageCounts(received=0), returns=ReturnCounts(accepted=2), fields=FieldCounts(),
        rules=RuleCounts(failed=1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("days", "unit"),
    [(1, "day"), (MOST_COLUMNS, "day"), (63, "week"), (430, "week"), (900, "month")],
)
def test_a_long_period_is_shown_by_week_or_month_and_loses_nothing(days: int, unit: str) -> None:
    first = date(2026, 1, 1)
    time = timeline([figures(first + timedelta(days=at)) for at in range(days)])
    assert time.unit == unit
    assert unit == "month" or len(time.stretches) <= MOST_COLUMNS
    assert sum(one.batches for one in time.stretches) == days
    assert sum(one.figures.rules.failed for one in time.stretches) == days
    assert sum(one.figures.documents.received for one in time.stretches) == 3 * days
    assert [one.label for one in time.stretches] == sorted(one.label for one in time.stretches)
