"""Great Expectations' Data Docs, made fit for an office without the Internet.

As they come, the pages load scripts, styles and a counted logo from nine hosts of others. Here
they are kept to themselves: nothing is loaded from anywhere, a content security policy says so,
and our own style sheet and index stand in. Only the last runs are kept: Data Docs grow slow
with hundreds of stored validations, and our rule results are the record.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

KEEP_RUNS = 20

ONE_AT_A_TIME = threading.Lock()
"""Great Expectations keeps its project in a global."""

_SITE = "site"
_STORE = "validations"
_STYLE = "taxlift.css"
_TEMPLATES = Path(__file__).with_name("templates")

_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'\">"
)
_REMOVED = re.compile(
    r"<script\b.*?</script>|<link\b[^>]*>|<img\b[^>]*>|<footer\b.*?</footer>|<style\b.*?</style>",
    re.DOTALL | re.IGNORECASE,
)
_FILTER_CARD = re.compile(
    r'<div class="card mb-3">\s*<div class="card-header p-2">\s*<strong>Actions</strong>.*?'
    r"(?=<div class=\"card d-md-block)",
    re.DOTALL,
)


def make_context(docs_folder: Path | None) -> Any:
    """A Great Expectations project in memory; with a folder, its results and pages go there."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, ProgressBarsConfig

    results = _backend(docs_folder / _STORE if docs_folder else None)
    sites = {}
    if docs_folder is not None:
        docs_folder.mkdir(parents=True, exist_ok=True)
        sites["docs"] = {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": _backend(docs_folder / _SITE),
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        }
    config = DataContextConfig(
        expectations_store_name="suites",
        validation_results_store_name="results",
        checkpoint_store_name="checkpoints",
        stores={
            "suites": {"class_name": "ExpectationsStore", "store_backend": _backend(None)},
            "results": {"class_name": "ValidationResultsStore", "store_backend": results},
            "checkpoints": {"class_name": "CheckpointStore", "store_backend": _backend(None)},
            # Great Expectations looks for this one by its name.
            "validation_definition_store": {
                "class_name": "ValidationDefinitionStore",
                "store_backend": _backend(None),
            },
        },
        data_docs_sites=sites,
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _backend(folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {"class_name": "InMemoryStoreBackend"}
    return {
        "class_name": "TupleFilesystemStoreBackend",
        "base_directory": str(folder.resolve()),
    }


class DataDocs:
    """The pages of one folder."""

    def __init__(self, context: Any, folder: Path) -> None:
        self._context = context
        self._folder = folder

    def publish(self, result: Any) -> Path:
        """Write the pages of a checkpoint's result; returns the index."""
        self.prune()
        self._context.build_data_docs(resource_identifiers=list(result.run_results))
        site = self._folder / _SITE
        shutil.copyfile(_TEMPLATES / "data_docs.css", site / _STYLE)
        for page in site.rglob("*.html"):
            _take_offline(page, site)
        return self._write_index()

    def prune(self) -> None:
        """Remove all but the newest runs, results and pages alike."""
        for old in self._runs()[KEEP_RUNS:]:
            for root in (self._folder / _STORE, self._folder / _SITE / _STORE):
                for folder in root.glob(f"*/*/{old}"):
                    shutil.rmtree(folder)

    def _runs(self) -> list[str]:
        """Times of the stored runs, newest first."""
        found = {folder.name for folder in (self._folder / _STORE).glob("*/*/*") if folder.is_dir()}
        return sorted(found, reverse=True)

    def _write_index(self) -> Path:
        runs = []
        for moment in self._runs():
            suites = []
            for file in sorted((self._folder / _STORE).glob(f"*/*/{moment}/*.json")):
                page = file.relative_to(self._folder).with_suffix(".html")
                stored = json.loads(file.read_text(encoding="utf-8"))
                statistics = stored["statistics"]
                # One that could nowhere be evaluated is no success to Great Expectations, but no
                # rule that failed either.
                unmet = [one for one in stored["results"] if not one["success"]]
                failed = sum(_has_failed(one) for one in unmet)
                suites.append(
                    {
                        "name": page.parts[1],
                        "page": f"{_SITE}/{page.as_posix()}",
                        "held": statistics["successful_expectations"],
                        "failed": failed,
                        "unread": statistics["unsuccessful_expectations"] - failed,
                    }
                )
            when = datetime.strptime(moment, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
            runs.append({"when": when.strftime("%Y-%m-%d %H:%M:%S UTC"), "suites": suites})
        templates = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
        index = self._folder / "index.html"
        index.write_text(
            templates.get_template("data_docs_index.html").render(
                runs=runs, keep=KEEP_RUNS, policy=_POLICY, style=f"{_SITE}/{_STYLE}"
            ),
            encoding="utf-8",
        )
        # Breadcrumbs of the pages lead to the site's own index, which needs scripts of others.
        (self._folder / _SITE / "index.html").write_text(
            '<!doctype html><meta http-equiv="refresh" content="0; url=../index.html">'
            '<a href="../index.html">Data Docs</a>',
            encoding="utf-8",
        )
        return index


def _has_failed(result: dict[str, Any]) -> bool:
    details: dict[str, Any] = result["result"].get("details") or {}
    return bool(details.get("failed", result["result"].get("observed_value") is not None))


def _take_offline(page: Path, site: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if _POLICY in text or "<head>" not in text:
        return
    text = _FILTER_CARD.sub("", _REMOVED.sub("", text), count=1)
    depth = len(page.relative_to(site).parts) - 1
    style = f'<link rel="stylesheet" href="{"../" * depth}{_STYLE}">'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    text = text.replace("<head>", f"<head>{_POLICY}{view}{style}", 1)
    page.write_text(text, encoding="utf-8")
