"""A sample to run, and what a run of it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.samples.truth import TruthDocument
from flows.scratch import private_temporary_files
from schemas.settings import Settings


@dataclass(frozen=True)
class Sample:
    """A folder of scans, and what is true of them."""

    folder: Path
    documents: tuple[TruthDocument, ...]

    def of(self, container: str) -> Path:
        """The file of this kind: `pdf`, `tiff-g4`, or `pdf-text` and `pdf-form`."""
        (found,) = [one for one in self.documents if one.container == container]
        return self.folder / found.file


@dataclass(frozen=True)
class Ran:
    """A run that is over: where it kept things, and what the flow answered."""

    settings: Settings
    answer: dict[str, str | int]

    @property
    def run(self) -> str:
        return str(self.answer["run"])

    @property
    def url(self) -> str:
        return self.settings.database_url

    @property
    def folder(self) -> Path:
        return self.settings.reports / self.run


def key_beside(home: Path) -> Path:
    """The same secret key for every home: the same returns are drawn for the blind sample."""
    file = home.with_name(f"{home.name}.key")
    file.write_text("5a" * 32)
    return file


def run_flow(inbox: Path, department: str = "us_irs") -> Ran:
    """Run the flow with the settings of the environment."""
    from flows.digitise import digitise

    with private_temporary_files(Settings().home):
        return Ran(Settings(), digitise(str(inbox), department))
