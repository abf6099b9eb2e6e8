"""A stored return with its scan in the archive, as a run would leave them."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from loaders.archive import Archive
from loaders.database import open_database
from loaders.repository import Repository
from schemas.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[2] / "loaders"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("TAXLIFT_HOME", str(home))
    monkeypatch.delenv("TAXLIFT_DB_URL", raising=False)
    return home


@pytest.fixture
def repository(home: Path) -> Repository:
    return Repository(open_database(Settings().database_url))


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A white page with a black bar where all fields of the stored return are."""
    page = np.full((2200, 1700), 255, dtype=np.uint8)
    page[210:230, 110:290] = 0
    path = tmp_path / "scan.png"
    assert cv2.imwrite(str(path), page)
    return path


@pytest.fixture
def return_id(repository: Repository, scan: Path) -> str:
    import explained

    sha256 = Archive(Settings().archive).put(scan)
    return explained.store(repository, sha256)
