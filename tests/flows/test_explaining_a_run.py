"""What a real run leaves can be explained, and shows no identifier of anybody."""

from __future__ import annotations

import json
from pathlib import Path

from flow_runs import Ran, Sample
from typer.testing import CliRunner

from benchmarks.samples.truth import TruthDocument
from flows.cli import app
from schemas.forms import FieldKind

_SECRET = (FieldKind.TAXPAYER_ID, FieldKind.ROUTING_NUMBER, FieldKind.ACCOUNT_NUMBER)


def explain(ran: Ran, *arguments: object) -> str:
    told = CliRunner().invoke(
        app,
        ["explain", "--db", ran.url, *map(str, arguments)],
        env={"TAXLIFT_HOME": str(ran.settings.home)},
    )
    assert told.exit_code == 0, told.output
    return told.stdout


def test_every_value_names_paper_decider_and_versions(
    undisturbed: Ran, sample: Sample, tmp_path: Path
) -> None:
    for document in sample.documents:
        _check(undisturbed, document, tmp_path / f"{document.file}.html")


def _check(undisturbed: Ran, document: TruthDocument, out: Path) -> None:
    told = explain(undisturbed, document.file, "--html", out, "--json")
    explanation = json.loads(told)
    assert explanation["sha256"] == document.sha256
    for field in explanation["fields"]:
        assert field["decided_by"] and field["decided_at"]
        x0, y0, x1, y1 = field["bbox"]
        assert x0 < x1 and y0 < y1
    assert explanation["rules_version"] == explanation["rules_version_now"] is not None
    now = {(form["form"], form["year"]): form["definition"] for form in explanation["forms"]}
    for page in explanation["pages"]:
        assert page["versions"]["definition"] == now[page["form"], page["year"]]
        assert page["versions"]["calibration"] and page["versions"]["blank_sha256"]

    page = out.read_text(encoding="utf-8")
    secrets = {
        str(field.value) for field in document.fields if field.kind in _SECRET and field.filled
    }
    assert secrets and not [it for it in secrets if it in told or it in page]
    assert page.count("data:image/png;base64,") > 20
