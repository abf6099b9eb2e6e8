"""Temporary files: private, gone with their run, and swept when it was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from flows.scratch import private_temporary_files

_RUN = """
import sys, tempfile
from pathlib import Path
from flows.scratch import {how}
with_block = {how}(Path(sys.argv[1]))
if with_block is not None:
    with_block.__enter__()
tempfile.NamedTemporaryFile(prefix="tess_", delete=False)
print(tempfile.gettempdir(), flush=True)
sys.stdin.read()
"""


def left_in(home: Path) -> list[Path]:
    return [path for path in (home / "tmp").iterdir() if path.is_dir()]


def other_run(home: Path, how: str = "private_temporary_files") -> subprocess.Popen[str]:
    """A process in the middle of a run, with a temporary file that it has not removed yet."""
    return subprocess.Popen(
        [sys.executable, "-c", _RUN.format(how=how), home],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def folder_of(run: subprocess.Popen[str]) -> Path:
    assert run.stdout is not None
    return Path(run.stdout.readline().strip())


def test_python_and_programs_put_their_files_there_and_nobody_else_may_look(tmp_path):
    with private_temporary_files(tmp_path / "home") as folder:
        assert folder.is_relative_to(tmp_path / "home" / "tmp")
        assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700
        with tempfile.NamedTemporaryFile() as file:
            assert Path(file.name).parent == folder
        told = subprocess.run(["mktemp"], capture_output=True, text=True, check=True).stdout
        assert Path(told).parent == folder


@pytest.mark.parametrize("is_set", [False, True])
def test_afterwards_all_is_as_it_was(tmp_path, monkeypatch, is_set):
    variable = str(tmp_path) if is_set else None
    if variable is None:
        monkeypatch.delenv("TMPDIR", raising=False)
    else:
        monkeypatch.setenv("TMPDIR", variable)
    before = tempfile.gettempdir()
    with pytest.raises(KeyboardInterrupt), private_temporary_files(tmp_path) as folder:
        (folder / "tess_1.png").write_bytes(b"123-45-6789")
        raise KeyboardInterrupt
    assert tempfile.gettempdir() == before
    assert os.environ.get("TMPDIR") == variable
    assert not left_in(tmp_path)


def test_a_run_within_a_run_shares_its_folder(tmp_path):
    with private_temporary_files(tmp_path) as outer:
        with private_temporary_files(tmp_path / "elsewhere") as inner:
            assert inner == outer
        assert outer.is_dir()
        assert Path(tempfile.gettempdir()) == outer


def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path):
    killed = other_run(tmp_path)
    left = folder_of(killed)
    killed.kill()
    killed.communicate()
    assert list(left.glob("tess_*"))
    with private_temporary_files(tmp_path) as folder:
        assert left_in(tmp_path) == [folder]


def test_what_a_living_run_needs_stays(tmp_path):
    living = other_run(tmp_path)
    try:
        needed = folder_of(living)
        with private_temporary_files(tmp_path) as folder:
            assert sorted(left_in(tmp_path)) == sorted([needed, folder])
        assert list(needed.glob("tess_*"))
    finally:
        living.kill()
        living.communicate()


def test_the_number_of_a_dead_process_says_nothing(tmp_path):
    """It may be that of a living process by now: of this one, say."""
    left = tmp_path / "tmp" / f"{os.getpid()}-left"
    left.mkdir(parents=True)
    (left / "tess_1.png").write_bytes(b"123-45-6789")
    with private_temporary_files(tmp_path):
        assert not left.exists()


def test_a_process_that_is_one_run_clears_up_when_it_ends(tmp_path):
    run = other_run(tmp_path, "keep_temporary_files_private")
    assert folder_of(run) in left_in(tmp_path)
    run.communicate("")
    assert run.returncode == 0
    assert not left_in(tmp_path)


def test_a_link_in_the_folder_leads_the_sweep_nowhere(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "link").symlink_to(kept)
    with private_temporary_files(tmp_path):
        assert (kept / "file").exists()
