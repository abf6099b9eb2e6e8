"""Failures in words that a person can use, and that tell nothing of a taxpayer."""

from __future__ import annotations

import pytest

from flows.failures import ServerNotReadyError, StageFailedError, server_comes_up, without_words


@pytest.mark.parametrize(
    "words",
    [
        "Timed out while attempting to connect to ephemeral Prefect API server.",
        "Timed out while attempting to connect to ephemeral Prefect API server. Process exited",
    ],
)
def test_a_server_that_does_not_start_is_said_in_a_sentence(words):
    with pytest.raises(ServerNotReadyError, match="same command again"), server_comes_up():
        raise RuntimeError(words)


def test_any_other_failure_stays_what_it_is():
    with pytest.raises(RuntimeError, match="other"), server_comes_up():
        raise RuntimeError("other")


def test_what_was_being_read_is_not_said():
    with pytest.raises(StageFailedError) as caught, without_words("document 7"):
        raise ValueError("123-45-6789")
    assert "document 7: ValueError at" in str(caught.value)
    assert "6789" not in str(caught.value)
