"""The report of a batch: one HTML page that needs nothing beside it.

Styles are inline and images are data URIs, so that the page can be sent, archived and printed.
It holds no script and loads nothing; identifiers are masked here, whoever gathered the data.
"""

from __future__ import annotations

import base64
import os
from datetime import datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schemas.masking import mask_text, mask_value
from schemas.report import BatchReport, FieldRow
from schemas.rules import Severity
from validators.scope import describe_form

MAX_DOCUMENTS = 2_000
MAX_RETURNS_NAMED = 12
MAX_FIELDS = 60
MAX_IMAGE_BYTES = 200_000

_PNG = b"\x89PNG\r\n\x1a\n"
_SEVERITY_ORDER = {Severity.REJECT_AND_STOP: 0, Severity.REJECT: 1, Severity.ALERT: 2}


def render_report(report: BatchReport) -> str:
    """The page's HTML."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=lambda number: f"{number:,}",
        percent=_percent,
        moment=_moment,
        masked=mask_text,
        form=describe_form,
        words=lambda text: str(text).replace("_", " "),
        seconds=_seconds,
    )
    rules = sorted(
        (rule for rule in report.rule_rows if rule.failed or rule.not_evaluated),
        key=lambda rule: (not rule.failed, _SEVERITY_ORDER[rule.severity], -rule.failed),
    )
    order = {"rejected": 0, "review": 1, "in_flight": 2, "duplicate": 3, "loaded": 4}
    documents = sorted(report.document_rows, key=lambda row: (order[row.status], row.file))
    fields = sorted(report.worst_fields, key=lambda row: row.confidence)[:MAX_FIELDS]
    return environment.get_template("batch_report.html").render(
        report=report,
        documents=documents[:MAX_DOCUMENTS],
        more_documents=max(len(documents) - MAX_DOCUMENTS, 0),
        failed_rules=[rule for rule in rules if rule.failed],
        unread_rules=[rule for rule in rules if not rule.failed],
        returns_named=MAX_RETURNS_NAMED,
        fields=[(row, _read_as(row), _data_uri(row)) for row in fields],
        duration=_duration(report.started, report.finished),
    )


def write_report(report: BatchReport, path: Path) -> Path:
    """Write the page whole or not at all; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_text(render_report(report), encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _read_as(row: FieldRow) -> str:
    return mask_text(mask_value(row.kind, row.as_read))


def _data_uri(row: FieldRow) -> str | None:
    """The snippet, unless it shows an identifier, is no PNG or is too large for a page."""
    image = row.image_png
    if image is None or row.kind.is_personal or not image.startswith(_PNG):
        return None
    if len(image) > MAX_IMAGE_BYTES:
        return None
    return f"data:image/png;base64,{base64.b64encode(image).decode('ascii')}"


def _percent(part: int, whole: int) -> str:
    if not whole:
        return "–"
    share = 100 * part / whole
    # What is not all is never shown as all, nor a little as nothing.
    if part != whole and share > 99.9:
        return "99.9 %"
    return "0.1 %" if part and share < 0.1 else f"{share:.1f} %"


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z").strip() if moment else "not finished"


def _duration(started: datetime, finished: datetime | None) -> str:
    return _seconds((finished - started) / timedelta(seconds=1)) if finished else ""


def _seconds(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
