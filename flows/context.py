"""What a run works with: department, rules, database and archive, made once a process."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from extractors.engines.base import prepare_engines
from extractors.page_reader import PageReader
from loaders.archive import Archive
from loaders.database import open_database
from loaders.repository import Repository
from loaders.views import ensure_views
from schemas.department import Department
from schemas.packs import load_department
from schemas.settings import Settings
from validators.oversight.actions import find_actions
from validators.rulebook import RuleBook, compile_rules


@dataclass(frozen=True)
class ReportContext:
    """What looking at the results needs: no engine, no model."""

    settings: Settings
    department: Department
    book: RuleBook
    repository: Repository
    archive: Archive


@dataclass(frozen=True)
class RunContext(ReportContext):
    """Everything that the stages need, and nothing that Prefect knows of."""

    _readers: list[PageReader] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def reader(self) -> PageReader:
        """The page reader of this process: its models and blanks are loaded at first use."""
        with self._lock:
            if not self._readers:
                self._readers.append(PageReader(self.department))
            return self._readers[0]


@lru_cache(maxsize=8)
def run_context(department: str, settings: Settings) -> RunContext:
    """The context of that department under these settings.

    Raises:
        ConfigurationError: the department's files are wrong; all problems at once, before the
            first page is read.
        MissingProgramError: an engine that the department names, or a program or model that it
            needs, is missing or damaged.
        DatabaseError: the database cannot be opened.
    """
    pack = load_department(department, settings.department_path)
    book = compile_rules(pack)
    engines = pack.settings.engines
    prepare_engines(engines.names)
    find_actions(pack.settings.expectations.actions)
    engine = open_database(settings.database_url)
    ensure_views(engine, pack)
    return RunContext(
        settings=settings,
        department=pack,
        book=book,
        repository=Repository(engine),
        archive=Archive(settings.archive),
    )


def report_context(department: str | Path, settings: Settings) -> ReportContext:
    """The context for reports of that department, named or by its folder.

    Raises:
        ConfigurationError: the department's files are wrong; all problems at once.
        DatabaseError: the database cannot be opened.
    """
    pack = load_department(department, settings.department_path)
    return ReportContext(
        settings=settings,
        department=pack,
        book=compile_rules(pack),
        repository=Repository(open_database(settings.database_url)),
        archive=Archive(settings.archive),
    )


def settings_for(db_url: str | None) -> Settings:
    """Settings from the environment; an explicit database comes first."""
    return Settings(db_url=db_url) if db_url else Settings()
