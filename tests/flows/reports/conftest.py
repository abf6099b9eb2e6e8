"""A home whose database holds invented batches on some days."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "loaders"))

from delivered import Batch, deliver

from flows.context import ReportContext, report_context
from loaders.database import open_database
from loaders.repository import Repository
from schemas.settings import Settings


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports") / "home"


@pytest.fixture(scope="module")
def settings(home: Path) -> Settings:
    return Settings(home=home, db_url=None)


@pytest.fixture(scope="module")
def batches(settings: Settings) -> list[Batch]:
    return deliver(Repository(open_database(settings.database_url)), files=8)


@pytest.fixture(scope="module")
def context(settings: Settings, batches: list[Batch]) -> ReportContext:
    return report_context("us_irs", settings)
