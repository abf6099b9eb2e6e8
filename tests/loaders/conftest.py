"""Databases of both kinds for all tests of the loaders."""

from __future__ import annotations

import pytest
from databases import engine, postgres_server, url
from sqlalchemy.engine import Engine

from loaders.repository import Repository

__all__ = ["engine", "postgres_server", "url"]


@pytest.fixture
def repository(engine: Engine) -> Repository:
    return Repository(engine, actor="person:tester")
