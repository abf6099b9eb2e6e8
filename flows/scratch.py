"""Where a run's temporary files are: in a private folder of the home, and gone with the run.

Pictures of fields and what Tesseract read in them lie there for moments, in clear. A run that is
killed cannot clear up after itself; the next one does. What is alive is told by a lock that the
system drops with its process, whose number may long be another's.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_FOLDER = "tmp"
_LOCK = ".lock"
_mine: Path | None = None


@contextmanager
def private_temporary_files(home: Path) -> Iterator[Path]:
    """Temporary files of this process, and of the programs it starts, inside the block.

    Inside another such block nothing changes. What dead runs left is removed first.
    """
    global _mine
    if _mine is not None:
        yield _mine
        return
    root = (home / _FOLDER).resolve()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        with _locked(root / _LOCK):
            _sweep(root)
            folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            stack.enter_context(_locked(folder / _LOCK))
        before = tempfile.tempdir, os.environ.get("TMPDIR")
        _mine = folder
        # The variable for programs, the attribute for Python, which looked at the other before.
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        try:
            yield folder
        finally:
            _mine = None
            tempfile.tempdir = before[0]
            if before[1] is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = before[1]


def keep_temporary_files_private(home: Path) -> None:
    """The same until this process ends, for a run that has its process to itself.

    A flow that is broken off returns before the threads that read for it: they must find their
    folder, and no other.
    """
    if _mine is None:
        stack = ExitStack()
        stack.enter_context(private_temporary_files(home))
        atexit.register(stack.close)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # Not inherited by programs that we start: none keeps the lock when we are gone.
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sweep(root: Path) -> None:
    """Remove the folders that no living process holds; call where nobody makes one meanwhile."""
    for folder in root.iterdir():
        if not folder.is_dir() or folder.is_symlink():
            continue
        with suppress(OSError):
            if not _is_held(folder / _LOCK):
                shutil.rmtree(folder, ignore_errors=True)


def _is_held(lock: Path) -> bool:
    try:
        handle = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
