"""One family of errors, each with an exit code and, for documents, a reason that is counted.

A message says what is wrong, in which file and on which page, and what to do. It never
holds what a taxpayer wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """What the `taxlift` command answers to the shell."""

    OK = 0
    OTHER = 1
    BAD_ARGUMENTS = 2
    BAD_INPUT = 3
    BAD_CONFIGURATION = 4
    MISSING_DEPENDENCY = 5
    DATABASE = 6
    ALREADY_RUNNING = 7
    DISK = 8
    ENGINE = 9
    REJECTED_DOCUMENTS = 10
    """The run ended well, but documents were rejected (only with `--strict`)."""


class RejectReason(StrEnum):
    """Why a document or a page could not be taken. Stable: reports and databases count by it."""

    EMPTY_FILE = "empty_file"
    TRUNCATED = "truncated"
    ENCRYPTED = "encrypted"
    NO_PAGES = "no_pages"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    UNSUPPORTED_TYPE = "unsupported_type"
    UNREADABLE = "unreadable"
    STILL_BEING_WRITTEN = "still_being_written"
    OUTSIDE_INBOX = "outside_inbox"
    NOT_A_FILE = "not_a_file"
    BLANK = "blank"
    UNKNOWN_FORM = "unknown_form"
    REGISTRATION_FAILED = "registration_failed"
    ENGINE_FAILED = "engine_failed"
    DISK_FULL = "disk_full"


class TaxliftError(Exception):
    """Base of all errors that taxlift raises on purpose."""

    exit_code: ExitCode = ExitCode.OTHER


class DocumentError(TaxliftError):
    """A file or page that cannot be taken. The batch goes on; the document is rejected."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(
        self, reason: RejectReason, message: str, *, file: str = "", page: int | None = None
    ) -> None:
        self.reason = reason
        self.message = message
        self.file = file
        self.page = page
        where = file + (f", page {page}" if page is not None else "")
        super().__init__(f"{where}: {message}" if where else message)


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a configuration file; `line` counts from 1, 0 where unknown."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.message}"
            if self.line
            else f"{self.file}: {self.message}"
        )


class ConfigurationError(TaxliftError):
    """A department's files are wrong: all problems at once."""

    exit_code = ExitCode.BAD_CONFIGURATION

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class BlankMissingError(TaxliftError):
    """The official blank that a definition is bound to is not there, or differs."""

    exit_code = ExitCode.MISSING_DEPENDENCY


class MissingProgramError(TaxliftError):
    """A program or model that taxlift needs is not installed or is damaged."""

    exit_code = ExitCode.MISSING_DEPENDENCY


class EngineError(TaxliftError):
    """An engine crashed, hung or answered nonsense."""

    exit_code = ExitCode.ENGINE


class DatabaseError(TaxliftError):
    """The database cannot be reached, or is not ours."""

    exit_code = ExitCode.DATABASE


class AlreadyRunningError(TaxliftError):
    """Another run holds this department."""

    exit_code = ExitCode.ALREADY_RUNNING


class DiskFullError(TaxliftError):
    """No room left where taxlift writes. What was not stored stays in the inbox."""

    exit_code = ExitCode.DISK
