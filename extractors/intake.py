"""What lies in an inbox: which files are ready to be taken, and why the others are not.

Only files that really lie in the inbox are taken: a symbolic link that leads out of it could
have any file of the machine read, archived and shown.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from extractors.decode import sniff
from schemas.errors import DocumentError, RejectReason
from schemas.settings import Settings

_UNFINISHED = frozenset({".part", ".partial", ".tmp", ".filepart", ".crdownload", ".swp"})
"""Suffixes that programs give to what they are still writing."""
_CHUNK = 1 << 20


@dataclass(frozen=True)
class InboxFile:
    """One entry of an inbox: to be taken, or refused with an error."""

    path: Path
    name: str
    """Relative to the inbox."""
    size: int
    error: DocumentError | None = None

    @cached_property
    def sha256(self) -> str:
        """Of the file's bytes; read when first asked for."""
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()


def scan_inbox(inbox: Path, limits: Settings) -> Iterator[InboxFile]:
    """Every entry of an inbox and its folders in order of name; hidden ones are passed over.

    `inbox` may also be a single file. Nothing is opened that is not a regular file: a named
    pipe would make the batch wait for ever.

    Raises:
        FileNotFoundError: the inbox is not there.
    """
    if not inbox.is_dir():
        if not inbox.exists():
            raise FileNotFoundError(f"inbox {inbox} is not there")
        yield _look(inbox, inbox.name, inbox.parent.resolve(), limits)
        return
    root = inbox.resolve()
    for path in _entries(inbox):
        yield _look(path, path.relative_to(inbox).as_posix(), root, limits)


def _entries(folder: Path) -> Iterator[Path]:
    """Files and odd things below a folder. Links to folders are not followed, but reported."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(path)
        else:
            yield path


def _look(path: Path, name: str, root: Path, limits: Settings) -> InboxFile:
    shown = printable(name)
    size = 0
    try:
        _check_place(path, root)
        state = path.stat()
        size = state.st_size
        _check_state(path, state, limits)
        sniff(path)
    except DocumentError as error:
        refused = DocumentError(error.reason, error.message, file=shown, page=error.page)
        return InboxFile(path, shown, size, refused)
    except OSError as error:
        refused = DocumentError(
            RejectReason.UNREADABLE,
            f"the file cannot be read ({error.strerror}); check its permissions and the disk",
            file=shown,
        )
        return InboxFile(path, shown, size, refused)
    return InboxFile(path, shown, size)


def printable(name: str) -> str:
    """A name that can be stored and shown, though its bytes be no UTF-8."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def _check_place(path: Path, root: Path) -> None:
    """Raises `outside_inbox` where links lead out of the inbox, or nowhere."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise DocumentError(
            RejectReason.OUTSIDE_INBOX if path.is_symlink() else RejectReason.UNREADABLE,
            "a link that leads nowhere; put the file itself into the inbox",
        ) from error
    if not real.is_relative_to(root):
        raise DocumentError(
            RejectReason.OUTSIDE_INBOX,
            "a link to a place outside the inbox is not followed; put the file itself there",
        )


def _check_state(path: Path, state: os.stat_result, limits: Settings) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise DocumentError(
            RejectReason.NOT_A_FILE, "not a file but a folder, pipe or device; remove it"
        )
    unfinished = path.suffix.lower() in _UNFINISHED
    if unfinished or _is_changing(path, state, limits.settle_seconds):
        raise DocumentError(
            RejectReason.STILL_BEING_WRITTEN,
            "still being written; it is taken by the next run, when it is complete"
            + (f" and no longer ends in {path.suffix}" if unfinished else ""),
        )
    if state.st_size == 0:
        raise DocumentError(RejectReason.EMPTY_FILE, "the file is empty; deliver it again")
    if state.st_size > limits.max_bytes:
        raise DocumentError(
            RejectReason.TOO_LARGE,
            f"{state.st_size:,} bytes, more than the {limits.max_bytes:,} allowed "
            "(TAXLIFT_MAX_BYTES); deliver it in parts",
        )


def _is_changing(path: Path, state: os.stat_result, settle: float) -> bool:
    """Whether a file changed so lately that its writer may not be done.

    A file copied a moment ago is given the rest of its settling time, once, and looked at
    again: a run started by hand right after a copy should take it. A clock of another
    machine that runs ahead (a network share) makes no file wait for ever.
    """
    age = time.time() - state.st_mtime
    if settle <= 0 or age >= settle or age < -60:
        return False
    time.sleep(min(settle - max(age, 0.0), settle))
    now = path.stat()
    return now.st_size != state.st_size or now.st_mtime_ns != state.st_mtime_ns
