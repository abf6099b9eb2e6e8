"""Databases of both kinds, and the small department of the rules' tests."""

from __future__ import annotations

import sys
from pathlib import Path

from databases import engine, postgres_server, url

sys.path.insert(0, str(Path(__file__).parents[1]))

__all__ = ["engine", "postgres_server", "url"]
