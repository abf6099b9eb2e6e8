"""The archive: every file as received, under the hash of its content, written once.

A file appears in the archive complete or not at all, whatever happens in between: it is
copied beside its place, flushed to the disk, and renamed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from schemas.errors import DiskFullError, DocumentError, RejectReason, TaxliftError

_CHUNK: Final = 1 << 20
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_INCOMING: Final = "incoming"
_ABANDONED_SECONDS: Final = 24 * 3600
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class ArchiveError(TaxliftError):
    """The archive cannot be read or written, or holds something other than it should."""


class Archive:
    """Files by sha256, in two levels of folders: `ab/cd/abcd…`.

    Safe for any number of threads and processes on one file system.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, path: Path) -> str:
        """Copy a file in and return its sha256; content that is there already is left alone.

        Raises:
            DiskFullError: no room; nothing remains of the attempt, and the file is untouched.
            DocumentError: the file cannot be read (any more).
            ArchiveError: the archive cannot be written.
        """
        incoming = self.root / _INCOMING
        try:
            source = path.open("rb")
        except OSError as error:
            message = f"the file cannot be read: {error.strerror}"
            raise DocumentError(RejectReason.UNREADABLE, message, file=path.name) from None
        try:
            with source:
                incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
                return self._store(source, incoming)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise DiskFullError(
                    f"{path.name}: no room in the archive {self.root}; the file stays in the inbox"
                ) from None
            raise ArchiveError(f"{path.name}: not archived: {error.strerror}") from None

    def path_of(self, sha256: str) -> Path:
        """Where the file of that hash is, or would be."""
        if not _SHA256.fullmatch(sha256):
            raise ArchiveError("not a sha256 in small hexadecimal letters")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def verify(self, sha256: str) -> bool:
        """Whether the file is there and its content is still what its name says."""
        try:
            with self.path_of(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return False

    def clean(self) -> int:
        """Remove what killed processes left behind over a day ago; the number of files."""
        removed = 0
        for path in (self.root / _INCOMING).glob("*.part"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                    path.unlink()
                    removed += 1
        return removed

    def _store(self, source: BinaryIO, incoming: Path) -> str:
        handle, name = tempfile.mkstemp(suffix=".part", dir=incoming)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                sha256 = _copy(source, target)
            place = self.path_of(sha256)
            # A copy of the right size under this name was complete when it was renamed there;
            # `verify` looks into it.
            if place.exists() and place.stat().st_size == part.stat().st_size:
                return sha256
            for folder in (place.parent.parent, place.parent):
                if not folder.exists():
                    folder.mkdir(exist_ok=True, mode=0o700)
                    _flush_folder(folder.parent)
            part.chmod(0o440)
            part.replace(place)
            _flush_folder(place.parent)
            return sha256
        finally:
            part.unlink(missing_ok=True)


def _copy(source: BinaryIO, target: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest()


def _flush_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
