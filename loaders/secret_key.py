"""The installation's secret key: made at first need, in a file that its owner alone may read."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from schemas.errors import ConfigurationError, Problem

_BYTES = 32


def secret_key(file: Path) -> bytes:
    """The key in that file; where there is no file, a new key is put there first.

    Of processes that want one at the same time, all get the key of the first.

    Raises:
        ConfigurationError: the file cannot be read or made, or holds no key.
    """
    try:
        if not file.exists():
            _make(file)
        key = bytes.fromhex(file.read_text(encoding="ascii"))
    except OSError as error:
        raise _wrong(file, f"the secret key cannot be read or made: {error.strerror}") from None
    except ValueError:
        raise _wrong(file, f"no secret key: expected {2 * _BYTES} hexadecimal digits") from None
    if len(key) < _BYTES:
        raise _wrong(file, f"the secret key is too short: expected {2 * _BYTES} hexadecimal digits")
    return key


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Written beside its place and linked there: no reader ever sees half a key, and the second
    # of two writers finds the place taken.
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(_BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            os.link(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)


def _wrong(file: Path, message: str) -> ConfigurationError:
    return ConfigurationError([Problem(str(file), 0, message)])
