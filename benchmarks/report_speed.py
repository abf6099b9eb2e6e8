"""The part of the results about time: taxlift and the textbook, and where a page's time goes."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.speed import Speed, Timing

STAGES = ("decode", "identify", "register", "lift", "read")


def each(timing: Timing) -> tuple[float, float]:
    """(wall, processor) seconds a page."""
    pages = max(timing.pages, 1)
    return timing.wall / pages, timing.cpu / pages


def speed_table(speeds: Mapping[str, Speed]) -> list[str]:
    """Both pipelines on the same pages."""
    lines = [
        "| paper | pages | taxlift, s a page (processor s) | textbook, s a page (processor s) "
        "| times as fast (by processor) |",
        "|---|---|---|---|---|",
    ]
    for paper, speed in speeds.items():
        ours, ours_cpu = each(speed.ours)
        cells = [paper, str(speed.ours.pages), f"{ours:.2f} ({ours_cpu:.2f})"]
        if speed.textbook.pages:
            theirs, theirs_cpu = each(speed.textbook)
            cells.append(f"{theirs:.2f} ({theirs_cpu:.2f})")
            cells.append(f"**{theirs / ours:.1f}** ({theirs_cpu / ours_cpu:.1f})")
        else:
            cells += ["–", "–"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def stage_table(speeds: Mapping[str, Speed]) -> list[str]:
    """Wall seconds a page by stage; reading without and with its engines."""
    lines = [
        "| paper | " + " | ".join(STAGES[:-1]) + " | read: engines | read: ink and the rest |",
        "|---|" + "---|" * (len(STAGES) + 1),
    ]
    for paper, speed in speeds.items():
        pages = max(speed.ours.pages, 1)
        total = sum(speed.stages.values()) or 1.0
        engines = sum(tally.wall for tally in speed.engines.values())
        seconds = [speed.stages.get(stage, 0.0) for stage in STAGES[:-1]]
        seconds += [engines, speed.stages.get("read", 0.0) - engines]
        cells = " | ".join(f"{one / pages:.3f} s ({one / total:.0%})" for one in seconds)
        lines.append(f"| {paper} | {cells} |")
    return lines


def engine_table(speeds: Mapping[str, Speed]) -> list[str]:
    """What each engine was asked, and what it took."""
    lines = [
        "| paper | engine | calls a page | fields a call | fields a page "
        "| processor s a page | ms a field |",
        "|---|---|---|---|---|---|---|",
    ]
    for paper, speed in speeds.items():
        pages = max(speed.ours.pages, 1)
        for name, tally in sorted(speed.engines.items(), key=lambda item: -item[1].cpu):
            lines.append(
                f"| {paper} | `{name}` | {tally.calls / pages:.1f} "
                f"| {tally.fields / max(tally.calls, 1):.1f} | {tally.fields / pages:.1f} "
                f"| {tally.cpu / pages:.3f} | {1000 * tally.cpu / max(tally.fields, 1):.1f} |"
            )
    return lines
