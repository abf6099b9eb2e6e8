from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from loaders.archive import Archive, ArchiveError
from schemas.errors import DiskFullError, DocumentError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "scan of 'Zoë'.pdf"
    path.write_bytes(b"%PDF-1.7 " + bytes(range(256)) * 9000)
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def parts(archive: Archive) -> list[Path]:
    return list(archive.root.glob("incoming/*"))


def test_a_file_is_kept_under_its_hash(archive: Archive, file: Path) -> None:
    sha256 = archive.put(file)
    assert sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert archive.path_of(sha256).read_bytes() == file.read_bytes()
    assert archive.path_of(sha256).relative_to(archive.root).parts[:2] == (sha256[:2], sha256[2:4])
    assert archive.verify(sha256) and not parts(archive)


def test_the_same_again_changes_nothing(archive: Archive, file: Path) -> None:
    sha256 = archive.put(file)
    before = archive.path_of(sha256).stat()
    assert archive.put(file) == sha256
    after = archive.path_of(sha256).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_threads_may_put_the_same_file(archive: Archive, file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(archive.put, [file] * 32))) == 1
    assert not parts(archive)


@pytest.mark.parametrize("where", ["fsync", "write"])
def test_a_full_disk_leaves_nothing_behind(
    archive: Archive, file: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync", full) if where == "fsync" else (os, "fdopen", full)))
    with pytest.raises(DiskFullError, match="stays in the inbox"):
        archive.put(file)
    monkeypatch.undo()
    assert not [path for path in archive.root.rglob("*") if path.is_file()]
    assert file.exists() and archive.verify(archive.put(file))


def test_a_killed_copy_leaves_no_half_file(tmp_path: Path, archive: Archive) -> None:
    large = tmp_path / "large.tif"
    large.write_bytes(os.urandom(64 << 20))
    code = (
        "import sys, pathlib; from loaders.archive import Archive;"
        "print('ready', flush=True);"
        "[Archive(pathlib.Path(sys.argv[1])).put(pathlib.Path(sys.argv[2])) for _ in range(99)]"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, archive.root, large], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    sha256 = hashlib.sha256(large.read_bytes()).hexdigest()
    place = archive.path_of(sha256)
    assert not place.exists() or archive.verify(sha256)
    assert archive.put(large) == sha256 and archive.verify(sha256)


def test_leftovers_of_killed_processes_go_after_a_day(archive: Archive, file: Path) -> None:
    archive.put(file)
    old, young = (archive.root / "incoming" / name for name in ("old.part", "young.part"))
    old.touch()
    young.touch()
    os.utime(old, (0, 0))
    assert archive.clean() == 1
    assert young.exists() and not old.exists()


def test_damage_is_found(archive: Archive, file: Path) -> None:
    sha256 = archive.put(file)
    place = archive.path_of(sha256)
    place.chmod(0o600)
    place.write_bytes(b"x" * place.stat().st_size)
    assert not archive.verify(sha256)
    assert not archive.verify("0" * 64)


def test_a_name_that_is_no_hash_leads_nowhere(archive: Archive) -> None:
    with pytest.raises(ArchiveError):
        archive.path_of("../../etc/passwd")


def test_a_file_that_went_away_is_told_of(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"gone\.pdf"):
        archive.put(tmp_path / "gone.pdf")
