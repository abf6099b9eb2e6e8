"""What must be shown: the goals of the project beside what was measured, with a plain yes or no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.scoring import NUMBER_GROUPS, STRUCK_OUT, Scored, wilson

QUALITIES = ("good", "fair", "poor")


@dataclass(frozen=True, slots=True)
class Goal:
    """Shares of fields that must be exactly right on good, fair and poor scans."""

    name: str
    shares: tuple[float, float, float]
    counts: Callable[[Scored], bool]
    on_typed: bool = False
    on_hand: bool = True


GOALS = (
    Goal("handwritten amounts", (0.97, 0.95, 0.90), lambda one: _is(one, "amounts")),
    Goal(
        "handwritten 9-digit identifiers", (0.95, 0.93, 0.85), lambda one: _is(one, "identifiers")
    ),
    Goal("handwritten text", (0.85, 0.80, 0.65), lambda one: _is(one, "text")),
    Goal(
        "typed fields",
        (0.995, 0.99, 0.97),
        lambda one: one.filled and one.group != "marks",
        on_typed=True,
        on_hand=False,
    ),
    Goal(
        "checkboxes, blanks",
        (0.998, 0.998, 0.995),
        lambda one: one.group == "marks" or not one.filled,
        on_typed=True,
    ),
)
ACCEPTED = (("filled number fields", NUMBER_GROUPS, 0.80), ("filled text fields", ("text",), 0.60))
"""Share to be accepted without a person, fair scans, at an error of at most 1 in 600."""
ERROR = 600
TIMES_AS_FAST = 15
CPU_A_PAGE = 0.3


def _is(one: Scored, group: str) -> bool:
    return one.filled and one.group == group


def goal_table(hand: Sequence[Scored], typed: Sequence[Scored]) -> list[str]:
    """The goals for one source of handwriting, as a Markdown table."""
    lines = [
        "| exactly right | good scans | fair scans | poor scans |",
        "|---|---|---|---|",
    ]
    for goal in GOALS:
        papers = [*(hand if goal.on_hand else ()), *(typed if goal.on_typed else ())]
        counted = [one for one in papers if goal.counts(one) and one.manner != STRUCK_OUT]
        cells = [
            _cell([one for one in counted if one.quality == quality], wanted)
            for quality, wanted in zip(QUALITIES, goal.shares, strict=True)
        ]
        lines.append(f"| {goal.name} | " + " | ".join(cells) + " |")
    return lines


def _cell(members: Sequence[Scored], wanted: float) -> str:
    if not members:
        return f"not measured (≥ {wanted * 100:.4g} %)"
    right = sum(one.right for one in members)
    low, high = wilson(right, len(members))
    met = right / len(members) >= wanted
    return (
        f"{_mark(met)} **{right / len(members):.1%}** ≥ {wanted * 100:.4g} %<br>"
        f"{len(members)} fields, {low:.1%} to {high:.1%}"
    )


def acceptance_table(scored: Iterable[Scored]) -> list[str]:
    """Share accepted and its error, against the goals, at one target error for every kind: what a
    department asks of phone numbers or of account numbers is its own affair."""
    members = [one for one in scored if one.filled]
    lines = [
        f"| fair scans, target 1 in {ERROR} for every kind | fields | accepted without a person "
        "| wrong among them (95 % interval) |",
        "|---|---|---|---|",
    ]
    for name, groups, wanted in ACCEPTED:
        fields = [one for one in members if one.group in groups]
        accepted = [one for one in fields if one.risk <= 1 / ERROR]
        wrong = sum(not one.right for one in accepted)
        share = len(accepted) / len(fields) if fields else 0.0
        low, high = wilson(wrong, len(accepted))
        within = wrong * ERROR <= len(accepted) and bool(accepted)
        lines.append(
            f"| {name} | {len(fields)} | {_mark(share >= wanted)} **{share:.1%}** ≥ {wanted:.0%} "
            f"| {_mark(within)} {wrong} of {len(accepted)} = {_one_in(wrong, len(accepted))} "
            f"({low:.3%} to {high:.3%}) ≤ 1 in {ERROR} |"
        )
    return lines


def _one_in(wrong: int, of: int) -> str:
    return f"1 in {of / wrong:.0f}" if wrong else "none"


def _mark(met: bool) -> str:
    return "**yes**" if met else "**no**"


def speed_goals(times_as_fast: float, cpu_a_page: float) -> list[str]:
    """The goals of speed on hand-filled pages, by processor time: others may be at work too."""
    return [
        f"- {_mark(times_as_fast >= TIMES_AS_FAST)}: **{times_as_fast:.1f} times** the textbook's "
        f"speed on hand-filled pages, fair scans, by processor time (goal: {TIMES_AS_FAST});",
        f"- {_mark(cpu_a_page <= CPU_A_PAGE)}: **{cpu_a_page:.2f} s** of processor time a page "
        f"(goal: {CPU_A_PAGE}).",
    ]
