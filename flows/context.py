"""What a run works with: department, rules, database and archive, made once a process."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import lru_cache

from extractors.engines.base import prepare_engines
from extractors.page_reader import PageReader
from loaders.archive import Archive
from loaders.database import open_database
from loaders.repository import Repository
from loaders.views import ensure_views
from schemas.department import Department
from schemas.packs import load_department
from schemas.settings import Settings
from validators.rulebook import RuleBook, compile_rules


@dataclass(frozen=True)
class RunContext:
    """Everything that the stages need, and nothing that Prefect knows of."""

    settings: Settings
    department: Department
    book: RuleBook
    repository: Repository
    archive: Archive
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
    engine = open_database(settings.database_url)
    ensure_views(engine, pack)
    return RunContext(
        settings=settings,
        department=pack,
        book=book,
        repository=Repository(engine),
        archive=Archive(settings.archive),
    )


def settings_for(db_url: str | None) -> Settings:
    """Settings from the environment; an explicit database comes first."""
    return Settings(db_url=db_url) if db_url else Settings()
