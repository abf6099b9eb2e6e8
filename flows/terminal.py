"""What a person at the terminal sees of a run: a bar, a table, and where to go next."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from loaders.rows import BatchSummary, DocumentRow
from schemas.masking import mask_text

STATE_STYLES = {
    "loaded": "green",
    "review": "yellow",
    "rejected": "red",
    "duplicate": "dim",
}
STATE_WORDS = {
    "loaded": "loaded",
    "review": "in review",
    "rejected": "rejected",
    "duplicate": "received before",
    "received": "in flight",
    "read": "in flight",
}


class Bar:
    """A progress bar that watches a run."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            transient=False,
        )
        self._task = self._progress.add_task("Starting", total=None)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._end_stage()
        self._progress.stop()

    def _end_stage(self) -> None:
        last = next(task for task in self._progress.tasks if task.id == self._task)
        if last.completed:
            # What was counted without a known total is complete now.
            self._progress.update(self._task, total=last.completed)
            self._progress.stop_task(self._task)
        else:
            self._progress.remove_task(self._task)

    def stage(self, name: str, total: int | None) -> None:
        self._end_stage()
        self._task = self._progress.add_task(name, total=total)

    def advance(self, count: int = 1) -> None:
        self._progress.advance(self._task, count)


def documents_table(rows: list[DocumentRow], limit: int | None = None) -> Table:
    """What happened to every document; the last column says why, where there is a why."""
    table = Table(
        title="What happened to every document",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("File", overflow="fold")
    table.add_column("Pages", justify="right")
    table.add_column("Became", no_wrap=True)
    table.add_column("Accepted", justify="right")
    table.add_column("To key", justify="right")
    shown = rows if limit is None else rows[:limit]
    any_why = any(_why(row) for row in shown)
    if any_why:
        table.add_column("Why", overflow="fold")
    for row in shown:
        style = STATE_STYLES.get(row.state, "")
        # What was received before is counted where it was read.
        known = row.state == "duplicate"
        table.add_row(
            escape(mask_text(row.file)),
            str(row.pages or ""),
            f"[{style}]{STATE_WORDS.get(row.state, row.state)}[/]" if style else row.state,
            "" if known else str(row.accepted or ""),
            "" if known else str(row.review or ""),
            *([escape(_why(row))] if any_why else []),
        )
    if len(shown) < len(rows):
        table.caption = f"and {len(rows) - len(shown)} more: taxlift documents"
    return table


def _why(row: DocumentRow) -> str:
    if row.reason:
        return f"{row.reason.value.replace('_', ' ')}: {row.message}"
    if row.rejected_returns:
        many = row.rejected_returns > 1
        return f"{row.rejected_returns} return{'s' if many else ''} rejected by a rule: see report"
    if row.state == "review" and not row.review:
        return "a page or a return waits for a person"
    return row.message


def batches_table(summaries: Sequence[BatchSummary]) -> Table:
    """A line a run, within 80 columns: what is the same or nought for all is left out."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    several = len({each.department for each in summaries}) > 1
    in_flight = any(each.documents.in_flight for each in summaries)
    # The run's name has the day.
    for heading in ("Run", *(["Department"] if several else []), "From\n(UTC)", "State"):
        table.add_column(heading, no_wrap=True)
    counted = ["Files", "Loaded", "In\nreview", "Rejected", "Before"]
    for heading in (*counted, *(["In\nflight"] if in_flight else []), "To key"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in summaries:
        documents = each.documents
        counts = [documents.received, documents.loaded, documents.in_review, documents.rejected]
        counts += [documents.duplicate, *([documents.in_flight] if in_flight else [])]
        table.add_row(
            each.run,
            *([each.department] if several else []),
            f"{each.started_at:%H:%M}",
            each.status.value,
            *(str(count) for count in (*counts, each.review_items)),
        )
    return table


def summary_lines(summary: BatchSummary) -> list[str]:
    """The batch in a few sentences whose figures add up."""
    documents, pages = summary.documents, summary.pages
    lines = [
        f"Run [bold]{summary.run}[/]: {documents.received} files received = "
        f"[green]{documents.loaded} loaded[/] + [yellow]{documents.in_review} in review[/] + "
        f"[red]{documents.rejected} rejected[/] + {documents.duplicate} received before"
        + (f" + {documents.in_flight} in flight" if documents.in_flight else ""),
        f"{pages.total} pages = {pages.read} read + {pages.blank} blank + "
        f"{pages.unknown} unknown + {pages.refused} refused",
    ]
    fields = {status.value: count for status, count in summary.fields.items()}
    filled = fields.get("accepted", 0) + fields.get("review", 0)
    if filled:
        lines.append(
            f"{filled} filled fields: {fields.get('accepted', 0)} accepted "
            f"({fields.get('accepted', 0) / filled:.1%}), {fields.get('review', 0)} for a person"
        )
    return lines
