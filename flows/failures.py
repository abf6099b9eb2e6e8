"""Failures as Prefect may keep them: where it happened, never what was being read.

Prefect stores and logs the words of an exception; the words of a library's exception can quote
a taxpayer's value.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import TaxliftError


class ServerNotReadyError(TaxliftError):
    """Prefect's own server, which taxlift starts for a run, did not come up."""


@contextmanager
def server_comes_up() -> Iterator[None]:
    """Say it in a sentence when Prefect's server does not start; nothing was done then."""
    try:
        yield
    except RuntimeError as error:
        if "ephemeral Prefect API" not in str(error):
            raise
        raise ServerNotReadyError(
            "Prefect's server, which is started for each run, did not answer in time. Nothing was "
            "read yet: give the same command again when the machine is less busy, or name a "
            "server of your own in PREFECT_API_URL"
        ) from None


class StageFailedError(Exception):
    """A stage failed in a way that we did not foresee; says where, not what was read."""


@contextmanager
def without_words(what: str) -> Iterator[None]:
    """Let our own errors through; reduce any other to its type and place."""
    try:
        yield
    except TaxliftError:
        raise
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise StageFailedError(
            f"{what}: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
        ) from None
