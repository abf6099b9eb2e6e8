"""taxlift as a process of its own: killed in the middle, resumed, and what it leaves on the disk.

Nothing is simulated here: Prefect's own server starts and ends with each run, and what was
filed must be found nowhere but in the database, the archive, and an export that asks for it.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flow_contents import contents
from flow_runs import Ran, Sample, key_beside
from typer.testing import CliRunner

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

TAXLIFT = Path(sys.executable).with_name("taxlift")
_OURS = ("PREFECT", "TAXLIFT", "GX_")


@dataclass
class Place:
    """Where processes of taxlift run, and all that they said."""

    root: Path
    groups: list[int] = field(default_factory=list)
    kept: bytes = b""
    """The database's file as the last run left it."""

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.home / 'taxlift.db'}"

    @property
    def database(self) -> Path:
        return self.home / "taxlift.db"

    @property
    def said(self) -> str:
        """All that was written to standard output and standard error."""
        return (self.root / "said.txt").read_text(encoding="utf-8")

    def start(self, *arguments: object) -> subprocess.Popen[bytes]:
        temporary = self.root / "tmp"
        temporary.mkdir(exist_ok=True)
        env = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
        env |= {"TAXLIFT_HOME": str(self.home), "TMPDIR": str(temporary), "COLUMNS": "200"}
        env["TAXLIFT_KEY_FILE"] = str(key_beside(self.home))
        with (self.root / "said.txt").open("a") as said:
            process = subprocess.Popen(
                [TAXLIFT, *map(str, arguments)],
                stdout=said,
                stderr=said,
                cwd=self.root,
                env=env,
                start_new_session=True,
            )
        self.groups.append(process.pid)
        return process

    def run(self, *arguments: object) -> str:
        before = len(self.said) if self.groups else 0
        code = self.start(*arguments).wait(240)
        told = self.said[before:]
        assert code == 0, told
        return told

    def tell(self, *arguments: object) -> str:
        """A command that only looks, in this process: it starts nothing of its own."""
        from flows.cli import app

        result = CliRunner().invoke(app, [str(one) for one in (*arguments, "--db", self.url)])
        assert result.exit_code == 0, result.output
        with (self.root / "said.txt").open("a") as said:
            said.write(result.output)
        return result.output

    def scratch(self) -> list[Path]:
        """Folders of temporary files, of runs alive or dead."""
        return [path for path in (self.home / "tmp").iterdir() if path.is_dir()]

    def statuses(self) -> list[str]:
        """Of the documents so far; none while there is no database."""
        if not self.database.exists():
            return []
        database = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)
        with closing(database), suppress(sqlite3.OperationalError):
            return [row[0] for row in database.execute("select status from documents")]
        return []

    def end(self) -> None:
        """Whatever a killed run left running."""
        for group in self.groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


@pytest.fixture(scope="module")
def place(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A run that was killed while it read, resumed, exported and looked at."""
    place = Place(tmp_path_factory.mktemp("process"))
    try:
        killed = place.start("run", sample.folder)
        deadline = time.monotonic() + 150
        while "read" not in place.statuses():
            assert killed.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline, "nothing was read in time"
            time.sleep(0.02)
        killed.kill()
        killed.wait(30)
        assert set(place.statuses()) <= {"received", "read"}, "it was killed too late"
        # What it left behind (its Prefect server, half of a transaction) is left as it is; it may
        # have been killed while Tesseract read a field, so that its file is there.
        (scratch,) = place.scratch()
        (scratch / "tess_left.tsv").write_text("\n".join(identifiers(sample)))
        place.run("run", sample.folder)
        place.kept = place.database.read_bytes()
        for arguments in (
            ("export", "--out", place.root / "out.jsonl"),
            ("export", "--out", place.root / "out.csv"),
            ("review", "--limit", 1000),
            ("documents", "--json"),
            ("audit", "verify"),
        ):
            place.tell(*arguments)
        yield place
    finally:
        place.end()


def test_a_killed_run_is_finished_by_the_next_as_if_nothing_had_happened(
    place: Place, undisturbed: Ran, sample: Sample
) -> None:
    assert contents(place.url) == contents(undisturbed.url)
    with closing(sqlite3.connect(place.database)) as database:
        (batch,) = database.execute("select id, status from batches").fetchall()
        receipts = database.execute("select path, outcome from receipts").fetchall()
    assert batch[1] == "finished"
    assert sorted(receipts) == sorted((one.file, "taken") for one in sample.documents)


def test_nothing_is_said_that_is_no_ones_business(place: Place) -> None:
    assert "Traceback" not in place.said
    assert "The audit log is sound" in place.said


def identifiers(sample: Sample) -> set[str]:
    """What must not be seen, as it is filed and as people write it."""
    found: set[str] = set()
    for document in sample.documents:
        for one in document.fields:
            if one.filled and one.kind.is_personal and len(str(one.value)) >= 9:
                digits, written = str(one.value), str(one.as_written)
                found |= {digits, written, f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"}
                found |= {f"{digits[:3]} {digits[3:5]} {digits[5:]}", f"{digits[:2]}-{digits[2:]}"}
    return found


def seen_in(content: bytes, wanted: set[str]) -> set[str]:
    """Which identifiers stand in these bytes, by themselves."""
    pattern = "|".join(re.escape(one) for one in sorted(wanted))
    hits = re.findall(rf"(?<![0-9A-Za-z.])(?:{pattern})(?![0-9A-Za-z])".encode(), content)
    wide = re.findall("|".join(sorted(wanted)).encode("utf-16-le"), content)
    return {hit.decode() for hit in hits} | {hit.decode("utf-16-le") for hit in wide}


def test_the_database_is_whole_in_its_one_file_when_the_run_is_over(
    place: Place, sample: Sample, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(place.kept)
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("select count(*) from returns").fetchone() == (
            len(sample.documents),
        )


def test_identifiers_are_found_where_they_belong(place: Place, sample: Sample) -> None:
    """Or the next test would find nothing anywhere."""
    wanted = identifiers(sample)
    assert len(wanted) > 10
    assert any(one.encode() in place.kept for one in wanted)


def test_identifiers_are_nowhere_else(place: Place, sample: Sample) -> None:
    wanted = identifiers(sample)
    written = [
        path
        for path in place.root.rglob("*")
        if path.is_file()
        and not path.is_relative_to(place.home / "archive")
        and not path.name.startswith("taxlift.db")
    ]
    names = {path.name for path in written}
    assert {"said.txt", "prefect.db", "report.html", "index.html", "out.jsonl", "out.csv"} <= names
    for path in written:
        assert not seen_in(path.read_bytes(), wanted), path


def test_no_temporary_file_is_left_and_none_was_where_others_may_look(place: Place) -> None:
    assert place.scratch() == []
    assert not any((place.root / "tmp").rglob("tess_*"))


def test_what_is_exported_unmasked_is_asked_for_and_recorded(place: Place, sample: Sample) -> None:
    out = place.root / "clear.jsonl"
    try:
        assert "in clear" in place.tell("export", "--out", out, "--unmask")
        assert seen_in(out.read_bytes(), identifiers(sample))
    finally:
        out.unlink(missing_ok=True)
    with closing(sqlite3.connect(place.database)) as database:
        actions = database.execute("select action, detail from audit_events").fetchall()
    assert any(
        "export" in action and "unmask" in f"{action} {detail}" for action, detail in actions
    )


def test_only_the_owner_may_read_the_archive(place: Place) -> None:
    for path in (place.home / "archive").rglob("*"):
        assert path.stat().st_mode & 0o007 == 0, path
