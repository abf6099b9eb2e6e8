"""`taxlift run`: read a folder of scans."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from schemas.errors import DocumentError, ExitCode, RejectReason
from schemas.returns import ReturnStatus
from schemas.rules import Outcome
from schemas.settings import Settings

if TYPE_CHECKING:
    from loaders.rows import BatchSummary

_SHOWN = 60


def run(
    inbox: Annotated[Path, typer.Argument(help="Folder that holds the scans. It is only read.")],
    department: Annotated[
        str, typer.Option(help="Whose forms and rules: a name, or a path to a department's folder.")
    ] = "us_irs",
    db: Annotated[
        str | None, typer.Option(help="Database URL; SQLite in the home folder when left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
    strict: Annotated[
        bool, typer.Option(help="End with exit code 10 when a document was rejected.")
    ] = False,
) -> None:
    """Read a folder of scans into the database, check the rules, write the report.

    Safe to repeat: what was received before is recognised, what was broken off is finished.
    """
    if not inbox.is_dir():
        raise DocumentError(
            RejectReason.NOT_A_FILE,
            "there is no such folder; name the folder that holds the scans",
            file=str(inbox),
        )
    if db:
        # By the environment, not as a parameter: Prefect stores parameters, and a URL can
        # hold a password.
        os.environ["TAXLIFT_DB_URL"] = db
    run_id = digitise_watched(inbox, department, quiet=as_json)
    rejected = show_run(department, run_id, as_json=as_json)
    if strict and rejected:
        raise typer.Exit(int(ExitCode.REJECTED_DOCUMENTS))


def digitise_watched(inbox: Path, department: str, *, quiet: bool = False) -> str:
    """Run the flow in this process with a progress bar; the run's id."""
    # Prefect's import warns of its own dependencies' deprecations.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    # It logs a traceback for each failure; what failed is told by document, in the table.
    for name in ("prefect.engine", "prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    console = Console(stderr=True, quiet=quiet)
    with console.status("Starting Prefect (a few seconds)"):
        from flows.context import run_context
        from flows.digitise import digitise

        # Wrong configuration ends here, before the first page and without a flow's traceback.
        run_context(department, Settings())
    from flows.failures import server_comes_up
    from flows.progress import watched_by
    from flows.scratch import private_temporary_files
    from flows.terminal import Bar

    private = private_temporary_files(Settings().home)
    with server_comes_up(), private, Bar(console) as bar, watched_by(bar), ended_in_order():
        outcome = digitise(str(inbox), department)
    return str(outcome["run"])


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Let a request to end (systemd, a container's stop) end the run as Ctrl-C does.

    Otherwise the process dies at once, and Prefect's own server is left running for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def show_run(
    department: str, run_id: str, *, as_json: bool = False, taxlift: str = "taxlift"
) -> int:
    """Print what became of a run; the number of rejected documents.

    `taxlift` is how the program is called in the commands that are shown.
    """
    from flows.context import run_context
    from flows.reporting import batch_folder
    from flows.terminal import documents_table, summary_lines
    from flows.terminal_findings import findings_line, first_alerts
    from loaders.findings import FindingStore

    context = run_context(department, Settings())
    summary = context.repository.batch_summary(run_id)
    folder = batch_folder(context.settings, run_id)
    found = FindingStore(context.repository.engine).findings(run_id)
    if as_json:
        answer = summary.model_dump(mode="json") | {"report": str(folder / "report.html")}
        answer["alerts"] = [
            {"expectation": each.expectation, "subject": each.subject, "message": each.message}
            for each in found
            if each.outcome is Outcome.FAIL
        ]
        typer.echo(json.dumps(answer, indent=2))
        return summary.documents.rejected
    console = Console()
    console.print(documents_table(context.repository.documents(run_id), limit=_SHOWN))
    console.print()
    for line in summary_lines(summary):
        console.print(line)
    if found:
        console.print(findings_line(run_id, found) + f": {taxlift} findings {run_id}")
    for line in first_alerts(found):
        console.print(line, highlight=False)
    console.print()
    shown_url = context.repository.engine.url.render_as_string(hide_password=True)
    console.print(f"Database      {shown_url}", soft_wrap=True, highlight=False)
    console.print(f"Report        {folder / 'report.html'}", soft_wrap=True, highlight=False)
    console.print(
        f"Review queue  {summary.review_items} items: {taxlift} review --run {run_id}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
    console.print(_sample_line(summary, taxlift), soft_wrap=True, highlight=False, markup=False)
    return summary.documents.rejected


def _sample_line(summary: BatchSummary, taxlift: str) -> str:
    """What is keyed blind, or that nothing is: nobody should think that nothing is measured."""
    accepted = summary.returns.get(ReturnStatus.ACCEPTED, 0)
    told = f"Blind sample  {summary.sampled_returns} of {accepted} accepted returns"
    if not summary.sample_items:
        return f"{told} to key, to measure what is accepted: {taxlift} accuracy"
    fields = f"{summary.sample_items} fields to key"
    return f"{told}, {fields}: {taxlift} review --sample --run {summary.run}"
