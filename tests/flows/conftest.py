"""One small sample and one Prefect server for all tests of the flow and the command line."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flow_runs import Ran, Sample, key_beside, run_flow

from benchmarks.samples.maker import SamplePlan, make_return
from benchmarks.samples.people import pick
from benchmarks.samples.returns import invent_return
from benchmarks.samples.truth import TruthDocument
from schemas.department import Department
from schemas.packs import load_department
from schemas.settings import Settings

_SEED = 7


def short_returns(department: Department, plan: SamplePlan) -> Iterator[int]:
    """Numbers of this plan's returns that are a Form 1040 alone, two pages, without mistakes."""
    for number in range(1, 200):
        chance = np.random.default_rng([plan.seed, number, 0])
        year = pick(chance, plan.years)
        definitions = {form.form: form for form in department.forms if form.year == year}
        invented = invent_return(chance, year, definitions, plan.mistakes)
        if len(invented.forms) == 1 and not invented.mistakes:
            yield number


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Three short returns: typed and scanned to PDF, by hand to TIFF, and filled on a computer."""
    out = tmp_path_factory.mktemp("sample") / "inbox"
    out.mkdir()
    department = load_department("us_irs")
    numbers = short_returns(department, SamplePlan(out, seed=_SEED, mistakes=0))
    documents: list[TruthDocument] = []
    for ink, container, digital in (("typed", "pdf", 0), ("hand", "tiff", 0), ("typed", "pdf", 1)):
        plan = SamplePlan(
            out, ink=ink, seed=_SEED, containers=(container,), mistakes=0, digital=digital
        )
        documents += make_return(plan, next(numbers), department)
    _age(out)
    return Sample(out, tuple(documents))


def _age(folder: Path) -> None:
    """Make files old enough for no run to wait whether they are still being written."""
    for path in folder.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One Prefect server for the session; it takes some ten seconds to start."""
    from prefect.testing.utilities import prefect_test_harness

    from flows import digitise  # it sets Prefect's environment before importing it

    # The harness's server outlives each run: nothing has to be waited for.
    digitise._SERVER_FLUSH_SECONDS = 0.0
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with prefect_test_harness(server_startup_timeout=240):
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for this test."""
    return _move_in(tmp_path / "home", monkeypatch)


def _move_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAXLIFT_HOME", str(home))
    monkeypatch.setenv("TAXLIFT_KEY_FILE", str(key_beside(home)))
    monkeypatch.delenv("TAXLIFT_DB_URL", raising=False)
    return home


@pytest.fixture(scope="session")
def undisturbed(
    sample: Sample, server: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ran]:
    """The sample through the whole flow, once; tests only look at it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        _move_in(tmp_path_factory.mktemp("undisturbed"), monkeypatch)
        yield run_flow(sample.folder)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def settled_copy(undisturbed: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """A copy of the undisturbed run's home, to do something to."""
    home = tmp_path / "copy"
    shutil.copytree(undisturbed.settings.home, home)
    _move_in(home, monkeypatch)
    return Ran(Settings(), undisturbed.answer)
